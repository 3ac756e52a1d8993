//! What goes over the wire: the bodies of writes, and the exact field sets of the answers: those of ScaiVault's
//! quickstart.

use crate::base::{Problem, Secret, SecretPath, time};
use crate::http::extract::object;
use crate::vault::{Deleted, History, Metadata, MetadataPatch, Put, SecretType, SecretValue, Summary, Written};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

/// The body of `PUT /v1/secrets/{path}`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PutBody {
    #[cfg_attr(test, schemars(with = "Map<String, Value>"))]
    data: Box<RawValue>,
    secret_type: Option<String>,
    metadata: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "object")]
    options: PutOptions,
}

#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct PutOptions {
    max_versions: Option<u32>,
    expires_in: Option<String>,
    cas: Option<u32>,
}

impl PutBody {
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
    /// `versions` for the history instead of the value.
    pub view: Option<String>,
}

/// The query of a deletion.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DeleteQuery {
    /// At once and for good.
    #[serde(default)]
    pub permanent: bool,
    /// Destroy this version only.
    pub version: Option<u32>,
}

/// The query of an action on a secret.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ActQuery {
    /// What to do: `restore` is all there is.
    #[serde(default)]
    pub action: String,
}

/// The query of a listing.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ListQuery {
    /// The front of the paths.
    #[serde(default)]
    pub prefix: String,
    /// How many, 1 to 1000; 100 if not said.
    pub limit: Option<u32>,
    /// Where to go on.
    pub cursor: Option<String>,
}

/// The answer to a write: the first and a later one have different fields, as in the quickstart.
pub fn written(written: &Written) -> Value {
    if written.created {
        json!({
            "path": written.path,
            "secret_type": written.secret_type.name(),
            "version": written.version,
            "created": true,
            "created_at": written.created_at.iso_secs(),
        })
    } else {
        json!({
            "path": written.path,
            "version": written.version,
            "created": false,
            "previous_version": written.previous_version,
            "updated_at": written.updated_at.iso_secs(),
        })
    }
}

/// The answer to a read. The value goes from the vault to the wire as the text that was written, unparsed.
pub fn value(secret: &SecretValue) -> Result<Vec<u8>, Problem> {
    let broken = |error: serde_json::Error| Problem::internal(error);
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
        serde_json::to_writer(&mut body, &metadata(&secret.metadata)).map_err(broken)?;
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
    Ok(body)
}

/// Metadata as it was written: only what is there.
pub fn metadata(metadata: &Metadata) -> Value {
    let mut fields = Map::new();
    if let Some(description) = &metadata.description {
        fields.insert("description".to_owned(), json!(description));
    }
    if !metadata.tags.is_empty() {
        fields.insert("tags".to_owned(), json!(metadata.tags));
    }
    if let Some(owner) = &metadata.owner {
        fields.insert("owner".to_owned(), json!(owner));
    }
    for (name, value) in &metadata.custom {
        fields.insert(name.clone(), serde_json::from_str(value).unwrap_or(Value::Null));
    }
    Value::Object(fields)
}

/// One row of a listing: exactly the quickstart's fields.
pub fn summary(summary: &Summary) -> Value {
    json!({
        "path": summary.path,
        "secret_type": summary.secret_type.name(),
        "version": summary.version,
        "updated_at": summary.updated_at.iso_secs(),
        "tags": summary.tags,
    })
}

/// The versions of a secret, newest first, without any value.
pub fn history(history: &History) -> Value {
    let versions: Vec<Value> = history
        .versions
        .iter()
        .map(|version| {
            json!({
                "version": version.version,
                "secret_type": version.secret_type.name(),
                "created_at": version.created_at.iso_secs(),
                "created_by": version.created_by,
                "destroyed_at": version.destroyed_at.map(|at| at.iso_secs()),
            })
        })
        .collect();
    json!({
        "path": history.summary.path,
        "secret_type": history.summary.secret_type.name(),
        "version": history.summary.version,
        "max_versions": history.max_versions,
        "metadata": metadata(&history.metadata),
        "created_at": history.created_at.iso_secs(),
        "updated_at": history.summary.updated_at.iso_secs(),
        "versions": versions,
    })
}

/// What a deletion has done.
pub fn deleted(deleted: &Deleted) -> Value {
    let mut body = json!({
        "path": deleted.path,
        "deleted": true,
        "permanent": deleted.permanent,
        "version_count": deleted.version_count,
    });
    if let (Some(until), Some(fields)) = (deleted.recoverable_until, body.as_object_mut()) {
        fields.insert("recoverable_until".to_owned(), json!(until.iso_secs()));
    }
    body
}
