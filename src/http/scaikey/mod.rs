//! ScaiKey: the admin API, sign-in and oneself under `/api/v1`, in its own dialect.

mod account;
mod admin_auth;
mod admin_roles;
mod applications;
mod audit;
mod dialect;
mod groups;
mod jobs;
mod links;
mod list;
mod lockouts;
mod login;
mod me;
mod memberships;
mod noun;
mod outbox;
mod partners;
mod routes;
mod secrets;
mod sessions;
mod tenants;
#[cfg(test)]
mod tests;
mod tokens;
mod users;
mod wire;

#[cfg(test)]
pub(in crate::http) use dialect::Refusal;
pub use dialect::dialect;
pub use routes::SURFACE;

use crate::stack::Stack;
use actix_web::web;

/// What a handler is handed of the services.
pub(in crate::http) type Services = web::Data<Stack>;
