//! Everything that knows actix: the listener, the gate, and a surface for each system.
//!
//! A surface parses, asks for a permission, calls a service and renders. It has no state and no rules of its own.

mod answer;
pub mod cors;
pub mod csv;
mod dispatch;
pub mod docs;
pub mod envelope;
pub mod extract;
pub mod gate;
pub mod head;
pub mod health;
pub mod hosted;
mod kit;
pub mod limit;
pub mod listener;
pub mod local;
pub mod noted;
pub mod oauth;
#[cfg(test)]
mod openapi;
pub mod operator;
mod page_token;
pub mod reply;
pub mod route;
pub mod router;
pub mod scaigrid;
pub mod scaikey;
pub mod scaivault;
pub mod scalekit;
pub mod server;
pub mod surfaces;
#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod tests;
pub mod tls;
pub mod ui;

use answer::{answer_to, exact_status, json, plain, sign_in, status, ui_sign_in_redirect};
