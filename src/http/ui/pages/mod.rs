//! The pages: a folder per noun, `view` for the markup and the rest for the handlers.
//!
//! What the files of a page are for (`CONTRIBUTING.md` lists all that a new one needs):
//!
//! 1. Its row in the route table of [`ui`](super): `page!(GET "/admin/things" Session things::list)`. A form's row also says
//!    what its call is in the audit log.
//! 2. Its handler, a few lines: ask for a permission (`ctx.here`, `ctx.widest`), call the domain's service, hand what it gives
//!    to the view. A list takes [`Asked`] and makes a [`List`] of it; a form takes
//!    [`Posted`](super::posted::Posted), gives the fields to the service, and shows the form again with what was refused.
//! 3. Its view, which composes parts and has no markup of its own beyond plain text elements: [`List`] for many things (it
//!    names the [`Filter`](crate::http::kit::list::Filter)s and says how a row looks), [`Detail`] for one (facts, cards,
//!    danger zone), [`Field`](crate::http::kit::parts::Field) and its neighbours for a form,
//!    [`Confirm`](crate::http::kit::parts::Confirm) before something dangerous.
//! 4. Its line in the menu (`nav`), with the permission without which it is not shown.
//!
//! [`Asked`]: crate::http::kit::list::Asked
//! [`List`]: crate::http::kit::list::List
//! [`Detail`]: crate::http::kit::parts::Detail

pub mod account;
pub mod answers;
pub mod api_keys;
pub mod applications;
pub mod audit;
pub mod developers;
pub mod find;
pub mod groups;
pub mod home;
pub mod jobs;
pub mod limits;
pub mod organizations;
pub mod outbox;
mod retention;
pub mod roles;
pub mod search;
pub mod secrets;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod sign_in_code;
mod sign_in_next;
mod sign_in_view;
mod snippets;
pub mod switch;
mod tenant_field;
pub mod tokens;
pub mod users;

#[cfg(test)]
mod ask_tests;
#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod selected_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod undo_tests;
