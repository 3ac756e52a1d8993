//! The first administrator, and signing in: no default credential, one claim of one link, nothing told to guessers.

use super::browser::{Browser, EMAIL, PASSWORD, form, leads_to, set_up, signed_in};
use super::server::{Server, run};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::Barrier;
use std::thread;

#[test]
fn of_100_claims_of_the_setup_link_one_makes_an_administrator() {
    let server = Server::start();
    let token = server.setup_token();
    server.secret(PASSWORD);
    let barrier = Barrier::new(100);
    let statuses: Vec<_> = thread::scope(|scope| {
        let (server, barrier, token) = (&server, &barrier, token.as_str());
        let claim = move |n: usize| {
            let browser = Browser::new(server);
            browser.get(&format!("/setup?token={token}"));
            barrier.wait();
            let email = format!("claims-{n}@example.com");
            let fields = [("token", token), ("email", &email), ("name", "Claims"), ("password", PASSWORD)];
            browser.post("/setup", &fields).status
        };
        let claims: Vec<_> = (0..100).map(|n| scope.spawn(move || claim(n))).collect();
        claims.into_iter().map(|claim| claim.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [303, 404, 409].contains(status)), "{statuses:?}");
    let operator = server.token("admin:read");
    let users = server.get_as(&operator, "/api/v1/admin/users").expect(200);
    assert_eq!(users["pagination"]["total"], 1, "{users:#}");
    let admins = server.get_as(&operator, "/api/v1/admin/admin-roles?role=SUPER_ADMIN").expect(200);
    assert_eq!(admins["data"].as_array().unwrap().len(), 1, "{admins:#}");
    assert_eq!(Browser::new(&server).get(&format!("/setup?token={token}")).status, 409, "used");
}

#[test]
fn before_the_setup_nobody_gets_in() {
    let server = Server::start();
    let browser = Browser::new(&server);
    for (email, password) in
        [("admin", "admin"), ("admin@localhost", "admin"), ("admin@example.com", "changeme"), ("root@localhost", "")]
    {
        assert_eq!(browser.sign_in(email, password).status, 401, "{email}");
    }
    leads_to(&browser.get("/admin/"), "/admin/sign-in?next=%2Fadmin%2F");
    for wrong in ["", "x", "sst_00000000000000000000000000000000000000", &server.setup_token().replace("sst_", "skt_")]
    {
        assert_eq!(browser.get(&format!("/setup?token={wrong}")).status, 404);
        let fields = [("token", wrong), ("email", EMAIL), ("name", "First"), ("password", PASSWORD)];
        assert_eq!(browser.post("/setup", &fields).status, 404);
    }
    // What is wrong with the form does not use the link up.
    let token = server.setup_token();
    browser.get(&format!("/setup?token={token}"));
    for (email, password) in
        [("no address", PASSWORD), (EMAIL, "short"), (EMAIL, &"x".repeat(129)), (EMAIL, &"x".repeat(1 << 16))]
    {
        let fields = [("token", token.as_str()), ("email", email), ("name", "First"), ("password", password)];
        let answer = browser.post("/setup", &fields);
        assert_eq!(answer.status, 422);
        assert!(!answer.text().contains(password), "a password comes back");
    }
    let fields = [("token", token.as_str()), ("email", EMAIL), ("name", "First"), ("password", PASSWORD)];
    leads_to(&browser.post("/setup", &fields), "/admin/");
}

#[test]
fn a_second_start_needs_nobody_and_prints_no_link_once_there_is_an_administrator() {
    let server = Server::start();
    let folder = server.folder();
    let first = server.setup_token();
    let printed = server.stop_and_show();
    assert!(printed.contains("token create") && printed.contains("root.key"), "{printed}");
    let server = Server::start_in(folder.clone(), &[]);
    let second = server.setup_token();
    assert_ne!(first, second);
    let browser = Browser::new(&server);
    assert_eq!(browser.get(&format!("/setup?token={first}")).status, 404, "the older link is dead");
    browser.get(&format!("/setup?token={second}"));
    let fields = [("token", second.as_str()), ("email", EMAIL), ("name", "First"), ("password", PASSWORD)];
    leads_to(&browser.post("/setup", &fields), "/admin/");
    let session = browser.session();
    assert!(server.stop().success());

    let server = Server::start_in(folder, &[]);
    server.secret(&session);
    let again = server.get("/admin/").header("Cookie", &format!("scaistack={session}")).send();
    assert_eq!(again.status, 200, "who was signed in still is");
    let first = format!("listens on {}", server.addr);
    let printed = server.stop_and_show();
    assert!(printed.lines().next().unwrap().ends_with(&first), "{printed}");
    assert!(!printed.contains("/setup") && !printed.contains("sst_"), "{printed}");
}

#[test]
fn two_commands_lead_from_nothing_to_a_token() {
    // The first is `scaistack serve`; the second is in what it prints.
    let server = Server::start();
    server.setup_token();
    let folder = server.folder();
    let bin = Path::new(env!("CARGO_BIN_EXE_scaistack")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let second = server.next_command("curl ");
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &second]).env("PATH", path).current_dir(folder.path());
    let whoami = run(command, b"").json();
    assert!(whoami["identity_id"].is_string() && whoami["scopes"].is_array(), "{whoami:#}");
}

