//! From a request to an [`Actor`]: a read of the current snapshot, no write on the way.

use super::forwarded::{FORWARDED, X_FORWARDED_FOR, client_ip};
use crate::access::{Actor, CoreSet, Credential, Origin, Principal, Proof};
use crate::base::{Kind, Problem, Timestamp};
use crate::crypto::token::{self, TokenKind};
use crate::http::envelope::request_id;
use crate::http::listener::connection;
use crate::keys::{self, api_keys};
use crate::oauth;
use crate::roles;
use crate::sessions;
use crate::stack::Stack;
use crate::store::Read;
use crate::tenancy;
use actix_web::cookie::Cookie;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::HeaderValue;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use std::future::{Ready, ready};
use std::sync::Arc;

/// No credential was sent. ScaiGrid tells the three apart in its error codes; the other dialects do not.
const MISSING: &str = "auth_token_missing";
/// A signed token whose time is over: its holder should refresh it.
const EXPIRED: &str = "auth_token_expired";
/// A credential that does not hold, for whatever reason.
const INVALID: &str = "auth_token_invalid";

/// Who asks, on a route that wants a credential.
#[derive(Clone, Debug)]
pub struct Caller(pub Arc<Actor>);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = request.extensions().get::<Arc<Actor>>().cloned();
        ready(actor.map(Self).ok_or_else(|| Problem::internal("a public route asked who calls")))
    }
}

/// The cookie of a session that gave its password in this request, and goes on under a new one: for the answer, whatever it is.
#[derive(Debug)]
pub struct Renewed(pub Cookie<'static>);

/// Where the request came from.
pub fn origin(request: &HttpRequest, stack: &Stack) -> Origin {
    let user_agent = request
        .headers()
        .get("user-agent")
        .and_then(|value| value.to_str().ok())
        // Of a header that reads as text every byte is a character.
        .map(|text| text.get(..200).unwrap_or(text).to_owned());
    let lines = |name| request.headers().get_all(name).map(HeaderValue::as_bytes);
    let named = request.headers().get("host").and_then(|value| value.to_str().ok());
    let host = request.uri().authority().map(|authority| authority.as_str()).or(named);
    let ip = client_ip(stack, (connection(request).peer, host), lines(X_FORWARDED_FOR), lines(FORWARDED));
    Origin { request: request_id(request), ip, user_agent }
}

/// The token in the value of an `Authorization` header.
fn bearer_of(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn malformed() -> Problem {
    Problem::unauthenticated(INVALID, "The Authorization header must be: Bearer, a blank, the token")
}

/// The bearer token of a request. More than one `Authorization`, or another scheme, is no credential of ours.
fn bearer(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    let mut values = request.headers().get_all("authorization");
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed());
    }
    value.to_str().ok().and_then(bearer_of).map(Some).ok_or_else(malformed)
}

/// Resolves the credential of a request on an API route.
///
/// # Errors
/// Unauthenticated, with a code that says whether the credential is missing, wrong, expired or revoked.
pub fn credential(request: &mut ServiceRequest) -> Result<Arc<Actor>, Problem> {
    let request = request.request();
    let stack = stack(request)?;
    match bearer(request)? {
        None if connection(request).local => operator(request, stack),
        token => resolve(stack, token, || origin(request, stack)),
    }
}

/// Resolves the value of an `Authorization` header that came otherwise than by [`credential`]; None: there was none.
///
/// # Errors
/// As [`credential`].
pub fn authorization(
    stack: &Stack,
    value: Option<&str>,
    origin: impl FnOnce() -> Origin,
) -> Result<Arc<Actor>, Problem> {
    let token = value.map(|value| bearer_of(value).ok_or_else(malformed)).transpose()?;
    resolve(stack, token, origin)
}

fn resolve(stack: &Stack, token: Option<&str>, origin: impl FnOnce() -> Origin) -> Result<Arc<Actor>, Problem> {
    let now = stack.now();
    match token {
        Some(token) if token.starts_with(TokenKind::PersonalToken.prefix()) => {
            personal_token(origin, stack, token, now)
        }
        Some(token) if token.starts_with(TokenKind::ApiKey.prefix()) => api_key(origin, stack, token, now),
        Some(token) => access_token(origin, stack, token, now),
        None => Err(Problem::unauthenticated(
            MISSING,
            "This needs a credential: send it as Authorization: Bearer, a blank, the token",
        )),
    }
}

/// Gives a person's actor what custom roles and mappings of groups give in the tenant that the credential works in. `tx` is
/// what the credential was judged by: both are true of one moment.
fn with_custom_roles(tx: &impl Read, mut actor: Actor) -> Result<Arc<Actor>, Problem> {
    if let Principal::User { id, .. } = &actor.principal {
        actor.custom = roles::custom_of(tx, &actor.roles, actor.tenant, *id)?;
    }
    Ok(Arc::new(actor))
}

