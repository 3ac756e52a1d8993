//! What each API says of itself in OpenAPI 3.1: from the route table, the types of the handlers, their docstrings, and the
//! permission table by way of the rows of the matrix ([`super::tests`]).
//!
//! None of it is in the program. A test writes the documents to `docs/openapi/` (with `UPDATE_DOCS=1`) and compares them
//! otherwise, so a change of an API is a change of a file; the program carries the files.

mod document;
mod errors;
mod handler;
mod oauth;
mod parts;
mod rows;
mod scalekit;
mod schemas;
mod source;
mod tests;

pub(crate) use handler::{Answers, Part, Scribe, describe};
