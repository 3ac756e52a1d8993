//! Everything that knows actix.

pub mod listener;
pub mod tls;
pub mod ui;
