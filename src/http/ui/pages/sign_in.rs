//! Signing in and out.

use super::sign_in_next::landing;
use super::{sign_in_code, sign_in_view as view};
use crate::authentication::{self, Attempt, TenantChoice};
use crate::base::{Kind, Problem};
use crate::http::extract::origin;
use crate::http::kit::form::Knock;
use crate::http::kit::parts::{Form, too_many};
use crate::http::kit::{cookie, device, see_other, visit};
use crate::http::sign_in as door;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::stack::Stack;
use crate::{sessions, setup};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

/// Where to go after the sign-in.
#[derive(Debug, Deserialize)]
pub struct NextQuery {
    #[serde(default)]
    next: String,
}

/// `GET /`.
pub async fn root() -> HttpResponse {
    see_other("/admin/").finish()
}

/// `GET /admin/sign-in`, and `GET /account/sign-in` for people whose way leads to their account.
pub async fn page(
    http: HttpRequest,
    stack: web::Data<Stack>,
    next: web::Query<NextQuery>,
) -> Result<HttpResponse, Problem> {
    let form = Form::with([("next", landing(door(http.path()), &next.next).to_owned())]);
    show(&http, &stack, StatusCode::OK, &form)
}

fn show(http: &HttpRequest, stack: &Stack, status: StatusCode, form: &Form) -> Result<HttpResponse, Problem> {
    let setup_needed = setup::needed(&stack.store.read())?;
    Ok(visit::page(http, stack, HttpResponse::build(status), |csrf| {
        view::sign_in(form, csrf, door(http.path()), setup_needed)
    }))
}

/// `POST /admin/sign-in`, `POST /account/sign-in`.
pub async fn submit(knock: Knock) -> Result<HttpResponse, Problem> {
    let Knock { http, stack, fields, is_ours } = &knock;
    let form = fields.keep(&["email", "next"]);
    let again = |status, message: &str| {
        let problem = Problem::new(Kind::Forbidden, "sign_in_refused", message);
        show(http, stack, status, &form.clone().refused(&problem))
    };
    if !is_ours {
        return again(StatusCode::FORBIDDEN, "The page was open for too long. Try again");
    }
    let origin = origin(http, stack);
    let (email, password) = (fields.text("email"), fields.secret("password"));
    let known = device::read(http, stack);
    let (wish, device) = (TenantChoice::Home, known.as_ref());
    let attempt = Attempt { email, password, wish, origin: &origin, device, admins_only: false };
    match authentication::check_password(stack, attempt).await {
        Ok(left) => sign_in_code::after_password(http, stack, left, fields.text("next")).await,
        Err(problem) => match problem.kind {
            Kind::Unauthenticated => again(StatusCode::UNAUTHORIZED, authentication::WRONG),
            Kind::RateLimited { retry_after_secs } => {
                let message = too_many(&problem.message, retry_after_secs);
                again(StatusCode::TOO_MANY_REQUESTS, &message)
            }
            _ => Err(problem),
        },
    }
}

/// `POST /admin/sign-out`.
pub async fn sign_out(Posted { ctx, .. }: Posted) -> Result<HttpResponse, Problem> {
    let Ctx { stack, signed_in, http } = &ctx;
    let (actor, id, now) = (signed_in.actor.clone(), signed_in.session.id, stack.now());
    stack.store.write(move |tx| sessions::end(tx, &actor, id, now)).await?;
    // Who administers nothing has Home alone in the menu.
    let door = if nav::items(&signed_in.actor).len() > 1 { "/admin/sign-in" } else { "/account/sign-in" };
    Ok(see_other(door).cookie(cookie::session_gone(http, stack)).finish())
}
