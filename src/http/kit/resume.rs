//! A form that was sent and could not be taken because of who sent it: the session had ended, or its page was of an earlier one.
//! What was typed is kept, and comes back in the form once it is known who it is. Nothing is sent by itself.

use super::csrf::{self, FormScope};
use super::form::{Fields, fields, from_our_pages};
use crate::base::Problem;
use crate::base::id::UserId;
use crate::crypto::token::{self, TokenKind};
use crate::http::extract::{cookie_name, is_tls};
use crate::sessions;
use crate::stack::{Stack, new_kept_id};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::Method;
use actix_web::{FromRequest as _, HttpRequest, web};
use serde::{Deserialize, Serialize};

/// The parameter of a page whose form is to be filled in.
pub(in crate::http) const PARAMETER: &str = "kept";

/// The front of the addresses of answers to forms.
pub(in crate::http) const ANSWERS: &str = "/admin/answers/";

/// What was typed into a form.
#[derive(Serialize, Deserialize)]
pub(in crate::http) struct Draft {
    /// Where the form sends to.
    pub action: String,
    pub fields: Fields,
    /// Where its page worked, if that is known.
    pub made_in: Option<FormScope>,
}

/// Where a request came to, as a form names it.
pub(in crate::http) fn target(http: &HttpRequest) -> &str {
    http.uri().path_and_query().map_or("/", |target| target.as_str())
}

/// Keeps what a person typed, and gives the address of the page that has the form, which fills it in. None: it is too long to be
/// kept.
pub(in crate::http) fn keep(http: &HttpRequest, stack: &Stack, user: UserId, fields: &Fields) -> Option<String> {
    let (id, action) = (new_kept_id(), target(http).to_owned());
    let header = http.headers().get(csrf::HEADER).and_then(|value| value.to_str().ok());
    let made_in = FormScope::claimed(header.unwrap_or_else(|| fields.raw(csrf::FIELD)));
    let fields = fields.without(&[csrf::FIELD]);
    let page = page_of(http, stack).unwrap_or_else(|| action.clone());
    stack.keep(&user.to_string(), &id, &Draft { action, fields, made_in }).then(|| with_parameter(&page, &id))
}

/// The page on which the form stood, as the browser says, without what fills a form in.
pub(in crate::http) fn page_of(http: &HttpRequest, stack: &Stack) -> Option<String> {
    let text = |name: &str| http.headers().get(name).and_then(|value| value.to_str().ok());
    let url = text("hx-current-url").or_else(|| text("referer"))?;
    let connection = http.connection_info();
    let seen = format!("{}://{}", connection.scheme(), connection.host());
    let path =
        [stack.public_url().trim_end_matches('/'), &seen].into_iter().find_map(|front| url.strip_prefix(front))?;
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let is_one = path == "/account" || path.starts_with("/account/") || path.starts_with("/admin/");
    // An answer to an earlier form belongs to the session of that time.
    if !is_one || path.starts_with(ANSWERS) {
        return None;
    }
    let others: Vec<_> =
        query.split('&').filter(|part| !part.is_empty() && !part.starts_with(&format!("{PARAMETER}="))).collect();
    Some(if others.is_empty() { path.to_owned() } else { format!("{path}?{}", others.join("&")) })
}

fn with_parameter(page: &str, id: &str) -> String {
    let mark = if page.contains('?') { '&' } else { '?' };
    format!("{page}{mark}{PARAMETER}={id}")
}

/// Keeps the form of somebody whose session has ended, and gives the page that fills it in after the next sign-in. None: there is
/// no form, or it is not of a page of that session: a stranger makes this server keep nothing.
pub(in crate::http) async fn of_ended_session(request: &mut ServiceRequest) -> Option<String> {
    if request.method() != Method::POST {
        return None;
    }
    let (http, payload) = request.parts_mut();
    let (http, mut payload) = (http.clone(), std::mem::replace(payload, Payload::None));
    let stack = http.app_data::<web::Data<Stack>>()?.clone();
    let cookie = http.cookie(cookie_name(is_tls(&http, &stack)))?;
    let digest = token::parse(TokenKind::SessionId, cookie.value()).ok()?;
    let session = sessions::known(&stack.store.read(), &digest).ok()??;
    let body = web::Bytes::from_request(&http, &mut payload);
    let fields = fields(http.clone(), body).await.ok()?;
    let is_ours = from_our_pages(&http, &stack)
        && csrf::made_in(stack.keyring.pepper(), &session, fields.raw(csrf::FIELD)).is_some();
    if !is_ours {
        return None;
    }
    keep(&http, &stack, session.user, &fields)
}

/// What the page of a request is to be filled in with. None: nothing is asked for, it is somebody else's, or its time has passed.
pub(in crate::http) fn asked(http: &HttpRequest, stack: &Stack, user: UserId) -> Option<Draft> {
    if http.method() != Method::GET {
        return None;
    }
    stack.kept(&user.to_string(), asked_id(http)?)
}

fn asked_id(http: &HttpRequest) -> Option<&str> {
    http.query_string().split('&').find_map(|part| part.strip_prefix(PARAMETER)?.strip_prefix('='))
}

/// The address of a form itself, filled in, where a request is not for that already.
pub(in crate::http) fn own_page_of(http: &HttpRequest, draft: &Draft) -> Option<String> {
    let id = asked_id(http)?;
    let own = with_parameter(&draft.action, id);
    (own != target(http)).then_some(own)
}

/// The fields of a form with those that are kept for it, by its field [`super::refill::KEPT`].
pub(in crate::http) fn whole(
    http: &HttpRequest,
    stack: &Stack,
    user: UserId,
    fields: Fields,
) -> Result<Fields, Problem> {
    let given = fields.raw(super::refill::KEPT).to_owned();
    let mut words = given.split(' ').filter(|word| !word.is_empty());
    let Some(id) = words.next() else { return Ok(fields) };
    let names: Vec<_> = words.collect();
    let fields = fields.without(&[super::refill::KEPT]);
    let draft = stack.take_kept::<Draft>(&user.to_string(), id).filter(|draft| draft.action == target(http));
    match draft {
        Some(draft) if names.is_empty() => Ok(fields.or(&draft.fields)),
        Some(draft) => Ok(fields.or(&draft.fields.only(&names))),
        // Without them the form would be another one.
        None if names.is_empty() => Err(Problem::forbidden(
            "csrf",
            "What was typed was kept for half an hour and is gone. Go back and type it again",
        )),
        None => Ok(fields),
    }
}
