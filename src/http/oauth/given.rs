//! Introspection and revocation: a client shows a token and itself.

use super::Services;
use super::form::{Body, answer, done, flavour, form, refusal};
use crate::http::extract::origin;
use crate::oauth::client_auth::{self, Presented};
use crate::oauth::{self, Flavour, Introspection, OAuthError, Params, Refused, revoke};
use crate::stack::Stack;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

/// `POST /api/v1/platform/oauth/introspect`.
pub async fn platform_introspect(stack: Services, request: HttpRequest, body: Body) -> HttpResponse {
    answer(introspect(&stack, &request, &body, Ok(Flavour::Platform)))
}

/// `POST /api/v1/auth/tenants/{slug}/oauth/introspect`.
pub async fn tenant_introspect(
    stack: Services,
    request: HttpRequest,
    slug: web::Path<String>,
    body: Body,
) -> HttpResponse {
    answer(introspect(&stack, &request, &body, flavour(&slug)))
}

/// `POST /api/v1/platform/oauth/revoke`.
pub async fn platform_revoke(stack: Services, request: HttpRequest, body: Body) -> HttpResponse {
    revoked(&stack, &request, &body, Ok(Flavour::Platform)).await
}

/// `POST /api/v1/auth/tenants/{slug}/oauth/revoke`.
pub async fn tenant_revoke(stack: Services, request: HttpRequest, slug: web::Path<String>, body: Body) -> HttpResponse {
    revoked(&stack, &request, &body, flavour(&slug)).await
}

/// `POST /oauth/introspect`.
pub async fn environment_introspect(stack: Services, request: HttpRequest, body: Body) -> HttpResponse {
    answer(introspect(&stack, &request, &body, Ok(Flavour::Environment)))
}

/// `POST /revoke`.
pub async fn environment_revoke(stack: Services, request: HttpRequest, body: Body) -> HttpResponse {
    revoked(&stack, &request, &body, Ok(Flavour::Environment)).await
}

/// The token and who shows it (RFC 7662 §2.1, RFC 7009 §2.1). `token_type_hint` is not needed: a token tells its kind.
fn read(
    request: &HttpRequest,
    body: &Body,
    flavour: Result<Flavour, OAuthError>,
) -> Result<(Flavour, Presented, String), OAuthError> {
    let (header, body) = form(request, body, &flavour)?;
    let flavour = flavour?;
    let params = Params::parse(body)?;
    let token = params.get("token").ok_or_else(|| OAuthError::invalid_request("The parameter token is missing"))?;
    Ok((flavour, client_auth::read(header, &params)?, token.to_owned()))
}

fn introspect(
    stack: &Stack,
    request: &HttpRequest,
    body: &Body,
    flavour: Result<Flavour, OAuthError>,
) -> Result<Introspection, OAuthError> {
    let (flavour, client, token) = read(request, body, flavour)?;
    let (from, snapshot, now) = (origin(request, stack), stack.store.read(), stack.now());
    let refused = |refused: Box<Refused>| refusal(stack, &from, &client.client_id, &refused);
    let approved = oauth::admit(&snapshot, &flavour, &client, now).map_err(refused)?;
    let (keys, idle_secs) = (stack.keys.current(), stack.lifetimes().session_idle);
    let with = (&*keys, stack.issuers(), stack.keyring.pepper());
    oauth::introspect(&snapshot, with, &approved, &token, (now, idle_secs))
}

async fn revoked(
    stack: &Stack,
    request: &HttpRequest,
    body: &Body,
    flavour: Result<Flavour, OAuthError>,
) -> HttpResponse {
    match read(request, body, flavour) {
        Ok((flavour, client, token)) => {
            let result = revoke(stack, request, &flavour, &client, &token).await;
            result.map_or_else(|error| answer::<()>(Err(error)), |()| done(&json!({})))
        }
        Err(error) => answer::<()>(Err(error)),
    }
}

async fn revoke(
    stack: &Stack,
    request: &HttpRequest,
    flavour: &Flavour,
    client: &Presented,
    token: &str,
) -> Result<(), OAuthError> {
    let (from, now) = (origin(request, stack), stack.now());
    let refused = |refused: Box<Refused>| refusal(stack, &from, &client.client_id, &refused);
    let approved = oauth::admit(&stack.store.read(), flavour, client, now).map_err(refused)?;
    let keys = stack.keys.current();
    let with = (&*keys, stack.issuers(), stack.keyring.pepper());
    if let Some(wanted) = revoke::Wanted::read(with, &approved, token, now) {
        stack.store.write(move |tx| wanted.revoke(tx, &approved, &from, now)).await?;
    }
    Ok(())
}
