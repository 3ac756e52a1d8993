//! The password once more, where a page's form needs a recent sign-in (`step_up_required`): one question for all forms.
//!
//! A page that is asked for leads to `/account/confirm` and back. A form that was sent is answered with the question, and
//! what was typed is kept on the server meanwhile (`kit::resume`): the answer is the same form again, with the password, and goes
//! on where it was.

use super::context::{Ctx, Sent, password_refused};
use super::elsewhere;
use crate::access::STEP_UP_REQUIRED;
use crate::authentication;
use crate::base::{Kind, Problem};
use crate::http::answer_to;
use crate::http::envelope::request_id;
use crate::http::extract::{Renewed, at_work};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::{Field, Form, USERNAME, account_of, form_error, head, hidden, percent};
use crate::http::kit::resume::{self, Draft};
use crate::http::kit::{cookie, csrf, error, refill, see_other};
use crate::stack::{Stack, new_kept_id};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{FromRequest as _, HttpMessage as _, HttpRequest, HttpResponse, web};
use maud::{Markup, html};
use std::sync::Arc;

/// The field of the question. No page's own form has one of this name.
const PASSWORD: &str = "step_up_password";

/// What was wrong with the answer to the question.
struct Wrong(Form);

/// Keeps what a form sent; and where it carries the answer to the question, gives the session a new cookie and CSRF secret
/// (the old ones are dead) and its actor a recent sign-in.
///
/// # Errors
/// [`STEP_UP_REQUIRED`] for a wrong password: the question is asked again.
pub(super) async fn answered(mut ctx: Ctx, fields: &Fields) -> Result<Ctx, Problem> {
    ctx.http.extensions_mut().insert(Sent(fields.without(&[csrf::FIELD, PASSWORD, USERNAME])));
    if fields.raw(PASSWORD).is_empty() {
        return Ok(ctx);
    }
    let id = ctx.signed_in.session.id;
    let started = match authentication::reauthenticate(&ctx.stack, ctx.actor(), id, fields.secret(PASSWORD)).await {
        Ok(started) => started,
        Err(problem) => {
            let (_, form) = password_refused(Form::default(), PASSWORD, problem)?;
            ctx.http.extensions_mut().insert(Wrong(form));
            return Err(Problem::forbidden(STEP_UP_REQUIRED, "The password is wrong"));
        }
    };
    let cookie = cookie::session(&ctx.http, &ctx.stack, started.cookie.expose());
    let signed_in = Arc::new(ctx.signed_in.proven(started.session));
    ctx.http.extensions_mut().insert(Renewed(cookie));
    ctx.http.extensions_mut().insert(Arc::clone(&signed_in));
    ctx.signed_in = signed_in;
    Ok(ctx)
}

/// Keeps the form of a page that was made in an earlier session of this browser. Only a browser that says itself that a page of
/// ours sent it is believed: what is kept comes back in the form, to be looked at and sent.
pub(super) fn of_another_session(ctx: &Ctx, fields: &Fields) {
    let site = ctx.http.headers().get("sec-fetch-site").map(|site| site.as_bytes());
    if site != Some(b"same-origin") || ctx.is_fragment() {
        return;
    }
    let back = resume::keep(&ctx.http, &ctx.stack, ctx.signed_in.session.user, fields);
    if let Some(back) = back {
        ctx.http.extensions_mut().insert(Back(back));
    }
}

/// The page that fills in the form that could not be taken.
struct Back(String);

/// The dialect of the pages of somebody who is signed in: where only a recent sign-in is missing, the question for the password.
pub(super) fn dialect(problem: &Problem, request: &HttpRequest) -> HttpResponse {
    let back = request.extensions_mut().remove::<Back>();
    if let Some(Back(back)) = back {
        return see_other(&back).finish();
    }
    let asked = match problem.code {
        STEP_UP_REQUIRED => question(request),
        elsewhere::ELSEWHERE => asked_elsewhere(request),
        _ => None,
    };
    asked.or_else(|| framed(problem, request)).unwrap_or_else(|| error::dialect(problem, request))
}

/// The question where a form belongs. None: it is no page of somebody who is signed in.
fn asked_elsewhere(http: &HttpRequest) -> Option<HttpResponse> {
    let ctx = Ctx::from_request(http, &mut Payload::None).into_inner().ok().filter(|ctx| !ctx.is_fragment())?;
    let sent = http.extensions_mut().remove::<Sent>()?;
    elsewhere::question(&ctx, http, sent.0)
}

/// Who reads the answer, also where no route was found that asks for a session.
fn reader(http: &HttpRequest) -> Option<Ctx> {
    let known = Ctx::from_request(http, &mut Payload::None).into_inner().ok();
    known.or_else(|| {
        let (signed_in, stack) = (at_work(http).ok()??, http.app_data::<web::Data<Stack>>()?.clone());
        Some(Ctx { stack, signed_in, http: http.clone() })
    })
}

/// A problem as a page with the way around for somebody who is signed in. None: nobody is, or it is no page.
fn framed(problem: &Problem, http: &HttpRequest) -> Option<HttpResponse> {
    if !error::is_page(http) || problem.kind == Kind::Unauthenticated {
        return None;
    }
    let ctx = reader(http).filter(|ctx| !ctx.is_fragment())?;
    if let Some(page) = ctx.unplaced() {
        return Some(page);
    }
    let on = html! { a.button.primary href="/admin/" { "Go to Home" } };
    let body = error::body(problem, &request_id(http).to_string(), &on);
    ctx.page_as(answer_to(problem), error::title(problem), "", &body).ok()
}

/// The answer to a page's request that needs a recent sign-in. None: it is no page of somebody who is signed in.
fn question(http: &HttpRequest) -> Option<HttpResponse> {
    let ctx = Ctx::from_request(http, &mut Payload::None).into_inner().ok()?;
    let target = http.uri().path_and_query().map_or("/admin/", |target| target.as_str());
    if http.method() != Method::POST {
        return Some(see_other(&format!("/account/confirm?next={}", percent(target))).finish());
    }
    let wrong = http.extensions_mut().remove::<Wrong>();
    let sent = http.extensions_mut().remove::<Sent>()?;
    let form = wrong.map_or_else(Form::default, |wrong| wrong.0);
    // The password is not asked for a form that could not go on afterwards.
    let (id, user) = (new_kept_id(), ctx.signed_in.session.user.to_string());
    let draft = Draft { action: target.to_owned(), fields: sent.0, made_in: None };
    if !ctx.stack.keep(&user, &id, &draft) {
        return None;
    }
    let body = page(target, &id, &ctx.who(), &form, &ctx.csrf());
    if ctx.is_fragment() {
        // A script puts only what succeeds into the page.
        return Some(ctx.fragment(&body));
    }
    let body = html! {
        (head("Confirm that it is you", "What comes next is dangerous in wrong hands, and you signed in a while ago."))
        div.card { (body) }
    };
    ctx.page_as(HttpResponse::Forbidden(), "Confirm that it is you", "", &body).ok()
}

fn page(target: &str, kept: &str, who: &str, form: &Form, csrf: &str) -> Markup {
    html! {
        (form_error(form))
        form.form method="post" action=(target) {
            (hidden("csrf", csrf))
            (hidden(refill::KEPT, kept))
            (account_of(who))
            (Field::password(form, PASSWORD, "Password").attr("autocomplete", "current-password").attr("autofocus", "")
                .help("Your last sign-in was a while ago."))
            div.actions { button.primary { "Go on" } a.button href="/admin/" { "Cancel" } }
        }
    }
}
