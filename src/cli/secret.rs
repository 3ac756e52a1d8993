//! `scaistack secret`: the vault.

use super::client::{query, unreadable};
use super::input::{self, Input};
use super::out::{Format, printable};
use super::{Failure, Limit, Session, Verb, find};
use crate::base::json_text::{Members, plain};
use crate::base::{Secret, SecretPath, dotenv};
use clap::{ArgGroup, Args, Subcommand};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::path::Path;

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
    /// Print this field alone, byte for byte: nothing is added when stdout is no terminal
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
}

/// Write a secret: a new one, or a new version
#[derive(Args, Debug, PartialEq, Eq)]
#[command(group = ArgGroup::new("value").required(true).args(["fields", "data_stdin", "env_stdin"]))]
#[command(after_help = "Examples:\n  \
    printf %s \"$PASSWORD\" | scaistack secret put infra/db user=app password=-\n  \
    scaistack secret put infra/tls key=@server.key cert=@server.pem --type certificate\n  \
    scaistack secret put infra/db --data-stdin < db.json\n  \
    scaistack secret put infra/app --env-stdin < .env\n\n\
    Other users of this machine can read arguments: give what is secret on stdin or in\n\
    a file. Both are taken byte for byte, a line break at the end too; only where you\n\
    type a value yourself, the one that ends it is no part of it. @@ stands for an @\n\
    in front. JSON is stored as it is written: digits, escapes and the order of names.")]
pub struct Put {
    /// The path of the secret
    path: String,
    /// Fields; a value of - is read from stdin, one of @FILE from that file
    #[arg(value_name = "KEY=VALUE")]
    fields: Vec<String>,
    /// Read all fields from stdin, as a JSON object
    #[arg(long)]
    data_stdin: bool,
    /// Read all fields from stdin, as an .env file: lines of NAME=value
    #[arg(long)]
    env_stdin: bool,
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
                let none = "There are no secrets there. Write one: scaistack secret put";
                session.out.list(&rows, &columns, none)
            }
            Self::Versions { path } => {
                let address = query(&secret(&path)?, &[("view", Some("versions"))]);
                let history = session.client.get(address).await?;
                let rows = find::list(&history, "versions")?;
                if matches!(session.out.format(), Format::Json | Format::Yaml) {
                    return session.out.value(&history);
                }
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

/// The fields of a secret, each as it was written.
///
/// # Errors
/// The answer is no secret.
pub(super) fn fields(answer: &str) -> Result<Members, Failure> {
    #[derive(Deserialize)]
    struct Answer {
        data: Members,
    }

    serde_json::from_str(answer).map(|answer: Answer| answer.data).map_err(|error| unreadable(&error))
}

/// The value of a field as a text.
///
/// # Errors
/// It is a JSON text that no text can say.
pub(super) fn value_of(name: &str, value: &RawValue) -> Result<String, Failure> {
    plain(value).map_err(|_| {
        Failure::failed(format!("the field {} holds half of a surrogate pair, which is no text", printable(name)))
    })
}

impl Get {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let address = secret(&self.path)?;
        let version = self.version.map(|version| version.to_string());
        let address = query(&address, &[("version", version.as_deref())]);
        let answer = session.client.text(Method::GET, address, None).await?;
        let fields = fields(&answer)?;
        let is_whole = matches!(session.out.format(), Format::Json | Format::Yaml);
        let Some(name) = self.field else {
            if is_whole {
                return session.out.written(&answer);
            }
            let fields: Result<Vec<_>, Failure> =
                fields.0.iter().map(|(name, value)| Ok((name.as_str(), value_of(name, value)?))).collect();
            return session.out.texts(&fields?);
        };
        let mut found = fields.named(&name);
        match (found.next(), found.next()) {
            (None, _) => Err(Failure::failed(format!("the secret has no field `{name}`"))),
            (_, Some(_)) => Err(Failure::failed(format!("the secret has more than one field `{name}`"))),
            (Some(value), None) if is_whole => session.out.written(value.get()),
            (Some(value), None) if session.out.format() == Format::Csv => {
                session.out.texts(&[(name.as_str(), value_of(&name, value)?)])
            }
            // As it is: whoever asks for one field pipes it to a program.
            (Some(value), None) => session.out.exact(&value_of(&name, value)?),
        }
    }
}

