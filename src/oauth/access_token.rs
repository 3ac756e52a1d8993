//! Access tokens that come back: checked, and turned into the actor behind them.

use super::claims::{Claims, Kind, read_access_token};
use super::issuer::{Issuer, Issuers};
use super::keys::KeySet;
use super::revoked;
use super::subject::{Subject, subject};
use crate::access::{Actor, Assignment, Credential, Origin, Place, Principal, Proof, Role};
use crate::apps::{self, AppScope, Application, ApplicationStatus};
use crate::base::id::{PartnerId, SessionId, TenantId};
use crate::base::{Problem, ScopeSet, Timestamp};
use crate::crypto::jwt::VerifyError;
use crate::store::{Read, StoreError};
use crate::tenancy;
use crate::token_families::{self, Family};
use std::sync::Arc;

/// Checks an access token of ours: signed with a key of ours, of the type `at+jwt`, from one of our issuers, not expired; and
/// that the issuer, the tenant and the client in it belong together.
///
/// # Errors
/// [`VerifyError`]. Tell the caller no more than "expired" or "invalid".
pub fn verify_access_token(
    keys: &KeySet,
    issuers: &Issuers,
    token: &str,
    now: Timestamp,
) -> Result<Arc<Claims<'static>>, VerifyError> {
    let claims = keys.access_tokens().claims(token, || {
        let payload = keys.verifier().payload(token, Some(Kind::Access.typ()))?;
        read_access_token(&payload, issuers).ok_or(VerifyError::Invalid("claims not of the wanted form"))
    })?;
    let issuer = issuers.parse(&claims.iss).ok_or(VerifyError::Invalid("another issuer"))?;
    if now.millis() >= claims.exp.saturating_mul(1000) {
        return Err(VerifyError::Expired);
    }
    let belongs = match issuer {
        Issuer::Tenant(tenant) => claims.tenant == Some(tenant),
        // A person is always in a tenant, also with a token that the platform or the environment issued.
        Issuer::Platform | Issuer::Environment => claims.person().is_some() || claims.tenant.is_none(),
    };
    if belongs { Ok(claims) } else { Err(VerifyError::Invalid("issuer and tenant do not belong together")) }
}

/// For how many seconds a sign-in counts, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignInSecs {
    /// How long a session may lie unused.
    pub idle: i64,
    /// How long it is recent enough for what asks for that ([`Proof::Recent`]).
    pub step_up: i64,
}

/// The actor behind a checked token, as it is **now**: a program's or a person's. `stale` of the answer: the session's use is
/// to be noted.
///
/// # Errors
/// [`Problem`]: `invalid_token`, or the file cannot be read.
pub fn actor_for(
    tx: &impl Read,
    claims: &Claims<'_>,
    origin: Origin,
    now: Timestamp,
    secs: SignInSecs,
) -> Result<(Actor, Option<SessionId>), Problem> {
    match claims.person() {
        None => client_actor(tx, claims, origin, now).map(|actor| (actor, None)),
        Some(_) => {
            let holder = holder(tx, claims, now, secs.idle)?.ok_or_else(dead)?;
            let stale = holder.subject.stale.then_some(holder.family.session);
            user_actor(holder, claims, origin, (now, secs.step_up)).map(|actor| (actor, stale))
        }
    }
}

fn dead() -> Problem {
    Problem::unauthenticated("invalid_token", "The access token does not hold any more")
}

/// A person's token that holds: the application, the family and the person behind it.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Who holds it.
    pub application: Arc<Application>,
    /// The family that the token is of.
    pub family: Family,
    /// The person behind it, and what counts of their roles.
    pub subject: Subject,
}

/// What stands behind a person's checked token. None: the token does not hold any more, or is a program's.
///
/// # Errors
/// When the file cannot be read.
pub fn holder(
    tx: &impl Read,
    claims: &Claims<'_>,
    now: Timestamp,
    idle_secs: i64,
) -> Result<Option<Holder>, StoreError> {
    let Some((user, id)) = claims.person() else { return Ok(None) };
    let Some(family) = token_families::get(tx, id)? else { return Ok(None) };
    let fits = family.user == user
        && Some(family.session) == claims.sid
        && Some(family.tenant) == claims.tenant
        && !family.forbids(&claims.jti);
    let Some(application) = apps::client(tx, &claims.client_id)? else { return Ok(None) };
    if !fits || family.application != application.id || application.status != ApplicationStatus::Active {
        return Ok(None);
    }
    let subject = subject(tx, &family, &application, now, idle_secs)?;
    Ok(subject.map(|subject| Holder { application, family, subject }))
}

