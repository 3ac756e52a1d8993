//! One-time links by JSON: a forgotten password, a confirmed address, an invitation.

use super::Services;
use super::list::Enveloped;
use super::users::reach;
use super::wire::login::Message;
use crate::access::permit;
use crate::access::widest;
use crate::base::{DisplayName, Problem, Secret};
use crate::http::extract::{Caller, Json, origin};
use crate::http::reply::Reply;
use crate::mailed_links::{self, Names};
use crate::tenancy::active_by_slug;
use actix_web::{HttpRequest, web};
use serde::Deserialize;

/// An answer that only says something.
fn said(message: &'static str, request: &HttpRequest) -> Reply<Enveloped<Message>> {
    Reply(Enveloped::new(Message { message }, request))
}

/// The body of `forgot-password`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "ForgotPassword"))]
#[serde(deny_unknown_fields)]
pub struct Forgot {
    /// The e-mail of the account, as it was typed.
    email: String,
}

/// `POST /auth/tenants/{slug}/forgot-password`: mails a link to set another password. The answer is the same whoever is named.
pub async fn forgot(
    stack: Services,
    slug: web::Path<String>,
    Json(body): Json<Forgot>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<Message>>, Problem> {
    let tenant = active_by_slug(&stack.store.read(), &slug)?;
    mailed_links::forgot_password(&stack, Some(&tenant), &body.email, &origin(&request, &stack)).await?;
    Ok(said("If there is such an account, a mail with a link is on its way", &request))
}

/// The body of `reset-password`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "ResetForgottenPassword"))]
#[serde(deny_unknown_fields)]
pub struct Reset {
    /// From the link in the mail.
    token: Secret<String>,
    /// The new one. `new_password` is the same.
    #[serde(alias = "new_password")]
    password: Secret<String>,
}

/// `POST /auth/reset-password`: sets another password by a link that was mailed, and ends all sessions.
///
/// # Errors
/// 400 The link does not work: it was used, a newer one was made, or its time has passed.
pub async fn reset(
    stack: Services,
    Json(body): Json<Reset>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<Message>>, Problem> {
    let from = origin(&request, &stack);
    mailed_links::reset_password(&stack, body.token.expose(), body.password, &from).await?;
    Ok(said("The password is set; all sessions were ended", &request))
}

/// `POST /me/verify-email`: mails oneself a link to confirm the address.
pub async fn ask_to_verify(
    stack: Services,
    Caller(actor): Caller,
    request: HttpRequest,
) -> Result<Reply<Enveloped<Message>>, Problem> {
    widest::<permit::OwnTokens>(&actor)?;
    let sent = mailed_links::ask_to_verify(&stack, &actor).await?;
    Ok(said(if sent { "A mail with a link is on its way" } else { "The address is confirmed already" }, &request))
}

/// The body of `verify-email`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "VerifyEmail"))]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// From the link in the mail.
    token: Secret<String>,
}

/// `POST /auth/verify-email`: confirms an address by a link that was mailed.
///
/// # Errors
/// 400 The link does not work: it was used, a newer one was made, or its time has passed.
pub async fn verify(
    stack: Services,
    Json(body): Json<Verify>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<Message>>, Problem> {
    mailed_links::verify_email(&stack, body.token.expose(), &origin(&request, &stack)).await?;
    Ok(said("The address is confirmed", &request))
}

/// The body of `accept-invitation`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "AcceptInvitation"))]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// From the link in the mail.
    token: Secret<String>,
    /// Needed by who has no account yet, and by who has never set a password by mail.
    password: Option<Secret<String>>,
    /// Given name; as it was, if not said.
    first_name: Option<DisplayName>,
    /// Family name; as it was, if not said.
    last_name: Option<DisplayName>,
    /// What to call them; as it was, if not said.
    display_name: Option<DisplayName>,
}

/// `POST /auth/accept-invitation`: accepts an invitation by a link that was mailed.
///
/// # Errors
/// 400 The link does not work: it was used, a newer one was made, or its time has passed.
pub async fn accept(
    stack: Services,
    Json(body): Json<Accept>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<Message>>, Problem> {
    let Accept { token, password, first_name, last_name, display_name } = body;
    let names = Names { first_name, last_name, display_name };
    mailed_links::accept_invitation(&stack, token.expose(), password, names, &origin(&request, &stack)).await?;
    Ok(said("The invitation is accepted; sign in with the new password", &request))
}

/// `POST /admin/users/{id}/resend-invitation`: mails somebody who has not accepted yet another link.
pub async fn resend(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<Message>>, Problem> {
    let (id, granted) = reach::<permit::WriteUsers>(&stack.store.read(), &actor, &id)?;
    mailed_links::resend_invitation(&stack, granted, id).await?;
    Ok(said("The invitation is on its way", &request))
}
