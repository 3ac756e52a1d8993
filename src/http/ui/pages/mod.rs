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
