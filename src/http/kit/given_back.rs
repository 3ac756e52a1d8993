//! The page that gives a form back, at an address of its own: a form is answered with the way there, so that Back and Reload do
//! not send it again. And the page whose form comes back filled in, after a sign-in.

use super::csrf::{self, FormScope};
use super::form::Fields;
use super::parts::hidden;
use super::refill::{KEPT, Refill, Refilled, refill};
use super::resume::{ANSWERS, Draft, page_of, target};
use super::see_other;
use crate::sessions::Session;
use crate::stack::{Stack, new_kept_id};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

/// What is said of a form that comes back after a sign-in.
const LOOK: &str = "This was not sent: you had to sign in first. Look it over and send it.";

/// A page that gives a form back.
#[derive(Serialize, Deserialize)]
struct Answer {
    status: u16,
    page: String,
}

/// The answer to a form that is given back: the way to the page that says why. What was typed into fields for secrets is kept
/// apart, and the page says so. None: the page cannot be kept; it is the answer itself then.
pub(in crate::http) fn give_back(
    http: &HttpRequest,
    stack: &Stack,
    session: &Session,
    typed: &Fields,
    (status, page): (StatusCode, &str),
) -> Option<HttpResponse> {
    let (action, user) = (target(http), session.user.to_string());
    let secrets_id = new_kept_id();
    let page = match refill(page, &Refill { action, typed, id: &secrets_id, secrets_only: true, message: "" }) {
        Some(Refilled { page, kept: names }) => {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let draft = Draft { action: action.to_owned(), fields: typed.only(&names), made_in: None };
            stack.keep(&user, &secrets_id, &draft).then_some(page)?
        }
        None => page.to_owned(),
    };
    let id = new_kept_id();
    let answer = Answer { status: status.as_u16(), page };
    stack.keep(&session.id.to_string(), &id, &answer).then(|| {
        let from = page_of(http, stack).unwrap_or_else(|| action.to_owned());
        let of = serde_urlencoded::to_string([("of", from)]).unwrap_or_default();
        see_other(&format!("{ANSWERS}{id}?{of}")).finish()
    })
}

/// A page that gave a form back to this session, with its status. None: its time has passed, or it is of another session.
pub(in crate::http) fn given_back(stack: &Stack, session: &Session, id: &str) -> Option<(StatusCode, String)> {
    let answer: Answer = stack.kept(&session.id.to_string(), id)?;
    Some((StatusCode::from_u16(answer.status).ok()?, answer.page))
}

/// The page with its form filled in by what was typed before a sign-in. None: it has no such form.
pub(in crate::http) fn filled(stack: &Stack, session: &Session, draft: &Draft, page: &str) -> Option<String> {
    let id = new_kept_id();
    let with = Refill { action: &draft.action, typed: &draft.fields, id: &id, secrets_only: false, message: LOOK };
    let Refilled { page, kept: names } = refill(page, &with)?;
    if !names.is_empty() {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let secrets = Draft { action: draft.action.clone(), fields: draft.fields.only(&names), made_in: None };
        stack.keep(&session.user.to_string(), &id, &secrets);
    }
    Some(page)
}

/// A form with everything that was typed, for a page that cannot be shown again with the form in it. What is in it is not shown:
/// there may be secrets among it.
pub(in crate::http) fn unplaced(stack: &Stack, session: &Session, draft: &Draft, here: &FormScope) -> Option<Markup> {
    let id = new_kept_id();
    let again = Draft { action: draft.action.clone(), fields: draft.fields.without(&[]), made_in: None };
    stack.keep(&session.user.to_string(), &id, &again).then(|| {
        let mut names: Vec<_> = draft.fields.pairs().map(|(name, _)| name).collect();
        names.dedup();
        // It is asked about where it belongs, if that is elsewhere.
        let made_in = draft.made_in.as_ref().unwrap_or(here);
        let csrf = csrf::of_session(stack.keyring.pepper(), session, made_in);
        html! {
            section.card {
                p { "What you had sent was kept while you signed in. It was not carried out." }
                dl.facts {
                    div { dt { "Address" } dd { code.mono { (draft.action) } } }
                    @if !names.is_empty() { div { dt { "Fields" } dd { (names.join(", ")) } } }
                }
                form.form method="post" action=(draft.action) {
                    (hidden(csrf::FIELD, &csrf))
                    (hidden(KEPT, &id))
                    div.actions { button.primary { "Send it now" } a.button href="/account" { "Leave it" } }
                }
            }
        }
    })
}
