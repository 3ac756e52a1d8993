//! The quickstarts of ScaiKey and ScaiVault, run as they are printed: only the host and the credentials are put in.

use super::init::Site;
use super::server::{App, Server, binary, clients, run};
use super::wire::assert_fields;
use super::{scaigrid, scalekit};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

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

/// A program that runs in the server's folder and trusts its authority, as somebody does who tries it over TLS.
pub fn trusting(server: &Server, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(server.folder().path());
    if server.url.starts_with("https://") {
        let authority = server.data.join("tls/ca.pem");
        // curl, Node, Python's httpx.
        for name in ["CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] {
            command.env(name, &authority);
        }
    }
    command
}

/// Runs a block with bash, as somebody who pastes it into a terminal.
pub fn bash(server: &Server, block: &str, environment: &[(&str, &str)]) -> String {
    let mut command = trusting(server, "bash");
    command.arg("-c").arg(block).envs(environment.iter().copied());
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
    scaikey(&Server::shared());
}

fn scaikey(server: &Server) {
    let app = server.app("SERVICE", "openid admin:read", &[]);
    let [export, request, decode, call] = scaikey_blocks(server, &app).try_into().unwrap();

    let token = bash_json(server, &format!("{export}\n{request}"), &[]);
    assert_fields(&token, &["access_token", "token_type", "expires_in", "scope"]);
    assert_eq!(
        (&token["token_type"], &token["expires_in"], &token["scope"]),
        (&json!("Bearer"), &json!(3600), &json!("admin:read"))
    );
    let access_token = server.secret(token["access_token"].as_str().unwrap());
    assert!(access_token.starts_with("eyJhbGciOi"), "{access_token}");

    let here = [("ACCESS_TOKEN", access_token.as_str()), ("SCAIKEY", &server.url)];
    let claims = bash_json(server, &decode, &here);
    assert_eq!(claims["iss"], format!("{}/platform", server.url));
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!(app.client_id), &json!(app.client_id)));
    assert_eq!((&claims["scope"], &claims["token_type"]), (&json!("admin:read"), &json!("client_credentials")));
    let (from, to) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert_eq!(to - from, 3600);

    let tenants = bash_json(server, &call, &here);
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
    scaivault(&Server::start());
}

fn scaivault(server: &Server) {
    let token = server.token("secrets:read secrets:write");
    let [export, whoami, write, read, update, read_first, list] =
        scaivault_blocks(server, &token, "bash").try_into().unwrap();
    let step = |block: &str| bash_json(server, &format!("{export}\n{block}"), &[]);
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
    scaivault_in_python(&Server::start());
}

fn scaivault_in_python(server: &Server) {
    let token = server.token("secrets:read secrets:write");
    let [write, read] = scaivault_blocks(server, &token, "python").try_into().unwrap();
    let python = |code: &str| {
        let mut command = trusting(server, clients().join(".venv/bin/python"));
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
    scaivault_in_typescript(&Server::start());
}

fn scaivault_in_typescript(server: &Server) {
    let token = server.token("secrets:read secrets:write");
    let [write, read] = scaivault_blocks(server, &token, "typescript").try_into().unwrap();
    let node = |name: &str, code: &str| {
        let mut transpile = Command::new("node");
        transpile.args(["-e", TRANSPILE]).arg(clients().join("node_modules/typescript"));
        let script = server.folder().path().join(name);
        fs::write(&script, run(transpile, code.as_bytes()).ok()).unwrap();
        let mut command = trusting(server, "node");
        command.arg(&script).env("SCAIVAULT_TOKEN", &token);
        run(command, b"").ok().to_owned()
    };
    let said = node("write.mjs", &write);
    assert!(said.contains("version: 1") && said.contains("created: true"), "{said}");
    assert_eq!(node("read.mjs", &read), "3MVG9...");
}

/// Every page at the address of an nginx that ends TLS.
#[test]
fn the_quickstarts_work_behind_nginx_with_tls() {
    // Each of the last three makes the same secret first.
    let all: [fn(&Server); 3] = [
        |server| {
            scaikey(server);
            scaigrid::page(server);
            scaigrid::page_in_python(server);
            scaigrid::page_in_typescript(server);
            scalekit::quickstart::page(server);
            scaivault(server);
        },
        scaivault_in_python,
        scaivault_in_typescript,
    ];
    for pages in all {
        let folder = Arc::new(TempDir::new().unwrap());
        fs::write(folder.path().join("scaistack.toml"), scaigrid::MODELS).unwrap();
        let site = Site::new_in(folder);
        let _nginx = site.nginx();
        assert_ne!(site.server.url, format!("https://localhost:{}", site.server.addr.port()));
        pages(&site.server);
    }
}

/// The version, so that the harness is known to run the binary that was just built.
#[test]
fn the_binary_says_its_version() {
    let mut command = binary(&std::env::temp_dir());
    command.arg("--version");
    assert_eq!(run(command, b"").ok(), format!("scaistack {}", env!("CARGO_PKG_VERSION")));
}
