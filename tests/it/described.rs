//! What the documents of the APIs say holds: requests that they allow and requests that they forbid go to the server, as
//! nobody, with a narrowed credential, and with one that may do everything. No answer may be a fault of the server, have a
//! status or a type that its document does not have, or differ from its schema; and nothing that a schema forbids is taken.
//!
//! schemathesis makes the requests. `EXAMPLES=100 cargo test --test it described::` makes more of them.

use super::server::{Server, clients, run_within, unique};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// How long one run may take.
const LIMIT: Duration = Duration::from_secs(600);

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,negative_data_rejection";

/// More than the requests of a run.
const MANY: &str = "1000000";

const PASSWORD: &str = "seven lamps by the sea";

/// How many things of each kind there are: some are deleted on the way.
const EACH: usize = 4;

/// A server that counts no requests, and what there is on it.
struct World {
    server: Server,
    /// May do everything that a program can be allowed to.
    program: String,
    /// The ids of what there is, by kind.
    things: Vec<(&'static str, Vec<String>)>,
}

impl World {
    fn start() -> Self {
        let names = ["KEY", "USER", "TENANT", "PARTNER", "ADDRESS"];
        let settings = names.map(|name| (format!("SCAISTACK_SCAIGRID_LIMIT_PER_{name}"), MANY));
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let server = Server::start_in(Arc::new(tempfile::tempdir().unwrap()), &settings);
        let scopes = "admin:read admin:write secrets:read secrets:write secrets:delete";
        let program = server.access_token(&server.app("SERVICE", scopes, &[]), None, scopes);
        let mut world = Self { server, program, things: Vec::new() };
        world.fill();
        world
    }

    /// Makes something by the admin API; gives what `pointer` leads to in the answer.
    fn make(&self, target: &str, body: &Value, pointer: &str) -> String {
        let made = self.server.call("POST", target).bearer(&self.program).json(body).send().expect(201);
        let found = made.pointer(&format!("/data{pointer}")).or_else(|| made.pointer(pointer));
        found.and_then(Value::as_str).unwrap_or_else(|| panic!("{target}: no {pointer} in {made}")).to_owned()
    }

    fn fill(&mut self) {
        let some = |make: &dyn Fn() -> String| (0..EACH).map(|_| make()).collect::<Vec<String>>();
        let tenant = self.server.tenant(&unique("fuzzed"));
        let partner = |slug: &str| json!({ "slug": slug, "name": "Partner" });
        let partners = some(&|| self.make("/api/v1/admin/partners", &partner(&unique("p")), "/id"));
        let tenants = some(&|| self.server.tenant(&unique("t")));
        let organizations = tenants.iter().map(|id| id.replace("tnt_", "org_")).collect();
        let user = |name: &str| json!({ "email": format!("{name}@fuzzed.example"), "tenant_id": tenant, "role": "tenant_user", "password": PASSWORD });
        let users = some(&|| self.make("/api/v1/admin/users", &user(&unique("u")), "/id"));
        let group = |name: &str| json!({ "name": name, "tenant_id": tenant });
        let groups = some(&|| self.make("/api/v1/admin/groups", &group(&unique("g")), "/id"));
        let app = |name: &str| {
            json!({
                "name": name, "application_type": "WEB", "scope": "TENANT", "tenant_id": tenant,
                "allowed_scopes": ["openid"], "redirect_uris": ["https://app.example/cb"],
            })
        };
        let apps = some(&|| self.make("/api/v1/admin/applications", &app(&unique("a")), "/id"));
        let key = |name: &str| json!({ "name": name, "assigned_user_id": users[0], "tenant_id": tenant });
        let keys = some(&|| self.make("/v1/api-keys", &key(&unique("k")), "/id"));
        let paths = some(&|| {
            let path = unique("fuzzed/s");
            let put = self.server.call("PUT", &format!("/v1/secrets/{path}")).bearer(&self.program);
            put.json(&json!({ "data": { "a": "b" } })).send().expect(201);
            path
        });
        let jobs = self.server.get_as(&self.program, "/api/v1/admin/jobs").expect(200);
        let jobs = jobs["data"].as_array().unwrap().iter().map(|job| job["name"].as_str().unwrap().to_owned());
        let jobs = jobs.collect();
        self.things = vec![
            ("partners", partners),
            ("tenants", tenants),
            ("organizations", organizations),
            ("users", users),
            ("groups", groups),
            ("applications", apps),
            ("api-keys", keys),
            ("secrets", paths),
            ("jobs", jobs),
        ];
    }

    /// A token of somebody who administers the platform and has just signed in.
    fn person(&self) -> String {
        let email = format!("{}@fuzzed.example", unique("person"));
        let user = json!({ "email": email, "password": PASSWORD, "tenant_id": "default", "role": "tenant_admin" });
        let id = self.make("/api/v1/admin/users", &user, "/id");
        let role = json!({ "user_id": id, "role": "SUPER_ADMIN" });
        self.server.call("POST", "/api/v1/admin/admin-roles").bearer(&self.program).json(&role).send().expect(201);
        let sign_in = json!({ "email": email, "password": PASSWORD });
        let answer = self.server.call("POST", "/api/v1/auth/login").json(&sign_in).send().expect(200);
        self.server.secret(answer["data"]["access_token"].as_str().unwrap())
    }