fn user_actor(
    holder: Holder,
    claims: &Claims<'_>,
    origin: Origin,
    (now, step_up_secs): (Timestamp, i64),
) -> Result<Actor, Problem> {
    let Holder { application, family, subject } = holder;
    let partner = subject.place.partner().ok_or_else(dead)?;
    let scopes = if application.id == apps::FIRST_PARTY {
        None
    } else {
        let granted = ScopeSet::parse(&claims.scope).map_err(|_| dead())?;
        Some(granted.within(&application.allowed_scopes))
    };
    // What the session proved since counts too: a second factor that was given later.
    let session = subject.session.map(|session| session.evidence());
    Ok(Actor {
        principal: Principal::User { id: subject.user.id, email: subject.user.email },
        tenant: family.tenant,
        partner,
        credential: Credential::UserToken {
            jti: claims.jti.clone().into_owned(),
            session: family.session,
            application: application.id,
        },
        proof: session.unwrap_or(family.evidence).proof(now, step_up_secs),
        roles: subject.roles,
        custom: crate::access::CoreSet::default(),
        scopes,
        expires_at: Some(Timestamp::from_secs(claims.exp)),
        mfa_at: session.and_then(|session| session.second_factor_at()),
        origin,
    })
}

/// A program's checked token that holds: the application behind it, and what it is where.
struct Program {
    application: Arc<Application>,
    role: Role,
    place: Place,
    /// The tenant that it works in, if nothing else is said.
    home: TenantId,
    partner: PartnerId,
}

/// Whether a program's checked token would still be taken.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn program_holds(tx: &impl Read, claims: &Claims<'_>, now: Timestamp) -> Result<bool, StoreError> {
    Ok(program(tx, claims, now)?.is_some())
}

/// The application behind a program's checked token as it is **now**. A disabled or deleted application and a suspended tenant have
/// none, whatever the token says.
fn program(tx: &impl Read, claims: &Claims<'_>, now: Timestamp) -> Result<Option<Program>, StoreError> {
    let Some(application) = apps::client(tx, &claims.client_id)? else { return Ok(None) };
    if application.status != ApplicationStatus::Active || Some(application.scope.level()) != claims.app_scope {
        return Ok(None);
    }
    if application.tokens_revoked_until.is_some_and(|end| now < end) && revoked::has(tx, &claims.jti)? {
        return Ok(None);
    }
    let (role, place, home) = match (application.scope, claims.tenant) {
        (AppScope::Global, None) => {
            let Some(home) = tenancy::default_tenant_id(tx)? else { return Ok(None) };
            (Role::SuperAdmin, Some(Place::Platform), home)
        }
        (AppScope::Partner(partner), Some(tenant)) if claims.partner == Some(partner) => {
            (Role::PartnerAdmin, Some(Place::Partner(partner)), tenant)
        }
        (AppScope::Tenant(own), Some(tenant)) if own == tenant => (Role::TenantAdmin, None, own),
        _ => return Ok(None),
    };
    // The tenant in good standing, and (after a move) still the partner's.
    let Some(at_home) = tenancy::live_place(tx, home)? else { return Ok(None) };
    let place = place.unwrap_or(at_home);
    Ok(match at_home {
        Place::Tenant { partner, .. } if place.covers(at_home) => {
            Some(Program { application, role, place, home, partner })
        }
        _ => None,
    })
}

/// The actor behind a program's checked token. A scope that the application has lost since does not count any more.
///
/// # Errors
/// [`Problem`]: `invalid_token`, or the file cannot be read.
fn client_actor(tx: &impl Read, claims: &Claims<'_>, origin: Origin, now: Timestamp) -> Result<Actor, Problem> {
    let Program { application, role, place, home, partner } = program(tx, claims, now)?.ok_or_else(dead)?;
    let granted = ScopeSet::parse(&claims.scope).map_err(|_| dead())?;
    Ok(Actor {
        principal: Principal::Application {
            id: application.id,
            client_id: claims.client_id.clone().into_owned(),
            name: application.name.to_string(),
        },
        tenant: home,
        partner,
        credential: Credential::AccessToken { jti: claims.jti.clone().into_owned(), platform: claims.is_of_platform() },
        proof: Proof::Program,
        roles: vec![Assignment { role, place }],
        custom: crate::access::CoreSet::default(),
        scopes: Some(granted.within(&application.allowed_scopes)),
        expires_at: Some(Timestamp::from_secs(claims.exp)),
        mfa_at: None,
        origin,
    })
}
