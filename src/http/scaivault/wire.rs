//! What goes over the wire: the bodies of writes, and the exact field sets of the answers: those of ScaiVault's
//! quickstart.

use crate::base::{Problem, Secret, SecretPath, time};
use crate::http::extract::{flag, object};
use crate::http::reply::{self, Created, Moment, Reply};
use crate::vault::{
    Deleted, History, Listing, Metadata, MetadataPatch, Put, SecretType, SecretValue, Summary, Written,
};
use actix_web::body::BoxBody;
use actix_web::{Either, HttpRequest, HttpResponse, Responder};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What to write.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PutSecret {
    #[cfg_attr(test, schemars(with = "Map<String, Value>"))]
    /// The value.
    data: Box<RawValue>,
    /// What it is. If it is not said, a secret that is there stays what it is, and a new one is `json`.
    #[cfg_attr(test, schemars(with = "Option<SecretType>"))]
    secret_type: Option<String>,
    /// `description`, `tags`, `owner` and whatever else is to be kept beside the secret. What is left out stays as it is, and
    /// what is `null` goes.
    metadata: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "object")]
    options: PutOptions,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PutOptions {
    /// How many versions to keep. If it is not said, it stays as it is.
    max_versions: Option<u32>,
    /// When the secret is to expire: `30d`, `12h`.
    expires_in: Option<String>,
    /// Only if this version is the current one; 0: only if there is no secret yet.
    cas: Option<u32>,
}

impl PutSecret {
    /// As a write at a path.
    ///
    /// # Errors
    /// `invalid_secret_type`, `invalid_duration`, or a field of the metadata that is not acceptable.
    pub fn at(self, path: SecretPath) -> Result<Put, Problem> {
        let expires_in_secs = self.options.expires_in.as_deref().map(time::parse_duration_secs).transpose();
        let data: Box<str> = self.data.into();
        Ok(Put {
            path,
            data: Secret::new(String::from(data).into_bytes()),
            secret_type: self.secret_type.as_deref().map(SecretType::parse).transpose()?,
            metadata: self.metadata.map(MetadataPatch::from_json).transpose()?,
            max_versions: self.options.max_versions,
            expires_in_secs: expires_in_secs
                .map_err(|rule| Problem::malformed("invalid_duration", format!("options.expires_in {rule}")))?,
            cas: self.options.cas,
        })
    }
}

/// The query of a read.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReadQuery {
    /// Which version; the current one if not said.
    pub version: Option<u32>,
    /// `versions` for the history instead of the value, `value` for the value.
    pub view: Option<String>,
}

/// The query of a deletion.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DeleteQuery {
    /// At once and for good.
    #[serde(default, deserialize_with = "flag")]
    pub permanent: bool,
    /// Destroy this version only.
    pub version: Option<u32>,
}

/// What to do with a secret.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ActQuery {
    /// What to do: `restore` is all there is.
    #[cfg_attr(test, schemars(required))]
    pub action: Option<String>,
}

/// The query of a listing.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListQuery {
    /// The front of the paths.
    #[serde(default)]
    pub prefix: String,
    /// How many secrets a page has: 100 if not said.
    #[cfg_attr(test, schemars(range(min = 1, max = 1000)))]
    pub limit: Option<u32>,
    /// Where the page begins: the `cursor` of the page before.
    pub cursor: Option<String>,
}

/// A secret that was made.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NewSecret {
    path: SecretPath,
    secret_type: SecretType,
    /// Always 1.
    version: u32,
    /// Always true.
    created: bool,
    created_at: Moment,
}

/// A version that was added to a secret.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NewVersion {
    path: SecretPath,
    /// The version that was made, and is the current one now.
    version: u32,
    /// Always false.
    created: bool,
    /// The version that was current before.
    previous_version: Option<u32>,
    updated_at: Moment,
}

/// The answer to a write: the first and a later one have different fields, as in the quickstart.
pub fn written(written: Written) -> Either<Created<NewSecret>, Reply<NewVersion>> {
    let Written { path, secret_type, version, previous_version, .. } = written;
    if written.created {
        let created_at = Moment(written.created_at);
        Either::Left(Reply(NewSecret { path, secret_type, version, created: true, created_at }))
    } else {
        let updated_at = Moment(written.updated_at);
        Either::Right(Reply(NewVersion { path, version, created: false, previous_version, updated_at }))
    }
}

