//! Token revocation (RFC 7009): a client gives back what it holds.

use super::access_token::verify_access_token;
use super::keys::KeySet;
use super::{Approved, Issuers, revoked};
use crate::access::{Origin, Place};
use crate::apps;
use crate::audit::{self, Outcome};
use crate::base::Timestamp;
use crate::base::id::{FamilyId, TenantId};
use crate::catalogue::Action;
use crate::crypto::digest::MacKey;
use crate::store::{StoreError, WriteTx};
use crate::tenancy;
use crate::token_families::{self, EndReason, Presented, RefreshText};

/// What a client wants to give back, as far as it can be told without the store.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// A refresh token, and with it the family.
    Refresh(RefreshText),
    /// One access token of a person.
    OfPerson {
        /// The family that the token is of.
        family: FamilyId,
        /// The token's claim `jti`.
        jti: String,
        /// When it ends.
        expires_at: Timestamp,
    },
    /// One access token of a program.
    OfClient {
        /// The token's claim `jti`.
        jti: String,
        /// When it ends.
        expires_at: Timestamp,
    },
}

impl Wanted {
    /// Reads a token. None: it is no token of ours, has ended, or is another client's: then there is nothing to do, and the
    /// answer is the same (RFC 7009 §2.2).
    pub fn read(
        (keys, issuers, pepper): (&KeySet, &Issuers, &MacKey),
        approved: &Approved,
        token: &str,
        now: Timestamp,
    ) -> Option<Self> {
        if let Some(text) = RefreshText::read(pepper, token) {
            return Some(Self::Refresh(text));
        }
        let claims = verify_access_token(keys, issuers, token, now).ok()?;
        if claims.client_id != approved.client.application.client_id() || claims.iss != issuers.text(approved.issuer) {
            return None;
        }
        let (person, expires_at) = (claims.person(), Timestamp::from_secs(claims.exp));
        Some(match person {
            Some((_, family)) => Self::OfPerson { family, jti: claims.jti.clone().into_owned(), expires_at },
            // Without a secret nobody has a program's token, and nobody may end one.
            None => Self::OfClient { jti: claims.jti.clone().into_owned(), expires_at },
        })
    }

    /// Revokes it, if it is this client's and of the issuer where the client asks. True: something has ended just now.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn revoke(
        &self,
        tx: &mut WriteTx<'_>,
        approved: &Approved,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let application = &approved.client.application;
        let mine = |family: &token_families::Family| approved.is_holder_of(family) && approved.is_issuer_of(family);
        let (done, tenant, kind, id) = match self {
            Self::Refresh(text) => match Presented::find(tx, text, now)? {
                Presented::Live(family) if mine(&family) => {
                    let done = token_families::end(tx, &family, EndReason::Revoked, now)?;
                    (done, Some(family.tenant), "token_family", family.id.to_string())
                }
                _ => return Ok(false),
            },
            Self::OfPerson { family, jti, expires_at } => match token_families::get(tx, *family)? {
                Some(family) if mine(&family) && family.ended.is_none() => {
                    let done = !family.forbids(jti);
                    token_families::forbid_token(tx, &family, jti, *expires_at, now)?;
                    (done, Some(family.tenant), "access_token", jti.clone())
                }
                _ => return Ok(false),
            },
            Self::OfClient { jti, expires_at } => {
                let done = revoked::add(tx, jti, *expires_at)?;
                apps::note_revoked(tx, application.id, *expires_at)?;
                (done, None, "access_token", jti.clone())
            }
        };
        if done {
            let mut event = approved.event(place(tx, approved, tenant)?, origin, now, Outcome::Success);
            event.action = Action::TokenRevoke.name().to_owned();
            audit::append(tx, event.on(kind, id).with("client_id", application.client_id()));
        }
        Ok(done)
    }
}

fn place(tx: &WriteTx<'_>, approved: &Approved, tenant: Option<TenantId>) -> Result<Place, StoreError> {
    Ok(match tenant {
        Some(tenant) => tenancy::place_of(tx, tenant)?.unwrap_or(approved.place()),
        None => approved.place(),
    })
}