/// What is sent to write a secret.
#[derive(Serialize)]
struct Body<'a> {
    data: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    metadata: Map<String, Value>,
}

impl Put {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let address = secret(&self.path)?;
        let data = match (self.data_stdin, self.env_stdin) {
            (true, _) => object(&mut session.stdin)?,
            (_, true) => environment(&mut session.stdin)?,
            _ => pairs(&self.fields, &mut session.stdin)?,
        };
        let mut metadata = Map::new();
        if let Some(description) = self.description {
            metadata.insert("description".to_owned(), description.into());
        }
        if !self.tags.is_empty() {
            metadata.insert("tags".to_owned(), self.tags.into());
        }
        let body = Body { data: &data, secret_type: self.kind.as_deref(), metadata };
        let body = serde_json::to_string(&body).map_err(|error| Failure::failed(error.to_string()))?;
        let answer = session.client.text(Method::PUT, address, Some(body)).await?;
        let answer: Value = serde_json::from_str(&answer).map_err(|error| unreadable(&error))?;
        session.out.object(&answer)
    }
}

/// A JSON object from stdin, as it is written.
fn object(stdin: &mut Input) -> Result<Box<RawValue>, Failure> {
    let text = stdin.document("JSON object")?;
    match serde_json::from_str::<Box<RawValue>>(text.expose()) {
        Ok(data) if data.get().starts_with('{') => Ok(data),
        Ok(_) => Err(Failure::usage("stdin must be a JSON object, such as {\"password\": \"…\"}")),
        // Where, and not what: it may be a secret.
        Err(error) => {
            Err(Failure::usage(format!("stdin is no JSON: line {}, column {}", error.line(), error.column())))
        }
    }
}

/// Fields from an `.env` file on stdin.
fn environment(stdin: &mut Input) -> Result<Box<RawValue>, Failure> {
    let text = stdin.document("NAME=value")?;
    let fields = dotenv::parse(text.expose()).map_err(|wrong| Failure::usage(format!("stdin: {wrong}")))?;
    if fields.is_empty() {
        return Err(Failure::usage("there is no NAME=value on stdin"));
    }
    written(fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect())
}

/// Fields from `key=value`; one of them may come from stdin.
fn pairs(fields: &[String], stdin: &mut Input) -> Result<Box<RawValue>, Failure> {
    let mut data = Map::new();
    let mut read = false;
    for field in fields {
        let Some((name, value)) = field.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Failure::usage("give fields as KEY=VALUE, KEY=@FILE, or KEY=- to read the value from stdin"));
        };
        let value = match (value, value.strip_prefix('@')) {
            ("-", _) if read => {
                return Err(Failure::usage("only one value can come from stdin; use --data-stdin for more"));
            }
            ("-", _) => {
                read = true;
                stdin.exact("value")?
            }
            (_, Some(with_at)) if with_at.starts_with('@') => Secret::new(with_at.to_owned()),
            (_, Some(path)) => input::file(Path::new(path)).map_err(|failure| {
                failure.of(&format!("the value of {name} begins with @ and names a file (@@ stands for an @)"))
            })?,
            (value, None) => Secret::new(value.to_owned()),
        };
        if data.insert(name.to_owned(), Value::String(value.expose().clone())).is_some() {
            return Err(Failure::usage(format!("the field {name} is given twice")));
        }
    }
    written(data)
}

fn written(fields: Map<String, Value>) -> Result<Box<RawValue>, Failure> {
    serde_json::value::to_raw_value(&fields).map_err(|error| Failure::failed(error.to_string()))
}
