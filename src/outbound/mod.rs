//! Asking other servers, whose addresses come from the settings or from users: the one HTTP client for all of them.
//!
//! Without a guard such an address is a way into the network that the server stands in ("server-side request forgery"). So
//! a name is resolved once, every address that comes of it is checked, and the connection goes to those and to no other; no
//! redirect is followed and no proxy of the environment is used; time and length of the answer are bounded. What is not
//! public is asked only within the networks that `outbound.allowed_networks` of the settings names.

mod client;
mod public;

pub use client::{Answer, Client, Failure, Limits};
