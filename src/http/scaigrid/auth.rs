//! `/v1/auth/*`: the sign-in of people through a program. The flow itself is in [`crate::login`], what a browser sees of it in
//! `hosted::program`.

use super::Services;
use super::envelope::{no_content, ok};
use crate::base::id::LoginFlowId;
use crate::base::{DisplayName, Email, Id, Problem};
use crate::http::extract::{Caller, Json, origin};
use crate::login::{self, Exchange, NewFlow};
use crate::oauth::TokenResponse;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Value, json};

/// Who is to sign in.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Identify {
    email: Email,
}

/// `POST /v1/auth/identify`: the tenants that somebody can enter. `user_exists` is always true: a stranger is shown the default
/// tenant, as somebody is who belongs to it.
pub async fn identify(
    stack: Services,
    Json(body): Json<Identify>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let found = login::identify(&stack, body.email.as_str(), &origin(&request, &stack)).await?;
    let tenants: Vec<Value> = found
        .iter()
        .map(|tenant| json!({ "id": tenant.id, "slug": tenant.slug, "display_name": tenant.name }))
        .collect();
    Ok(ok(&json!({ "user_exists": true, "tenants": tenants })))
}

/// A sign-in to begin.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Authorize {
    email: Option<Email>,
    tenant_id: Option<String>,
    code_challenge: String,
    code_challenge_method: Option<String>,
    redirect_uri: String,
    state: Option<String>,
    /// What the program calls itself, for the person who is asked about it.
    client_name: Option<DisplayName>,
}

/// `POST /v1/auth/authorize`: where to send the browser.
pub async fn authorize(stack: Services, Json(body): Json<Authorize>) -> Result<HttpResponse, Problem> {
    let new = NewFlow {
        email: body.email.map(|email| email.to_string()),
        tenant: body.tenant_id,
        challenge: body.code_challenge,
        method: body.code_challenge_method,
        redirect_uri: body.redirect_uri,
        state: body.state,
        program: body.client_name,
    };
    let begun = login::begin(&stack, &new).await?;
    Ok(ok(&json!({ "authorize_url": begun.authorize_url, "flow_id": begun.flow_id })))
}

/// A code of ours to exchange.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Token {
    flow_id: String,
    code: String,
    code_verifier: String,
    redirect_uri: String,
}

fn tokens(tokens: &TokenResponse) -> HttpResponse {
    ok(&json!({
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "token_type": tokens.token_type,
        "expires_in": tokens.expires_in,
    }))
}

/// `POST /v1/auth/token`.
pub async fn token(stack: Services, Json(body): Json<Token>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    // An id of another kind names no flow; zero is nobody's.
    let flow = LoginFlowId::parse(&body.flow_id).unwrap_or_else(|| LoginFlowId::from_raw(0));
    let exchange = Exchange { flow, code: body.code, verifier: body.code_verifier, redirect_uri: body.redirect_uri };
    Ok(tokens(&login::exchange(&stack, exchange, &origin(&request, &stack)).await?))
}

/// A refresh token to use.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    refresh_token: String,
}

/// `POST /v1/auth/refresh`: new tokens; the refresh token is a new one, too.
pub async fn refresh(
    stack: Services,
    Json(body): Json<Refresh>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    Ok(tokens(&login::refresh(&stack, &body.refresh_token, &origin(&request, &stack)).await?))
}

/// `POST /v1/auth/logout`: the session ends, and with it the token that asks.
pub async fn logout(stack: Services, Caller(actor): Caller) -> Result<HttpResponse, Problem> {
    login::log_out(&stack, &actor).await?;
    Ok(no_content())
}
