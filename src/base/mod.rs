//! The ground: types that know nothing of the rest of the crate.

pub mod secret;
pub mod time;

pub use secret::Secret;
pub use time::{Clock, Timestamp};
