//! The commands of the README as they are printed, in one shell, by somebody who stands in another folder.

use super::init::Site;
use super::quickstarts::blocks;
use super::server::{Server, run};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

const README: &str = include_str!("../../README.md");

/// Between what two blocks print.
const MARK: &str = "==== the next block ====";

/// A shell in `folder` that finds `scaistack` in `path`. Nothing of this process's settings is in it.
fn shell(script: &str, path: &Path, folder: &Path) -> Command {
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", script]).current_dir(folder);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SCAISTACK")) {
        command.env_remove(name);
    }
    command.env("PATH", format!("{}:{}", path.display(), std::env::var("PATH").unwrap()));
    command
}

/// The blocks of a terminal that a reader runs, at the address of a server.
fn commands(url: &str) -> Vec<String> {
    let of_terminal = blocks(README, "bash").into_iter().filter(|block| !block.contains("target/release"));
    of_terminal.map(|block| block.replace("http://127.0.0.1:8080", url).replace("curl ", "curl -sS ")).collect()
}

/// All quickstarts: what each block prints is what it promises.
pub fn works(url: &str, path: &Path, folder: &Path) {
    works_with(url, path, folder, &[]);
}

fn works_with(url: &str, path: &Path, folder: &Path, environment: &[(&str, &Path)]) {
    let quickstarts: Vec<_> =
        commands(url).into_iter().filter(|block| !block.contains("/safe/place") && !block.contains("/tls/")).collect();
    let mut command = shell(&quickstarts.join(&format!("\necho '{MARK}'\n")), path, folder);
    let ran = run(
        {
            command.envs(environment.iter().copied());
            command
        },
        b"",
    );
    let said: Vec<&str> = ran.ok().split(MARK).collect();
    let find = |needle: &str| {
        let at = quickstarts.iter().position(|block| block.contains(needle));
        said[at.unwrap_or_else(|| panic!("the README has no block with {needle}"))]
    };
    let answers = |needle: &str| -> Vec<Value> {
        let parsed = serde_json::Deserializer::from_str(find(needle)).into_iter().collect::<Result<_, _>>();
        parsed.unwrap_or_else(|error| panic!("{error}: {}", find(needle)))
    };
    assert!(answers("/v1/auth/whoami")[0]["identity_id"].is_string(), "{ran:?}");
    assert_eq!(answers("SCAIKEY=")[0]["data"][0]["slug"], "default", "{ran:?}");
    assert!(find("--type WEB").contains("scs_"), "the secret of the application: {ran:?}");
    assert_eq!(answers("SCAIGRID=")[0]["status"], "ok", "{ran:?}");
    let [user, organizations] = answers("SCALEKIT_CLIENT_ID=").try_into().unwrap();
    assert_eq!(user["user"]["email"], "bob@example.com", "{user:#}");
    assert!(organizations["total_size"].as_u64().unwrap() >= 2, "{organizations:#}");
    let [written, read, listed] = answers("SCAIVAULT=").try_into().unwrap();
    assert_eq!((&written["version"], &read["data"]["client_secret"]), (&json!(1), &json!("REDACTED")));
    assert_eq!(listed["secrets"].as_array().unwrap().len(), 1);
}

fn built() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_scaistack")).parent().unwrap().to_owned()
}

#[test]
fn the_readme_works_as_printed() {
    let server = Server::start();
    works(&server.url, &built(), server.folder().path());
    keeps(&server);
}

/// "Keeping it": a backup, its restore, and what is between them.
fn keeps(server: &Server) {
    let place = TempDir::new().unwrap();
    fs::copy(server.data.join("root.key"), place.path().join("root.key")).unwrap();
    let block = commands(&server.url).into_iter().find(|block| block.contains("/safe/place")).unwrap();
    let block = block.replace("/safe/place", place.path().to_str().unwrap());
    let block = block.replace("/new/folder", place.path().join("restored").to_str().unwrap());
    run(shell(&block, &built(), server.folder().path()), b"seven words that open the file again").ok();
    assert!(place.path().join("restored/scaistack.db").exists());
}

#[test]
fn the_readme_works_behind_nginx_with_tls() {
    let site = Site::new_in(Arc::new(TempDir::new().unwrap()));
    let _nginx = site.nginx();
    let server = &site.server;
    let authority = server.data.join("tls/ca.pem");
    works_with(&server.url, &built(), server.folder().path(), &[("CURL_CA_BUNDLE", &authority)]);
}

/// The names of files that the README gives to the SDKs.
#[test]
fn the_authority_lies_where_the_readme_says() {
    let server = Server::start();
    let block = commands(&server.url).into_iter().find(|block| block.contains("/tls/")).expect("the SDKs' lines");
    let script =
        format!("{block}\ncat \"$GRPC_DEFAULT_SSL_ROOTS_FILE_PATH\" \"$REQUESTS_CA_BUNDLE\" \"$NODE_EXTRA_CA_CERTS\"");
    let ran = run(shell(&script, &built(), server.folder().path()), b"");
    assert_eq!(ran.ok().matches("BEGIN CERTIFICATE").count(), 3);
}
