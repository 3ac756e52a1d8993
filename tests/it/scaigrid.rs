//! ScaiGrid from outside: its authentication page as printed, keys, limits through stop and kill, models, refusals.

use super::browser::{EMAIL, PASSWORD as BROWSER_PASSWORD, set_up};
use super::looks::look;
use super::quickstarts::{TRANSPILE, bash, bash_json, blocks, trusting};
use super::server::{Server, cli, clients, run, unique};
use super::wire::{Answer, assert_fields};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use tempfile::TempDir;

const PAGE: &str = include_str!("quickstarts/scaigrid.md");
const PASSWORD: &str = "correct horse battery staple";
pub const MODELS: &str = r#"
[[scaigrid.models]]
slug = "openai/gpt-4o"
display_name = "GPT-4o"
modality = "chat"
context_window = 128000
max_output_tokens = 16384

[[scaigrid.models]]
slug = "mistral/embed"
modality = "embedding"
context_window = 8192
status = "deprecated"
"#;

/// A server with two models.
fn start() -> Server {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    fs::write(folder.path().join("scaistack.toml"), MODELS).unwrap();
    start_in(folder)
}

fn start_in(folder: Arc<TempDir>) -> Server {
    Server::start_in(folder, &[])
}

/// A user's e-mail and id.
fn user(server: &Server, role: &str) -> (String, String) {
    let email = format!("{}@example.com", unique("grid"));
    let made =
        server.cli_with(&["user", "create", "--email", &email, "--role", role, "--password-stdin", "--json"], PASSWORD);
    (email, made.json()["id"].as_str().unwrap().to_owned())
}

/// The tokens of a person who has just signed in.
fn sign_in(server: &Server, email: &str) -> Value {
    let login = json!({ "email": email, "password": PASSWORD });
    let answer = server.call("POST", "/api/v1/auth/tenants/default/login").json(&login).send().expect(200);
    answer.get("data").unwrap_or(&answer).clone()
}

/// The id and the text of a key.
fn key(server: &Server, email: &str, more: &[&str]) -> (String, String) {
    let words = [&["key", "create", "--user", email, "--name", "test", "--json"], more].concat();
    let made = server.cli(&words).json();
    let text = server.secret(made["key"].as_str().unwrap());
    (made["id"].as_str().unwrap().to_owned(), text)
}

fn models(server: &Server, key: &str) -> Answer {
    server.get_as(key, "/v1/models")
}

fn error(code: &str, message: &str, answer: &Answer) -> Value {
    let id = answer.header("x-request-id").unwrap();
    json!({ "status": "error", "error": { "code": code, "message": message }, "meta": { "request_id": id } })
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, message: &str) {
    assert_eq!(answer.expect(status), error(code, message, answer));
}

/// The blocks of the page in one language, with this server in the place of the page's.
fn printed(server: &Server, language: &str) -> Vec<String> {
    let blocks = blocks(PAGE, language).into_iter();
    blocks.map(|block| block.replace("https://scaigrid.scailabs.ai", &server.url)).collect()
}

#[test]
fn the_scaigrid_authentication_page_works_as_printed() {
    page(&start());
}

pub fn page(server: &Server) {
    let (email, id) = user(server, "tenant_user");
    let signed_in = sign_in(server, &email);
    let existing = server.secret(signed_in["access_token"].as_str().unwrap());
    let [create, call, revoke, refresh] = printed(server, "bash").try_into().unwrap();
    let here = [("EXISTING_TOKEN", existing.as_str())];

    let made = bash_json(server, &create, &here);
    assert_eq!(made["status"], "ok");
    let made = &made["data"];
    let text = server.secret(made["key"].as_str().unwrap());
    assert!(text.starts_with("sgk_") && text.len() >= 4 + 32 && made["prefix"] == "sgk_", "{made:#}");
    assert_eq!((&made["name"], &made["scopes"]), (&json!("production-integration"), &json!([])));
    assert_eq!((&made["expires_at"], &made["assigned_user_id"]), (&Value::Null, &json!(id)));

    let call = call.replace("sgk_your_key_here", &text);
    let listed = bash_json(server, &call, &[]);
    assert_eq!((&listed["status"], listed["data"]["items"].as_array().unwrap().len()), (&json!("ok"), 2));
    assert_fields(&listed, &["status", "data", "pagination"]);

    // Again without a key that is shown.
    let shown = server.get_as(&text, &format!("/v1/api-keys/{}", made["id"].as_str().unwrap())).expect(200);
    assert!(shown["data"]["key"].is_null() && !shown.to_string().contains(&text), "{shown:#}");
    assert!(shown["data"]["last_used_at"].is_string() || shown["data"]["last_used_at"].is_null());

    let revoke =
        revoke.replace("{key_id}", made["id"].as_str().unwrap()).replacen("curl ", "curl -s -w '%{http_code}' ", 1);
    assert_eq!(bash(server, &revoke, &here), "204");
    // The very next request.
    let message = "Invalid or expired authentication token";
    refused(&models(server, &text), 401, "AUTH_TOKEN_INVALID", message);
    let again = bash_json(server, &call, &[]);
    assert_eq!(again["error"]["code"], "AUTH_TOKEN_INVALID");

    let token = server.secret(signed_in["refresh_token"].as_str().unwrap());
    let refreshed = bash_json(server, &refresh.replace("\"...\"", &format!("\"{token}\"")), &[]);
    let jwt = server.secret(refreshed["data"]["access_token"].as_str().unwrap_or_else(|| panic!("{refreshed:#}")));
    assert!(jwt.starts_with("eyJ"));
    models(server, &jwt).expect(200);
}

