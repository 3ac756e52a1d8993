//! ScaiGrid: API keys, sign-in, roles, limits and models under `/v1`, in its own envelope.

pub(super) mod api_keys;
mod audit_log;
mod auth;
mod dialect;
pub mod envelope;
mod groups;
mod health;
mod iam;
mod limits;
mod me;
mod models;
mod parts;
mod role_mappings;
mod routes;
#[cfg(test)]
mod tests;
mod users;
mod wire;

#[cfg(test)]
pub(in crate::http) use dialect::Refusal;
pub use dialect::dialect;
pub use routes::SURFACE;

use crate::stack::Stack;
use actix_web::web;

/// What a handler is handed of the services.
type Services = web::Data<Stack>;