pub(super) fn stack(request: &HttpRequest) -> Result<&Stack, Problem> {
    request
        .app_data::<web::Data<Stack>>()
        .map(|data| data.get_ref())
        .ok_or_else(|| Problem::internal("the application was built without its services"))
}

fn personal_token(
    origin: impl FnOnce() -> Origin,
    stack: &Stack,
    text: &str,
    now: Timestamp,
) -> Result<Arc<Actor>, Problem> {
    let wrong = |code, message: &str| Problem::unauthenticated(code, message);
    // A typo is told from its checksum alone, without touching the store.
    let digest = token::parse(TokenKind::PersonalToken, text)
        .map_err(|malformed| wrong(INVALID, &format!("The token is not valid: {malformed}")))?;
    let snapshot = stack.store.read();
    match keys::resolve(&snapshot, &digest, now)? {
        keys::Resolved::Live(live) => {
            if live.stale_last_use {
                // Losing this costs nothing but a date on a page.
                let _ = stack.store.write_later(move |tx| keys::touch(tx, &digest, now));
            }
            with_custom_roles(&snapshot, live.into_actor(origin()))
        }
        keys::Resolved::Expired => Err(wrong(INVALID, "The token has expired")),
        keys::Resolved::Revoked => Err(wrong(INVALID, "The token was revoked")),
        keys::Resolved::Unknown | keys::Resolved::OwnerInactive | keys::Resolved::TenantInactive => {
            Err(wrong(INVALID, "The token is not valid"))
        }
    }
}

fn api_key(origin: impl FnOnce() -> Origin, stack: &Stack, text: &str, now: Timestamp) -> Result<Arc<Actor>, Problem> {
    // A mistyped key is told without a look into the store.
    let mut taken = None;
    match api_keys::authenticate(text, || taken.insert(stack.store.read()).clone(), now)? {
        api_keys::Resolved::Live(live) => {
            if live.stale_last_use {
                let digest = live.key.digest;
                // Losing this costs nothing but a date on a page.
                let _ = stack.store.write_later(move |tx| api_keys::touch(tx, &digest, now));
            }
            with_custom_roles(&taken.unwrap_or_else(|| stack.store.read()), live.into_actor(origin()))
        }
        api_keys::Resolved::Dead => Err(Problem::unauthenticated(INVALID, "The API key is not valid")),
    }
}

fn access_token(
    origin: impl FnOnce() -> Origin,
    stack: &Stack,
    text: &str,
    now: Timestamp,
) -> Result<Arc<Actor>, Problem> {
    let claims =
        oauth::verify_access_token(&stack.keys.current(), stack.issuers(), text, now).map_err(|error| match error {
            crate::crypto::jwt::VerifyError::Expired => Problem::unauthenticated(EXPIRED, "The token has expired"),
            _ => Problem::unauthenticated(INVALID, "The token is not valid"),
        })?;
    let secs = oauth::SignInSecs {
        idle: i64::from(stack.config.sessions.idle_secs),
        step_up: i64::from(stack.config.sessions.step_up_secs),
    };
    let snapshot = stack.store.read();
    let resolved = oauth::actor_for(&snapshot, &claims, origin(), now, secs);
    let (actor, stale) = resolved.map_err(|problem| match problem.kind {
        Kind::Unauthenticated => Problem::unauthenticated(INVALID, problem.message),
        _ => problem,
    })?;
    if let Some(session) = stale {
        let _ = stack.store.write_later(move |tx| sessions::touch(tx, session, now));
    }
    with_custom_roles(&snapshot, actor)
}

fn operator(request: &HttpRequest, stack: &Stack) -> Result<Arc<Actor>, Problem> {
    let snapshot = stack.store.read();
    let tenant = tenancy::default_tenant(&snapshot)?.ok_or_else(|| Problem::internal("there is no default tenant"))?;
    Ok(Arc::new(Actor {
        principal: Principal::Operator,
        tenant: tenant.id,
        partner: tenant.partner,
        credential: Credential::Local,
        proof: Proof::Recent,
        roles: Vec::new(),
        custom: CoreSet::default(),
        scopes: None,
        expires_at: None,
        mfa_at: None,
        origin: origin(request, stack),
    }))
}

/// The name of the session cookie. With the `__Host-` prefix a browser takes it only from this host, over TLS.
pub fn cookie_name(tls: bool) -> &'static str {
    if tls { "__Host-scaistack" } else { "scaistack" }
}

/// Whether the client's connection is under TLS: here, or before it came here, as the public address says.
pub fn is_tls(request: &HttpRequest, stack: &Stack) -> bool {
    connection(request).tls || stack.public_url().starts_with("https:")
}
