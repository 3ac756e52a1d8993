//! The pages: one admin UI over the four systems, in HTML that works without a script.
//!
//! `parts` are what pages are made of; a page is a file per noun that calls the services which the JSON surfaces call.

pub mod assets;
pub mod parts;
