//! The ground: types that know nothing of the rest of the crate.

pub mod dotenv;
pub mod email;
pub mod id;
pub mod json;
pub mod json_text;
pub mod meant;
pub mod metadata;
pub mod name;
pub mod problem;
#[cfg(test)]
pub(crate) mod schema;
pub mod secret;
pub mod text;
pub mod time;

pub use email::{Email, EmailKey};
pub use id::{Id, IdGen};
pub use json::JsonObject;
pub use meant::Meant;
pub use metadata::Metadata;
pub(crate) use name::names;
pub use name::{DisplayName, ExternalId, Scope, ScopeSet, SecretPath, Slug};
pub use problem::{Kind, Problem};
pub use secret::Secret;
pub use time::{Clock, Timestamp};
