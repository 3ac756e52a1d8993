//! The secrets of an application: up to two at a time, so that one can take the other's place without a gap.

use super::{check_scopes, event, mine, table};
use crate::access::{Granted, permit};
use crate::apps::{Application, ClientSecret, MAX_SECRETS};
use crate::audit;
use crate::base::id::{ApplicationId, ClientSecretId};
use crate::base::{Problem, Secret, Timestamp};
use crate::catalogue::Action;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::endings::{self, Cause, Ending};
use crate::store::{Read, StoreError, WriteTx};

/// How long the older secret still holds after a rotation if nothing is said: a day, in seconds.
const KEEP_OLD_SECS: u32 = 86_400;
/// The longest that the older secret may be kept: 30 days, in seconds.
const MAX_KEEP_OLD_SECS: u32 = 30 * 86_400;
/// `last_used` is kept to within this many seconds, so that a client that asks often does not write often.
pub const USED_EVERY_SECS: i64 = 300;

/// What is kept of a new secret.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// The id that the secret gets.
    pub id: ClientSecretId,
    /// The SHA-256 of the secret's text.
    pub digest: TokenDigest,
    /// Its last four characters.
    pub hint: String,
}

impl NewSecret {
    /// Makes a secret, outside of a transaction: what is kept, and the secret itself, to be shown once.
    pub fn make(id: ClientSecretId) -> (Self, Secret<String>) {
        let secret = token::make(TokenKind::ClientSecret);
        let text = secret.expose();
        (Self { id, digest: TokenDigest::of(text), hint: token::hint(text).to_owned() }, secret)
    }

    pub(super) fn row(&self, tx: &impl Read, now: Timestamp) -> ClientSecret {
        ClientSecret {
            id: self.id,
            digest: tx.keep(&self.digest),
            hint: self.hint.clone(),
            created_at: now,
            expires_at: None,
            last_used: None,
        }
    }
}

/// Gives an application a second secret. The one that was the newest holds for `keep_old_secs` more (a day if None; 0 ends
/// it now; at most 30 days); any older one ends now, so that never more than two hold.
///
/// # Errors
/// [`Problem`]: there is no such application for `granted`; it is of a type without a secret; it is allowed a
/// scope that is not the actor's own (`scope_not_held`); the time is too long.
pub fn rotate_secret(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteApplications>,
    id: ApplicationId,
    new: &NewSecret,
    keep_old_secs: Option<u32>,
    now: Timestamp,
) -> Result<Application, Problem> {
    let (mut application, at) = mine(tx, granted, id)?;
    if !application.application_type.is_confidential() {
        let kind = application.application_type.name();
        return Err(Problem::conflict("no_client_secret", format!("A {kind} application has no secret")));
    }
    granted.and::<permit::MakeClientSecrets>()?;
    check_scopes(granted.actor(), at, application.allowed_scopes.iter())?;
    let keep = keep_old_secs.unwrap_or(KEEP_OLD_SECS);
    if keep > MAX_KEEP_OLD_SECS {
        return Err(Problem::invalid("keep_old_secs", "must be at most 2592000 seconds, 30 days"));
    }
    let until = now.plus_secs(i64::from(keep));
    application.secrets.retain(|secret| keep > 0 && secret.is_live(now));
    let too_many = (application.secrets.len() + 1).saturating_sub(MAX_SECRETS);
    application.secrets.drain(..too_many);
    for secret in &mut application.secrets {
        secret.expires_at = Some(secret.expires_at.map_or(until, |end| end.min(until)));
    }
    application.secrets.push(new.row(tx, now));
    application.updated_at = now;
    tx.save(&application)?;
    let ending = Ending::ClientSecretEnded { application: id };
    endings::raise(tx, &ending, &Cause::by(granted.actor(), now))?;
    audit::append(
        tx,
        event(granted.actor(), now, at, Action::ApplicationRotateSecret, &application)
            .with("secret_id", new.id)
            .with("keep_old_secs", keep),
    );
    Ok(application)
}

/// Ends one secret now: for one that has leaked. Ending the only one is allowed; the application then gets no token until
/// it is given another.
///
/// # Errors
/// [`Problem`]: there is no such application for `granted`, or it has no such secret.
pub fn revoke_secret(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteApplications>,
    id: ApplicationId,
    secret: ClientSecretId,
    now: Timestamp,
) -> Result<Application, Problem> {
    let (mut application, at) = mine(tx, granted, id)?;
    let before = application.secrets.len();
    application.secrets.retain(|have| have.id != secret);
    if application.secrets.len() == before {
        return Err(Problem::not_found("client_secret_not_found", "The application has no secret with this id"));
    }
    application.updated_at = now;
    tx.save(&application)?;
    let ending = Ending::ClientSecretEnded { application: id };
    endings::raise(tx, &ending, &Cause::by(granted.actor(), now))?;
    audit::append(
        tx,
        event(granted.actor(), now, at, Action::ApplicationRevokeSecret, &application).with("secret_id", secret),
    );
    Ok(application)
}

/// Notes that a secret was used, unless that was noted within the last [`USED_EVERY_SECS`] seconds. Bookkeeping of the token
/// endpoint: nobody asks for it, so there is no witness and no audit row. An application or a secret that is gone by now is
/// no error.
///
/// # Errors
/// When the file cannot be read or written.
pub fn used(tx: &mut WriteTx<'_>, id: ApplicationId, secret: ClientSecretId, now: Timestamp) -> Result<(), StoreError> {
    let Some(mut application) = table::one(tx, id)? else { return Ok(()) };
    let stale = |last: Option<Timestamp>| last.is_none_or(|last| now >= last.plus_secs(USED_EVERY_SECS));
    let Some(row) = application.secrets.iter_mut().find(|row| row.id == secret && stale(row.last_used)) else {
        return Ok(());
    };
    row.last_used = Some(now);
    tx.save(&application)
}

/// Notes that one of the application's own tokens was revoked before its end at `until`. Bookkeeping of the revocation
/// endpoint, which writes the audit row.
///
/// # Errors
/// When the file cannot be read or written.
pub fn note_revoked(tx: &mut WriteTx<'_>, id: ApplicationId, until: Timestamp) -> Result<(), StoreError> {
    let Some(mut application) = table::one(tx, id)? else { return Ok(()) };
    if application.tokens_revoked_until.is_none_or(|old| old < until) {
        application.tokens_revoked_until = Some(until);
        tx.save(&application)?;
    }
    Ok(())
}
