//! Copies over HTTP: `POST /copies` answers with the body, as it comes. Keeps nothing.

use axum::{Router, body::Body, routing::post};

/// The service.
pub fn copies() -> Router {
    Router::new().route("/copies", post(async |body: Body| body))
}
