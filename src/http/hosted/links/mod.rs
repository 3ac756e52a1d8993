//! The pages behind links in mails, and the one that asks for such a link. Plain forms; what a GET shows changes nothing, so a
//! mail program that follows a link by itself does no harm.

#[cfg(test)]
mod tests;
mod view;

use crate::base::text::Rule;
use crate::base::{DisplayName, Kind, Problem, Slug};
use crate::http::extract::origin;
use crate::http::kit::form::{Fields, Knock};
use crate::http::kit::parts::Form;
use crate::http::kit::{html, visit};
use crate::http::route::Surface;
use crate::mailed_links::{self, Found, Names, Purpose};
use crate::page;
use crate::stack::Stack;
use crate::tenancy::{self, Tenant};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::Markup;
use serde::Deserialize;

/// The routes. The addresses in mails are [`Purpose::path`].
pub static SURFACE: Surface = Surface {
    name: "links",
    fronts: &["/login/forgot-password", "/login/reset-password", "/login/verify-email", "/login/invitation"],
    routes: &[
        page!(GET "/login/forgot-password" Public forgot_page),
        page!(POST "/login/forgot-password" Public forgot),
        page!(GET "/login/reset-password" Public reset_page),
        page!(POST "/login/reset-password" Public reset),
        page!(GET "/login/verify-email" Public verify_page),
        page!(POST "/login/verify-email" Public verify),
        page!(GET "/login/invitation" Public invitation_page),
        page!(POST "/login/invitation" Public accept),
    ],
    dialect: crate::http::kit::error::dialect,
    limited: false,
    in_popups: false,
};

/// A link's token.
#[derive(Debug, Deserialize)]
pub struct Token {
    #[serde(default)]
    token: String,
}

/// Whose people a page is for.
#[derive(Debug, Deserialize)]
pub struct ForTenant {
    #[serde(default)]
    tenant: String,
}

fn show(knock: &Knock, status: StatusCode, body: impl FnOnce(&str) -> Markup) -> HttpResponse {
    visit::page(&knock.http, &knock.stack, HttpResponse::build(status), body)
}

fn done(title: &str, words: &str, sign_in: bool) -> HttpResponse {
    html(&mut HttpResponse::Ok(), &view::done(title, words, sign_in))
}

/// The status for a form that was refused, and the form with what was wrong; None: the link is dead.
fn refused(form: Form, problem: Problem) -> Result<Option<(StatusCode, Form)>, Problem> {
    match problem.kind {
        Kind::Malformed if problem.code == "link_invalid" => Ok(None),
        Kind::Internal => Err(problem),
        kind => Ok(Some((crate::http::status(kind), form.refused(&problem)))),
    }
}

/// The form came from a page that lay open for too long.
fn stale(form: Form) -> Form {
    form.refused(&Problem::forbidden("csrf", "The page was open for too long. Try again"))
}

fn dead(purpose: Purpose) -> HttpResponse {
    html(&mut HttpResponse::BadRequest(), &view::dead(purpose))
}

/// The live tenant that a page is for; none: any.
fn tenant(stack: &Stack, slug: &str) -> Result<Option<Tenant>, Problem> {
    let snapshot = stack.store.read();
    let Ok(slug) = Slug::parse(slug) else { return Ok(None) };
    match tenancy::tenant_by_slug(&snapshot, &slug)? {
        Some(tenant) => Ok(tenancy::live_place(&snapshot, tenant.id)?.map(|_| tenant)),
        None => Ok(None),
    }
}

/// `GET /login/forgot-password?tenant=acme`.
pub async fn forgot_page(
    http: HttpRequest,
    stack: web::Data<Stack>,
    query: web::Query<ForTenant>,
) -> Result<HttpResponse, Problem> {
    let form = Form::with([("tenant", query.tenant.clone())]);
    Ok(visit::page(&http, &stack, HttpResponse::Ok(), |csrf| view::forgot(&form, csrf)))
}

/// `POST /login/forgot-password`: the same answer whoever is named.
pub async fn forgot(knock: Knock) -> Result<HttpResponse, Problem> {
    let Knock { http, stack, fields, is_ours } = &knock;
    let form = fields.keep(&["email", "tenant"]);
    if !is_ours {
        return Ok(show(&knock, StatusCode::FORBIDDEN, |csrf| view::forgot(&stale(form), csrf)));
    }
    let tenant = tenant(stack, fields.text("tenant"))?;
    match mailed_links::forgot_password(stack, tenant.as_ref(), fields.text("email"), &origin(http, stack)).await {
        Ok(()) => Ok(done("Look into your mail", view::ASKED, false)),
        Err(problem) => match refused(form, problem)? {
            Some((status, form)) => Ok(show(&knock, status, |csrf| view::forgot(&form, csrf))),
            None => Ok(dead(Purpose::ResetPassword)),
        },
    }
}

/// The page behind a link.
fn page(
    http: &HttpRequest,
    stack: &Stack,
    purpose: Purpose,
    token: &str,
    body: impl FnOnce(&Found, &Form, &str) -> Markup,
) -> Result<HttpResponse, Problem> {
    match mailed_links::look(stack, purpose, token) {
        Ok(found) => {
            let form = Form::with([("token", token.to_owned())]);
            Ok(visit::page(http, stack, HttpResponse::Ok(), |csrf| body(&found, &form, csrf)))
        }
        Err(problem) if problem.kind == Kind::Internal => Err(problem),
        Err(_) => Ok(dead(purpose)),
    }
}

