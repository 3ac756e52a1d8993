//! The vault: versioned secrets at paths, sealed per tenant and per version.
//!
//! A write never overwrites: it adds a version. What ScaiVault's quickstart and documentation leave open is decided
//! here:
//!
//! - **What a write does not name stays**: metadata, type, number of kept versions, expiry. Named metadata fields replace
//!   their older selves one by one, and a `null` clears one. Metadata belongs to the secret,
//!   not to a version; the type belongs to the version, and the secret shows that of the current one.
//! - **Expiry is shown, not enforced**: a secret behind its `expires_at` stays readable and says so. It is a fact
//!   about the credential inside; who rotates late must not be locked out by the vault as well.
//! - **A soft-deleted secret is gone** for reading and listing, and its path is taken (`secret_exists`) until it is restored
//!   or its retention has passed. It lies in a table of its own, so that listings never step over it.
//! - **A prefix is a front of the text** and need not end at a slash; listings are sorted by the bytes of the path.
//! - **Versions beyond `max_versions`** lose their row, key and all; one that was destroyed by hand leaves a mark.
//!   The current version cannot be destroyed: write another one first, or delete the secret.

mod bytes;
pub mod keys;
mod metadata;
mod seal;
pub mod service;
mod table;
#[cfg(test)]
mod tests;
mod value;

pub use keys::TenantKeys;
pub use metadata::{Metadata, MetadataPatch, Patch};
pub use table::check_rows;

use crate::base::{Problem, Secret as Hidden, SecretPath, Timestamp};
use serde::{Deserialize, Serialize};

/// The most versions that a secret may be told to keep.
pub const MAX_VERSIONS: u32 = 1000;
/// The size of a page when none is asked for.
pub const PAGE_DEFAULT: u32 = 100;
/// The largest page.
pub const PAGE_MAX: u32 = 1000;

/// The bounds that the operator sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest value, in bytes of its JSON text.
    pub max_value_bytes: usize,
    /// How many versions a new secret keeps when the write does not say; 1 to [`MAX_VERSIONS`].
    pub default_max_versions: u32,
    /// For how many days a soft-deleted secret can be restored.
    pub soft_delete_days: u32,
}

/// What a secret is, as a hint to its readers; storage does not change with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SecretType {
    /// One key and its value.
    Kv,
    /// Any JSON object: the default.
    #[default]
    Json,
    /// A certificate with its key.
    Certificate,
    /// A key pair for SSH.
    SshKey,
    /// The key of somebody's API.
    ApiKey,
}

impl SecretType {
    /// All of them, as a form offers them.
    pub const ALL: [Self; 5] = [Self::Json, Self::Kv, Self::ApiKey, Self::Certificate, Self::SshKey];

    /// As the wire writes it: `ssh_key`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kv => "kv",
            Self::Json => "json",
            Self::Certificate => "certificate",
            Self::SshKey => "ssh_key",
            Self::ApiKey => "api_key",
        }
    }

    /// Reads the wire's name.
    ///
    /// # Errors
    /// `invalid_secret_type`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
            Problem::malformed(
                "invalid_secret_type",
                "secret_type must be one of kv, json, certificate, ssh_key, api_key",
            )
        })
    }
}

/// The front of a path, to list by: any part of a path from its start, not only up to a slash; empty for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefix(String);

