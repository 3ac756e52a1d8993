//! The nouns of the command line, with the real server: people and their roles, tenants, applications, limits, mails, the audit log.

use super::server::{Server, binary, cli, run, unique};
use super::wire::PATIENCE;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

const PASSWORD: &str = "correct horse battery staple";

/// Somebody is invited, comes in, is locked out, and goes.
#[test]
fn the_life_of_a_user() {
    let server = Server::shared();
    let email = format!("{}@example.com", unique("life"));
    let invited = server.cli(&["user", "create", "--email", &email, "--json"]).json();
    let link = server.secret(invited["link"].as_str().unwrap());
    assert!(link.starts_with(&server.url) && invited["mail_status"] == "WAITING", "{invited:#}");
    let again = server.cli(&["user", "resend", &email, "--json"]).json();
    assert_ne!(server.secret(again["link"].as_str().unwrap()), link, "a new link");
    let shown = server.cli(&["outbox", "list", "--search", &email]);
    assert!(shown.ok().contains(&email) && !shown.stdout.contains("token="), "{shown:?}");
    let mail = again["mail_id"].as_str().unwrap();
    assert_eq!(server.cli(&["outbox", "link", mail]).ok(), again["link"].as_str().unwrap());

    let tested = server.cli(&["outbox", "test", &email]);
    assert!(tested.code == 1 && tested.stderr.contains("mail.smtp_host"), "{tested:?}");

    server.secret(PASSWORD);
    server.cli_with(&["user", "set-password", &email, "--password-stdin"], PASSWORD).ok();
    server.cli(&["user", "enable", &email]).ok();
    server.cli(&["user", "verify", &email]).ok();
    server.cli(&["user", "update", &email, "--display-name", "Life"]).ok();
    let sign_in = || {
        let body = json!({ "email": email, "password": PASSWORD });
        server.call("POST", "/api/v1/auth/login").json(&body).send().status
    };
    assert_eq!(sign_in(), 200);
    server.cli(&["user", "disable", &email]).ok();
    assert_ne!(sign_in(), 200);
    assert!(server.cli(&["user", "list", "--status", "disabled", "--search", &email]).ok().contains("DISABLED"));
    server.cli(&["user", "enable", &email]).ok();

    let admin = format!("{}@example.com", unique("admin"));
    let line = ["user", "create", "--email", &admin, "--role", "super_admin", "--password-stdin"];
    server.cli_with(&line, PASSWORD).ok();
    assert!(server.cli(&["user", "role", &admin]).ok().contains("super_admin"));
    server.cli(&["user", "role", &email, "tenant_admin"]).ok();
    server.cli(&["role", "grant", &email, "super_admin"]).ok();
    let row = server.cli(&["user", "list", "--search", &email, "--json"]).json()[0].clone();
    assert_eq!(
        (&row["role"], &row["admin_roles"], &row["tenant_slug"], &row["display_name"]),
        (&json!("tenant_admin"), &json!(["super_admin"]), &json!("default"), &json!("Life"))
    );
    let table = server.cli(&["user", "list", "--search", &email]);
    assert!(table.ok().contains("default  tenant_admin  super_admin"), "{table:?}");
    assert!(server.cli(&["role", "list", "--role", "super_admin"]).ok().contains(&email));
    server.cli(&["role", "revoke", &email, "super_admin"]).ok();
    assert!(!server.cli(&["role", "list", "--user", &email, "--json"]).ok().contains("SUPER_ADMIN"));

    server.cli(&["user", "delete", &email]).ok();
    assert_eq!(server.cli(&["user", "show", &email]).code, 1);
    server.cli(&["user", "restore", &email]).ok();
}

