//! Making, redeeming and sweeping codes.

use super::table;
use super::{Code, LIFE_SECS, NewCode, State};
use crate::access::{Evidence, Place};
use crate::audit::{self, ActorStamp, Event};
use crate::base::id::{ApplicationId, FamilyId, SessionId, TenantId, UserId};
use crate::base::{Problem, ScopeSet, Timestamp};
use crate::catalogue::Action;
use crate::crypto::token::TokenDigest;
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;
use crate::token_families::{self, EndReason};

/// Stores a code, as part of the authorization: its audit row is `authorization.grant`.
///
/// # Errors
/// When the file cannot be written.
pub fn create(tx: &mut WriteTx<'_>, new: &NewCode, now: Timestamp) -> Result<(), Problem> {
    let code = Code {
        digest: tx.keep(&new.digest),
        application: new.application,
        user: new.user,
        session: new.session,
        tenant: new.tenant,
        redirect_uri: new.redirect_uri.clone(),
        redirect_uri_given: new.redirect_uri_given,
        scope: new.scope.clone(),
        nonce: new.nonce.clone(),
        challenge: new.challenge,
        evidence: new.evidence,
        created_at: now,
        state: State::Fresh,
        keep_until: now.plus_secs(LIFE_SECS),
        environment: new.environment,
    };
    tx.save(&code)?;
    let place = tenancy::place_of(tx, new.tenant)?.unwrap_or(Place::Platform);
    let actor = ActorStamp::user(new.user, &new.email);
    audit::append(
        tx,
        Event::of(actor, &new.origin, now, place, Action::AuthorizationGrant)
            .on("application", new.application)
            .with("scope", &new.scope)
            .with("redirect_uri", &new.redirect_uri)
            .with("session", new.session),
    );
    Ok(())
}

/// What a client presents with a code.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The digest of the code.
    pub digest: TokenDigest,
    /// The client, authenticated if it can be.
    pub application: ApplicationId,
    /// The tenant at whose endpoint it is presented; none at the platform's.
    pub tenant: Option<TenantId>,
    /// Whether it is presented at Scalekit's endpoint.
    pub environment: bool,
    /// `redirect_uri`.
    pub redirect_uri: Option<String>,
    /// `code_verifier`.
    pub verifier: Option<String>,
    /// The family that the tokens are to be of.
    pub family: FamilyId,
}

/// What a code stood for.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The person that the tokens are for.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// In which tenant.
    pub tenant: TenantId,
    /// What was granted.
    pub scope: ScopeSet,
    /// For the ID token.
    pub nonce: Option<String>,
    /// How the person signed in.
    pub evidence: Evidence,
    /// When the code was made.
    pub created_at: Timestamp,
}

/// What became of a code that was presented.
#[derive(Clone, Debug)]
pub enum Redeemed {
    /// It is used now; its tokens may be made. The caller stores the family, in the same transaction.
    Granted(Box<Grant>),
    /// There is no such code, or it is too old, or was found wrong before.
    Unknown,
    /// It had been used. What it led to has ended: the family, if it had not before.
    Reused {
        /// Of which family.
        family: FamilyId,
        /// Whose code it was.
        user: UserId,
        /// Whether the family ended just now.
        ended: bool,
    },
    /// It does not fit the request, and is dead from now on. The text says what did not fit.
    Misused(&'static str),
}

/// Redeems a code, once. What is refused is written too, so the caller commits in every case. `keep_until` is when the last
/// token of the family will have expired.
///
/// # Errors
/// When the file cannot be read or written.
pub fn redeem(
    tx: &mut WriteTx<'_>,
    exchange: &Exchange,
    keep_until: Timestamp,
    now: Timestamp,
) -> Result<Redeemed, StoreError> {
    let Some(code) = table::one(tx, &exchange.digest)? else { return Ok(Redeemed::Unknown) };
    match code.state {
        State::Dead => return Ok(Redeemed::Unknown),
        State::Used(id) => {
            let ended = match token_families::get(tx, id)? {
                Some(family) => token_families::end(tx, &family, EndReason::CodeReplayed, now)?,
                None => false,
            };
            return Ok(Redeemed::Reused { family: id, user: code.user, ended });
        }
        State::Fresh => {}
    }
    if now >= code.created_at.plus_secs(LIFE_SECS) {
        return Ok(Redeemed::Unknown);
    }
    if let Some(what) = misfit(&code, exchange) {
        tx.save(&Code { state: State::Dead, ..code })?;
        return Ok(Redeemed::Misused(what));
    }
    let grant = Grant {
        user: code.user,
        session: code.session,
        tenant: code.tenant,
        scope: code.scope.clone(),
        nonce: code.nonce.clone(),
        evidence: code.evidence,
        created_at: code.created_at,
    };
    tx.save(&Code { state: State::Used(exchange.family), keep_until: keep_until.max(code.keep_until), ..code })?;
    Ok(Redeemed::Granted(Box::new(grant)))
}

/// What of a request does not fit a code (RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9700 §2.1.1).
fn misfit(code: &Code, exchange: &Exchange) -> Option<&'static str> {
    let wrong_tenant = exchange.tenant.is_some_and(|tenant| tenant != code.tenant);
    if code.application != exchange.application || wrong_tenant {
        return Some("The code was issued to another client");
    }
    if code.environment != exchange.environment {
        return Some("The code was issued by another issuer: use the token endpoint beside the authorization endpoint");
    }
    match &exchange.redirect_uri {
        Some(given) if *given != code.redirect_uri => {
            return Some("The redirect_uri is not that of the authorization request");
        }
        None if code.redirect_uri_given => {
            return Some("The redirect_uri is missing: the authorization request had one");
        }
        _ => {}
    }
    match (&code.challenge, &exchange.verifier) {
        (None, None) => None,
        (Some(challenge), Some(verifier)) if challenge.matches(verifier) => None,
        (Some(_), Some(_)) => Some("The code_verifier does not fit the code_challenge"),
        (Some(_), None) => Some("The code_verifier is missing: the authorization request had a code_challenge"),
        (None, Some(_)) => Some("There is a code_verifier, but the authorization request had no code_challenge"),
    }
}