/// The page again, with what was wrong; the link may have died meanwhile.
fn again(
    knock: &Knock,
    purpose: Purpose,
    (status, form): (StatusCode, Form),
    body: impl FnOnce(&Found, &Form, &str) -> Markup,
) -> Result<HttpResponse, Problem> {
    match mailed_links::look(&knock.stack, purpose, form.value("token")) {
        Ok(found) => Ok(show(knock, status, |csrf| body(&found, &form, csrf))),
        Err(problem) if problem.kind == Kind::Internal => Err(problem),
        Err(_) => Ok(dead(purpose)),
    }
}

/// `GET /login/reset-password?token=slk_…`.
pub async fn reset_page(
    http: HttpRequest,
    stack: web::Data<Stack>,
    query: web::Query<Token>,
) -> Result<HttpResponse, Problem> {
    page(&http, &stack, Purpose::ResetPassword, &query.token, view::reset)
}

/// `POST /login/reset-password`.
pub async fn reset(knock: Knock) -> Result<HttpResponse, Problem> {
    let Knock { http, stack, fields, is_ours } = &knock;
    let form = fields.keep(&["token"]);
    if !is_ours {
        return again(&knock, Purpose::ResetPassword, (StatusCode::FORBIDDEN, stale(form)), view::reset);
    }
    let from = origin(http, stack);
    match mailed_links::reset_password(stack, fields.text("token"), fields.secret("password"), &from).await {
        Ok(_) => Ok(done("Your password is set", "You were signed out everywhere.", true)),
        Err(problem) => match refused(form, problem)? {
            Some(refused) => again(&knock, Purpose::ResetPassword, refused, view::reset),
            None => Ok(dead(Purpose::ResetPassword)),
        },
    }
}

/// `GET /login/verify-email?token=slk_…`.
pub async fn verify_page(
    http: HttpRequest,
    stack: web::Data<Stack>,
    query: web::Query<Token>,
) -> Result<HttpResponse, Problem> {
    page(&http, &stack, Purpose::VerifyEmail, &query.token, view::verify)
}

/// `POST /login/verify-email`.
pub async fn verify(knock: Knock) -> Result<HttpResponse, Problem> {
    let Knock { http, stack, fields, is_ours } = &knock;
    let form = fields.keep(&["token"]);
    if !is_ours {
        return again(&knock, Purpose::VerifyEmail, (StatusCode::FORBIDDEN, stale(form)), view::verify);
    }
    match mailed_links::verify_email(stack, fields.text("token"), &origin(http, stack)).await {
        Ok(user) => Ok(done("Your address is confirmed", user.email.as_str(), true)),
        Err(problem) => match refused(form, problem)? {
            Some(refused) => again(&knock, Purpose::VerifyEmail, refused, view::verify),
            None => Ok(dead(Purpose::VerifyEmail)),
        },
    }
}

/// `GET /login/invitation?token=slk_…`.
pub async fn invitation_page(
    http: HttpRequest,
    stack: web::Data<Stack>,
    query: web::Query<Token>,
) -> Result<HttpResponse, Problem> {
    page(&http, &stack, Purpose::Invitation, &query.token, view::invitation)
}

/// The name that a form says, if it says one.
fn name(fields: &Fields) -> Result<Names, Rule> {
    let display_name = match fields.text("name") {
        "" => None,
        text => Some(DisplayName::parse(text)?),
    };
    Ok(Names { display_name, ..Names::default() })
}

/// `POST /login/invitation`.
pub async fn accept(knock: Knock) -> Result<HttpResponse, Problem> {
    let Knock { http, stack, fields, is_ours } = &knock;
    let form = fields.keep(&["token", "name"]);
    if !is_ours {
        return again(&knock, Purpose::Invitation, (StatusCode::FORBIDDEN, stale(form)), view::invitation);
    }
    let names = match name(fields) {
        Ok(names) => names,
        Err(rule) => {
            let refused = (StatusCode::UNPROCESSABLE_ENTITY, form.error("name", rule));
            return again(&knock, Purpose::Invitation, refused, view::invitation);
        }
    };
    let from = origin(http, stack);
    let password = Some(fields.secret("password")).filter(|password| !password.expose().is_empty());
    let found = mailed_links::look(stack, Purpose::Invitation, fields.text("token"));
    let has_account = found.is_ok_and(|found| !found.sets_password());
    match mailed_links::accept_invitation(stack, fields.text("token"), password, names, &from).await {
        Ok(_) if has_account => {
            Ok(done("Welcome", "You have joined. Sign in with your e-mail as you always do.", true))
        }
        Ok(_) => Ok(done("Welcome", "Your account is ready. Sign in with your e-mail and the new password.", true)),
        Err(problem) => match refused(form, problem)? {
            Some(refused) => again(&knock, Purpose::Invitation, refused, view::invitation),
            None => Ok(dead(Purpose::Invitation)),
        },
    }
}
