//! A data folder that the first release wrote: it opens with everything in it, once brought up to date.
//!
//! What it holds was made by that release through its own API: the tenants `acme`, `beta` and `gone` (deleted), and people
//! at home in one of them with a membership, without one that was taken away, and with one of `beta` besides.

use super::server::Server;
use serde_json::{Value, json};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

const PASSWORD: &str = "correct horse battery";
/// What the first release printed when it made them: a key of `kept@acme.example`, and an application.
const API_KEY: &str = "sgk_1QSh19sln2tqeAhLwS301z7bZI0NcZll1tnJxz";
const CLIENT_ID: &str = "skc_914605111934116493";
const CLIENT_SECRET: &str = "scs_19Mo1SFi8BGKJIgK9sDM5puj1oICvTDv2fRLTv";

fn old_folder() -> Arc<tempfile::TempDir> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/first-release");
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let mut file = Vec::new();
    flate2::read::GzDecoder::new(fs::File::open(from.join("scaistack.db.gz")).unwrap()).read_to_end(&mut file).unwrap();
    fs::write(data.join("scaistack.db"), file).unwrap();
    fs::copy(from.join("root.key"), data.join("root.key")).unwrap();
    folder
}

/// The rows of a list of the admin API.
fn rows(server: &Server, token: &str, path: &str) -> Vec<Value> {
    let listed = server.get(path).bearer(token).send().expect_success();
    let rows = listed.as_array().or_else(|| listed.as_object()?.values().find_map(Value::as_array));
    rows.unwrap_or_else(|| panic!("no list: {listed}")).clone()
}

/// The e-mails of the users whom an admin of a tenant sees.
fn members(server: &Server, token: &str, tenant: &str) -> Vec<String> {
    let users = rows(server, token, &format!("/api/v1/admin/users?tenant_id={tenant}&per_page=100"));
    let mut found: Vec<String> = users.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect();
    found.sort();
    found
}

fn signs_in_to(server: &Server, email: &str) -> Option<Value> {
    let body = json!({ "email": email, "password": PASSWORD });
    let answer = server.call("POST", "/api/v1/auth/login").json(&body).send();
    (answer.status == 200).then(|| answer.expect_success()["data"]["tenant_id"].clone())
}

#[test]
fn a_home_is_no_membership_once_an_old_folder_is_brought_up() {
    let folder = old_folder();
    let mut brought_up = Vec::new();
    for _ in 0..2 {
        let server = Server::start_in(Arc::clone(&folder), &[]);
        let token = server.token("admin:read");
        let tenants = rows(&server, &token, "/api/v1/admin/tenants?per_page=100");
        let of = |slug: &str| {
            tenants.iter().find(|row| row["slug"] == slug).map(|row| row["id"].as_str().unwrap().to_owned())
        };
        let (acme, beta) = (of("acme").unwrap(), of("beta").unwrap());
        assert_eq!(of("gone"), None);
        let at_acme = members(&server, &token, &acme);
        assert!(at_acme.contains(&"kept@acme.example".to_owned()), "{at_acme:?}");
        for gone in ["left@acme.example", "moved@acme.example"] {
            assert!(!at_acme.contains(&gone.to_owned()), "{gone}: the log shows that the membership was taken away");
        }
        assert_eq!(members(&server, &token, &beta), ["lost@gone.example", "moved@acme.example"]);
        assert_eq!(signs_in_to(&server, "kept@acme.example"), Some(json!(acme)));
        assert_eq!(signs_in_to(&server, "left@acme.example"), None);
        assert_eq!(signs_in_to(&server, "moved@acme.example"), Some(json!(beta)));
        assert_eq!(signs_in_to(&server, "lost@gone.example"), Some(json!(beta)), "their home was deleted");
        server.get("/v1/models").bearer(API_KEY).send().expect_success();
        let form = format!("grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}");
        let answer = server.call("POST", "/api/v1/platform/oauth/token").form(&form).send();
        assert!(answer.expect_success()["access_token"].is_string(), "keys and secrets of machines go on working");
        let secret = server.cli(&["secret", "get", "infra/db", "--json"]).json();
        assert!(secret.to_string().contains("hunter2"), "{secret}");
        server.cli(&["audit", "verify"]).ok();
        let log = fs::read_to_string(&server.log).unwrap();
        brought_up.push(log.matches("the schema was brought up").count());
        drop(server);
    }
    assert!(brought_up[0] > 0 && brought_up[0] == brought_up[1], "once: {brought_up:?}");
}
