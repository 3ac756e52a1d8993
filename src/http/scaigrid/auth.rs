//! `/v1/auth/*`: the sign-in of people through a program. The flow itself is in [`crate::program_login`], what a browser sees of it in
//! `hosted::program`.

use super::Services;
use super::envelope::{Success, ok};
use crate::base::id::{LoginFlowId, TenantId};
use crate::base::{DisplayName, Email, Id, Problem, Slug};
use crate::http::extract::{Caller, Json, origin};
use crate::http::reply::NoContent;
use crate::oauth::TokenResponse;
use crate::program_login::{self, Exchange, NewFlow};
use crate::tenancy::Tenant;
use actix_web::HttpRequest;
use serde::{Deserialize, Serialize};

/// Who is to sign in.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Identify {
    email: Email,
}

/// Where somebody can sign in.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Identified {
    /// Always true: it tells nobody who has an account.
    user_exists: bool,
    tenants: Vec<SignInTenant>,
}

/// A tenant that somebody can enter.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SignInTenant {
    id: TenantId,
    slug: Slug,
    display_name: DisplayName,
}

/// `POST /v1/auth/identify`: the tenants that somebody can enter. `user_exists` is always true: a stranger is shown the default
/// tenant, as somebody is who belongs to it.
pub async fn identify(
    stack: Services,
    Json(body): Json<Identify>,
    request: HttpRequest,
) -> Result<Success<Identified>, Problem> {
    let found = program_login::identify(&stack, body.email.as_str(), &origin(&request, &stack)).await?;
    let entry = |tenant: Tenant| SignInTenant { id: tenant.id, slug: tenant.slug, display_name: tenant.name };
    Ok(ok(Identified { user_exists: true, tenants: found.into_iter().map(entry).collect() }))
}

/// A sign-in to begin.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Authorize {
    /// Who is to sign in: a hint for the page.
    email: Option<Email>,
    /// The tenant to sign in to, by its id or slug; `null`: wherever they belong.
    tenant_id: Option<String>,
    /// The challenge of PKCE (RFC 7636).
    code_challenge: String,
    /// Must be `S256`.
    #[cfg_attr(test, schemars(required))]
    code_challenge_method: Option<String>,
    /// Where the browser goes in the end, with the code: on this server, at a loopback address of the person's machine, or
    /// among the addresses of the settings.
    redirect_uri: String,
    /// What the program wants to get back beside the code.
    state: Option<String>,
    /// What the program calls itself, for the person who is asked about it.
    client_name: Option<DisplayName>,
}

/// A sign-in that has begun.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Authorization {
    /// Where to send the browser.
    authorize_url: String,
    /// What to name the sign-in by when its code is exchanged.
    flow_id: LoginFlowId,
}

/// `POST /v1/auth/authorize`: begins a sign-in, and says where to send the browser.
pub async fn authorize(stack: Services, Json(body): Json<Authorize>) -> Result<Success<Authorization>, Problem> {
    let new = NewFlow {
        email: body.email.map(|email| email.to_string()),
        tenant: body.tenant_id,
        challenge: body.code_challenge,
        method: body.code_challenge_method,
        redirect_uri: body.redirect_uri,
        state: body.state,
        program: body.client_name,
    };
    let begun = program_login::begin(&stack, &new).await?;
    Ok(ok(Authorization { authorize_url: begun.authorize_url, flow_id: begun.flow_id }))
}

/// A code to exchange.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExchangeCode {
    /// The sign-in, as the answer to its beginning names it.
    #[cfg_attr(test, schemars(with = "LoginFlowId"))]
    flow_id: String,
    /// What came to `redirect_uri`.
    code: String,
    /// What `code_challenge` was made from.
    code_verifier: String,
    /// The same as when the sign-in began.
    redirect_uri: String,
}

/// Tokens of a person who has signed in.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tokens {
    /// What to send as `Authorization: Bearer`.
    access_token: String,
    /// What to get the next tokens with; null: there is none.
    refresh_token: Option<String>,
    /// `Bearer`
    token_type: &'static str,
    /// How long the access token holds, in seconds.
    expires_in: u32,
}

impl From<TokenResponse> for Tokens {
    fn from(tokens: TokenResponse) -> Self {
        Self {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            token_type: tokens.token_type,
            expires_in: tokens.expires_in,
        }
    }
}

/// `POST /v1/auth/token`: exchanges the code of a sign-in for tokens. A code works once.
pub async fn token(
    stack: Services,
    Json(body): Json<ExchangeCode>,
    request: HttpRequest,
) -> Result<Success<Tokens>, Problem> {
    // An id of another kind names no flow; zero is nobody's.
    let flow = LoginFlowId::parse(&body.flow_id).unwrap_or_else(|| LoginFlowId::from_raw(0));
    let exchange = Exchange { flow, code: body.code, verifier: body.code_verifier, redirect_uri: body.redirect_uri };
    Ok(ok(program_login::exchange(&stack, exchange, &origin(&request, &stack)).await?.into()))
}

/// A refresh token to use.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    refresh_token: String,
}

/// `POST /v1/auth/refresh`: exchanges a refresh token for new tokens. The refresh token is a new one, too.
pub async fn refresh(
    stack: Services,
    Json(body): Json<Refresh>,
    request: HttpRequest,
) -> Result<Success<Tokens>, Problem> {
    Ok(ok(program_login::refresh(&stack, &body.refresh_token, &origin(&request, &stack)).await?.into()))
}

/// `POST /v1/auth/logout`: ends the session, and with it the token that asks.
pub async fn logout(stack: Services, Caller(actor): Caller) -> Result<NoContent, Problem> {
    program_login::log_out(&stack, &actor).await?;
    Ok(NoContent)
}
