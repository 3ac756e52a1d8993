//! Deleting, softly and for good, bringing back, and destroying versions.

use super::super::table::{Content, SECRETS, TRASH_BY_END, Trashed, VERSIONS};
use super::super::{Deleted, Limits, Summary};
use super::find::{not_found, secret, tenant_of, version_not_found};
use crate::access::{Granted, Place, permit};
use crate::audit::{self, ActorStamp, Event};
use crate::base::id::TenantId;
use crate::base::{Problem, SecretPath, Timestamp};
use crate::catalogue::Action;
use crate::store::{Entity, Read, StoreError, WriteTx};
use std::ops::Range;

/// Deletes a secret: softly, so that it can be restored for [`Limits::soft_delete_days`], or for good. A soft-deleted one
/// can still be deleted for good.
///
/// # Errors
/// `secret_not_found`.
pub fn delete(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::DeleteSecrets>,
    path: &SecretPath,
    permanent: bool,
    limits: &Limits,
    now: Timestamp,
) -> Result<Deleted, Problem> {
    let key = (tenant_of(granted)?, path.clone());
    let (trashed, fresh) = match tx.get(&SECRETS, &key)? {
        Some(secret) => {
            let trashed = Trashed {
                tenant: key.0,
                path: key.1.clone(),
                partner: granted.place().partner(),
                secret,
                deleted_at: now,
                deleted_by: granted.actor().principal.identity(),
                recoverable_until: now.plus_secs(i64::from(limits.soft_delete_days) * 86_400),
            };
            (trashed, true)
        }
        None if permanent => (tx.get(&Trashed::TABLE, &key)?.ok_or_else(|| not_found(path))?, false),
        None => return Err(not_found(path)),
    };
    if fresh {
        tx.delete(&SECRETS, &key)?;
    }
    if permanent {
        erase(tx, &trashed)?;
    } else {
        tx.save(&trashed)?;
    }
    let version_count = trashed.secret.version_count();
    audit::append(
        tx,
        Event::by(granted.actor(), now, granted.place(), Action::SecretDelete)
            .on("secret", path)
            .with("permanent", permanent)
            .with("version_count", version_count),
    );
    Ok(Deleted {
        path: key.1,
        permanent,
        deleted_at: now,
        recoverable_until: (!permanent).then_some(trashed.recoverable_until),
        version_count,
    })
}

/// Brings a soft-deleted secret back as it was, with all its versions.
///
/// # Errors
/// `secret_not_found` when there is none, or its retention has passed.
pub fn restore(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::DeleteSecrets>,
    path: &SecretPath,
    now: Timestamp,
) -> Result<Summary, Problem> {
    let key = (tenant_of(granted)?, path.clone());
    let trashed = tx
        .get(&Trashed::TABLE, &key)?
        .filter(|trashed| now < trashed.recoverable_until)
        .ok_or_else(|| not_found(path))?;
    tx.remove::<Trashed>(&key)?;
    tx.put(&SECRETS, &key, &trashed.secret)?;
    audit::append(
        tx,
        Event::by(granted.actor(), now, granted.place(), Action::SecretRestore)
            .on("secret", path)
            .with("version", trashed.secret.current),
    );
    Ok(trashed.secret.summary(key.1))
}

/// Destroys the value of one version for good; its row stays as a mark. The current version stays readable always.
///
/// # Errors
/// `secret_not_found`; `version_not_found`, also for one that is destroyed already; `version_is_current`.
pub fn destroy_version(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::DeleteSecrets>,
    path: &SecretPath,
    version: u32,
    now: Timestamp,
) -> Result<(), Problem> {
    let tenant = tenant_of(granted)?;
    if secret(tx, tenant, path)?.current == version {
        return Err(Problem::conflict(
            "version_is_current",
            "The current version cannot be destroyed: write a new one first, or delete the secret",
        )
        .with("path", path.as_str())
        .with("version", version));
    }
    let key = (tenant, path.clone(), version);
    let mut row = tx
        .get(&VERSIONS, &key)?
        .filter(|row| matches!(row.content, Content::Sealed(_)))
        .ok_or_else(|| version_not_found(path, version))?;
    row.content = Content::Destroyed(now);
    tx.put(&VERSIONS, &key, &row)?;
    audit::append(
        tx,
        Event::by(granted.actor(), now, granted.place(), Action::SecretDestroy)
            .on("secret", path)
            .with("version", version),
    );
    Ok(())
}

/// Removes soft-deleted secrets whose retention has passed, `limit` at most; tells how many. For the job that does so.
///
/// # Errors
/// When the file cannot be read or written.
pub fn purge_expired(tx: &mut WriteTx<'_>, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let due = tx.due(&TRASH_BY_END, ..=now, limit)?;
    for key in &due {
        let Some(trashed) = tx.get(&Trashed::TABLE, key)? else { continue };
        erase(tx, &trashed)?;
        audit::append(tx, purge_event(&trashed, now));
    }
    Ok(due.len())
}

/// Nobody asked for it just now: the server does what the deletion has announced.
fn purge_event(trashed: &Trashed, now: Timestamp) -> Event {
    let retention = ActorStamp {
        kind: "system".to_owned(),
        id: String::new(),
        name: "vault retention".to_owned(),
        identity: "system:vault-retention".to_owned(),
    };
    let event = Event::unasked(retention, now, Place::Platform, Action::SecretPurge);
    // The partner is that of the time of the deletion.
    Event { partner: trashed.partner, tenant: Some(trashed.tenant), ..event }
        .on("secret", &trashed.path)
        .with("deleted_by", &trashed.deleted_by)
}

/// Removes all that is left of a secret: every version with its key, and its place in the trash.
pub(super) fn erase(tx: &mut WriteTx<'_>, trashed: &Trashed) -> Result<(), StoreError> {
    drop_versions(tx, trashed.tenant, &trashed.path, trashed.secret.oldest..trashed.secret.current)?;
    tx.delete(&VERSIONS, &(trashed.tenant, trashed.path.clone(), trashed.secret.current))?;
    tx.remove::<Trashed>(&(trashed.tenant, trashed.path.clone()))
}

/// Removes the rows of versions, the wrapped keys with them.
pub(super) fn drop_versions(
    tx: &mut WriteTx<'_>,
    tenant: TenantId,
    path: &SecretPath,
    versions: Range<u32>,
) -> Result<(), StoreError> {
    for version in versions {
        tx.delete(&VERSIONS, &(tenant, path.clone(), version))?;
    }
    Ok(())
}
