//! Writing: a new version, or a new secret.

use super::super::keys::{TenantKeys, ensure_key};
use super::super::seal::Envelope;
use super::super::table::{Content, SECRETS, Secret, Trashed, VERSIONS, Version};
use super::super::{Limits, MAX_VERSIONS, MetadataPatch, Put, SecretType, Written, value};
use super::delete::{drop_versions, erase};
use super::find::tenant_of;
use crate::access::{Granted, permit};
use crate::audit::{self, Event};
use crate::base::id::TenantId;
use crate::base::{Problem, SecretPath, Timestamp};
use crate::catalogue::Action;
use crate::store::{Entity, Read, WriteTx};

/// A checked write with its value sealed: it holds no plaintext and may wait in a queue.
#[derive(Debug)]
pub struct SealedPut {
    granted: Granted<permit::WriteSecrets>,
    tenant: TenantId,
    path: SecretPath,
    envelope: Envelope,
    /// For a tenant that had no key yet.
    fresh_key: Option<Vec<u8>>,
    secret_type: Option<SecretType>,
    metadata: Option<MetadataPatch>,
    max_versions: Option<u32>,
    default_max_versions: u32,
    expires_in_secs: Option<i64>,
    cas: Option<u32>,
}

/// Checks a write and seals its value. `tx` tells whether the tenant has a key already.
///
/// # Errors
/// `payload_too_large`; `validation_error` for `data`, `options.max_versions` or `options.expires_in`.
pub fn prepare(
    tx: &impl Read,
    keys: &TenantKeys,
    granted: &Granted<permit::WriteSecrets>,
    put: Put,
    limits: &Limits,
) -> Result<SealedPut, Problem> {
    let tenant = tenant_of(granted)?;
    value::check(put.data.expose(), limits.max_value_bytes)?;
    if put.max_versions.is_some_and(|max| !(1..=MAX_VERSIONS).contains(&max)) {
        return Err(Problem::invalid("options.max_versions", format!("must be 1 to {MAX_VERSIONS}")));
    }
    if put.expires_in_secs.is_some_and(|secs| secs <= 0) {
        return Err(Problem::invalid("options.expires_in", "must be a time from now on"));
    }
    Ok(SealedPut {
        granted: granted.clone(),
        tenant,
        envelope: Envelope::seal(tenant, &put.path, put.data.expose()),
        path: put.path,
        fresh_key: keys.fresh_if_missing(tx, tenant)?,
        secret_type: put.secret_type,
        metadata: put.metadata,
        max_versions: put.max_versions,
        default_max_versions: limits.default_max_versions,
        expires_in_secs: put.expires_in_secs,
        cas: put.cas,
    })
}

/// Writes a prepared value as the next version.
///
/// # Errors
/// `secret_exists` when the path is soft-deleted and can still be restored; `version_conflict` when the current version is
/// not the one that `cas` names; `validation_error` when the custom metadata grows too large.
pub fn put(tx: &mut WriteTx<'_>, keys: &TenantKeys, put: &SealedPut, now: Timestamp) -> Result<Written, Problem> {
    let key = (put.tenant, put.path.clone());
    let old = tx.get(&SECRETS, &key)?;
    let trashed = if old.is_none() { tx.get(&Trashed::TABLE, &key)? } else { None };
    if let Some(trashed) = &trashed
        && now < trashed.recoverable_until
    {
        return Err(Problem::conflict(
            "secret_exists",
            "The secret at this path is deleted but can still be restored: restore it or delete it permanently",
        )
        .with("path", put.path.as_str())
        .with("recoverable_until", trashed.recoverable_until.iso_secs()));
    }
    let current = old.as_ref().map_or(0, |old| old.current);
    if put.cas.is_some_and(|seen| seen != current) {
        return Err(Problem::conflict("version_conflict", "The secret has another current version than expected")
            .with("path", put.path.as_str())
            .with("current_version", current));
    }
    let by = put.granted.actor().principal.identity();
    let secret = next(old.as_ref(), put, by, now)?;

    // From here on it writes.
    if let Some(trashed) = &trashed {
        erase(tx, trashed)?;
    }
    if let Some(fresh) = &put.fresh_key {
        ensure_key(tx, put.tenant, fresh)?;
    }
    let Some(tenant_key) = keys.get(tx, put.tenant)? else {
        // It was shredded between the two steps; another try starts with a new one.
        return Err(Problem::busy("The tenant's key has just been removed; try again"));
    };
    let version = Version {
        secret_type: secret.secret_type,
        created_at: now,
        created_by: secret.updated_by.clone(),
        content: Content::Sealed(put.envelope.wrap(&tenant_key, put.tenant, &put.path, secret.current)),
    };
    tx.put(&VERSIONS, &(put.tenant, put.path.clone(), secret.current), &version)?;
    if let Some(old) = &old {
        drop_versions(tx, put.tenant, &put.path, old.oldest..secret.oldest)?;
    }
    tx.put(&SECRETS, &key, &secret)?;
    let created = old.is_none();
    audit::append(
        tx,
        Event::by(put.granted.actor(), now, put.granted.place(), Action::SecretWrite)
            .on("secret", &put.path)
            .with("version", secret.current)
            .with("created", created),
    );
    Ok(Written {
        path: key.1,
        secret_type: secret.secret_type,
        version: secret.current,
        created,
        previous_version: old.map(|old| old.current),
        created_at: secret.created_at,
        updated_at: now,
    })
}

/// The secret's row after the write.
fn next(old: Option<&Secret>, put: &SealedPut, by: String, now: Timestamp) -> Result<Secret, Problem> {
    let current = match old {
        None => 1,
        Some(old) => old.current.checked_add(1).ok_or_else(|| Problem::internal("a secret ran out of versions"))?,
    };
    let metadata = old.map(|old| old.metadata.clone()).unwrap_or_default();
    let max_versions = put.max_versions.or(old.map(|old| old.max_versions)).unwrap_or(put.default_max_versions);
    Ok(Secret {
        secret_type: put.secret_type.or(old.map(|old| old.secret_type)).unwrap_or_default(),
        current,
        oldest: old.map_or(1, |old| old.oldest).max(current.saturating_sub(max_versions - 1)),
        max_versions,
        metadata: match &put.metadata {
            Some(patch) => patch.apply(metadata)?,
            None => metadata,
        },
        created_at: old.map_or(now, |old| old.created_at),
        created_by: old.map_or_else(|| by.clone(), |old| old.created_by.clone()),
        updated_at: now,
        updated_by: by,
        expires_at: match put.expires_in_secs {
            Some(secs) => Some(now.plus_secs(secs)),
            None => old.and_then(|old| old.expires_at),
        },
    })
}
