//! What the pages share: the admin pages, the pages that applications send people to, and the API reference.
//!
//! `parts` are what a page is made of. The rest is what goes around a page: the answer itself, its cookies, the token that its
//! forms carry, the fields that come back, and a problem in words. A page names the kit; the kit names no page.

mod answer;
pub(super) mod assets;
pub(super) mod cookie;
pub(super) mod csrf;
pub(super) mod device;
pub(super) mod error;
pub(super) mod form;
pub(super) mod given_back;
pub(super) mod list;
mod packed;
pub(super) mod parts;
pub(super) mod refill;
pub(super) mod resume;
pub(super) mod visit;

pub(super) use answer::{html, see_other};
pub(super) use packed::public_html;
