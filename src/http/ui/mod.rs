//! The pages: one admin UI over the four systems, in HTML that works without a script.
//!
//! `pages` has a folder per noun, which calls the services that the JSON surfaces call; what pages are made of is in
//! [`kit`](super::kit).
//! Every change is a form that posts, with a token against other sites' forms, and is answered with 303; htmx makes searches
//! and questions quicker where a script may run.

mod context;
mod elsewhere;
mod nav;
mod pages;
mod posted;
mod routes;
mod selected;
mod step_up;

pub use routes::SURFACE;
