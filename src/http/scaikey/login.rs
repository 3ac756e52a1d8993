//! Signing in by JSON: the portal's two steps, the one-step logins, the second factor.

use super::Services;
use super::list::Enveloped;
use super::wire::login::{
    Authenticate, Identify, LoggedOut, Login, MfaChallenge, Refresh, SignIn, SignInFlow, SignInTokens, TenantRequired,
    Verify,
};
use super::wire::tenant_named;
use crate::access::{Actor, Origin, permit};
use crate::authentication::{self, Attempt, Next, Proven, TenantChoice};
use crate::base::id::TenantId;
use crate::base::{Id, Problem, Secret};
use crate::http::extract::{Caller, Json, origin};
use crate::http::reply::Reply;
use crate::oauth::TokenResponse;
use crate::sessions;
use crate::stack::Stack;
use crate::tenancy::active_by_slug;
use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use std::sync::Arc;

/// `POST /auth/identify`: begins a sign-in in two steps. The answer is the same whoever is named, but for the tenants to choose
/// from, where the settings show them.
pub async fn identify(
    stack: Services,
    Json(body): Json<Identify>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<SignInFlow>>, Problem> {
    let found = authentication::identify(&stack, &body.email, &origin(&request, &stack)).await?;
    Ok(Reply(Enveloped::new(SignInFlow::of(found), &request)))
}

/// The tenant that a body names. One that is not there is one that the account is not in.
fn wish(stack: &Stack, named: Option<&str>, otherwise: TenantChoice) -> Result<TenantChoice, Problem> {
    match named.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(otherwise),
        Some(text) => match tenant_named(&stack.store.read(), text) {
            Ok(tenant) => Ok(TenantChoice::In(tenant.id)),
            Err(problem) if problem.internal.is_none() => Ok(TenantChoice::In(TenantId::from_raw(0))),
            Err(problem) => Err(problem),
        },
    }
}

/// What a right password is answered with.
pub enum SignInOrChoice {
    /// Tokens, or the question for a second factor.
    SignIn(Reply<Enveloped<SignIn>>),
    /// The refusal that names the tenants to choose from.
    Choice(Reply<TenantRequired, 409>),
}

impl Responder for SignInOrChoice {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::SignIn(reply) => reply.respond_to(request),
            Self::Choice(reply) => reply.respond_to(request),
        }
    }
}

#[cfg(test)]
impl crate::http::openapi::Answers for SignInOrChoice {
    fn tell(scribe: &mut crate::http::openapi::Scribe<'_>) {
        scribe.answers::<Enveloped<SignIn>>(200, "Tokens, or the question for a second factor.");
        scribe.answers::<TenantRequired>(409, "The account is in several tenants: name one as `tenant_id`.");
    }
}

/// What is left to do, answered: tokens, or the question for a second factor.
pub(super) async fn go_on(
    stack: &Stack,
    left: Next,
    origin: &Origin,
    request: &HttpRequest,
) -> Result<SignInOrChoice, Problem> {
    let data = match left {
        Next::Done(proven) => SignIn::Tokens(Box::new(come_in(stack, &proven, None, origin).await?)),
        Next::SecondFactor(challenge) => SignIn::Challenge(MfaChallenge::of(challenge, None)),
        Next::Enrol(challenge) => {
            let setup = authentication::enrolment(stack, &challenge.mfa_token).await?;
            SignIn::Challenge(MfaChallenge::of(challenge, Some(setup)))
        }
    };
    Ok(SignInOrChoice::SignIn(Reply(Enveloped::new(data, request))))
}

async fn come_in(
    stack: &Stack,
    proven: &Proven,
    backup_codes: Option<Vec<Secret<String>>>,
    origin: &Origin,
) -> Result<SignInTokens, Problem> {
    let started = authentication::start_session(stack, proven, origin).await?;
    let tokens = stack.first_party_tokens(&started.session, None, origin).await?;
    Ok(SignInTokens::of(tokens, &started.session, backup_codes))
}

/// A refusal that names the tenants to choose from: the one whose `detail` is an object.
pub(super) fn or_choose(mut refusal: Problem) -> Result<SignInOrChoice, Problem> {
    let at = refusal.details.iter().position(|(name, _)| *name == "tenants");
    match at.filter(|_| refusal.code == "tenant_required") {
        Some(at) => {
            let (_, tenants) = refusal.details.swap_remove(at);
            Ok(SignInOrChoice::Choice(Reply(TenantRequired::of(refusal.code, refusal.message, tenants))))
        }
        None => Err(refusal),
    }
}

