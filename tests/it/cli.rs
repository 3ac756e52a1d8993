//! The command line: what it prints, how it exits, and the three ways in which it reaches the data.

use super::server::{Server, binary, cli, run, unique};
use super::wire::assert_fields;
use serde_json::json;
use std::fs;
use std::path::Path;

const PASSWORD: &str = "correct horse battery staple";

#[test]
fn app_create_prints_the_credentials_once() {
    let server = Server::shared();
    let name = unique("printed");
    let create = [
        "app",
        "create",
        "--name",
        &name,
        "--type",
        "SERVICE",
        "--scope",
        "GLOBAL",
        "--allowed-scopes",
        "openid admin:read",
        "--json",
    ];
    let made = server.cli(&create).json();
    assert_fields(&made, &["id", "client_id", "client_secret"]);
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    server.secret(&text("client_secret"));
    assert!(
        text("id").starts_with("app_")
            && text("client_id").starts_with("skc_")
            && text("client_secret").starts_with("scs_")
    );
    let listed = server.cli(&["app", "list", "--search", &name, "--json"]);
    assert_eq!(listed.json()[0]["client_id"], made["client_id"]);
    assert!(!listed.stdout.contains(&text("client_secret")), "shown once");
    let shown = server.cli(&["app", "show", &name, "--json"]);
    assert!(!shown.ok().contains(&text("client_secret")), "shown once");
    let rotated = server.cli(&["app", "rotate-secret", &name, "--json"]).json();
    assert_fields(&rotated, &["id", "client_id", "client_secret"]);
    assert_ne!(server.secret(rotated["client_secret"].as_str().unwrap()), text("client_secret"));
    let public = server
        .cli(&["app", "create", "--name", &unique("public"), "--type", "spa", "--scope", "global", "--json"])
        .json();
    assert!(public.get("client_secret").is_none_or(serde_json::Value::is_null), "{public}");
}

#[test]
fn tenants_and_users_are_made_with_the_password_on_stdin() {
    let server = Server::shared();
    let slug = unique("acme");
    let tenant = server.cli(&["tenant", "create", "--name", "Acme & Co", "--slug", &slug, "--json"]).json();
    assert_fields(&tenant, &["id", "slug"]);
    let email = format!("{slug}@example.com");
    server.secret(PASSWORD);
    let create = [
        "user",
        "create",
        "--email",
        &email,
        "--tenant",
        &slug,
        "--role",
        "tenant_admin",
        "--password-stdin",
        "--json",
    ];
    let user = server.cli_with(&create, &format!("{PASSWORD}\n")).json();
    assert!(user["id"].as_str().unwrap().starts_with("usr_"));
    assert_eq!(server.cli(&["user", "list", "--tenant", &slug, "--json"]).json()[0]["email"], email);
    assert_eq!(server.cli(&["tenant", "show", &slug, "--json"]).json()["id"], tenant["id"]);

    let token = server.secret(server.cli(&["token", "create", "--user", &email, "--scopes", "secrets:read"]).ok());
    let whoami = server.get_as(&token, "/v1/auth/whoami").expect(200);
    assert_eq!((&whoami["identity_id"], &whoami["identity_type"]), (&json!(format!("user:{email}")), &json!("user")));
    assert_eq!(whoami["tenant_id"], tenant["id"]);

    for (wrong, stdin) in [(create.to_vec(), PASSWORD), (create.to_vec(), "short"), (create.to_vec(), "")] {
        let ran = server.cli_with(&wrong, stdin);
        assert_ne!(ran.code, 0);
        assert!(
            ran.stdout.is_empty() && ran.stderr.contains("\"error\": {") && !ran.stderr.contains(PASSWORD),
            "{ran:?}"
        );
    }
}