#[test]
fn recover_admin_lets_an_administrator_back_in() {
    let server = set_up();
    let url = server.cli(&["recover-admin"]).ok().to_owned();
    let target = url.strip_prefix(&server.url).unwrap();
    let (_, token) = target.split_once("token=").unwrap();
    server.secret(token);
    let browser = Browser::new(&server);
    assert_eq!(browser.get(target).status, 200);
    let newer = server.secret("another few words to remember");
    let fields = [("token", token), ("email", EMAIL), ("name", "First"), ("password", newer.as_str())];
    leads_to(&browser.post("/setup", &fields), "/admin/");
    let other = Browser::new(&server);
    assert_eq!(other.sign_in(EMAIL, PASSWORD).status, 401);
    leads_to(&other.sign_in(EMAIL, &newer), "/admin/");
}

#[test]
fn a_session_changes_at_sign_in_and_ends_at_sign_out() {
    let server = set_up();
    let browser = signed_in(&server);
    let first = browser.session();
    assert_eq!(first.len(), 43);
    leads_to(&browser.sign_in(EMAIL, PASSWORD), "/admin/");
    let second = browser.session();
    assert_ne!(first, second, "a new id, whatever was there before");
    let as_session = |id: &str| server.get("/admin/").header("Cookie", &format!("scaistack={id}")).send().status;
    browser.get("/admin/");
    leads_to(&browser.post("/admin/sign-out", &[]), "/admin/sign-in");
    assert_eq!(browser.session(), "");
    assert_eq!(as_session(&second), 303, "the old id is dead");
    let forged = format!("{}A", &second[..42]);
    assert_eq!(as_session(&forged), 303);
    // The cookie of TLS counts under TLS only.
    let other = signed_in(&server).session();
    let answer = server.get("/admin/").header("Cookie", &format!("__Host-scaistack={other}")).send();
    assert_eq!(answer.status, 303);
}

#[test]
fn under_tls_cookies_are_bound_to_the_host() {
    let server = Server::shared();
    let url = format!("https://localhost:{}/admin/sign-in", server.addr.port());
    let mut curl = std::process::Command::new("curl");
    curl.args(["-s", "-D", "-", "-o", "/dev/null", "--cacert"]).arg(server.data.join("tls/ca.pem")).arg(&url);
    let said = run(curl, b"").ok().to_ascii_lowercase();
    let cookie = said.lines().find(|line| line.starts_with("set-cookie:")).unwrap_or_else(|| panic!("{said}"));
    for part in ["__host-", "secure", "httponly", "path=/", "samesite=lax"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!said.contains("strict-transport-security"), "not for an authority of our own: {said}");
}