#[test]
fn the_scaigrid_page_works_in_python() {
    page_in_python(&start());
}

pub fn page_in_python(server: &Server) {
    let (_, key) = key(server, &user(server, "tenant_viewer").0, &[]);
    let [block] = printed(server, "python").try_into().unwrap();
    let code = format!(
        "import os\nAPI_KEY = os.environ['API_KEY']\n{block}\nprint(resp.status_code, resp.json()['data']['items'][0]['slug'])"
    );
    let mut command = trusting(server, clients().join(".venv/bin/python"));
    command.args(["-c", &code]).env("API_KEY", &key);
    assert_eq!(run(command, b"").ok(), "200 openai/gpt-4o");
}

#[test]
fn the_scaigrid_page_works_in_typescript() {
    page_in_typescript(&start());
}

pub fn page_in_typescript(server: &Server) {
    let (_, key) = key(server, &user(server, "tenant_viewer").0, &[]);
    let [block] = printed(server, "typescript").try_into().unwrap();
    let code = format!(
        "const API_KEY = process.env.API_KEY!;\n{block}\nconsole.log(resp.status, (await resp.json()).data.items[0].slug);"
    );
    let mut transpile = Command::new("node");
    transpile.args(["-e", TRANSPILE]).arg(clients().join("node_modules/typescript"));
    let script = server.folder().path().join("models.mjs");
    fs::write(&script, run(transpile, code.as_bytes()).ok()).unwrap();
    let mut command = trusting(server, "node");
    command.arg(&script).env("API_KEY", &key);
    assert_eq!(run(command, b"").ok(), "200 openai/gpt-4o");
}

#[test]
fn of_64_at_once_exactly_the_limit_is_admitted() {
    let server = start();
    for limit in [1u32, 10, 60] {
        let (_, key) = key(&server, &user(&server, "tenant_user").0, &["--rate-limit", &limit.to_string()]);
        let answers: Vec<Answer> = thread::scope(|scope| {
            let tasks: Vec<_> = (0..64).map(|_| scope.spawn(|| models(&server, &key))).collect();
            tasks.into_iter().map(|task| task.join().unwrap()).collect()
        });
        let (through, stopped): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((through.len(), stopped.len()), (limit as usize, 64 - limit as usize));
        let mut left: Vec<u32> = through
            .iter()
            .map(|answer| answer.header("x-scaigrid-ratelimit-remaining").unwrap().parse().unwrap())
            .collect();
        left.sort_unstable();
        assert_eq!(left, (0..limit).collect::<Vec<_>>());
        for answer in stopped {
            let wait = answer.header("retry-after").unwrap();
            let secs: u32 = wait.parse().unwrap();
            assert!((1..=60).contains(&secs), "{wait}");
            let body = json!({ "status": "error",
                "error": { "code": "RATE_LIMITED", "message": "Rate limit exceeded", "retry_after": secs },
                "meta": { "request_id": answer.header("x-request-id").unwrap() } });
            assert_eq!(answer.expect(429), body);
            assert_eq!(answer.header("x-scaigrid-ratelimit-limit").unwrap(), limit.to_string());
            assert_eq!(answer.header("x-scaigrid-ratelimit-remaining"), Some("0"));
            assert!(answer.header("x-scaigrid-ratelimit-reset").unwrap().parse::<u64>().unwrap() > 1_700_000_000);
        }
    }
}

