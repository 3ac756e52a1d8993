//! One-time links by JSON: a forgotten password, a confirmed address, an invitation.

use super::list::enveloped;
use super::users::reach;
use super::{Services, ok};
use crate::access::permit;
use crate::access::widest;
use crate::base::{DisplayName, Problem, Secret};
use crate::http::extract::{Caller, Json, origin};
use crate::links::{self, Names};
use crate::tenancy::active_by_slug;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

/// An answer that only says something.
fn said(words: &str, request: &HttpRequest) -> HttpResponse {
    ok(&enveloped(json!({ "message": words }), request))
}

/// The body of `forgot-password`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Forgot {
    email: String,
}

/// `POST /auth/tenants/{slug}/forgot-password`: the same answer whoever is named.
pub async fn forgot(
    stack: Services,
    slug: web::Path<String>,
    Json(body): Json<Forgot>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let tenant = active_by_slug(&stack.store.read(), &slug)?;
    links::forgot_password(&stack, Some(&tenant), &body.email, &origin(&request, &stack)).await?;
    Ok(said("If there is such an account, a mail with a link is on its way", &request))
}

/// The body of `reset-password`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reset {
    token: Secret<String>,
    #[serde(alias = "new_password")]
    password: Secret<String>,
}

/// `POST /auth/reset-password`.
pub async fn reset(stack: Services, Json(body): Json<Reset>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let from = origin(&request, &stack);
    links::reset_password(&stack, body.token.expose(), body.password, &from).await?;
    Ok(said("The password is set; all sessions were ended", &request))
}

/// `POST /me/verify-email`: mails the link.
pub async fn ask_to_verify(
    stack: Services,
    Caller(actor): Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    widest::<permit::OwnTokens>(&actor)?;
    let sent = links::ask_to_verify(&stack, &actor).await?;
    Ok(said(if sent { "A mail with a link is on its way" } else { "The address is confirmed already" }, &request))
}

/// The body of `verify-email`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Verify {
    token: Secret<String>,
}

/// `POST /auth/verify-email`.
pub async fn verify(stack: Services, Json(body): Json<Verify>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    links::verify_email(&stack, body.token.expose(), &origin(&request, &stack)).await?;
    Ok(said("The address is confirmed", &request))
}

/// The body of `accept-invitation`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Accept {
    token: Secret<String>,
    /// Needed by who has no account yet, and by who has never set a password by mail.
    password: Option<Secret<String>>,
    first_name: Option<DisplayName>,
    last_name: Option<DisplayName>,
    display_name: Option<DisplayName>,
}

/// `POST /auth/accept-invitation`.
pub async fn accept(stack: Services, Json(body): Json<Accept>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let Accept { token, password, first_name, last_name, display_name } = body;
    let names = Names { first_name, last_name, display_name };
    links::accept_invitation(&stack, token.expose(), password, names, &origin(&request, &stack)).await?;
    Ok(said("The invitation is accepted; sign in with the new password", &request))
}

/// `POST /admin/users/{id}/resend-invitation`.
pub async fn resend(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (id, granted) = reach::<permit::WriteUsers>(&stack.store.read(), &actor, &id)?;
    links::resend_invitation(&stack, granted, id).await?;
    Ok(said("The invitation is on its way", &request))
}