impl Prefix {
    /// Reads a prefix. It keeps the alphabet of [`SecretPath`], so that `..` or `%2e` in it is an error and not an empty page.
    ///
    /// # Errors
    /// `invalid_path`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let alphabet = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'/');
        if text.len() > SecretPath::MAX_CHARS
            || text.starts_with('/')
            || text.contains("//")
            || !text.bytes().all(alphabet)
        {
            return Err(Problem::malformed(
                "invalid_path",
                "prefix must be the beginning of a path: a-z, 0-9, -, _ and single slashes, none in front",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Reads a path from outside.
///
/// # Errors
/// `invalid_path` with the rule that is broken.
pub fn parse_path(text: &str) -> Result<SecretPath, Problem> {
    SecretPath::parse(text).map_err(|rule| Problem::malformed("invalid_path", format!("The path {rule}")))
}

/// A write as it comes from outside, not checked yet; [`service::prepare`] checks and seals it.
#[derive(Debug)]
pub struct Put {
    /// The path of the secret.
    pub path: SecretPath,
    /// The value: the text of a JSON object.
    pub data: Hidden<Vec<u8>>,
    /// None: as before, [`SecretType::Json`] for a new secret.
    pub secret_type: Option<SecretType>,
    /// None: as before.
    pub metadata: Option<MetadataPatch>,
    /// How many versions to keep, 1 to [`MAX_VERSIONS`]. None: as before.
    pub max_versions: Option<u32>,
    /// Seconds from now until the secret counts as expired. None: as before.
    pub expires_in_secs: Option<i64>,
    /// Check and set: the current version that the writer has seen, 0 for none. None: write in any case.
    pub cas: Option<u32>,
}

impl Put {
    /// A write that names nothing but the value.
    pub fn new(path: SecretPath, data: Vec<u8>) -> Self {
        Self {
            path,
            data: Hidden::new(data),
            secret_type: None,
            metadata: None,
            max_versions: None,
            expires_in_secs: None,
            cas: None,
        }
    }
}

/// What a write has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The path of the secret.
    pub path: SecretPath,
    /// What it is now.
    pub secret_type: SecretType,
    /// The new current version.
    pub version: u32,
    /// Whether there was no secret before.
    pub created: bool,
    /// The version that was current before.
    pub previous_version: Option<u32>,
    /// When version 1 was written.
    pub created_at: Timestamp,
    /// When this version was written.
    pub updated_at: Timestamp,
}

/// A secret, opened. Its value is wiped when dropped and never printed.
#[derive(Debug)]
pub struct SecretValue {
    /// The path of the secret.
    pub path: SecretPath,
    /// What this version is.
    pub secret_type: SecretType,
    /// Which version this is.
    pub version: u32,
    /// The JSON text of the object that was written, byte for byte.
    pub data: Hidden<Vec<u8>>,
    /// The secret's metadata as it is now, whatever the version.
    pub metadata: Metadata,
    /// When the secret was made.
    pub created_at: Timestamp,
    /// Of the current version: when the secret last changed. Of an older one: when that version was written.
    pub updated_at: Timestamp,
    /// When the secret expires or has expired; it stays readable.
    pub expires_at: Option<Timestamp>,
}

/// A secret without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The path of the secret.
    pub path: SecretPath,
    /// What the current version is.
    pub secret_type: SecretType,
    /// The current version.
    pub version: u32,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it expires or has expired.
    pub expires_at: Option<Timestamp>,
    /// The tags of its metadata.
    pub tags: Vec<String>,
}

/// A page of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Sorted by path.
    pub secrets: Vec<Summary>,
    /// What to ask for the next page with; none: there is none.
    pub cursor: Option<String>,
}

/// What stands on a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// There are secrets below. The whole path, with a slash at its end.
    Folder(String),
    /// A secret.
    Secret(Summary),
}

/// A secret without its value, and its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// The current state.
    pub summary: Summary,
    /// All of the metadata.
    pub metadata: Metadata,
    /// How many versions are kept.
    pub max_versions: u32,
    /// When version 1 was written.
    pub created_at: Timestamp,
    /// Who wrote version 1, `user:<e-mail>` or `sa:<name>`.
    pub created_by: String,
    /// Who wrote last.
    pub updated_by: String,
    /// The versions that are kept, the newest first.
    pub versions: Vec<VersionInfo>,
}

/// A version without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionInfo {
    /// The number of the version, from 1.
    pub version: u32,
    /// What it is.
    pub secret_type: SecretType,
    /// When it was written.
    pub created_at: Timestamp,
    /// Who wrote it.
    pub created_by: String,
    /// When it was destroyed by hand.
    pub destroyed_at: Option<Timestamp>,
}

/// A soft-deleted secret that can still be restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrashedSecret {
    /// Where it was.
    pub path: SecretPath,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// By whom, `user:<e-mail>` or `sa:<name>`.
    pub deleted_by: String,
    /// Until when it can be restored.
    pub recoverable_until: Timestamp,
}

/// What a deletion has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// The path that the secret had.
    pub path: SecretPath,
    /// Whether nothing is left to restore.
    pub permanent: bool,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// Until when it can be restored; none for a permanent deletion.
    pub recoverable_until: Option<Timestamp>,
    /// How many versions it had.
    pub version_count: u32,
}
