//! The quickstarts of ScaiKey and ScaiVault, run as they are printed: only the host and the credentials are put in.

use super::server::{App, Server, binary, clients, run};
use super::wire::assert_fields;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

const SCAIKEY: &str = include_str!("quickstarts/scaikey.md");
const SCAIVAULT: &str = include_str!("quickstarts/scaivault.md");

/// The code blocks of a page that are in one language, in their order.
pub fn blocks(page: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(told) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if told == language {
                found.push(block.join("\n"));
            }
        }
    }
    found
}

/// Runs a block with bash, as somebody who pastes it into a terminal.
pub fn bash(server: &Server, block: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new("bash");
    command.arg("-c").arg(block).envs(environment.iter().copied()).current_dir(server.folder().path());
    run(command, b"").stdout
}

pub fn bash_json(server: &Server, block: &str, environment: &[(&str, &str)]) -> Value {
    let text = bash(server, block, environment);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}\n{block}"))
}

fn is_whole_second(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.len() == "2026-04-23T14:00:00Z".len() && text.ends_with('Z')
}

/// The blocks of ScaiKey's page with this server and this application in the place of the page's.
fn scaikey_blocks(server: &Server, app: &App) -> Vec<String> {
    blocks(SCAIKEY, "bash")
        .into_iter()
        .map(|block| {
            block
                .replace("https://scaikey.scailabs.ai", &server.url)
                .replacen("<paste here>", &app.client_id, 1)
                .replacen("<paste here>", &app.secret, 1)
        })
        .collect()
}

#[test]
fn the_scaikey_quickstart_works_as_printed() {
    let server = Server::shared();
    let app = server.app("SERVICE", "openid admin:read", &[]);
    let [export, request, decode, call] = scaikey_blocks(&server, &app).try_into().unwrap();

    let token = bash_json(&server, &format!("{export}\n{request}"), &[]);
    assert_fields(&token, &["access_token", "token_type", "expires_in", "scope"]);
    assert_eq!(
        (&token["token_type"], &token["expires_in"], &token["scope"]),
        (&json!("Bearer"), &json!(3600), &json!("admin:read"))
    );
    let access_token = server.secret(token["access_token"].as_str().unwrap());
    assert!(access_token.starts_with("eyJhbGciOi"), "{access_token}");

    let here = [("ACCESS_TOKEN", access_token.as_str()), ("SCAIKEY", &server.url)];
    let claims = bash_json(&server, &decode, &here);
    assert_eq!(claims["iss"], format!("{}/platform", server.url));
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(app.client_id), &json!(app.client_id)));
    assert_eq!((&claims["scope"], &claims["token_type"]), (&json!("admin:read"), &json!("client_credentials")));
    let (from, to) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert_eq!(to - from, 3600);

    let tenants = bash_json(&server, &call, &here);
    let slugs: Vec<_> = tenants["data"].as_array().unwrap().iter().map(|tenant| &tenant["slug"]).collect();
    assert!(slugs.contains(&&json!("default")), "{tenants:#}");
}

#[test]
fn a_token_without_the_admin_scope_gets_the_pages_403() {
    let server = Server::shared();
    let app = server.app("SERVICE", "openid", &[]);
    let [.., call] = scaikey_blocks(&server, &app).try_into().map(|blocks: [String; 4]| blocks).unwrap();
    let token = server.access_token(&app, None, "openid");
    let call = call.replace("curl ", "curl -s -w '\\n%{http_code}' ");
    let said = bash(&server, &call, &[("ACCESS_TOKEN", &token), ("SCAIKEY", &server.url)]);
    let (body, status) = said.rsplit_once('\n').unwrap();
    assert_eq!(status, "403");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body, json!({ "detail": "Platform token requires admin:read or admin:write scope" }));
}

/// The blocks of ScaiVault's page with this server and this token in the place of the page's.
fn scaivault_blocks(server: &Server, token: &str, language: &str) -> Vec<String> {
    let here = |block: String| block.replace("https://scaivault.scailabs.ai", &server.url).replace("skt_...", token);
    blocks(SCAIVAULT, language).into_iter().map(here).collect()
}

