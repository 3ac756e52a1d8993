//! Reading: three look-ups (secret, version, tenant key), two openings, and no parsing of the value.

use super::super::keys::TenantKeys;
use super::super::seal;
use super::super::table::{Content, VERSIONS};
use super::super::{History, SecretValue, VersionInfo};
use super::find::{secret, tenant_of, version_not_found};
use crate::access::{Granted, permit};
use crate::audit::Event;
use crate::base::{Problem, SecretPath, Timestamp};
use crate::catalogue::Action;
use crate::store::{Direction, Read};
use std::ops::ControlFlow;

/// Opens a secret: its current version, or the one that is asked for. The caller owes a [`read_event`].
///
/// # Errors
/// `secret_not_found` with the path; `version_not_found` with path and version, for a version that never was, has aged out
/// or was destroyed. An internal error when the value does not open, that is when the file was tampered with.
pub fn get(
    tx: &impl Read,
    keys: &TenantKeys,
    granted: &Granted<permit::ReadSecrets>,
    path: &SecretPath,
    version: Option<u32>,
) -> Result<SecretValue, Problem> {
    let tenant = tenant_of(granted)?;
    let secret = secret(tx, tenant, path)?;
    let number = version.unwrap_or(secret.current);
    let key = (tenant, path.clone(), number);
    let row = tx.get(&VERSIONS, &key)?.ok_or_else(|| version_not_found(path, number))?;
    let Content::Sealed(sealed) = &row.content else { return Err(version_not_found(path, number)) };
    let broken = |what: &str| Problem::internal(format!("version {number} of a secret of {tenant} {what}"));
    let tenant_key = keys.get(tx, tenant)?.ok_or_else(|| broken("is shredded: its tenant has no key"))?;
    let data =
        seal::open(sealed, &tenant_key, tenant, path, number).map_err(|_| broken("does not open in its place"))?;
    Ok(SecretValue {
        path: key.1,
        secret_type: row.secret_type,
        version: number,
        data,
        updated_at: if number == secret.current { secret.updated_at } else { row.created_at },
        metadata: secret.metadata,
        created_at: secret.created_at,
        expires_at: secret.expires_at,
    })
}

/// The audit row of a read.
pub fn read_event(granted: &Granted<permit::ReadSecrets>, path: &SecretPath, version: u32, now: Timestamp) -> Event {
    Event::by(granted.actor(), now, granted.place(), Action::SecretRead).on("secret", path).with("version", version)
}

/// A secret without its value, with the versions that are kept, the newest first.
///
/// # Errors
/// `secret_not_found`.
pub fn versions(tx: &impl Read, granted: &Granted<permit::ListSecrets>, path: &SecretPath) -> Result<History, Problem> {
    let tenant = tenant_of(granted)?;
    let secret = secret(tx, tenant, path)?;
    let mut versions = Vec::new();
    tx.scan_front(&VERSIONS, &(tenant, path.clone()), Direction::Backward, |(_, _, version), row| {
        versions.push(VersionInfo {
            version,
            secret_type: row.secret_type,
            created_at: row.created_at,
            created_by: row.created_by,
            destroyed_at: match row.content {
                Content::Sealed(_) => None,
                Content::Destroyed(at) => Some(at),
            },
        });
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(History {
        metadata: secret.metadata.clone(),
        max_versions: secret.max_versions,
        created_at: secret.created_at,
        created_by: secret.created_by.clone(),
        updated_by: secret.updated_by.clone(),
        summary: secret.summary(path.clone()),
        versions,
    })
}
