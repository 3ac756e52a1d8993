//! The second factor of a sign-in: a code, or setting an app up first where the tenant wants one.

use super::sign_in_next::{landing, own_page};
use super::sign_in_view as view;
use crate::authentication::{self, Next, Started};
use crate::base::{Kind, Problem};
use crate::http::extract::origin;
use crate::http::kit::form::Knock;
use crate::http::kit::parts::{Form, too_many};
use crate::http::kit::{cookie, device, see_other, visit};
use crate::http::sign_in as door;
use crate::stack::Stack;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

/// The form for the next step: the token and where to go afterwards.
fn form(mfa_token: &str, next: &str) -> Form {
    Form::with([("mfa_token", mfa_token.to_owned()), ("next", own_page(next).to_owned())])
}

/// After the password: the session, the question for a code, or the page that sets an app up.
pub(super) async fn after_password(
    http: &HttpRequest,
    stack: &Stack,
    left: Next,
    next: &str,
) -> Result<HttpResponse, Problem> {
    match left {
        Next::Done(proven) => {
            let started = authentication::start_session(stack, &proven, &origin(http, stack)).await?;
            come_in(http, stack, &started, next)
        }
        Next::SecondFactor(challenge) => Ok(ask(http, stack, StatusCode::OK, &form(&challenge.mfa_token, next))),
        Next::Enrol(challenge) => enrol_page(http, stack, StatusCode::OK, &form(&challenge.mfa_token, next)).await,
    }
}

fn come_in(http: &HttpRequest, stack: &Stack, started: &Started, next: &str) -> Result<HttpResponse, Problem> {
    let mut answer = see_other(landing(door(http.path()), next));
    answer.cookie(cookie::session(http, stack, started.cookie.expose()));
    device::remember(http, stack, started.session.user, &mut answer)?;
    Ok(answer.finish())
}

fn ask(http: &HttpRequest, stack: &Stack, status: StatusCode, form: &Form) -> HttpResponse {
    visit::page(http, stack, HttpResponse::build(status), |csrf| view::second_factor(form, csrf, door(http.path())))
}

async fn enrol_page(
    http: &HttpRequest,
    stack: &Stack,
    status: StatusCode,
    form: &Form,
) -> Result<HttpResponse, Problem> {
    let setup = authentication::enrolment(stack, form.value("mfa_token")).await?;
    Ok(visit::page(http, stack, HttpResponse::build(status), |csrf| view::enrol(form, &setup, csrf, door(http.path()))))
}

/// What a refusal of a code says beside its field, and with which status; anything else is not about the code.
fn about_the_code(form: Form, problem: Problem) -> Result<(StatusCode, Form), Problem> {
    match (problem.code, problem.kind) {
        ("invalid_code", _) => Ok((StatusCode::UNAUTHORIZED, form.error("code", problem.message))),
        (_, Kind::RateLimited { retry_after_secs }) => {
            let message = too_many(&problem.message, retry_after_secs);
            Ok((StatusCode::TOO_MANY_REQUESTS, form.refused(&Problem::new(problem.kind, problem.code, message))))
        }
        _ => Err(problem),
    }
}

fn too_old(http: &HttpRequest, stack: &Stack, next: &str) -> HttpResponse {
    let problem = Problem::forbidden("csrf", "The sign-in took too long, or was finished already. Begin again");
    let form = Form::with([("next", own_page(next).to_owned())]).refused(&problem);
    visit::page(http, stack, HttpResponse::build(StatusCode::UNAUTHORIZED), |csrf| {
        view::sign_in(&form, csrf, door(http.path()), false)
    })
}

/// `POST /admin/sign-in/code`, `POST /account/sign-in/code`.
pub async fn code(Knock { http, stack, fields, is_ours }: Knock) -> Result<HttpResponse, Problem> {
    let (token, next) = (fields.raw("mfa_token"), fields.text("next"));
    if !is_ours {
        return Ok(too_old(&http, &stack, next));
    }
    let origin = origin(&http, &stack);
    let known = device::read(&http, &stack);
    match authentication::second_factor(&stack, token, &fields.secret("code"), &origin, known.as_ref()).await {
        Ok(proven) => {
            let started = authentication::start_session(&stack, &proven, &origin).await?;
            come_in(&http, &stack, &started, next)
        }
        Err(problem) if problem.code == "invalid_mfa_token" => Ok(too_old(&http, &stack, next)),
        Err(problem) => {
            let (status, form) = about_the_code(form(token, next), problem)?;
            Ok(ask(&http, &stack, status, &form))
        }
    }
}

/// `POST /admin/sign-in/enrol`, `POST /account/sign-in/enrol`: the first code of a new app. The answer shows the recovery codes, once, and signs in.
pub async fn enrol(Knock { http, stack, fields, is_ours }: Knock) -> Result<HttpResponse, Problem> {
    let (token, next) = (fields.raw("mfa_token"), fields.text("next"));
    if !is_ours {
        return Ok(too_old(&http, &stack, next));
    }
    let origin = origin(&http, &stack);
    let known = device::read(&http, &stack);
    match authentication::confirm_enrolment(&stack, token, &fields.secret("code"), &origin, known.as_ref()).await {
        Ok((proven, codes)) => {
            let started = authentication::start_session(&stack, &proven, &origin).await?;
            let mut answer = HttpResponse::Ok();
            answer.cookie(cookie::session(&http, &stack, started.cookie.expose()));
            device::remember(&http, &stack, started.session.user, &mut answer)?;
            Ok(crate::http::kit::html(&mut answer, &view::enrolled(&codes, own_page(next))))
        }
        Err(problem) if problem.code == "invalid_mfa_token" => Ok(too_old(&http, &stack, next)),
        Err(problem) => {
            let (status, form) = about_the_code(form(token, next), problem)?;
            enrol_page(&http, &stack, status, &form).await
        }
    }
}
