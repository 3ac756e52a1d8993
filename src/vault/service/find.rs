//! Finding the secret that is meant, and what is said when there is none.

use super::super::table::{SECRETS, Secret, Trashed};
use crate::access::Granted;
use crate::base::id::TenantId;
use crate::base::{Problem, SecretPath};
use crate::store::{Entity, Read};

/// The tenant whose secrets were granted.
pub(super) fn tenant_of<P>(granted: &Granted<P>) -> Result<TenantId, Problem> {
    granted.place().tenant().ok_or_else(|| Problem::internal("a vault operation was granted outside of a tenant"))
}

pub(super) fn not_found(path: &SecretPath) -> Problem {
    Problem::not_found("secret_not_found", "There is no secret at this path").with("path", path.as_str())
}

/// What is said of a secret that lies in the trash. Who asks may read or write secrets here, and wants to know where it is.
fn deleted(path: &SecretPath, trashed: &Trashed) -> Problem {
    let until = trashed.recoverable_until.iso_secs();
    let text = format!(
        "There is no secret at this path: it was deleted, and can be restored until {until} (POST with ?action=restore, or `scaistack secret restore`)"
    );
    Problem::not_found("secret_not_found", text).with("path", path.as_str())
}

pub(super) fn version_not_found(path: &SecretPath, version: u32) -> Problem {
    Problem::not_found("version_not_found", "The secret does not have this version, or has it no more")
        .with("path", path.as_str())
        .with("version", version)
}

pub(super) fn secret(tx: &impl Read, tenant: TenantId, path: &SecretPath) -> Result<Secret, Problem> {
    let key = (tenant, path.clone());
    match tx.get(&SECRETS, &key)? {
        Some(secret) => Ok(secret),
        None => Err(tx.get(&Trashed::TABLE, &key)?.map_or_else(|| not_found(path), |trashed| deleted(path, &trashed))),
    }
}
