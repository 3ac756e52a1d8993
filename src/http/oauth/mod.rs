//! The OAuth and OpenID Connect endpoints that programs call: token, introspection, revocation, userinfo, metadata and keys. What
//! is decided, [`crate::oauth`] decides. The pages of a sign-in stand in `hosted`.
//!
//! They come in three flavours, each with an issuer of its own: the platform's and each tenant's, at ScaiKey's addresses, and
//! the environment's, at Scalekit's, with the public address itself as its issuer.

mod dialect;
mod discovery;
mod form;
mod given;
mod routes;
mod token;
mod userinfo;

pub use dialect::dialect;
pub use routes::SURFACE;

use crate::stack::Stack;
use actix_web::web;

/// What a handler is handed of the services.
type Services = web::Data<Stack>;