#[test]
fn the_scaivault_quickstart_works_as_printed() {
    let server = Server::start();
    let token = server.token("secrets:read secrets:write");
    let [export, whoami, write, read, update, read_first, list] =
        scaivault_blocks(&server, &token, "bash").try_into().unwrap();
    let step = |block: &str| bash_json(&server, &format!("{export}\n{block}"), &[]);
    let path = "environments/production/salesforce/api-credentials";

    let identity = step(&whoami);
    for field in ["identity_id", "identity_type", "tenant_id", "partner_id"] {
        assert!(identity[field].is_string(), "{field}: {identity:#}");
    }
    assert!(identity["tenant_id"].as_str().unwrap().starts_with("tnt_"));
    assert!(identity["partner_id"].as_str().unwrap().starts_with("ptn_"));
    assert_eq!(identity["scopes"], json!(["secrets:read", "secrets:write"]));

    let first = step(&write);
    assert_fields(&first, &["path", "secret_type", "version", "created", "created_at"]);
    assert_eq!((&first["path"], &first["secret_type"]), (&json!(path), &json!("json")));
    assert_eq!((&first["version"], &first["created"]), (&json!(1), &json!(true)));
    assert!(is_whole_second(&first["created_at"]));

    let metadata = json!({ "description": "Salesforce OAuth credentials", "tags": ["salesforce", "production"] });
    let secret = step(&read);
    let read_fields = ["path", "secret_type", "version", "data", "metadata", "created_at", "updated_at"];
    assert_fields(&secret, &read_fields);
    assert_eq!(secret["data"], json!({ "client_id": "3MVG9...", "client_secret": "REDACTED" }));
    assert_eq!(secret["metadata"], metadata);
    assert_eq!(secret["created_at"], secret["updated_at"]);
    assert_eq!(secret["created_at"], first["created_at"]);

    let second = step(&update);
    assert_fields(&second, &["path", "version", "created", "previous_version", "updated_at"]);
    assert_eq!((&second["version"], &second["previous_version"]), (&json!(2), &json!(1)));
    assert_eq!((&second["created"], &second["path"]), (&json!(false), &json!(path)));

    let old = step(&read_first);
    assert_fields(&old, &read_fields);
    assert_eq!((&old["version"], &old["data"]["client_secret"]), (&json!(1), &json!("REDACTED")));
    let new = step(&read);
    assert_eq!((&new["version"], &new["data"]["client_secret"]), (&json!(2), &json!("NEW_REDACTED")));
    assert_eq!(new["metadata"], metadata, "metadata outlives a write that has none");

    let listing = step(&list);
    assert_fields(&listing, &["secrets", "cursor", "has_more"]);
    assert_eq!((&listing["cursor"], &listing["has_more"]), (&Value::Null, &json!(false)));
    let [row] = listing["secrets"].as_array().unwrap().as_slice() else { panic!("{listing:#}") };
    assert_fields(row, &["path", "secret_type", "version", "updated_at", "tags"]);
    assert_eq!((&row["path"], &row["version"], &row["tags"]), (&json!(path), &json!(2), &metadata["tags"]));
    assert_eq!(row["updated_at"], second["updated_at"]);
}

