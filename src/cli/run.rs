//! `scaistack run`: a program with secrets in its environment.

use super::secret::{SECRETS, secret};
use super::{Failure, Session, Verb};
use clap::Args;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Which secrets, and which program.
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Example:\n  scaistack run --prefix infra/db -- ./my-program --port 80")]
pub struct Run {
    /// Which secrets: the one at this path, and those below it; may be given several times
    #[arg(long, value_name = "PATH", required = true)]
    prefix: Vec<String>,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Verb for Run {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let mut environment = BTreeMap::new();
        for prefix in &self.prefix {
            read(session, prefix.trim_end_matches('/'), &mut environment).await?;
        }
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(Failure::usage("there is no program to run"));
        };
        // Puts a data file that is open in this process in order.
        session.end();
        let error = Command::new(program)
            .args(arguments)
            .envs(environment)
            .env_remove("SCAISTACK_TOKEN")
            .env_remove("SCAISTACK_PASSPHRASE")
            // It comes back only when the program could not be started.
            .exec();
        Err(Failure::failed(format!("cannot run {}: {error}", program.to_string_lossy())))
    }
}

/// Adds the secrets at and below a prefix.
async fn read(session: &Session, prefix: &str, into: &mut BTreeMap<String, String>) -> Result<(), Failure> {
    let rows = session.client.list_by_cursor(SECRETS, &[("prefix", Some(prefix))], usize::MAX).await?;
    let mut found = false;
    for path in rows.iter().filter_map(|row| row.get("path")?.as_str()) {
        // The list goes by letters: `infra/db` also finds `infra/db2`.
        let Some(rest) = below(prefix, path) else { continue };
        found = true;
        let value = session.client.get(secret(path)?).await?;
        let Some(Value::Object(fields)) = value.get("data") else { continue };
        for (field, value) in fields {
            let name = variable(rest, field);
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if value.contains('\0') {
                return Err(Failure::failed(format!(
                    "{path}: the field {field} has a NUL, which no environment can hold"
                )));
            }
            if into.insert(name.clone(), value).is_some() {
                return Err(Failure::failed(format!("two secrets give the variable {name}; one of them is {path}")));
            }
        }
    }
    if found { Ok(()) } else { Err(Failure::failed(format!("there is no secret at or below `{prefix}`"))) }
}

/// What is left of a path below a prefix; nothing if it is the same.
fn below<'a>(prefix: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    if prefix.is_empty() || rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// The variable of a field: `replica` and `password` → `REPLICA_PASSWORD`.
fn variable(rest: &str, field: &str) -> String {
    let joined = if rest.is_empty() { field.to_owned() } else { format!("{rest}_{field}") };
    let mut name: String =
        joined.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
        name.insert(0, '_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::harness::session;
    use serde_json::json;

    #[test]
    fn names() {
        assert_eq!(variable("", "password"), "PASSWORD");
        assert_eq!(variable("replica/eu-1", "pass.word"), "REPLICA_EU_1_PASS_WORD");
        assert_eq!(variable("", "2fa"), "_2FA");
        assert_eq!(
            (below("a/b", "a/b"), below("a/b", "a/b/c"), below("a/b", "a/bc"), below("", "a")),
            (Some(""), Some("c"), None, Some("a"))
        );
    }

    #[test]
    fn secrets_below_a_prefix_become_variables() {
        let list = json!({ "secrets": [{ "path": "infra/db" }, { "path": "infra/db/replica" }, { "path": "infra/db2" }], "cursor": null });
        let answers = [
            (200, list),
            (200, json!({ "path": "infra/db", "data": { "password": "p", "port": 5432 } })),
            (200, json!({ "path": "infra/db/replica", "data": { "password": "r" } })),
        ];
        let (session, fake, _) = session(false, answers, "");
        let mut found = BTreeMap::new();
        super::super::session::block_on(read(&session, "infra/db", &mut found)).unwrap();
        let found: Vec<_> = found.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(found, ["PASSWORD=p", "PORT=5432", "REPLICA_PASSWORD=r"]);
        let asked: Vec<_> = fake.asked().into_iter().map(|(call, _)| call).collect();
        assert_eq!(
            asked,
            [
                "GET /v1/secrets?prefix=infra/db&limit=100",
                "GET /v1/secrets/infra/db",
                "GET /v1/secrets/infra/db/replica"
            ]
        );
    }
}