/// How many of so many requests get through.
fn through(server: &Server, key: &str, tries: usize) -> usize {
    (0..tries).filter(|_| models(server, key).status == 200).count()
}

#[test]
fn a_restart_forgets_nothing_and_a_kill_lets_nothing_more_through() {
    let server = start();
    let email = user(&server, "tenant_user").0;
    let limits = ["--rate-limit", "10"];
    let ((_, stopped), (_, killed)) = (key(&server, &email, &limits), key(&server, &email, &limits));
    assert_eq!((through(&server, &stopped, 4), through(&server, &killed, 5)), (4, 5));
    let folder = server.folder();
    assert!(server.stop().success());
    let server = start_in(Arc::clone(&folder));
    // All within the window: a start takes a second or less.
    assert_eq!(through(&server, &stopped, 10), 6, "exactly what was left");
    assert_eq!(through(&server, &killed, 1), 1);
    server.kill();
    let server = start_in(folder);
    assert_eq!(through(&server, &stopped, 3), 0);
    let more = through(&server, &killed, 10);
    assert!((2..=4).contains(&more), "6 were used, and a block of 2 counts as used: {more}");
}

#[test]
fn limits_are_overridden_from_above_and_within() {
    let server = start();
    let (email, _) = user(&server, "tenant_admin");
    let (id, admin) = key(&server, &email, &[]);
    let operator = server.token("admin:read admin:write");
    let tenant = server.get_as(&operator, &format!("/v1/api-keys/{id}")).expect(200)["data"]["tenant_id"].clone();
    let address = format!("/v1/limits/tenants/{}", tenant.as_str().unwrap());
    let put = |token: &str, address: &str, body: Value| server.call("PUT", address).bearer(token).json(&body).send();
    let own = json!({ "api_key": 7, "tenant": 500 });
    refused(
        &put(&admin, &address, own.clone()),
        403,
        "AUTH_INSUFFICIENT_SCOPE",
        "The credential lacks the scope for this: it needs admin:write",
    );
    let set = put(&operator, &address, own).expect(200);
    assert_eq!(
        (&set["data"]["api_key"], &set["data"]["user"]),
        (&json!({ "limit": 7, "override": 7 }), &json!({ "limit": 120, "override": null }))
    );
    assert_eq!(models(&server, &admin).header("x-scaigrid-ratelimit-limit"), Some("7"));
    let key_limit = format!("/v1/limits/api-keys/{id}");
    let too_much = put(&admin, &key_limit, json!({ "limit": 8 })).expect(422);
    assert_eq!(too_much["error"]["details"][0]["field"], "rate_limit", "not above what the tenant's keys have");
    put(&operator, &key_limit, json!({ "limit": 50 })).expect(200);
    assert_eq!(models(&server, &admin).header("x-scaigrid-ratelimit-limit"), Some("50"));
    let mine = server.get_as(&admin, "/v1/limits").expect(200);
    let levels: Vec<_> =
        mine["data"]["levels"].as_array().unwrap().iter().map(|level| level["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["api_key", "user", "tenant", "partner"]);
    assert_eq!(server.call("DELETE", &key_limit).bearer(&admin).send().status, 204);
    assert_eq!(server.call("DELETE", &address).bearer(&operator).send().status, 204);
    assert_eq!(models(&server, &admin).header("x-scaigrid-ratelimit-limit"), Some("60"));
    let events = server.get_as(&operator, "/api/v1/admin/audit?per_page=100").text();
    for action in ["limits.update", "limits.delete", "api_key.update"] {
        assert!(events.contains(action), "{action}");
    }
}

#[test]
fn models_are_those_of_the_settings() {
    let server = start();
    let (_, key) = key(&server, &user(&server, "tenant_viewer").0, &[]);
    let get = |target: &str| server.get_as(&key, target);
    let all = get("/v1/models").expect(200);
    let [chat, embedding] = all["data"]["items"].as_array().unwrap().as_slice() else { panic!("{all:#}") };
    let known = [
        "slug",
        "display_name",
        "modality",
        "context_window",
        "status",
        "health_status",
        "active_backend_count",
        "total_backend_count",
    ];
    assert_fields(embedding, &known);
    assert_eq!((&chat["display_name"], &chat["max_output_tokens"]), (&json!("GPT-4o"), &json!(16384)));
    assert_eq!(embedding["display_name"], "mistral/embed");
    let slugs = |target: &str| -> Vec<String> {
        let body = get(target).expect(200);
        body["data"]["items"].as_array().unwrap().iter().map(|row| row["slug"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(slugs("/v1/models?modality=embedding"), ["mistral/embed"]);
    assert_eq!(slugs("/v1/models?status=active"), ["openai/gpt-4o"]);
    let first = get("/v1/models?limit=1").expect(200);
    assert_eq!(first["pagination"]["has_more"], true);
    let next = first["pagination"]["next_cursor"].as_str().unwrap();
    assert_eq!(slugs(&format!("/v1/models?limit=1&cursor={next}")), ["mistral/embed"]);
    for slug in ["openai%2Fgpt-4o", "openai%2fgpt-4o", "openai/gpt-4o"] {
        assert_eq!(get(&format!("/v1/models/{slug}")).expect(200)["data"], *chat, "{slug}");
    }
    refused(&get("/v1/models/openai%2Fgpt-5"), 404, "MODEL_NOT_FOUND", "There is no such model");
    for query in ["limit=0", "limit=1001", "cursor=x", "modality=smell", "status=gone"] {
        let body = get(&format!("/v1/models?{query}")).expect(422);
        assert_eq!(body["error"]["code"], "VALIDATION_ERROR", "{query}");
        assert_eq!(body["error"]["details"][0]["field"], query.split('=').next().unwrap());
    }
}

#[test]
fn what_goes_wrong_is_said_in_scaigrids_words() {
    let server = start();
    let (viewer, _) = user(&server, "tenant_viewer");
    let (strong_user, _) = user(&server, "tenant_user");
    let ((_, weak), (_, strong)) = (key(&server, &viewer, &[]), key(&server, &strong_user, &[]));
    let person = server.secret(sign_in(&server, &strong_user)["access_token"].as_str().unwrap());
    let (_, narrow) = key(&server, &viewer, &["--scopes", "accounting:view_own"]);
    let invalid = "Invalid or expired authentication token";
    let missing = "This needs a credential: send it as Authorization: Bearer, a blank, the token";
    refused(&server.get("/v1/models").send(), 401, "AUTH_TOKEN_MISSING", missing);
    for wrong in ["sgk_x", "sgk_0000000000000000000000000000000000000A", "eyJ.a.b", "nonsense", "skt_x"] {
        refused(&models(&server, wrong), 401, "AUTH_TOKEN_INVALID", invalid);
    }
    let bare = server.get("/v1/models").header("Authorization", &weak).send();
    assert_eq!(bare.refusal(), (401, "AUTH_TOKEN_INVALID".to_owned()), "without Bearer");
    let create = |token: &str, body: Value| server.call("POST", "/v1/api-keys").bearer(token).json(&body).send();
    refused(&create(&weak, json!({ "name": "x" })), 403, "AUTHZ_PERMISSION_DENIED", "User lacks required permission");
    assert_eq!(models(&server, &narrow).refusal(), (403, "AUTH_INSUFFICIENT_SCOPE".to_owned()));
    assert_eq!(create(&strong, json!({ "name": "x" })).refusal(), (403, "STEP_UP_REQUIRED".to_owned()));
    for (body, field) in [
        (json!({}), "name"),
        (json!({ "name": "" }), "name"),
        (json!({ "name": "x", "colour": 1 }), "colour"),
        (json!({ "name": "x", "expires_at": "soon" }), "expires_at"),
        (json!({ "name": "x", "expires_at": "2020-01-01T00:00:00Z" }), "expires_at"),
        (json!({ "name": "x", "scopes": ["admin:write"] }), "scopes"),
        (json!({ "name": "x", "rate_limit": 61 }), "rate_limit"),
        (json!({ "name": "x", "assigned_user_id": "app_1" }), "assigned_user_id"),
    ] {
        let answer = create(&person, body.clone()).expect(422);
        assert_eq!(answer["error"]["code"], "VALIDATION_ERROR", "{body}");
        assert_eq!(answer["error"]["details"][0]["field"], field, "{answer:#}");
    }
    let broken = server.call("POST", "/v1/api-keys").bearer(&strong).body("application/json", "{").send().expect(422);
    assert_eq!(
        (&broken["error"]["code"], &broken["error"]["details"][0]["field"]),
        (&json!("VALIDATION_ERROR"), &json!("body"))
    );
    for id in ["apikey_1", "usr_1", "x"] {
        let answer = server.call("DELETE", &format!("/v1/api-keys/{id}")).bearer(&strong).send();
        refused(&answer, 404, "API_KEY_NOT_FOUND", "There is no such API key");
    }
    let answer = server.call("PATCH", "/v1/models").bearer(&strong).send();
    refused(&answer, 405, "METHOD_NOT_ALLOWED", "This address does not answer to this method");
    assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"));
    assert_eq!(server.get_as(&strong, "/v1/api-keys/a/b/c").refusal(), (404, "NOT_FOUND".to_owned()));
    let elsewhere = server.get_as(&strong, "/v1/nothing").expect(404);
    assert_eq!(elsewhere["error"]["code"], "not_found", "ScaiVault answers for the rest");
    // A key reads no secret unless its scopes say so.
    assert_eq!(server.get_as(&strong, "/v1/secrets").refusal(), (403, "access_denied".to_owned()));
    let detailed = server.get_as(&strong, "/health/detailed");
    assert_eq!(detailed.refusal(), (403, "AUTHZ_PERMISSION_DENIED".to_owned()));
    let (_, admin) = key(&server, &user(&server, "tenant_admin").0, &[]);
    assert_eq!(server.get_as(&admin, "/health/detailed").expect(200)["checks"]["database"], "ok");
    let figures = server.get("/metrics").send().text();
    for status in ["200", "401", "403", "404", "405"] {
        let counted = format!("scaigrid_requests_total{{model=\"\",status=\"{status}\",protocol=\"native\"}} ");
        let count = figures.lines().find_map(|line| line.strip_prefix(&counted)?.parse::<u64>().ok());
        assert!(count.is_some_and(|count| count > 0), "{status}: {figures}");
    }
}

#[test]
fn keys_from_the_command_line() {
    let server = start();
    let (email, id) = user(&server, "tenant_user");
    let (first, text) = key(&server, &email, &["--scopes", "models:list", "--expires-at", "2099-01-01T00:00:00Z"]);
    let list = || server.cli(&["key", "list", "--user", &email, "--json"]).json();
    let listed = list();
    let row = &listed[0];
    assert_eq!((&row["id"], &row["assigned_user_id"], &row["status"]), (&json!(first), &json!(id), &json!("active")));
    assert_eq!((&row["scopes"], &row["expires_at"]), (&json!(["models:list"]), &json!("2099-01-01T00:00:00Z")));
    models(&server, &text).expect(200);
    assert_eq!(
        server.cli(&["key", "show", &first, "--json"]).json()["usage"],
        json!({ "limit": 60, "used": 1, "remaining": 59 })
    );
    server.cli(&["key", "disable", &first]).ok();
    assert_eq!(models(&server, &text).status, 401);
    server.cli(&["key", "enable", &first]).ok();
    models(&server, &text).expect(200);
    let new = server.secret(server.cli(&["key", "reroll", &first, "--grace", "1h"]).ok());
    models(&server, &text).expect(200);
    let standing = models(&server, &new);
    assert_eq!(standing.header("x-scaigrid-ratelimit-remaining"), Some("56"), "one line, one count");
    server.cli(&["key", "revoke", &first]).ok();
    assert_eq!((models(&server, &text).status, models(&server, &new).status), (401, 200));
    assert_eq!(list().as_array().unwrap().len(), 1);
    assert_eq!(server.cli(&["key", "revoke", &text]).code, 2, "the key itself is not its id");
    let table = server.cli(&["key", "list"]);
    assert!(table.ok().contains("test") && !table.ok().contains(&new), "{table:?}");
    // What is noted lazily, and the rest, is there without a server, too.
    let (data, _folder) = (server.data.clone(), server.folder());
    assert!(server.stop().success());
    let offline = cli(Path::new(&data), &["key", "list", "--json"], "").json();
    assert!(offline[0]["last_used_at"].is_string(), "{offline:#}");
}

#[test]
fn keys_and_limits_are_looked_after_in_a_browser() {
    let server = set_up();
    let told = json!({ "url": server.url, "email": EMAIL, "password": BROWSER_PASSWORD,
        "pictures": std::env::var("PICTURES").ok() });
    let seen = look("api_keys.mjs", &told);
    let [old, next] = ["old", "next"].map(|name| server.secret(seen[name].as_str().unwrap()));
    // The newer one was revoked, the older one has its grace.
    assert_eq!(models(&server, &next).refusal(), (401, "AUTH_TOKEN_INVALID".to_owned()));
    let answer = models(&server, &old);
    assert_eq!((answer.status, answer.header("x-scaigrid-ratelimit-limit")), (200, Some("30")));
}
