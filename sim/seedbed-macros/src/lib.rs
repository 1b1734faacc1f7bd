//! The attribute macros of seedbed.
