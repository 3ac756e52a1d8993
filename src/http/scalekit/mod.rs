//! Scalekit's surface: organisations, their people, roles and sessions, by REST and by gRPC.
//!
//! [`table`] is the only list of operations. A handler takes the message of a request and gives the message of an answer;
//! [`rest`] and [`grpc`] are two renderings of the same, so they cannot drift apart. Like every surface it has no state and no
//! rules of its own: an organisation is a tenant, its users are memberships, its roles are roles.

mod frame;
pub mod grpc;
mod identity;
pub mod moment;
pub mod operation;
mod organizations;
pub mod proto;
mod rest;
mod roles;
mod rules;
mod sessions;
pub mod status;
pub mod table;
mod users;
mod wire;

pub use table::{OPERATIONS, SURFACE};
