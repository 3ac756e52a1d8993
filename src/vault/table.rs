//! The vault's rows.

use super::{Metadata, SecretType, Summary, bytes};
use crate::base::id::{PartnerId, TenantId};
use crate::base::{SecretPath, Timestamp};
use crate::store::{Entity, IndexEntries, Read, Report, Row, StoreError, Table};
use serde::{Deserialize, Serialize};

/// The wrapped data key of each tenant. Who deletes a row has shredded the tenant's secrets.
pub(super) const TENANT_KEYS: Table<(TenantId,), TenantKey> = Table::new(0x0801, "vault tenant keys");
/// The secrets that are there.
pub(super) const SECRETS: Table<(TenantId, SecretPath), Secret> = Table::new(0x0802, "vault secrets");
/// The versions of secrets, those of soft-deleted ones too.
pub(super) const VERSIONS: Table<(TenantId, SecretPath, u32), Version> = Table::new(0x0803, "vault versions");
/// Soft-deleted secrets by the end of their retention.
pub(super) const TRASH_BY_END: Table<(Timestamp, (TenantId, SecretPath)), ()> =
    Table::new(0x0805, "vault trash by end");

/// The data key of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct TenantKey {
    /// Sealed by the keyring for this tenant.
    #[serde(with = "bytes")]
    pub wrapped: Vec<u8>,
}

impl Row for TenantKey {}

/// A secret without its values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Secret {
    /// Of the current version.
    pub secret_type: SecretType,
    /// The current version, from 1.
    pub current: u32,
    /// The oldest version that still has a row.
    pub oldest: u32,
    /// How many versions to keep.
    pub max_versions: u32,
    pub metadata: Metadata,
    pub created_at: Timestamp,
    pub created_by: String,
    pub updated_at: Timestamp,
    pub updated_by: String,
    pub expires_at: Option<Timestamp>,
}

impl Row for Secret {}

impl Secret {
    /// What a listing shows.
    pub fn summary(self, path: SecretPath) -> Summary {
        Summary {
            path,
            secret_type: self.secret_type,
            version: self.current,
            updated_at: self.updated_at,
            expires_at: self.expires_at,
            tags: self.metadata.tags,
        }
    }

    /// How many versions have a row.
    pub fn version_count(&self) -> u32 {
        self.current - self.oldest + 1
    }
}

/// One version of a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    pub secret_type: SecretType,
    pub created_at: Timestamp,
    pub created_by: String,
    pub content: Content,
}

impl Row for Version {}

/// What is left of a version's value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Content {
    /// All of it; see [`super::seal`].
    Sealed(super::seal::Sealed),
    /// Nothing, since this moment.
    Destroyed(Timestamp),
}

/// A soft-deleted secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Trashed {
    pub tenant: TenantId,
    pub path: SecretPath,
    /// The tenant's partner, for the audit row when the retention ends.
    pub partner: Option<PartnerId>,
    pub secret: Secret,
    pub deleted_at: Timestamp,
    pub deleted_by: String,
    pub recoverable_until: Timestamp,
}

impl Row for Trashed {}

impl Entity for Trashed {
    type Key = (TenantId, SecretPath);
    const TABLE: Table<Self::Key, Self> = Table::new(0x0804, "vault trash");

    fn key(&self) -> Self::Key {
        (self.tenant, self.path.clone())
    }

    fn indexes(&self, entries: &mut IndexEntries) {
        entries.many(&TRASH_BY_END, &(self.recoverable_until, self.key()));
    }
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Trashed>(tx)?;
    report.table(tx, &TENANT_KEYS)?;
    report.table(tx, &SECRETS)?;
    report.table(tx, &VERSIONS)
}