/// Reading the log writes rows to it, so numbered pages moved under whoever read them.
#[test]
fn lists_are_whole_while_they_change() {
    let server = Server::start();
    let operator = server.token("admin:read admin:write");
    for _ in 0..260 {
        server.get_as(&operator, "/api/v1/admin/audit?per_page=1").expect(200);
    }
    let rows = server.cli(&["audit", "list", "--limit", "1000", "--own-reads", "--json"]).json();
    let ids: Vec<_> = rows.as_array().unwrap().iter().map(|row| row["id"].to_string()).collect();
    let unique_ids: std::collections::BTreeSet<_> = ids.iter().collect();
    assert!(ids.len() > 200 && unique_ids.len() == ids.len(), "{} of {}", unique_ids.len(), ids.len());
    assert_eq!(
        server.cli(&["audit", "list", "--limit", "150", "--own-reads", "--json"]).json().as_array().unwrap().len(),
        150
    );
    assert_eq!(server.cli(&["tenant", "list", "--limit", "1", "--json"]).json().as_array().unwrap().len(), 1);

    let tenant = server.tenant("paged");
    let make = |number: usize| {
        let body = json!({ "email": format!("u{number}@paged.example"), "tenant_id": tenant });
        let made = server.call("POST", "/api/v1/admin/users").bearer(&operator).json(&body).send();
        let made = made.expect(201);
        made["id"].as_str().or_else(|| made["data"]["id"].as_str()).unwrap().to_owned()
    };
    let users: Vec<String> = (0..25).map(make).collect();
    let (mut seen, mut next, mut made) = (Vec::new(), String::new(), 100);
    loop {
        let place = if next.is_empty() { "page=1".to_owned() } else { format!("cursor={next}") };
        let target = format!("/api/v1/admin/users?tenant_id={tenant}&per_page=10&{place}");
        let part = server.get_as(&operator, &target).expect(200);
        seen.extend(part["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        // One that was shown goes, and one comes.
        if seen.len() <= 20 {
            let gone = &seen[made - 100];
            server.call("DELETE", &format!("/api/v1/admin/users/{gone}")).bearer(&operator).send().expect(204);
            make(made);
            made += 1;
        }
        let Some(cursor) = part["pagination"]["next_cursor"].as_str() else { break };
        next = cursor.to_owned();
    }
    for user in &users {
        assert_eq!(seen.iter().filter(|id| *id == user).count(), 1, "{user}");
    }
}

/// The rows of a server's file are what they should be, after all that the tests have done to it.
#[test]
fn check_looks_at_every_row() {
    let server = Server::shared();
    let checked = server.cli(&["check", "--json"]).json();
    assert_eq!((&checked["ok"], &checked["faults"]), (&json!(true), &json!([])), "{checked:#}");
    assert!(checked["rows"].as_u64().unwrap() > 5);
    assert!(server.cli(&["check", "--repair"]).ok().contains("0 faults mended, 0 left"));
}

/// A job that is asked for has run when the command ends; doctor and the metrics know of it.
#[test]
fn a_job_runs_when_it_is_asked_for() {
    let server = Server::shared();
    let listed = server.cli(&["job", "list"]).ok().to_owned();
    assert!(listed.contains("purge-secrets") && listed.contains("1 h"), "{listed}");
    let before = server.cli(&["job", "show", "purge-secrets", "--json"]).json()["runs"].as_u64().unwrap();
    let run = server.cli(&["job", "run", "purge-secrets", "--json"]).json();
    assert_eq!(run["status"], "DONE", "{run:#}");
    let after = server.cli(&["job", "show", "purge-secrets", "--json"]).json();
    assert_eq!((after["runs"].as_u64(), &after["failures"]), (Some(before + 1), &json!(0)), "{after:#}");
    let none = server.cli(&["job", "run", "a/b c"]);
    assert!(none.code == 1 && none.stderr.contains("Job not found"), "{none:?}");
    assert!(server.cli(&["doctor"]).stdout.contains("none fails"));
    let logged = server.cli(&["audit", "list", "--action", "job.run", "--json"]).json();
    let row = |row: &&serde_json::Value| row["result"] == "success" && row["resource_id"] == "purge-secrets";
    assert!(logged.as_array().unwrap().iter().any(|logged| row(&logged)), "{logged:#}");
}

#[test]
fn token_create_prints_the_bare_token() {
    let server = Server::shared();
    let ran = server.cli(&["token", "create"]);
    let token = server.secret(ran.ok());
    assert!(token.starts_with("skt_") && !token.contains('\n'), "{ran:?}");
    server.get_as(&token, "/v1/auth/whoami").expect(200);
    let made =
        server.cli(&["token", "create", "--scopes", "secrets:read secrets:write", "--name", "for ci", "--json"]).json();
    assert_fields(&made, &["id", "token"]);
    server.secret(made["token"].as_str().unwrap());
    let listed = server.cli(&["token", "list", "--json"]);
    let row = listed.json().as_array().unwrap().iter().find(|row| row["id"] == made["id"]).cloned().unwrap();
    assert_eq!((&row["name"], &row["scopes"]), (&json!("for ci"), &json!(["secrets:read", "secrets:write"])));
    assert!(!listed.stdout.contains("skt_"), "shown once: {}", listed.stdout);
}

#[test]
fn exit_codes_are_0_1_and_2() {
    let server = Server::shared();
    let code = |args: &[&str]| {
        let ran = server.cli(args);
        assert_eq!(ran.code == 0, ran.stderr.is_empty(), "{ran:?}");
        ran.code
    };
    assert_eq!(code(&["tenant", "list", "--json"]), 0);
    assert_eq!(code(&["tenant", "show", "no-such-tenant"]), 1);
    assert_eq!(code(&["secret", "get", "no/such"]), 1);
    assert_eq!(code(&["token", "create", "--scopes", "no:such"]), 1);
    assert_eq!(code(&["app", "create", "--name", "x"]), 2);
    assert_eq!(code(&["app", "create", "--name", "x", "--type", "TOASTER", "--scope", "GLOBAL"]), 2);
    assert_eq!(code(&["nonsense"]), 2);
    assert_eq!(code(&["secret", "get", "Upper/Case"]), 2);
    assert_eq!(code(&["token", "create", "--expires-in", "soon"]), 2);
    assert_eq!(code(&["serve", "--listen", "nowhere"]), 2);
}

#[test]
fn secrets_go_in_by_stdin_and_out_to_a_program() {
    let server = Server::shared();
    let front = unique("cli");
    let path = format!("{front}/db");
    let value = server.secret("pass word with 'quotes' and $dollars");
    server.cli_with(&["secret", "put", &path, "user=app", "password=-", "--tag", "db"], &value).ok();
    assert_eq!(server.cli(&["secret", "get", &path, "--field", "password"]).ok(), value);
    let shown = server.cli(&["secret", "get", &path, "--json"]).json();
    assert_eq!((&shown["version"], &shown["data"]["user"]), (&json!(1), &json!("app")));
    let second = server.secret("the second value");
    server.cli_with(&["secret", "put", &path, "--data-stdin"], &json!({ "password": second }).to_string()).ok();
    assert_eq!(server.cli(&["secret", "get", &path, "--version", "1", "--field", "password"]).ok(), value);
    let listed = server.cli(&["secret", "list", &format!("{front}/"), "--json"]).json();
    assert_eq!((&listed[0]["path"], &listed[0]["version"]), (&json!(path), &json!(2)));
    let versions = server.cli(&["secret", "versions", &path, "--json"]).json();
    assert_eq!(versions["versions"].as_array().unwrap().len(), 2, "{versions:#}");

    let ran = server.cli(&["run", "--prefix", &path, "--", "sh", "-c", "printf %s \"$PASSWORD\""]);
    assert_eq!(ran.ok(), second);
    assert_eq!(server.cli(&["run", "--prefix", &path, "--", "sh", "-c", "exit 7"]).code, 7);
    let missing = server.cli(&["run", "--prefix", "no/such", "--", "true"]);
    assert_eq!(missing.code, 1, "{missing:?}");

    server.cli(&["secret", "delete", &path]).ok();
    let gone = server.cli(&["secret", "get", &path]);
    assert!(gone.code == 1 && gone.stderr.contains("scaistack secret restore"), "it says how to restore it: {gone:?}");
    server.cli(&["secret", "restore", &path]).ok();
    assert_eq!(server.cli(&["secret", "get", &path, "--field", "password"]).ok(), second);
}

#[test]
fn another_server_is_reached_with_a_token() {
    let server = Server::shared();
    let token = server.token("admin:read");
    let elsewhere = |args: &[&str]| {
        let mut command = binary(Path::new("/"));
        command.args(args).env("SCAISTACK_TOKEN", &token);
        run(command, b"")
    };
    let listed = elsewhere(&["tenant", "list", "--json", "--server", &server.url]).json();
    assert!(listed.as_array().unwrap().iter().any(|row| row["slug"] == "default"));
    let as_flag = server.cli(&["tenant", "list", "--json", "--server", &server.url, "--token", &token]);
    assert_eq!(as_flag.json(), listed);
    let https = format!("https://localhost:{}", server.addr.port());
    let ca = server.data.join("tls/ca.pem").display().to_string();
    assert_eq!(elsewhere(&["tenant", "list", "--json", "--server", &https, "--ca", &ca]).json(), listed);
    let distrusted = elsewhere(&["tenant", "list", "--server", &https]);
    assert!(distrusted.code == 1 && distrusted.stderr.contains("SCAISTACK_CA"), "{distrusted:?}");
    let mut command = binary(Path::new("/"));
    command.args(["tenant", "list", "--json", "--server", &https]);
    command.env("SCAISTACK_TOKEN", &token).env("SCAISTACK_CA", &ca);
    assert_eq!(run(command, b"").json(), listed);
    assert_eq!(
        elsewhere(&["tenant", "create", "--slug", "x", "--name", "x", "--server", &server.url]).code,
        1,
        "the scope is missing"
    );
    for local in
        [&["backup", "/tmp/x"][..], &["key-slot", "list"], &["check"], &["audit", "verify"], &["doctor"], &["verify"]]
    {
        let ran = elsewhere(&[local, &["--server", &server.url]].concat());
        assert!(ran.code == 2 && ran.stderr.contains("server's machine"), "what is local stays local: {ran:?}");
    }
    let refused = elsewhere(&["tenant", "show", "no-such", "--json", "--server", &server.url]);
    let error: serde_json::Value = serde_json::from_str(&refused.stderr).unwrap();
    assert!(
        refused.stdout.is_empty() && error["error"]["message"].as_str().unwrap().contains("no tenant"),
        "{error:#}"
    );
    assert_eq!(elsewhere(&["tenant", "list", "--server", "http://127.0.0.1:1"]).code, 1);
}

#[test]
fn without_a_server_the_file_is_opened_itself() {
    let server = Server::start();
    let (folder, data) = (server.folder(), server.data.clone());
    assert!(server.stop().success());
    let token = cli(&data, &["token", "create", "--scopes", "secrets:read"], "").ok().to_owned();
    cli(&data, &["secret", "put", "a/b", "value=-"], "written without a server").ok();
    assert_eq!(cli(&data, &["secret", "get", "a/b", "--field", "value"], "").ok(), "written without a server");
    let server = Server::start_in(folder, &[]);
    server.secret(&token);
    server.secret("written without a server");
    assert_eq!(server.get_as(&token, "/v1/secrets/a/b").expect(200)["data"]["value"], "written without a server");
    assert_eq!(server.cli(&["secret", "get", "a/b", "--field", "value"]).ok(), "written without a server");
    server.cli(&["audit", "verify"]).ok();
}

#[test]
fn a_wrong_key_is_told_in_one_line_and_nothing_is_touched() {
    let server = Server::start();
    let (folder, data) = (server.folder(), server.data.clone());
    assert!(server.stop().success());
    let file = super::server::data_file(&data);
    let before = fs::read(&file).unwrap();
    let key = fs::read_to_string(data.join("root.key")).unwrap();
    fs::write(data.join("root.key"), format!("{}\n", "ab".repeat(32))).unwrap();
    for args in [&["serve", "--listen", "127.0.0.1:0"][..], &["token", "create"], &["verify"]] {
        let ran = cli(&data, args, "");
        assert_eq!(ran.code, 2, "{ran:?}");
        let errors: Vec<_> = ran.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!((errors.len(), ran.stderr.lines().count()), (1, 1), "{ran:?}");
        assert!(errors[0].contains("wrong key for this data file (key id "), "{ran:?}");
        assert!(ran.stdout.is_empty(), "{ran:?}");
    }
    assert!(fs::read(&file).unwrap() == before, "the data file was touched");
    for broken in ["", "xyz\n", "ab"] {
        fs::write(data.join("root.key"), broken).unwrap();
        assert_ne!(cli(&data, &["token", "create"], "").code, 0);
    }
    fs::remove_file(data.join("root.key")).unwrap();
    assert_ne!(cli(&data, &["token", "create"], "").code, 0, "no new key is made for a file that has one");
    assert!(!data.join("root.key").exists());
    assert!(fs::read(&file).unwrap() == before, "the data file was touched");
    fs::write(data.join("root.key"), key).unwrap();
    drop(Server::start_in(folder, &[]));
}

#[test]
fn without_any_data_the_command_line_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let ran = cli(&folder.path().join("data"), &["token", "create"], "");
    assert_eq!(ran.code, 1, "{ran:?}");
    let looked = folder.path().join("data").display().to_string();
    for told in [looked.as_str(), "--data DIR", "--server URL", "scaistack serve"] {
        assert!(ran.stderr.contains(told), "{told}: {ran:?}");
    }
    assert!(!folder.path().join("data").exists(), "nothing is made");
}

#[test]
fn a_server_that_cannot_have_its_port_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let ran = cli(&folder.path().join("data"), &["serve", "--listen", &listen], "");
    assert!(ran.code == 1 && ran.stderr.contains(&listen) && ran.stderr.contains("--listen"), "{ran:?}");
    assert!(!folder.path().join("data").exists(), "nothing is made");
}