/// `POST /auth/authenticate`: the second step of a sign-in, with the password.
pub async fn authenticate(
    stack: Services,
    Json(body): Json<Authenticate>,
    request: HttpRequest,
) -> Result<SignInOrChoice, Problem> {
    let (email, from) = (authentication::open_flow(&stack, &body.flow_token)?, origin(&request, &stack));
    let wish = wish(&stack, body.tenant_id.as_deref(), TenantChoice::TheOnlyOne)?;
    let attempt =
        Attempt { email: &email, password: body.password, wish, origin: &from, device: None, admins_only: false };
    match authentication::check_password(&stack, attempt).await {
        Ok(left) => {
            authentication::use_flow(&stack, &body.flow_token).await?;
            go_on(&stack, left, &from, &request).await
        }
        Err(refusal) => or_choose(refusal),
    }
}

/// `POST /auth/login`: signs in in one step, with e-mail and password.
pub async fn login(stack: Services, Json(body): Json<Login>, request: HttpRequest) -> Result<SignInOrChoice, Problem> {
    let wish = wish(&stack, body.tenant_id.as_deref(), TenantChoice::TheOnlyOne)?;
    with_password(&stack, &body.email, body.password, wish, &request).await
}

async fn with_password(
    stack: &Stack,
    email: &str,
    password: Secret<String>,
    wish: TenantChoice,
    request: &HttpRequest,
) -> Result<SignInOrChoice, Problem> {
    let from = origin(request, stack);
    let attempt = Attempt { email, password, wish, origin: &from, device: None, admins_only: false };
    match authentication::check_password(stack, attempt).await {
        Ok(left) => go_on(stack, left, &from, request).await,
        Err(refusal) => or_choose(refusal),
    }
}

/// `POST /auth/tenants/{slug}/login`: signs in to the tenant in the address, with e-mail and password.
pub async fn tenant_login(
    stack: Services,
    slug: web::Path<String>,
    Json(body): Json<Login>,
    request: HttpRequest,
) -> Result<SignInOrChoice, Problem> {
    let tenant = active_by_slug(&stack.store.read(), &slug)?.id;
    let same = body.tenant_id.as_deref().is_none_or(|named| named == tenant.to_string() || named == slug.as_str());
    if !same {
        return Err(Problem::invalid("tenant_id", "is another tenant than the one in the address"));
    }
    with_password(&stack, &body.email, body.password, TenantChoice::In(tenant), &request).await
}

/// `POST /auth/tenants/{slug}/mfa/verify`: answers the question for a second factor of a sign-in to this tenant.
pub async fn tenant_verify(
    stack: Services,
    slug: web::Path<String>,
    Json(body): Json<Verify>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<SignInTokens>>, Problem> {
    let tenant = active_by_slug(&stack.store.read(), &slug)?.id;
    verified(&stack, body, Some(tenant), &request).await
}

/// `POST /auth/mfa/verify`: answers the question for a second factor of a sign-in that named no tenant in its address.
pub async fn verify(
    stack: Services,
    Json(body): Json<Verify>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<SignInTokens>>, Problem> {
    verified(&stack, body, None, &request).await
}

async fn verified(
    stack: &Stack,
    body: Verify,
    tenant: Option<TenantId>,
    request: &HttpRequest,
) -> Result<Reply<Enveloped<SignInTokens>>, Problem> {
    let from = origin(request, stack);
    authentication::check_challenge(stack, &body.mfa_token, tenant, body.user_id.as_deref())?;
    let (proven, codes) = match authentication::second_factor(stack, &body.mfa_token, &body.code, &from, None).await {
        Ok(proven) => (proven, None),
        // A token for setting an app up is no token for a code.
        Err(problem) if problem.code == "invalid_mfa_token" => {
            let (proven, codes) =
                authentication::confirm_enrolment(stack, &body.mfa_token, &body.code, &from, None).await?;
            (proven, Some(codes))
        }
        Err(problem) => return Err(problem),
    };
    Ok(Reply(Enveloped::new(come_in(stack, &proven, codes, &from).await?, request)))
}

/// `POST /auth/refresh`: new tokens for a refresh token, which works once.
pub async fn refresh(
    stack: Services,
    Json(body): Json<Refresh>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<TokenResponse>>, Problem> {
    let tokens = stack.refresh_first_party(body.refresh_token.expose(), &origin(&request, &stack)).await?;
    Ok(Reply(Enveloped::new(tokens, &request)))
}

/// `POST /auth/logout`: ends the session that the token is from; the token is dead at once.
pub async fn logout(
    stack: Services,
    Caller(actor): Caller,
    request: HttpRequest,
) -> Result<Reply<Enveloped<LoggedOut>>, Problem> {
    let id = own_session(&actor)?;
    let now = stack.now();
    stack.store.write(move |tx| sessions::end(tx, &actor, id, now)).await?;
    Ok(Reply(Enveloped::new(LoggedOut { logged_out: true }, &request)))
}

fn own_session(actor: &Arc<Actor>) -> Result<crate::base::id::SessionId, Problem> {
    crate::access::widest::<permit::OwnAccount>(actor)?;
    actor.session().ok_or_else(|| Problem::forbidden("no_session", "This credential does not come from a sign-in"))
}
