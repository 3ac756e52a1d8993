//! Signing in by JSON: the portal's two steps, the one-step logins, the second factor.

use super::list::enveloped;
use super::wire::login::{self as wire, Authenticate, Identify, Login, Refresh, Verify};
use super::wire::tenant_named;
use super::{Services, ok};
use crate::access::{Actor, Origin, permit};
use crate::base::id::TenantId;
use crate::base::{Id, Problem, Secret};
use crate::http::extract::{Caller, Json, origin};
use crate::sessions;
use crate::signin::{self, Attempt, FLOW_SECS, Next, Proven, Wish};
use crate::stack::Stack;
use crate::tenancy::active_by_slug;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /auth/identify`: who it is, and the tenants to choose from where the settings show them.
pub async fn identify(
    stack: Services,
    Json(body): Json<Identify>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let found = signin::identify(&stack, &body.email, &origin(&request, &stack)).await?;
    let tenants: Vec<Value> = found.tenants.iter().map(wire::choice).collect();
    let data = json!({ "flow_token": found.flow_token, "expires_in": FLOW_SECS, "tenants": tenants });
    Ok(ok(&enveloped(data, &request)))
}

/// The tenant that a body names. One that is not there is one that the account is not in.
fn wish(stack: &Stack, named: Option<&str>, otherwise: Wish) -> Result<Wish, Problem> {
    match named.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(otherwise),
        Some(text) => match tenant_named(&stack.store.read(), text) {
            Ok(tenant) => Ok(Wish::In(tenant.id)),
            Err(problem) if problem.internal.is_none() => Ok(Wish::In(TenantId::from_raw(0))),
            Err(problem) => Err(problem),
        },
    }
}

/// What is left to do, answered: tokens, or the question for a second factor.
pub(super) async fn go_on(
    stack: &Stack,
    left: Next,
    origin: &Origin,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let data = match left {
        Next::Done(proven) => come_in(stack, &proven, origin).await?,
        Next::SecondFactor(challenge) => wire::challenge(&challenge, None),
        Next::Enrol(challenge) => {
            let setup = signin::enrolment(stack, &challenge.mfa_token).await?;
            wire::challenge(&challenge, Some(&setup))
        }
    };
    Ok(ok(&enveloped(data, request)))
}

async fn come_in(stack: &Stack, proven: &Proven, origin: &Origin) -> Result<Value, Problem> {
    let started = signin::start_session(stack, proven, origin).await?;
    let tokens = stack.first_party_tokens(&started.session, None, origin).await?;
    Ok(wire::tokens(&tokens, &started.session))
}

/// A refusal that names the tenants to choose from: the one whose `detail` is an object.
pub(super) fn or_choose(refusal: Problem) -> Result<HttpResponse, Problem> {
    match refusal.details.iter().find(|(name, _)| *name == "tenants") {
        Some((_, tenants)) if refusal.code == "tenant_required" => Ok(HttpResponse::Conflict()
            .insert_header(("Cache-Control", "no-store"))
            .json(json!({ "detail": { "code": refusal.code, "message": refusal.message, "tenants": tenants } }))),
        _ => Err(refusal),
    }
}

/// `POST /auth/authenticate`.
pub async fn authenticate(
    stack: Services,
    Json(body): Json<Authenticate>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (email, from) = (signin::open_flow(&stack, &body.flow_token)?, origin(&request, &stack));
    let wish = wish(&stack, body.tenant_id.as_deref(), Wish::TheOnlyOne)?;
    let attempt =
        Attempt { email: &email, password: body.password, wish, origin: &from, device: None, admins_only: false };
    match signin::check_password(&stack, attempt).await {
        Ok(left) => {
            signin::use_flow(&stack, &body.flow_token).await?;
            go_on(&stack, left, &from, &request).await
        }
        Err(refusal) => or_choose(refusal),
    }
}

/// `POST /auth/login`: in one step.
pub async fn login(stack: Services, Json(body): Json<Login>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let wish = wish(&stack, body.tenant_id.as_deref(), Wish::TheOnlyOne)?;
    with_password(&stack, &body.email, body.password, wish, &request).await
}

async fn with_password(
    stack: &Stack,
    email: &str,
    password: Secret<String>,
    wish: Wish,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let from = origin(request, stack);
    let attempt = Attempt { email, password, wish, origin: &from, device: None, admins_only: false };
    match signin::check_password(stack, attempt).await {
        Ok(left) => go_on(stack, left, &from, request).await,
        Err(refusal) => or_choose(refusal),
    }
}

/// `POST /auth/tenants/{slug}/login`.
pub async fn tenant_login(
    stack: Services,
    slug: web::Path<String>,
    Json(body): Json<Login>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let tenant = active_by_slug(&stack.store.read(), &slug)?.id;
    let same = body.tenant_id.as_deref().is_none_or(|named| named == tenant.to_string() || named == slug.as_str());
    if !same {
        return Err(Problem::invalid("tenant_id", "is another tenant than the one in the address"));
    }
    with_password(&stack, &body.email, body.password, Wish::In(tenant), &request).await
}

/// `POST /auth/tenants/{slug}/mfa/verify`.
pub async fn tenant_verify(
    stack: Services,
    slug: web::Path<String>,
    Json(body): Json<Verify>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let tenant = active_by_slug(&stack.store.read(), &slug)?.id;
    verified(&stack, body, Some(tenant), &request).await
}

/// `POST /auth/mfa/verify`: for who came without a tenant's address.
pub async fn verify(stack: Services, Json(body): Json<Verify>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    verified(&stack, body, None, &request).await
}

async fn verified(
    stack: &Stack,
    body: Verify,
    tenant: Option<TenantId>,
    request: &HttpRequest,
) -> Result<HttpResponse, Problem> {
    let from = origin(request, stack);
    signin::check_challenge(stack, &body.mfa_token, tenant, body.user_id.as_deref())?;
    let (proven, codes) = match signin::second_factor(stack, &body.mfa_token, &body.code, &from, None).await {
        Ok(proven) => (proven, None),
        // A token for setting an app up is no token for a code.
        Err(problem) if problem.code == "invalid_mfa_token" => {
            let (proven, codes) = signin::confirm_enrolment(stack, &body.mfa_token, &body.code, &from, None).await?;
            (proven, Some(codes))
        }
        Err(problem) => return Err(problem),
    };
    let mut data = come_in(stack, &proven, &from).await?;
    if let (Some(codes), Some(data)) = (codes, data.as_object_mut()) {
        data.insert("backup_codes".to_owned(), wire::codes(&codes));
    }
    Ok(ok(&enveloped(data, request)))
}

/// `POST /auth/refresh`.
pub async fn refresh(
    stack: Services,
    Json(body): Json<Refresh>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let tokens = stack.refresh_first_party(body.refresh_token.expose(), &origin(&request, &stack)).await?;
    Ok(ok(&enveloped(json!(tokens), &request)))
}

/// `POST /auth/logout`: ends the session that the token is from; the token is dead at once.
pub async fn logout(stack: Services, Caller(actor): Caller, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let id = own_session(&actor)?;
    let now = stack.now();
    stack.store.write(move |tx| sessions::end(tx, &actor, id, now)).await?;
    Ok(ok(&enveloped(json!({ "logged_out": true }), &request)))
}

fn own_session(actor: &Arc<Actor>) -> Result<crate::base::id::SessionId, Problem> {
    crate::access::widest::<permit::OwnAccount>(actor)?;
    actor.session().ok_or_else(|| Problem::forbidden("no_session", "This credential does not come from a sign-in"))
}