/// The path of a socket has 107 bytes at most; a folder may be longer.
#[test]
fn a_data_folder_with_a_long_name_works() {
    let outer = tempfile::tempdir().unwrap();
    let folder =
        std::sync::Arc::new(tempfile::Builder::new().prefix(&"long".repeat(40)).tempdir_in(outer.path()).unwrap());
    let server = Server::start_in(folder, &[]);
    assert!(server.data.join("scaistack.sock").exists());
    server.cli(&["tenant", "list"]).ok();
    assert!(server.cli(&["doctor"]).stdout.contains("ready, on"));
    assert!(server.stop().success());
}

#[test]
fn settings_that_do_not_exist_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut command = binary(folder.path());
    command
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("SCAISTACK_DATA", &data)
        .env("SCAISTACK_SERVER_COLOUR", "blue");
    let ran = run(command, b"");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("SCAISTACK_SERVER_COLOUR"), "{ran:?}");
    assert!(!data.exists(), "nothing is made before the settings are known to be good");
    let example = cli(&data, &["config", "example"], "");
    assert_eq!(example.ok(), include_str!("../../scaistack.toml").trim_end());
}

#[test]
fn clear_text_on_an_open_address_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let ran = cli(&folder.path().join("data"), &["serve", "--listen", "0.0.0.0:0"], "");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("behind_tls_proxy"), "{ran:?}");
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let server = Server::start();
    let second = Server::try_start_in(server.folder(), &[]).err().unwrap();
    for told in ["already: process ", server.url.as_str(), "up for", "--data"] {
        assert!(second.contains(told), "{told}: {second}");
    }
    server.get("/v1/health/ready").send().expect(200);
    server.cli(&["token", "list"]).ok();
}

