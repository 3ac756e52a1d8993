//! From a token's digest to who it is: the way of every request with a `skt_` token.
//!
//! Six look-ups for a user (token, tenant's standing, partner, user, membership, and whether groups give roles there) and three
//! for the operator. Nothing is cached: what was revoked a moment ago is revoked.

use super::table;
use super::{LAST_USE_EVERY_SECS, Owner, PersonalToken};
use crate::access::{Actor, Assignment, Credential, Origin, Place, Principal, Proof, Role};
use crate::base::Timestamp;
use crate::base::id::PartnerId;
use crate::crypto::token::TokenDigest;
use crate::people::{self, SecondFactor};
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;
use std::sync::Arc;

/// What became of a token.
#[derive(Clone, Debug)]
pub enum Resolved {
    /// It holds: the token, and what it works as.
    Live(Box<LiveToken>),
    /// There never was such a token.
    Unknown,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Expired,
    /// Its owner is deleted or switched off, or no longer belongs to its tenant.
    OwnerInactive,
    /// Its tenant, or the tenant's partner, is deleted or suspended.
    TenantInactive,
}

/// A token that works, and for whom.
#[derive(Clone, Debug)]
pub struct LiveToken {
    /// The row of the token.
    pub token: Arc<PersonalToken>,
    /// The person or the program that the token works for.
    pub principal: Principal,
    /// The tenant that it works in.
    pub tenant_place: Place,
    /// That tenant's partner.
    pub partner: PartnerId,
    /// The owner's roles that count there.
    pub roles: Vec<Assignment>,
    /// The noted last use is old: hand [`touch`] to `Store::write_later`.
    pub stale_last_use: bool,
}

impl LiveToken {
    /// The actor of a request with this token.
    pub fn into_actor(self, origin: Origin) -> Actor {
        Actor {
            principal: self.principal,
            tenant: self.token.tenant,
            partner: self.partner,
            credential: Credential::PersonalToken { id: self.token.id },
            proof: Proof::Stored,
            roles: self.roles,
            custom: crate::access::CoreSet::default(),
            scopes: Some(self.token.scopes.clone()),
            expires_at: Some(self.token.expires_at),
            mfa_at: None,
            origin,
        }
    }
}

/// Looks a token up.
///
/// # Errors
/// When the file cannot be read.
pub fn resolve(tx: &impl Read, digest: &TokenDigest, now: Timestamp) -> Result<Resolved, StoreError> {
    let Some(token) = table::by_digest(tx, &tx.keep(digest))? else { return Ok(Resolved::Unknown) };
    if token.revoked_at.is_some() {
        return Ok(Resolved::Revoked);
    }
    if now >= token.expires_at {
        return Ok(Resolved::Expired);
    }
    let place = tenancy::live_place(tx, token.tenant)?;
    let Some((place, partner)) = place.and_then(|place| Some((place, place.partner()?))) else {
        return Ok(Resolved::TenantInactive);
    };
    let (principal, roles) = match token.owner {
        Owner::Operator => (Principal::Operator, vec![Assignment { role: Role::SuperAdmin, place: Place::Platform }]),
        Owner::User(id) => {
            let Some(user) = people::known_user(tx, id)? else { return Ok(Resolved::OwnerInactive) };
            let mut roles = people::assignments_in(tx, &user, place, now)?;
            people::hold_to_second_factor(tx, &mut roles, SecondFactor::AskedBy(token.tenant))?;
            if !people::may_use(&user) || !people::may_enter(&roles, place) {
                return Ok(Resolved::OwnerInactive);
            }
            (Principal::User { id, email: user.email.clone() }, roles)
        }
    };
    let stale_last_use = is_stale(&token, now);
    Ok(Resolved::Live(Box::new(LiveToken { token, principal, tenant_place: place, partner, roles, stale_last_use })))
}

fn is_stale(token: &PersonalToken, now: Timestamp) -> bool {
    token.last_used_at.is_none_or(|at| now >= at.plus_secs(LAST_USE_EVERY_SECS))
}

/// Notes that a token was used at `now`, unless that is noted already.
///
/// # Errors
/// When the file cannot be read or written.
pub fn touch(tx: &mut WriteTx<'_>, digest: &TokenDigest, now: Timestamp) -> Result<(), StoreError> {
    match table::by_digest(tx, &tx.keep(digest))? {
        // Many requests may have seen the old row and asked for this; the first one is enough.
        Some(token) if is_stale(&token, now) => {
            table::note_use(tx, &PersonalToken { last_used_at: Some(now), ..PersonalToken::clone(&token) })
        }
        _ => Ok(()),
    }
}
