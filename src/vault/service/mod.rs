//! The vault's operations.
//!
//! Writing a value takes two steps: [`prepare`] checks and seals it before the transaction, [`put`] gives it its version
//! inside. Reading gives no audit row by itself, since a read has no transaction: the caller commits [`read_event`] or
//! [`list_event`], before it answers or lazily, as the operator has set it.

mod browse;
mod delete;
mod list;
mod read;
mod trash;
mod write;

pub use browse::browse;
pub use delete::{delete, destroy_version, purge_expired, restore};
pub use list::{list, list_event};
pub use read::{get, read_event, versions};
pub use trash::trash;
pub use write::{SealedPut, prepare, put};

use super::table::{SECRETS, Secret};
use crate::access::Granted;
use crate::base::id::TenantId;
use crate::base::{Problem, SecretPath};
use crate::store::Read;

/// The tenant whose secrets were granted.
fn tenant_of<P>(granted: &Granted<P>) -> Result<TenantId, Problem> {
    granted.place().tenant().ok_or_else(|| Problem::internal("a vault operation was granted outside of a tenant"))
}

fn not_found(path: &SecretPath) -> Problem {
    Problem::not_found("secret_not_found", "There is no secret at this path").with("path", path.as_str())
}

fn version_not_found(path: &SecretPath, version: u32) -> Problem {
    Problem::not_found("version_not_found", "The secret does not have this version, or has it no more")
        .with("path", path.as_str())
        .with("version", version)
}

fn secret(tx: &impl Read, tenant: TenantId, path: &SecretPath) -> Result<Secret, Problem> {
    tx.get(&SECRETS, &(tenant, path.clone()))?.ok_or_else(|| not_found(path))
}
