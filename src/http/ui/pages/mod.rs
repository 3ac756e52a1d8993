//! The pages: a folder per noun, `view` for the markup and the rest for the handlers.

pub mod account;
pub mod api_keys;
pub mod applications;
pub mod audit;
pub mod developers;
pub mod groups;
pub mod home;
pub mod jobs;
pub mod limits;
pub mod organizations;
pub mod outbox;
mod retention;
pub mod roles;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod sign_in_code;
mod sign_in_view;
mod snippets;
mod tenant_field;
pub mod tokens;
pub mod users;

#[cfg(test)]
mod tests;

use crate::base::Problem;
use crate::store::Paging;

/// The part of a list that an address names: what follows a place, as the link to the next page does, or a page by its number.
/// What is neither is the first page: an address that was typed wrong is no reason for an error.
fn paging(page: &str, after: &str) -> Result<Paging, Problem> {
    let numbered = Paging::new(page.parse().unwrap_or(1).max(1), 50)?;
    Ok(after.parse().map_or(numbered, |place| numbered.behind(place)))
}
