//! What there is, by name: typed, documented lists that rules, pages, command line and documentation are made from.
//!
//! A name that stands here can be looked up ([`Action::parse`]), offered in a picker, and corrected: [`did_you_mean`] finds
//! the name that somebody most likely meant.

mod action;
mod code;
#[cfg(test)]
pub(crate) mod code_source;
mod near;
pub mod scope;

pub use action::{Action, Nature};
pub use code::CODES;
pub use near::did_you_mean;
pub use scope::{Group, Holder, SCOPES, SDK_SCOPES, Scope};
