//! Finding the secret that is meant, and what is said when there is none.

use super::super::table::{SECRETS, Secret};
use crate::access::Granted;
use crate::base::id::TenantId;
use crate::base::{Problem, SecretPath};
use crate::store::Read;

/// The tenant whose secrets were granted.
pub(super) fn tenant_of<P>(granted: &Granted<P>) -> Result<TenantId, Problem> {
    granted.place().tenant().ok_or_else(|| Problem::internal("a vault operation was granted outside of a tenant"))
}

pub(super) fn not_found(path: &SecretPath) -> Problem {
    Problem::not_found("secret_not_found", "There is no secret at this path").with("path", path.as_str())
}

pub(super) fn version_not_found(path: &SecretPath, version: u32) -> Problem {
    Problem::not_found("version_not_found", "The secret does not have this version, or has it no more")
        .with("path", path.as_str())
        .with("version", version)
}

pub(super) fn secret(tx: &impl Read, tenant: TenantId, path: &SecretPath) -> Result<Secret, Problem> {
    tx.get(&SECRETS, &(tenant, path.clone()))?.ok_or_else(|| not_found(path))
}
