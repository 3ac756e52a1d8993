//! `scaistack run`: a program with secrets in its environment.

use super::secret::{SECRETS, fields, secret, value_of};
use super::{Failure, Session, Verb};
use clap::Args;
use http::Method;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// Which secrets, and which program.
#[derive(Args, Debug, PartialEq, Eq)]
#[command(after_help = "Examples:\n  \
    scaistack run --prefix infra/db -- ./my-program --port 80\n  \
    scaistack run --prefix infra/app --allow HOME -- ./my-program\n\n\
    A field that is null takes its variable away, also one that was there before; other\n\
    values are texts or their JSON as it was written. Names that decide which code runs,\n\
    such as PATH or LD_PRELOAD, are refused unless --allow names them.\n\
    Exit codes: those of the program; 127 if there is no such program, 126 if it does not\n\
    start, 1 or 2 if its secrets cannot be handed over, and then it is not started.")]
pub struct Run {
    /// Which secrets: the one at this path, and those below it; may be given several times
    #[arg(long, value_name = "PATH", required = true)]
    prefix: Vec<String>,
    /// A variable that may be set although it decides which code runs; may be given several times
    #[arg(long, value_name = "NAME")]
    allow: Vec<String>,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Variables by which shells, the loader, interpreters and common tools choose what they run or where they read their settings.
const DANGEROUS: &[&str] = &[
    "PATH",
    "HOME",
    "SHELL",
    "PWD",
    "OLDPWD",
    "IFS",
    "ENV",
    "CDPATH",
    "SHELLOPTS",
    "BASHOPTS",
    "BASH_ENV",
    "PS4",
    "PROMPT_COMMAND",
    "FPATH",
    "ZDOTDIR",
    "TMPDIR",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "LESSOPEN",
    "BROWSER",
    "GCONV_PATH",
    "LOCPATH",
    "NLSPATH",
    "HOSTALIASES",
    "GLIBC_TUNABLES",
    "CLASSPATH",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_EXTRA_CA_CERTS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "PYTHONBREAKPOINT",
    "PYTHONWARNINGS",
    "PYTHONINSPECT",
    "PYTHONPLATLIBDIR",
    "PERL5LIB",
    "PERL5OPT",
    "PERL5DB",
    "PERLLIB",
    "RUBYLIB",
    "RUBYOPT",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "DOTNET_STARTUP_HOOKS",
    "SSH_ASKPASS",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_EXEC_PATH",
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIR",
    "GIT_TEMPLATE_DIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "OPENSSL_CONF",
    "OPENSSL_MODULES",
];

/// How the names of more such variables begin.
const DANGEROUS_FRONTS: &[&str] = &["LD_", "DYLD_", "BASH_FUNC_", "GIT_CONFIG", "CORECLR_", "COR_", "SCAISTACK_"];

fn is_dangerous(name: &str) -> bool {
    DANGEROUS.contains(&name) || DANGEROUS_FRONTS.iter().any(|front| name.starts_with(front))
}

/// What becomes of a variable.
#[derive(Debug, PartialEq, Eq)]
struct Variable {
    /// Its value; none: it is taken away.
    value: Option<String>,
    /// Where it comes from, for messages: `password of infra/db`.
    from: String,
}

type Variables = BTreeMap<String, Variable>;

impl Verb for Run {
    async fn run(self, session: &mut Session) -> Result<(), Failure> {
        let mut variables = Variables::new();
        let mut prefixes: Vec<&str> = self.prefix.iter().map(|prefix| prefix.trim_end_matches('/')).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        for prefix in prefixes {
            read(session, prefix, &mut variables).await?;
        }
        allowed(&variables, &self.allow)?;
        let Some((program, arguments)) = self.command.split_first() else {
            return Err(Failure::usage("there is no program to run"));
        };
        // Puts a data file that is open in this process in order.
        session.end();
        let mut command = Command::new(program);
        command.args(arguments).env_remove("SCAISTACK_TOKEN").env_remove("SCAISTACK_PASSPHRASE");
        for (name, variable) in &variables {
            match &variable.value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        // It comes back only when the program could not be started.
        Err(not_started(program, &command.exec()))
    }
}

/// As shells have it: 127 for a program that is not there, 126 for one that does not start.
fn not_started(program: &OsStr, error: &io::Error) -> Failure {
    let is_there = Path::new(program).components().count() > 1 && Path::new(program).exists();
    let code = if error.kind() == io::ErrorKind::NotFound && !is_there { 127 } else { 126 };
    Failure::NotStarted { code, message: format!("cannot run {}: {error}", program.to_string_lossy()) }
}

/// Refuses variables that decide which code runs, unless they were asked for.
fn allowed(variables: &Variables, asked: &[String]) -> Result<(), Failure> {
    let refused = variables.iter().filter(|(name, _)| is_dangerous(name) && !asked.contains(name));
    let refused: Vec<String> = refused.map(|(name, variable)| format!("{name} (from {})", variable.from)).collect();
    match refused.is_empty() {
        true => Ok(()),
        false => Err(Failure::usage(format!(
            "these variables decide which code runs, and are set only with --allow NAME: {}",
            refused.join(", ")
        ))),
    }
}

/// Adds the secrets at and below a prefix.
async fn read(session: &Session, prefix: &str, into: &mut Variables) -> Result<(), Failure> {
    let rows = session.client.list_by_cursor(SECRETS, &[("prefix", Some(prefix))], usize::MAX).await?;
    let mut found = false;
    for path in rows.iter().filter_map(|row| row.get("path")?.as_str()) {
        // The list goes by letters: `infra/db` also finds `infra/db2`.
        let Some(rest) = below(prefix, path) else { continue };
        found = true;
        // It may have gone since the list was made.
        let of = |failure: Failure| failure.of(path);
        let answer = session.client.text(Method::GET, secret(path)?, None).await.map_err(of)?;
        for (field, value) in fields(&answer).map_err(of)?.0 {
            let name = variable(rest, &field);
            let from = format!("{field} of {path}");
            let value = match value.get() {
                "null" => None,
                _ => Some(value_of(&field, &value).map_err(of)?),
            };
            if value.as_ref().is_some_and(|value| value.contains('\0')) {
                return Err(Failure::failed(format!(
                    "{path}: the field {field} has a NUL, which no environment can hold"
                )));
            }
            if let Some(other) = into.get(&name) {
                return Err(Failure::failed(format!(
                    "two fields give the variable {name}: {} and {from}; rename one of them, or choose a narrower --prefix",
                    other.from
                )));
            }
            into.insert(name, Variable { value, from });
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
    use crate::cli::client::fake::Fake;
    use crate::cli::harness;
    use crate::cli::session::block_on;
    use serde_json::json;

    fn secret_at(path: &str, data: &str) -> (u16, String) {
        (200, format!("{{\"path\":\"{path}\",\"data\":{data}}}"))
    }

    /// What secrets at `a` give, as `NAME=value`.
    fn given(secrets: &[(&str, &str)]) -> Result<Vec<String>, Failure> {
        let paths: Vec<_> = secrets.iter().map(|(path, _)| json!({ "path": path })).collect();
        let list = (200, json!({ "secrets": paths, "cursor": null }).to_string());
        let answers = secrets.iter().map(|(path, data)| secret_at(path, data));
        let (session, _) = harness::session(Fake::saying([list].into_iter().chain(answers)));
        let mut found = Variables::new();
        block_on(read(&session, "a", &mut found))?;
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "<none>".to_owned());
        Ok(found.iter().map(|(name, variable)| format!("{name}={}", shown(&variable.value))).collect())
    }

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
        let fake = Fake::saying([
            (200, list.to_string()),
            secret_at("infra/db", r#"{"password":"p","port":5432}"#),
            secret_at("infra/db/replica", r#"{"password":"r"}"#),
        ]);
        let (session, fake) = harness::session(fake);
        let mut found = Variables::new();
        block_on(read(&session, "infra/db", &mut found)).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["PASSWORD", "PORT", "REPLICA_PASSWORD"]);
        assert_eq!(found["REPLICA_PASSWORD"].from, "password of infra/db/replica");
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

    #[test]
    fn values_are_as_they_were_written_and_null_takes_away() {
        let data = r#"{"huge":1e400,"money":1.50,"text":"\u00e9","no":null,"is":true,"list":[1, 2]}"#;
        let all = ["HUGE=1e400", "IS=true", "LIST=[1, 2]", "MONEY=1.50", "NO=<none>", "TEXT=é"];
        assert_eq!(given(&[("a", data)]).unwrap(), all);
    }

    #[test]
    fn what_cannot_be_handed_over_is_named() {
        let told = |secrets: &[(&str, &str)]| given(secrets).unwrap_err().to_string();
        let both = told(&[("a", r#"{"b_c":"1"}"#), ("a/b", r#"{"c":"2"}"#)]);
        assert!(both.contains("variable B_C: b_c of a and c of a/b"), "{both}");
        assert!(told(&[("a", r#"{"k":"\u0000"}"#)]).contains("a: the field k has a NUL"));
        assert!(told(&[("a", r#"{"k":"\ud800"}"#)]).contains("a: the field k holds half of a surrogate pair"));
        assert!(told(&[("a", "7")]).starts_with("a: the server's answer cannot be read"));
        let gone = json!({ "error": { "code": "secret_not_found", "message": "There is no secret at this path" } });
        let list = json!({ "secrets": [{ "path": "a/gone" }], "cursor": null }).to_string();
        let (session, _) = harness::session(Fake::saying([(200, list), (404, gone.to_string())]));
        let failure = block_on(read(&session, "a", &mut Variables::new())).unwrap_err();
        assert!(failure.to_string().starts_with("a/gone: There is no secret at this path"), "{failure}");
        let (session, _) = harness::session(Fake::saying([(200, "<html></html>".to_owned())]));
        assert_eq!(block_on(read(&session, "a", &mut Variables::new())).unwrap_err().code(), 1);
    }

    #[test]
    fn names_that_decide_which_code_runs_are_asked_for() {
        let of = |name: &str| {
            let variable = Variable { value: Some("x".to_owned()), from: "f of a".to_owned() };
            Variables::from([(name.to_owned(), variable)])
        };
        for name in ["PATH", "HOME", "IFS", "BASH_ENV", "LD_PRELOAD", "PYTHONSTARTUP", "SCAISTACK_URL"] {
            let failure = allowed(&of(name), &[]).unwrap_err();
            assert!(failure.code() == 2 && failure.to_string().contains(&format!("{name} (from f of a)")), "{failure}");
            assert_eq!(allowed(&of(name), &[name.to_owned()]), Ok(()));
        }
        for name in ["PASSWORD", "USER", "DATABASE_URL", "PATHS", "GIT_TOKEN"] {
            assert_eq!(allowed(&of(name), &[]), Ok(()));
        }
    }

    #[test]
    fn a_program_that_does_not_start_ends_as_in_a_shell() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("script");
        std::fs::write(&script, "#!/no/such/interpreter\n").unwrap();
        let code = |program: &OsStr| not_started(program, &Command::new(program).spawn().unwrap_err()).code();
        assert_eq!(code(OsStr::new("no-such-program-anywhere")), 127);
        assert_eq!(code(folder.path().join("none").as_os_str()), 127);
        assert_eq!(code(script.as_os_str()), 126, "it may not be executed");
        assert_eq!(code(folder.path().as_os_str()), 126, "a folder");
    }
}