#[test]
fn tenants_applications_roles_and_limits_are_changed() {
    let server = Server::shared();
    let slug = unique("changed");
    server.cli(&["tenant", "create", "--slug", &slug, "--name", "Before"]).ok();
    let changed = server.cli(&["tenant", "update", &slug, "--name", "After", "--json"]).json();
    assert_eq!(changed["name"], "After");
    server.cli(&["tenant", "suspend", &slug]).ok();
    assert_eq!(server.cli(&["tenant", "show", &slug, "--json"]).json()["status"], "SUSPENDED");
    server.cli(&["tenant", "resume", &slug]).ok();
    let wrong = server.cli(&["tenant", "create", "--slug", "Acme Corp", "--name", "x"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("acme-corp would do"), "{wrong:?}");

    let name = unique("twice");
    let create = ["app", "create", "--name", &name, "--type", "web", "--scope", "tenant", "--tenant", &slug, "--json"];
    server.secret(server.cli(&create).json()["client_secret"].as_str().unwrap());
    let second = server.cli(&create);
    assert!(second.code == 2 && second.stderr.contains("--another"), "{second:?}");
    let line = ["app", "update", &name, "--redirect-uri", "https://a.example/cb", "--token-lifetime", "5m", "--json"];
    let updated = server.cli(&line).json();
    assert_eq!(
        (&updated["redirect_uris"], &updated["token_lifetime"]),
        (&json!(["https://a.example/cb"]), &json!(300))
    );

    server.cli(&["limit", "set", "--tenant", &slug, "--total", "5000"]).ok();
    server.cli(&["limit", "set", "--tenant", &slug, "--per-user", "70"]).ok();
    let limits = server.cli(&["limit", "show", "--tenant", &slug, "--json"]).json();
    assert_eq!((&limits["tenant"]["override"], &limits["user"]["override"]), (&json!(5000), &json!(70)));
    server.cli(&["limit", "clear", "--tenant", &slug]).ok();
    assert!(server.cli(&["limit", "show", "--tenant", &slug]).ok().contains("false"));

    let role = unique("Support");
    server.cli(&["role", "custom", "create", "--name", &role, "--permission", "users:manage"]).ok();
    assert!(server.cli(&["role", "custom", "list"]).ok().contains(&role));
    server.cli(&["role", "custom", "delete", &role]).ok();
    assert!(server.cli(&["role", "permissions"]).ok().contains("users:manage"));
    server.cli(&["tenant", "delete", &slug]).ok();
    server.cli(&["tenant", "restore", &slug]).ok();
}

#[test]
fn the_log_is_listed_followed_and_exported() {
    let server = Server::start();
    let before = server.cli(&["tenant", "create", "--slug", "before", "--name", "x", "--json"]).json();
    let since = server.cli(&["audit", "list", "--since", "1h", "--action", "tenant.create", "--json"]).json();
    assert_eq!(since[0]["resource_id"], before["id"], "{since:#}");
    assert_eq!(server.cli(&["audit", "list", "--until", "1h", "--json"]).json(), json!([]));
    assert_eq!(server.cli(&["audit", "list", "--since", "yesterday"]).code, 2);
    let exported = server.cli(&["audit", "export", "--since", "1h", "--format", "csv"]);
    assert!(
        exported.ok().starts_with("id,timestamp,action,") && exported.stdout.contains("tenant.create"),
        "{exported:?}"
    );
    let lines = server.cli(&["audit", "export"]);
    assert!(lines.ok().lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{lines:?}");

    let mut command = binary(&server.data);
    command
        .args(["audit", "tail", "--follow", "--json", "--action", "tenant.create"])
        .env("SCAISTACK_DATA", &server.data);
    let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let mut rows = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<serde_json::Value>(&rows.next().unwrap().unwrap()).unwrap();
    while next()["resource_id"] != before["id"] {}
    let made = server.cli(&["tenant", "create", "--slug", "after", "--name", "y", "--json"]).json();
    let second = next();
    assert_eq!(second["resource_id"], made["id"], "{second:#}");
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Every form says the same, and an empty list says that it is empty.
#[test]
fn lists_come_in_four_forms() {
    let server = Server::shared();
    let slug = unique("forms");
    server.cli(&["tenant", "create", "--slug", &slug, "--name", "=1+1, \"Inc.\""]).ok();
    let list = |more: &[&str]| server.cli(&[&["tenant", "list", "--search", &slug], more].concat());
    assert!(list(&[]).ok().contains("=1+1, \"Inc.\""));
    assert_eq!(list(&["--json"]).json(), list(&["-o", "json"]).json());
    let yaml = list(&["--output", "yaml"]);
    assert!(
        yaml.ok().starts_with("- id: tnt_") && yaml.stdout.contains("\n  name: \"=1+1, \\\"Inc.\\\"\"\n"),
        "{yaml:?}"
    );
    let csv = list(&["-o", "csv"]);
    assert!(
        csv.ok().starts_with("id,slug,name,status,partner\r\n") && csv.stdout.contains("\"'=1+1, \"\"Inc.\"\"\""),
        "{csv:?}"
    );
    assert_eq!(server.cli(&["tenant", "list", "--json", "-o", "csv"]).code, 2);
    let none = server.cli(&["tenant", "list", "--search", "no-such-tenant"]);
    assert!(none.code == 0 && none.stdout.is_empty() && none.stderr.contains("no such tenants"), "{none:?}");
    assert_eq!(server.cli(&["tenant", "list", "--search", "no-such-tenant", "--json"]).json(), json!([]));
}

#[test]
fn settings_are_checked_and_found_where_systems_keep_them() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("config/scaistack");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("scaistack.toml"), "\u{feff}[server]\nlisten = \"127.0.0.1:9\"\n").unwrap();
    let check = |more: &[&str], set: &[(&str, &str)]| {
        let mut command = binary(folder.path());
        command.args(["config", "check"]).args(more).env("XDG_CONFIG_HOME", folder.path().join("config"));
        command.envs(set.iter().copied());
        run(command, b"")
    };
    let found = check(&["--json"], &[]).json();
    assert!(
        found["ok"] == true && found["file"].as_str().unwrap().ends_with("config/scaistack/scaistack.toml"),
        "{found:#}"
    );
    let wrong = check(&[], &[("SCAISTACK_SERVER_LISTEN", "nowhere")]);
    assert!(wrong.code == 2 && wrong.stderr.contains("SCAISTACK_SERVER_LISTEN"), "{wrong:?}");
    let missing = check(&[], &[("SCAISTACK_STORAGE_PASSPHRASE_FILE", "/no/such/file")]);
    assert!(missing.code == 2 && missing.stderr.contains("/no/such/file"), "{missing:?}");
    assert_eq!(check(&["--config", "/no/such.toml"], &[]).code, 2);

    let pages = folder.path().join("man1");
    std::fs::create_dir(&pages).unwrap();
    cli(&folder.path().join("data"), &["man", pages.to_str().unwrap()], "").ok();
    let page = std::fs::read_to_string(pages.join("scaistack-secret-put.1")).unwrap();
    assert!(page.contains(".TH") && page.contains("Examples"), "{page}");
    assert!(cli(&folder.path().join("data"), &["man"], "").ok().contains("scaistack"));
}

/// A server that is stopped does not hold a command for ever.
#[test]
fn a_stopped_server_is_not_waited_for() {
    let server = Server::start();
    server.signal(rustix::process::Signal::STOP);
    let started = std::time::Instant::now();
    let ran = server.cli(&["tenant", "list", "--timeout", "1s"]);
    server.signal(rustix::process::Signal::CONT);
    assert!(ran.code == 1 && ran.stderr.contains("has not answered for 1 s"), "{ran:?}");
    assert!(started.elapsed() < PATIENCE);
    assert!(server.stop().success());
}