/// A secret with its value, as JSON. It is in no type that could be printed.
pub struct SecretText(Vec<u8>);

impl SecretText {
    /// The value goes from the vault to the wire as the text that was written, unparsed.
    ///
    /// # Errors
    /// Internal, when the metadata have no JSON form.
    pub fn of(secret: &SecretValue) -> Result<Self, Problem> {
        let mut body = Vec::with_capacity(256 + secret.data.expose().len());
        body.extend_from_slice(b"{\"path\":\"");
        // A path has no character that JSON would escape.
        body.extend_from_slice(secret.path.as_str().as_bytes());
        body.extend_from_slice(b"\",\"secret_type\":\"");
        body.extend_from_slice(secret.secret_type.name().as_bytes());
        body.extend_from_slice(b"\",\"version\":");
        body.extend_from_slice(secret.version.to_string().as_bytes());
        body.extend_from_slice(b",\"data\":");
        body.extend_from_slice(secret.data.expose());
        body.extend_from_slice(b",\"metadata\":");
        if secret.metadata == Metadata::default() {
            body.extend_from_slice(b"{}");
        } else {
            serde_json::to_writer(&mut body, &SecretMetadata::of(&secret.metadata)).map_err(Problem::internal)?;
        }
        for (name, at) in [
            ("created_at", Some(secret.created_at)),
            ("updated_at", Some(secret.updated_at)),
            ("expires_at", secret.expires_at),
        ] {
            if let Some(at) = at {
                for part in [",\"", name, "\":\"", &at.iso_secs(), "\""] {
                    body.extend_from_slice(part.as_bytes());
                }
            }
        }
        body.push(b'}');
        Ok(Self(body))
    }
}

impl Responder for SecretText {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        reply::text(self.0)
    }
}

/// Metadata as they were written: only what is there.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SecretMetadata {
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    /// Such as `team:payments`.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// Whatever else was written.
    #[serde(flatten)]
    custom: BTreeMap<String, Value>,
}

impl SecretMetadata {
    fn of(metadata: &Metadata) -> Self {
        let custom = metadata.custom.iter();
        Self {
            description: metadata.description.clone(),
            tags: metadata.tags.clone(),
            owner: metadata.owner.clone(),
            custom: custom.map(|(name, text)| (name.clone(), serde_json::from_str(text).unwrap_or_default())).collect(),
        }
    }
}

/// A secret without its value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SecretSummary {
    path: SecretPath,
    secret_type: SecretType,
    /// The current version.
    version: u32,
    updated_at: Moment,
    tags: Vec<String>,
}

impl From<Summary> for SecretSummary {
    fn from(summary: Summary) -> Self {
        Self {
            path: summary.path,
            secret_type: summary.secret_type,
            version: summary.version,
            updated_at: Moment(summary.updated_at),
            tags: summary.tags,
        }
    }
}

/// A page of secrets, sorted by path.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SecretList {
    secrets: Vec<SecretSummary>,
    /// What to send as `cursor` for the secrets behind these; null: there are none.
    cursor: Option<String>,
    /// Whether there are secrets behind these.
    has_more: bool,
}

impl From<Listing> for SecretList {
    fn from(listing: Listing) -> Self {
        Self {
            has_more: listing.cursor.is_some(),
            cursor: listing.cursor,
            secrets: listing.secrets.into_iter().map(SecretSummary::from).collect(),
        }
    }
}

/// A secret and its versions, without any value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SecretHistory {
    path: SecretPath,
    secret_type: SecretType,
    /// The current version.
    version: u32,
    /// How many versions are kept.
    max_versions: u32,
    metadata: SecretMetadata,
    created_at: Moment,
    updated_at: Moment,
    /// The versions that are kept, the newest first.
    versions: Vec<SecretVersion>,
}

/// A version of a secret, without its value.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SecretVersion {
    version: u32,
    secret_type: SecretType,
    created_at: Moment,
    /// Who wrote it: `user:<e-mail>` or `sa:<name>`.
    created_by: String,
    /// When its value was destroyed; null: it is there.
    destroyed_at: Option<Moment>,
}