#[test]
fn who_has_an_account_is_not_told() {
    let server = set_up();
    server.cli_with(&["user", "create", "--email", "second@example.com", "--password-stdin"], PASSWORD).ok();
    let said = |email: &str, password: &str| {
        let browser = Browser::new(&server);
        let answer = browser.sign_in(email, password);
        let headers: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| !["x-request-id", "date", "content-length"].contains(&name.as_str()))
            .cloned()
            .collect();
        let csrf = browser.csrf.borrow().clone();
        (answer.status, headers, answer.text().replace(email, "E-MAIL").replace(&csrf, "CSRF"))
    };
    let unknown = said("nobody@example.com", PASSWORD);
    assert_eq!(unknown.0, 401);
    assert_eq!(unknown, said(EMAIL, "a wrong password of the right length"));
    assert_eq!(unknown, said("second@example.com", "short"));
    assert!(!unknown.2.contains(PASSWORD));
}

#[test]
fn guessing_is_slowed_down_for_one_account_and_not_for_others() {
    let server = set_up();
    let folder = server.folder();
    server
        .cli_with(
            &["user", "create", "--email", "second@example.com", "--role", "tenant_admin", "--password-stdin"],
            PASSWORD,
        )
        .ok();
    assert!(server.stop().success());
    let server = Server::start_in(folder, &[("SCAISTACK_AUTH_ATTEMPTS_PER_ACCOUNT", "3")]);
    server.secret(PASSWORD);
    let browser = Browser::new(&server);
    for _ in 0..3 {
        assert_eq!(browser.sign_in(EMAIL, "wrong wrong wrong").status, 401);
    }
    let limited = browser.sign_in(EMAIL, PASSWORD);
    assert_eq!(limited.status, 429, "the right password too: {}", limited.text());
    leads_to(&browser.sign_in("second@example.com", PASSWORD), "/admin/");
}

#[test]
fn sign_ins_are_in_the_log_the_refused_ones_too() {
    let server = set_up();
    let token = server.token("audit:read");
    let browser = Browser::new(&server);
    assert_eq!(browser.sign_in(EMAIL, "not the password at all").status, 401);
    leads_to(&browser.sign_in(EMAIL, PASSWORD), "/admin/");
    let fits =
        |result: &'static str| move |row: &serde_json::Value| row["action"] == "login" && row["result"] == result;
    let good = super::audit::wait_for(&server, &token, "action=login", fits("success"));
    assert_eq!((&good["actor_name"], &good["user_agent"]), (&json!(EMAIL), &json!("test browser")));
    let bad = super::audit::wait_for(&server, &token, "action=login", fits("denied"));
    assert_eq!(bad["actor_type"], "anonymous");
}

/// A page of ours is reached by whoever signs in, and no other site's.
#[test]
fn the_way_back_after_the_sign_in_is_our_own() {
    let server = set_up();
    for (next, to) in [
        ("/admin/audit", "/admin/audit"),
        ("/admin/secrets?prefix=a%2F", "/admin/secrets?prefix=a%2F"),
        ("//evil.example", "/admin/"),
        ("https://evil.example/admin/", "/admin/"),
        ("/\\evil.example", "/admin/"),
        ("/admin/../../evil", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
    ] {
        let browser = Browser::new(&server);
        browser.get(&format!("/admin/sign-in?{}", form(&[("next", next)])));
        let answer = browser.post("/admin/sign-in", &[("email", EMAIL), ("password", PASSWORD), ("next", next)]);
        if next.contains("..") {
            assert!(answer.header("location").is_some_and(|to| to.starts_with("/admin/")));
        } else {
            leads_to(&answer, to);
        }
    }
}

#[test]
fn no_default_credential_is_in_the_binary_or_the_documents() {
    const KNOWN: [&str; 8] = [
        "admin:admin",
        "changeme",
        "change-me",
        "password123",
        "letmein",
        "default_password",
        "hunter2",
        "correct horse",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in [
        Path::new(env!("CARGO_BIN_EXE_scaistack")),
        &root.join("README.md"),
        &root.join("ARCHITECTURE.md"),
        &root.join("scaistack.toml"),
    ] {
        let content = fs::read(file).unwrap();
        let content = String::from_utf8_lossy(&content);
        for known in KNOWN {
            assert!(!content.contains(known), "{known} in {}", file.display());
        }
    }
}