/// Numbers that few programs can hold, escapes and the order of names go through every command as they were written.
#[test]
fn values_go_through_as_they_were_written() {
    let server = Server::shared();
    let token = server.token("secrets:read secrets:write");
    let path = unique("written");
    let data = r#"{"z":1e400,"money":1.50,"long":12345678901234567890123,"e":"\u00e9","no":null}"#;
    let body = format!("{{\"data\":{data}}}");
    server
        .call("PUT", &format!("/v1/secrets/{path}"))
        .bearer(&token)
        .body("application/json", body.as_str())
        .send()
        .expect(201);
    let shown = server.cli(&["secret", "get", &path, "--json"]);
    let at = |part: &str| shown.ok().find(part).unwrap_or_else(|| panic!("{part}: {shown:?}"));
    assert!(at("\"z\": 1e400") < at("1.50") && at("1.50") < at("12345678901234567890123") && at("\\u00e9") > 0);
    let print = "printf '%s %s %s %s' \"$Z\" \"$MONEY\" \"$LONG\" \"${NO-unset}\"";
    let mut command = binary(server.data.parent().unwrap());
    command.args(["run", "--prefix", &path, "--", "sh", "-c", print]);
    command.env("SCAISTACK_DATA", &server.data).env("NO", "of before");
    assert_eq!(run(command, b"").ok(), "1e400 1.50 12345678901234567890123 unset");
    let copy = unique("written");
    let put = server.cli_with(&["secret", "put", &copy, "--data-stdin"], data);
    assert!(put.code == 0, "{put:?}");
    assert!(server.get_as(&token, &format!("/v1/secrets/{copy}")).text().contains(data), "byte for byte");
}

