//! The hosted pages as markup. Each stands alone, works without a script, and names who asks.

mod consent;
mod end;
mod program;
mod sign_in;

pub use consent::{account, consent, no_access};
pub use end::{Add, gone, lost, onward, refused, sign_out, signed_out};
pub use program::program;
pub use sign_in::{code, email, enrol, enrolled, password, step_up};

use crate::http::kit::parts::hidden;
use maud::{Markup, html};

/// What every page of a request needs.
pub struct Scene<'a> {
    /// The sealed request.
    pub request: &'a str,
    /// The token of the forms.
    pub csrf: &'a str,
    /// The name of the application that asks.
    pub application: &'a str,
    /// Whether that is our own.
    pub ours: bool,
    /// The tenant at whose page this is.
    pub tenant: Option<&'a str>,
    /// The e-mail of who is signed in.
    pub who: Option<&'a str>,
}

impl Scene<'_> {
    /// What every form brings back.
    fn hidden(&self) -> Markup {
        html! { (hidden("csrf", self.csrf)) (hidden("request", self.request)) }
    }

    /// What this sign-in is for.
    fn lead(&self) -> String {
        if self.ours { String::new() } else { format!("to continue to {}", self.application) }
    }

    /// The way back to the application.
    fn cancel(&self) -> Markup {
        html! {
            @if !self.ours {
                form.aside method="post" action="/login/cancel" {
                    (self.hidden())
                    button.quiet.small { "Cancel and go back to " (self.application) }
                }
            }
        }
    }

    /// The way to another account.
    fn switch(&self, words: &str) -> Markup {
        html! {
            form.aside method="post" action="/login/account" {
                (self.hidden())
                button.quiet.small name="tenant" value="other" { (words) }
            }
        }
    }
}
