//! The HTTP door: axum router, guards, routes
