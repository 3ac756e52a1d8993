//! The pages that applications send people to: signing in, agreeing, choosing an account, signing out.
//!
//! An authorization request is checked by `oauth::authorize`, then sealed for this browser and carried from page to page
//! ([`interaction`]); nothing of it is stored. `/login` shows the page that is due, each form posts to its own address and is
//! answered with 303, and in the end the client gets its code.

mod authorize;
mod finish;
mod interaction;
pub(super) mod links;
mod login;
mod logout;
pub(super) mod portal;
pub(super) mod program;
mod refused;
mod routes;
mod show;
#[cfg(test)]
pub(super) mod tests;
mod view;
mod visitor;

pub use routes::SURFACE;
pub(super) use view::lost as over;