#[test]
fn bytes_are_kept() {
    let server = Server::shared();
    let path = unique("bytes");
    server.cli_with(&["secret", "put", &path, "value=-"], "a line\r\n").ok();
    let field = server.cli(&["secret", "get", &path, "--field", "value"]);
    assert_eq!((field.code, field.stdout.as_str()), (0, "a line\r\n"));
    assert_eq!(server.cli_with(&["secret", "put", &path, "value=-"], "").code, 2, "an empty pipe");
    let email = format!("{path}@example.com");
    let marked = format!("\u{feff}{PASSWORD}\r\n");
    server.cli_with(&["user", "create", "--email", &email, "--password-stdin"], &marked).ok();
    let signed_in = json!({ "email": email, "password": PASSWORD });
    server.call("POST", "/api/v1/auth/login").json(&signed_in).send().expect(200);
}

/// A program ends as in a shell, and nothing starts without its variables.
#[test]
fn run_starts_a_program_with_all_of_its_variables_or_not_at_all() {
    let server = Server::shared();
    let path = unique("run");
    server.cli(&["secret", "put", &path, "path=/evil", "password=p"]).ok();
    let run =
        |more: &[&str], program: &[&str]| server.cli(&[&["run", "--prefix", &path], more, &["--"], program].concat());
    let refused = run(&[], &["true"]);
    assert!(refused.code == 2 && refused.stderr.contains(&format!("PATH (from path of {path})")), "{refused:?}");
    assert_eq!(run(&["--allow", "PATH"], &["/bin/sh", "-c", "echo $PATH"]).ok(), "/evil");
    assert_eq!(run(&["--allow", "PATH"], &["no-such-program"]).code, 127);
    assert_eq!(run(&["--allow", "PATH"], &["/"]).code, 126);
}