#[test]
fn the_errors_that_the_scaivault_quickstart_names() {
    let server = Server::shared();
    let [_, whoami, write, ..] =
        scaivault_blocks(&server, "", "bash").try_into().map(|blocks: [String; 7]| blocks).unwrap();
    let status = |block: &str, token: &str| {
        let block = block.replacen("curl ", "curl -s -w '\\n%{http_code}' ", 1);
        let said = bash(&server, &block, &[("SCAIVAULT_TOKEN", token)]);
        let (body, status) = said.rsplit_once('\n').unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        (status.to_owned(), body["error"]["code"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(status(&whoami, "skt_wrong"), ("401".into(), "authentication_required".into()));
    let reader = server.token("secrets:read");
    assert_eq!(status(&write, &reader), ("403".into(), "access_denied".into()));
}

/// TypeScript from stdin to JavaScript on stdout; the compiler is in the folder that is named.
pub const TRANSPILE: &str = "
    const ts = require(process.argv[1]);
    const code = require('fs').readFileSync(0, 'utf8');
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    const { outputText, diagnostics } = ts.transpileModule(code, { compilerOptions: options, reportDiagnostics: true });
    if (diagnostics.length) { console.error(diagnostics); process.exit(1); }
    process.stdout.write(outputText);";

#[test]
fn the_scaivault_quickstart_works_in_python() {
    let server = Server::start();
    let token = server.token("secrets:read secrets:write");
    let [write, read] = scaivault_blocks(&server, &token, "python").try_into().unwrap();
    let python = |code: &str| {
        let mut command = Command::new(clients().join(".venv/bin/python"));
        command.args(["-c", code]).env("SCAIVAULT_TOKEN", &token);
        let ran = run(command, b"");
        ran.ok().to_owned()
    };
    let said = python(&write);
    assert!(said.contains("'version': 1") && said.contains("'created': True"), "{said}");
    assert_eq!(python(&read), "3MVG9...");
}

#[test]
fn the_scaivault_quickstart_works_in_typescript() {
    let server = Server::start();
    let token = server.token("secrets:read secrets:write");
    let [write, read] = scaivault_blocks(&server, &token, "typescript").try_into().unwrap();
    let node = |name: &str, code: &str| {
        let mut transpile = Command::new("node");
        transpile.args(["-e", TRANSPILE]).arg(clients().join("node_modules/typescript"));
        let script = server.folder().path().join(name);
        fs::write(&script, run(transpile, code.as_bytes()).ok()).unwrap();
        let mut command = Command::new("node");
        command.arg(&script).env("SCAIVAULT_TOKEN", &token);
        run(command, b"").ok().to_owned()
    };
    let said = node("write.mjs", &write);
    assert!(said.contains("version: 1") && said.contains("created: true"), "{said}");
    assert_eq!(node("read.mjs", &read), "3MVG9...");
}

/// The three ways that the README shows, from its own text.
#[test]
fn the_readme_works_as_printed() {
    let server = Server::start();
    let readme = include_str!("../../README.md");
    let bin = Path::new(env!("CARGO_BIN_EXE_scaistack")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let data = server.data.display().to_string();
    let environment = [("PATH", path.as_str()), ("SCAISTACK_DATA", data.as_str())];
    let find = |needle: &str| {
        let block = blocks(readme, "bash").into_iter().find(|block| block.contains(needle));
        block
            .unwrap_or_else(|| panic!("the README has no block with {needle}"))
            .replace("http://127.0.0.1:8080", &server.url)
    };
    let whoami = bash_json(&server, &find("/v1/auth/whoami"), &environment);
    assert!(whoami["identity_id"].is_string(), "{whoami:#}");
    let tenants = bash_json(&server, &find("ACCESS_TOKEN"), &environment);
    assert_eq!(tenants["data"][0]["slug"], "default", "{tenants:#}");
    let said = bash(&server, &find("SCAIVAULT="), &environment);
    let answers: Vec<Value> = serde_json::Deserializer::from_str(&said).into_iter().map(Result::unwrap).collect();
    let [written, read, listed] = answers.as_slice() else { panic!("{said}") };
    assert_eq!((&written["version"], &read["data"]["client_secret"]), (&json!(1), &json!("REDACTED")));
    assert_eq!(listed["secrets"].as_array().unwrap().len(), 1);
}

/// The version, so that the harness is known to run the binary that was just built.
#[test]
fn the_binary_says_its_version() {
    let mut command = binary(&std::env::temp_dir());
    command.arg("--version");
    assert_eq!(run(command, b"").ok(), format!("scaistack {}", env!("CARGO_PKG_VERSION")));
}
