//! seedbed