impl From<History> for SecretHistory {
    fn from(history: History) -> Self {
        let versions = history.versions.into_iter().map(|version| SecretVersion {
            version: version.version,
            secret_type: version.secret_type,
            created_at: Moment(version.created_at),
            created_by: version.created_by,
            destroyed_at: version.destroyed_at.map(Moment),
        });
        Self {
            path: history.summary.path,
            secret_type: history.summary.secret_type,
            version: history.summary.version,
            max_versions: history.max_versions,
            metadata: SecretMetadata::of(&history.metadata),
            created_at: Moment(history.created_at),
            updated_at: Moment(history.summary.updated_at),
            versions: versions.collect(),
        }
    }
}

/// A version whose value was destroyed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DestroyedVersion {
    path: SecretPath,
    version: u32,
    /// Always true.
    destroyed: bool,
}

impl DestroyedVersion {
    /// It is done.
    pub const fn new(path: SecretPath, version: u32) -> Self {
        Self { path, version, destroyed: true }
    }
}

/// A secret that was deleted.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DeletedSecret {
    path: SecretPath,
    /// Always true.
    deleted: bool,
    /// Whether nothing is left to restore.
    permanent: bool,
    /// How many versions it had.
    version_count: u32,
    /// Until when it can be restored; absent: it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    recoverable_until: Option<Moment>,
}

impl From<Deleted> for DeletedSecret {
    fn from(deleted: Deleted) -> Self {
        Self {
            path: deleted.path,
            deleted: true,
            permanent: deleted.permanent,
            version_count: deleted.version_count,
            recoverable_until: deleted.recoverable_until.map(Moment),
        }
    }
}

#[cfg(test)]
mod described {
    use super::*;
    use crate::base::Timestamp;
    use crate::http::openapi::{Answers, Scribe};
    use schemars::JsonSchema;
    use serde_json::json;

    /// A secret with its value.
    #[derive(Debug, Serialize, JsonSchema)]
    struct Secret {
        path: SecretPath,
        secret_type: SecretType,
        /// Which version it is.
        version: u32,
        /// The value, as it was written.
        data: Map<String, Value>,
        metadata: SecretMetadata,
        /// When the secret was made.
        created_at: Moment,
        /// Of the current version: when the secret last changed. Of an older one: when that version was written.
        updated_at: Moment,
        /// When the secret expires or has expired; it stays readable. Absent: it does not expire.
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Moment>,
    }

    impl Answers for SecretText {
        fn tell(scribe: &mut Scribe<'_>) {
            scribe.answers::<Secret>(200, "Done.");
        }
    }

    #[test]
    fn what_is_written_by_hand_is_what_the_type_says() {
        let at = Timestamp::from_secs(1_776_952_800);
        let data = json!({ "key": "a\"b", "n": [1, null] });
        let custom = [("zone".to_owned(), "{\"a\":1.50}".to_owned()), ("broken".to_owned(), "{".to_owned())];
        let full = Metadata {
            description: Some("For \"people\"".to_owned()),
            tags: vec!["a".to_owned()],
            owner: Some("team:x".to_owned()),
            custom: custom.into(),
        };
        for (metadata, expires_at) in [(Metadata::default(), None), (full, Some(at))] {
            let path = SecretPath::parse("a/b").unwrap();
            let value = SecretValue {
                path: path.clone(),
                secret_type: SecretType::SshKey,
                version: 7,
                data: crate::base::Secret::new(data.to_string().into_bytes()),
                metadata: metadata.clone(),
                created_at: at,
                updated_at: at,
                expires_at,
            };
            let said = Secret {
                path,
                secret_type: SecretType::SshKey,
                version: 7,
                data: data.as_object().unwrap().clone(),
                metadata: SecretMetadata::of(&metadata),
                created_at: Moment(at),
                updated_at: Moment(at),
                expires_at: expires_at.map(Moment),
            };
            let text = String::from_utf8(SecretText::of(&value).unwrap().0).unwrap();
            assert_eq!(text, serde_json::to_string(&said).unwrap());
        }
    }
}
