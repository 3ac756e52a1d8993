//! The token endpoint.

use super::Services;
use super::form::{Body, answer, flavour, form, refusal};
use crate::http::extract::origin;
use crate::oauth::grant::Asked;
use crate::oauth::{self, Flavour, OAuthError, TokenRequest, TokenResponse};
use crate::stack::Stack;
use actix_web::{HttpRequest, HttpResponse, web};
use std::sync::Arc;

/// `POST /api/v1/platform/oauth/token`.
pub async fn platform(stack: Services, request: HttpRequest, body: Body) -> HttpResponse {
    token_at(&stack, &request, &body, Ok(Flavour::Platform)).await
}

/// `POST /api/v1/auth/tenants/{slug}/oauth/token`.
pub async fn tenant(stack: Services, request: HttpRequest, slug: web::Path<String>, body: Body) -> HttpResponse {
    token_at(&stack, &request, &body, flavour(&slug)).await
}

/// `POST /oauth/token`.
pub async fn environment(stack: Services, request: HttpRequest, body: Body) -> HttpResponse {
    token_at(&stack, &request, &body, Ok(Flavour::Environment)).await
}

async fn token_at(
    stack: &Stack,
    request: &HttpRequest,
    body: &Body,
    flavour: Result<Flavour, OAuthError>,
) -> HttpResponse {
    let asked = form(request, body, &flavour).and_then(|(header, body)| TokenRequest::parse(header, body));
    match (asked, flavour) {
        (Ok(asked), Ok(flavour)) => {
            let asked = TokenRequest { for_sdk: is_sdk(request), ..asked };
            answer(token(stack, request, &flavour, &asked).await)
        }
        (Err(error), Ok(_)) | (_, Err(error)) => answer::<TokenResponse>(Err(error)),
    }
}

/// Whether one of Scalekit's SDKs sends it, by the header that they put on every request: `x-sdk-version: Scalekit-Node/2.11.0`.
fn is_sdk(request: &HttpRequest) -> bool {
    request.headers().get("x-sdk-version").is_some_and(|value| value.as_bytes().starts_with(b"Scalekit-"))
}

/// Approves, signs and records: one snapshot, one signature, and a write that nobody waits for; for a person's tokens a
/// write that is on the disk before the answer.
async fn token(
    stack: &Stack,
    request: &HttpRequest,
    flavour: &Flavour,
    asked: &TokenRequest,
) -> Result<TokenResponse, OAuthError> {
    let (from, now) = (origin(request, stack), stack.now());
    let refused = |refused: Box<oauth::Refused>| refusal(stack, &from, &asked.client.client_id, &refused);
    let approved = oauth::approve(&stack.store.read(), flavour, asked, now).map_err(refused)?;
    asked.check_resources(stack.issuers()).map_err(|error| refused(Box::new(approved.refuse(error))))?;
    if let Asked::ForPerson(wanted) = &asked.grant.asked {
        return stack.grant_user_tokens(approved, Arc::clone(wanted), &from).await.map_err(refused);
    }
    let jti = oauth::new_jti(approved.issuer);
    let token = oauth::issue(&stack.keys.current(), stack.issuers(), &approved, &jti, now)?;
    let record = approved.record(&jti, &from, now);
    // No token without its row in the log.
    stack.store.write_later(move |tx| record.write(tx))?;
    Ok(token)
}
