//! What pages are made of. A page composes these and has no markup of its own beyond plain text elements, and no style.

mod badge;
mod card;
mod choice;
mod code;
mod confirm;
mod conflict;
mod detail;
mod empty;
mod factor;
mod field;
mod flash;
mod form;
mod form_post;
mod icons;
mod input;
mod message;
mod once;
mod qr;
mod scopes;
mod shell;
mod table;
mod tabs;
mod time;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(in crate::http) use tests::check_page;

pub use badge::{Tone, badge, badges};
pub use card::{Facts, card, card_with, check_item, fence, head, head_with};
pub use choice::{Choice, choices};
pub use code::{code, copyable, snippets};
pub use confirm::Confirm;
pub use conflict::{MINE, TYPED, VERSION, version};
pub use detail::Detail;
pub use empty::{empty, empty_with};
pub use factor::{app_setup, code_field, recovery_codes};
pub use field::{Field, USERNAME, account_of, hidden};
pub use flash::notice;
pub use form::{Form, filter_error, form_error, sign_in_error};
pub use form_post::{form_post, form_post_policy};
pub use icons::icon;
pub use input::Input;
pub use message::{Message, Undo};
pub(in crate::http) use once::percent;
pub use once::{OneTime, shown_already};
pub use qr::qr;
pub use scopes::{scope_choices, scopes};
pub use shell::{Crumb, Frame, NavItem, SWITCH, Shell, bare, bare_without_script, crumbs, open};
pub use table::{Heading, Selects, Table};
pub use tabs::tabs;
pub use time::{ago, count, many, too_many, when};