    /// Sends the requests of a document with a credential, the content of the header `Authorization`. `without`: operations that are left out, as `GET /address`.
    #[track_caller]
    fn try_out(&self, api: &str, credential: Option<&str>, without: &[String], examples: &str) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("schemathesis.toml"), self.settings(api, without)).unwrap();
        let mut command = Command::new(clients().join(".venv/bin/schemathesis"));
        command.current_dir(folder.path()).arg("run").arg(root.join(format!("docs/openapi/{api}.json")));
        command.args(["--url", &self.server.url, "--max-examples", examples, "--checks", CHECKS]);
        command.args(["--phases", "examples,coverage,fuzzing", "--suppress-health-check", "all", "--no-color"]);
        command.args(["--no-shrink", "--continue-on-failure", "--generation-deterministic", "--warnings", "off"]);
        if let Some(credential) = credential {
            command.args(["--header", &format!("Authorization: {credential}")]);
        }
        let ran = run_within(command, b"", LIMIT);
        assert_eq!(ran.code, 0, "{api}: {}\n{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("generated"), "{api}: {}", ran.stdout);
    }

    /// Half of what an address names is there.
    fn settings(&self, api: &str, without: &[String]) -> String {
        // What is refused may be refused for another reason first: the version of a row, its size, its kind.
        let refused = "[checks.negative_data_rejection]\nexpected-statuses = [\"4xx\", 503]\n";
        let mut text = refused.to_owned();
        for (kind, ids) in &self.things {
            writeln!(text, "[dictionaries.{kind}]\nvalues = {}", json!(ids)).unwrap();
        }
        let document =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/openapi/{api}.json")));
        let document: Value = serde_json::from_str(&document.unwrap()).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                let name = format!("{} {path}", method.to_ascii_uppercase());
                if without.contains(&name) {
                    writeln!(text, "[[operations]]\ninclude-name = \"{name}\"\nenabled = false").unwrap();
                    continue;
                }
                let bound = parameters(path).filter_map(|(before, name)| {
                    let kind = self
                        .things
                        .iter()
                        .find(|(kind, _)| before.ends_with(kind) || name.starts_with(kind.trim_end_matches('s')));
                    Some(format!("\"path.{name}\" = {{ dictionary = \"{}\", probability = 0.5 }}", kind?.0))
                });
                let bound: Vec<String> = bound.collect();
                if !bound.is_empty() {
                    let bound = bound.join("\n");
                    writeln!(text, "[[operations]]\ninclude-name = \"{name}\"\n[operations.parameters]\n{bound}")
                        .unwrap();
                }
            }
        }
        text
    }
}

/// The parameters of a path, each with what stands before it: `/users/{id}` is `users`, `id`.
fn parameters(path: &str) -> impl Iterator<Item = (&str, &str)> {
    path.match_indices('{').filter_map(|(at, _)| {
        let name = path[at + 1..].split_once('}')?.0;
        Some((path[..at].trim_end_matches('/'), name))
    })
}

/// The operations after which a credential holds no longer, as the rows of the matrix have them.
fn last_ones(api: &str) -> Vec<String> {
    let rows: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/http/tests/rows/{api}.toml"));
    let rows: toml::Table = toml::from_str(&fs::read_to_string(rows).unwrap()).unwrap();
    let ends = rows.iter().filter(|(_, row)| row.get("ends_itself").is_some());
    ends.map(|(name, _)| name.clone()).collect()
}

/// How many requests of each kind, for each operation.
fn examples() -> String {
    std::env::var("EXAMPLES").unwrap_or_else(|_| "4".to_owned())
}

fn holds(api: &str) {
    let (world, examples) = (World::start(), examples());
    world.try_out(api, None, &[], "1");
    let bearer = |token: &str| format!("Bearer {token}");
    let narrowed = world.server.token("secrets:read users:read");
    world.try_out(api, Some(&bearer(&narrowed)), &last_ones(api), "1");
    world.try_out(api, Some(&bearer(&world.program)), &[], &examples);
    world.try_out(api, Some(&bearer(&world.person())), &last_ones(api), &examples);
}

#[test]
fn scaikey_answers_as_its_document_says() {
    holds("scaikey");
}

#[test]
fn scaigrid_answers_as_its_document_says() {
    holds("scaigrid");
}

#[test]
fn scaivault_answers_as_its_document_says() {
    holds("scaivault");
}

#[test]
fn scalekit_answers_as_its_document_says() {
    holds("scalekit");
}

#[test]
fn oauth_answers_as_its_document_says() {
    let (world, examples) = (World::start(), examples());
    world.try_out("oauth", None, &[], &examples);
    let app = world.server.app("SERVICE", "admin:read", &[]);
    let pair = STANDARD.encode(format!("{}:{}", app.client_id, app.secret));
    world.try_out("oauth", Some(&format!("Basic {pair}")), &[], &examples);
    world.try_out("oauth", Some(&format!("Bearer {}", world.person())), &[], "1");
}

#[test]
fn health_answers_as_its_document_says() {
    World::start().try_out("health", None, &[], &examples());
}
