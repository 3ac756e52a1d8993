//! `scaistack secret`: the vault.

use super::client::query;
use super::{Failure, Limit, Session, Verb, input};
use crate::base::SecretPath;
use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Map, Value, json};
use std::io::Read;

/// Secrets: versioned values under paths
#[derive(Debug, Subcommand)]
#[command(name = "secret")]
pub enum SecretVerb {
    Get(Get),
    Put(Put),
    /// List secrets, without their values
    List {
        /// Only those whose path begins with this
        #[arg(default_value = "")]
        prefix: String,
        #[command(flatten)]
        limit: Limit,
    },
    /// List the versions of a secret
    Versions {
        /// The path of the secret
        path: String,
    },
    /// Delete a secret. It can be restored for a while unless --permanent is given
    Delete {
        /// The path of the secret
        path: String,
        /// Destroy every version now, for good
        #[arg(long)]
        permanent: bool,
        /// Destroy this version only, now and for good
        #[arg(long, value_name = "N", conflicts_with = "permanent")]
        version: Option<u32>,
    },
    /// Take a deletion back
    Restore {
        /// The path of the secret
        path: String,
    },
}

/// Read a secret
#[derive(Args, Debug, PartialEq, Eq)]
#[command(
    after_help = "Examples:\n  scaistack secret get infra/db\n  scaistack secret get infra/db --field password --version 3"
)]
pub struct Get {
    /// The path of the secret
    path: String,
    /// An older version
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    /// Print this field alone, as it is
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
}

/// Write a secret: a new one, or a new version
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  \
    scaistack secret put infra/db user=app password=- < password.txt\n  \
    scaistack secret put infra/db --data-stdin < db.json\n\n\
    Other users of this machine can read arguments: give what is secret on stdin.")]
pub struct Put {
    /// The path of the secret
    path: String,
    /// Fields; a value of - is read from stdin
    #[arg(value_name = "KEY=VALUE", required_unless_present = "data_stdin", conflicts_with = "data_stdin")]
    fields: Vec<String>,
    /// Read all fields from stdin, as a JSON object
    #[arg(long)]
    data_stdin: bool,
    /// What it is: kv, json, certificate, ssh_key or api_key [default: as before, else json]
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A tag; may be given several times. They replace those before
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
}

/// Where the vault keeps secrets.
pub(super) const SECRETS: &str = "/v1/secrets";

/// The address of a secret.
///
/// # Errors
/// The rule that the path breaks.
pub(super) fn secret(path: &str) -> Result<String, Failure> {
    let path = SecretPath::parse(path).map_err(|rule| Failure::usage(format!("the path {rule}")))?;
    Ok(format!("{SECRETS}/{path}"))
}

impl Verb for SecretVerb {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        match self {
            Self::Get(get) => get.run(session).await,
            Self::Put(put) => put.run(session).await,
            Self::List { prefix, limit } => {
                let rows = session.client.list_by_cursor(SECRETS, &[("prefix", Some(&prefix))], limit.most()).await?;
                let columns = [
                    ("PATH", "path"),
                    ("TYPE", "secret_type"),
                    ("VERSION", "version"),
                    ("UPDATED", "updated_at"),
                    ("TAGS", "tags"),
                ];
                session.out.rows(&rows, &columns)
            }
            Self::Versions { path } => {
                let address = query(&secret(&path)?, &[("view", Some("versions"))]);
                let history = session.client.get(address).await?;
                if session.out.is_json() {
                    return session.out.json(&history);
                }
                let rows = history.get("versions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                session.out.rows(
                    rows,
                    &[
                        ("VERSION", "version"),
                        ("TYPE", "secret_type"),
                        ("CREATED", "created_at"),
                        ("BY", "created_by"),
                        ("DESTROYED", "destroyed_at"),
                    ],
                )
            }
            Self::Delete { path, permanent, version } => {
                let address = secret(&path)?;
                let number = version.map(|version| version.to_string());
                let pairs = [("permanent", permanent.then_some("true")), ("version", number.as_deref())];
                session.client.delete(query(&address, &pairs)).await?;
                let what = if permanent || version.is_some() { "destroyed" } else { "deleted" };
                session
                    .out
                    .done(what, &number.map_or_else(|| path.clone(), |number| format!("{path} version {number}")))
            }
            Self::Restore { path } => {
                let address = query(&secret(&path)?, &[("action", Some("restore"))]);
                session.client.post(address, json!({})).await?;
                session.out.done("restored", &path)
            }
        }
    }
}

impl Get {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let address = secret(&self.path)?;
        let version = self.version.map(|version| version.to_string());
        let answer = session.client.get(query(&address, &[("version", version.as_deref())])).await?;
        let data = answer.get("data").cloned().unwrap_or_default();
        match self.field {
            Some(name) => match data.get(&name) {
                None => Err(Failure::failed(format!("the secret has no field `{name}`"))),
                Some(value) if session.out.is_json() => session.out.json(value),
                // As it is: whoever asks for one field pipes it to a program.
                Some(Value::String(text)) => session.out.line(text),
                Some(value) => session.out.line(&value.to_string()),
            },
            None if session.out.is_json() => session.out.json(&answer),
            None => session.out.object(&data),
        }
    }
}

impl Put {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let address = secret(&self.path)?;
        let data = match self.data_stdin {
            true => object(&mut session.stdin)?,
            false => pairs(&self.fields, &mut session.stdin)?,
        };
        let mut body = json!({ "data": data });
        if let Some(kind) = self.kind {
            body["secret_type"] = kind.into();
        }
        let mut metadata = Map::new();
        if let Some(description) = self.description {
            metadata.insert("description".to_owned(), description.into());
        }
        if !self.tags.is_empty() {
            metadata.insert("tags".to_owned(), self.tags.into());
        }
        if !metadata.is_empty() {
            body["metadata"] = metadata.into();
        }
        let answer = session.client.call(Method::PUT, address, Some(body)).await?;
        session.out.object(&answer)
    }
}

/// A JSON object from stdin.
fn object(stdin: &mut dyn Read) -> Result<Value, Failure> {
    let text = input::required(stdin, "JSON object")?;
    match serde_json::from_str(text.expose()) {
        Ok(Value::Object(fields)) => Ok(Value::Object(fields)),
        // Where, and not what: it may be a secret.
        Err(error) => {
            Err(Failure::usage(format!("stdin is no JSON: line {}, column {}", error.line(), error.column())))
        }
        Ok(_) => Err(Failure::usage("stdin must be a JSON object, such as {\"password\": \"…\"}")),
    }
}

/// Fields from `key=value`; one of them may come from stdin.
fn pairs(fields: &[String], stdin: &mut dyn Read) -> Result<Value, Failure> {
    let mut data = Map::new();
    let mut read = false;
    for field in fields {
        let Some((name, value)) = field.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Failure::usage("give fields as KEY=VALUE, or KEY=- to read the value from stdin"));
        };
        let value = match value {
            "-" if read => return Err(Failure::usage("only one value can come from stdin; use --data-stdin for more")),
            "-" => {
                read = true;
                input::text(stdin)?.expose().clone()
            }
            value => value.to_owned(),
        };
        if data.insert(name.to_owned(), Value::String(value)).is_some() {
            return Err(Failure::usage(format!("the field {name} is given twice")));
        }
    }
    Ok(Value::Object(data))
}
