use super::harness::done;
use super::*;
use clap::CommandFactory;
use serde_json::{Value, json};

fn parse(line: &[&str]) -> Command {
    let line: Vec<_> = ["scaistack"].iter().chain(line).collect();
    match Cli::try_parse_from(&line) {
        Ok(cli) => cli.command,
        Err(error) => panic!("{line:?}: {error}"),
    }
}

fn refused(line: &[&str]) -> String {
    let line: Vec<_> = ["scaistack"].iter().chain(line).collect();
    let error = Cli::try_parse_from(&line).expect_err("this should be refused");
    assert_eq!(error.exit_code(), 2, "{line:?}");
    error.to_string()
}

/// What a noun's verb asks and prints.
macro_rules! ask {
    ($noun:ident, $line:expr, $json:expr, $answers:expr, $stdin:expr) => {
        match parse($line) {
            Command::$noun(command) => done(command.into_verb(), $json, $answers, $stdin),
            other => panic!("{other:?}"),
        }
    };
}

#[test]
fn the_frame_is_sound_and_every_command_has_help() {
    fn about(command: &clap::Command) {
        let about_it = command.get_about().map(ToString::to_string).unwrap_or_default();
        assert!(!about_it.is_empty() && !about_it.contains('`'), "{}: {about_it}", command.get_name());
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(examples.lines().all(|line| line.len() < 100), "this would be wrapped: {examples}");
        command.get_subcommands().for_each(about);
    }
    let command = Cli::command();
    command.clone().debug_assert();
    about(&command);
    assert_eq!(Cli::try_parse_from(["scaistack", "--help"]).unwrap_err().exit_code(), 0);
}

#[test]
fn serve_takes_its_flags() {
    let Command::Serve(serve) = parse(&[
        "serve",
        "--config",
        "/c.toml",
        "--data",
        "/d",
        "--listen",
        "127.0.0.1:9",
        "--public-url",
        "https://id.example.com",
    ]) else {
        panic!()
    };
    let sources = serve.sources();
    let flags: Vec<_> = sources.flags.iter().map(|flag| (flag.key, flag.value.as_str())).collect();
    let expected =
        [("storage.data", "/d"), ("server.listen", "127.0.0.1:9"), ("server.public_url", "https://id.example.com")];
    assert_eq!(flags, expected);
    assert_eq!(sources.file, crate::config::ConfigFile::Named("/c.toml".into()));
    assert!(matches!(parse(&["serve"]), Command::Serve(_)));
}

#[test]
fn app_create() {
    let line = [
        "app",
        "create",
        "--name",
        "N",
        "--type",
        "SERVICE",
        "--scope",
        "GLOBAL",
        "--allowed-scopes",
        "openid,admin:read",
        "--redirect-uri",
        "https://a/cb",
        "--redirect-uri",
        "https://b/cb",
        "--json",
        "--data",
        "/d",
    ];
    let answer =
        json!({ "data": { "id": "app_1", "client_id": "skc_1", "client_secret": "s", "name": "N" }, "meta": {} });
    let (asked, printed) = ask!(App, &line, true, [(201, answer.clone())], "");
    let body = json!({
        "name": "N", "application_type": "SERVICE", "scope": "GLOBAL", "allowed_scopes": ["openid", "admin:read"],
        "redirect_uris": ["https://a/cb", "https://b/cb"],
    });
    assert_eq!(asked, [("POST /api/v1/admin/applications/".to_owned(), body)]);
    let printed: Value = serde_json::from_str(&printed.unwrap()).unwrap();
    assert_eq!(printed, json!({ "id": "app_1", "client_id": "skc_1", "client_secret": "s" }));
    let (_, printed) = ask!(App, &line, false, [(201, answer)], "");
    assert_eq!(printed.unwrap(), "id             app_1\nclient_id      skc_1\nclient_secret  s\n");

    let line = [
        "app",
        "create",
        "--name",
        "N",
        "--type",
        "web",
        "--scope",
        "tenant",
        "--tenant",
        "acme",
        "--allowed-scopes",
        "openid",
    ];
    let tenants = json!({ "data": [{ "id": "tnt_7", "slug": "acme-2" }, { "id": "tnt_8", "slug": "acme" }] });
    let (asked, _) = ask!(App, &line, true, [(200, tenants), (201, json!({ "id": "app_1" }))], "");
    assert_eq!(asked[0].0, "GET /api/v1/admin/tenants/?search=acme&per_page=100");
    assert_eq!(asked[1].1["tenant_id"], "tnt_8");
    assert_eq!(asked[1].1["application_type"], "WEB");

    refused(&["app", "create", "--name", "N", "--type", "SERVICE"]);
    refused(&["app", "create", "--name", "N", "--type", "TOASTER", "--scope", "GLOBAL"]);
    assert!(refused(&["app", "create", "--name", "N", "--type", "WEB", "--scope", "TENANT"]).contains("--tenant"));
}

#[test]
fn apps_are_named_by_id_client_id_or_name() {
    let rows = json!([{ "id": "app_1", "client_id": "skc_1", "name": "A" }, { "id": "app_2", "client_id": "skc_2", "name": "A" }]);
    let (asked, _) = ask!(App, &["app", "delete", "app_9"], false, [(204, Value::Null)], "");
    assert_eq!(asked[0].0, "DELETE /api/v1/admin/applications/app_9");
    let (asked, printed) = ask!(App, &["app", "delete", "skc_2"], false, [(200, rows.clone()), (204, Value::Null)], "");
    assert_eq!(asked[1].0, "DELETE /api/v1/admin/applications/app_2");
    assert_eq!(printed.unwrap(), "deleted app_2\n");
    let (_, printed) = ask!(App, &["app", "delete", "A"], false, [(200, rows)], "");
    assert_eq!(printed.unwrap_err(), Failure::failed("several applications are called `A`: app_1, app_2"));
    let none = json!({ "data": [], "meta": {} });
    let (_, printed) = ask!(App, &["app", "show", "../users"], false, [(200, none.clone()), (200, none)], "");
    assert_eq!(printed.unwrap_err(), Failure::failed("there is no application `../users`"));
    let (asked, _) = ask!(App, &["app", "rotate-secret", "app_3"], true, [(200, json!({ "client_secret": "s" }))], "");
    assert_eq!(asked[0].0, "POST /api/v1/admin/applications/app_3/rotate-secret");
}

#[test]
fn tenant_create_and_list() {
    let answer = json!({ "id": "tnt_1", "slug": "acme", "name": "Acme" });
    let line = ["tenant", "create", "--slug", "acme", "--name", "Acme", "--json"];
    let (asked, printed) = ask!(Tenant, &line, true, [(201, answer.clone())], "");
    assert_eq!(asked, [("POST /api/v1/admin/tenants/".to_owned(), json!({ "slug": "acme", "name": "Acme" }))]);
    assert_eq!(serde_json::from_str::<Value>(&printed.unwrap()).unwrap(), json!({ "id": "tnt_1", "slug": "acme" }));
    let (_, printed) = ask!(Tenant, &["tenant", "list"], false, [(200, json!([answer]))], "");
    assert_eq!(printed.unwrap(), "ID     SLUG  NAME  STATUS  PARTNER\ntnt_1  acme  Acme  -       -\n");
}

#[test]
fn user_create_reads_the_password_from_stdin() {
    let line = [
        "user",
        "create",
        "--email",
        "a@b.c",
        "--tenant",
        "tnt_5",
        "--role",
        "tenant_admin",
        "--password-stdin",
        "--json",
    ];
    let (asked, printed) =
        ask!(User, &line, true, [(201, json!({ "id": "usr_1", "email": "a@b.c" }))], "correct horse\n");
    let body = json!({ "email": "a@b.c", "tenant_id": "tnt_5", "role": "tenant_admin", "password": "correct horse" });
    assert_eq!(asked, [("POST /api/v1/admin/users/".to_owned(), body)]);
    assert_eq!(serde_json::from_str::<Value>(&printed.unwrap()).unwrap(), json!({ "id": "usr_1" }));
    let (asked, printed) = ask!(User, &line, true, [], "\n");
    assert_eq!((asked.len(), printed.unwrap_err().code()), (0, 2));
}

#[test]
fn token_create_prints_the_bare_token() {
    let answer = json!({ "id": "tok_1", "token": "skt_abc", "name": "x" });
    let (asked, printed) = ask!(Token, &["token", "create"], false, [(201, answer.clone())], "");
    assert_eq!(
        asked,
        [(
            "POST /api/v1/admin/personal-tokens".to_owned(),
            json!({ "name": "command line", "scopes": ["secrets:read", "secrets:write"] })
        )]
    );
    assert_eq!(printed.unwrap(), "skt_abc\n");
    let line = [
        "token",
        "create",
        "--user",
        "a@b.c",
        "--scopes",
        "secrets:read secrets:write",
        "--expires-in",
        "1h",
        "--json",
    ];
    let (asked, printed) = ask!(Token, &line, true, [(201, answer)], "");
    let body = json!({
        "name": "command line", "user_email": "a@b.c", "scopes": ["secrets:read", "secrets:write"], "expires_in_secs": 3600,
    });
    assert_eq!(asked[0].1, body);
    assert_eq!(serde_json::from_str::<Value>(&printed.unwrap()).unwrap(), json!({ "id": "tok_1", "token": "skt_abc" }));
    assert!(refused(&["token", "create", "--expires-in", "soon"]).contains("is not a duration such as 90d"));
    let (asked, printed) = ask!(Token, &["token", "revoke", "skt_abc"], false, [], "");
    assert_eq!((asked.len(), printed.unwrap_err().code()), (0, 2));
}

#[test]
fn secrets_come_in_on_stdin() {
    let answer = json!({ "path": "a/b", "version": 1, "created": true });
    let line = ["secret", "put", "a/b", "user=app", "password=-", "--type", "kv", "--tag", "x", "--description", "d"];
    let (asked, printed) = ask!(Secret, &line, false, [(200, answer.clone())], "p=1\n");
    let body = json!({
        "data": { "user": "app", "password": "p=1" }, "secret_type": "kv", "metadata": { "description": "d", "tags": ["x"] },
    });
    assert_eq!(asked, [("PUT /v1/secrets/a/b".to_owned(), body)]);
    assert_eq!(printed.unwrap(), "path     a/b\nversion  1\ncreated  true\n");

    let line = ["secret", "put", "a/b", "--data-stdin"];
    let (asked, _) = ask!(Secret, &line, true, [(200, answer)], "{\"k\": {\"deep\": 1}}");
    assert_eq!(asked, [("PUT /v1/secrets/a/b".to_owned(), json!({ "data": { "k": { "deep": 1 } } }))]);

    for (line, stdin) in [
        (vec!["secret", "put", "a/b", "hunter2"], ""),
        (vec!["secret", "put", "a/b", "a=-", "b=-"], "x"),
        (vec!["secret", "put", "a/b", "a=1", "a=2"], ""),
        (vec!["secret", "put", "a//b", "a=1"], ""),
        (vec!["secret", "put", "a/../b", "a=1"], ""),
        (vec!["secret", "put", "a/b", "--data-stdin"], "[1]"),
        (vec!["secret", "put", "a/b", "--data-stdin"], "{\"k\": hunter2}"),
    ] {
        let (asked, printed) = ask!(Secret, &line, false, [], stdin);
        let failure = printed.unwrap_err();
        assert_eq!((asked.len(), failure.code()), (0, 2), "{line:?}");
        assert!(!failure.to_string().contains("hunter2"), "{failure}");
    }
    refused(&["secret", "put", "a/b"]);
    refused(&["secret", "put", "a/b", "a=1", "--data-stdin"]);
}

#[test]
fn secrets_go_out_whole_or_by_field() {
    let answer = json!({ "path": "a", "version": 2, "data": { "password": "p\n", "port": 1 } });
    let get = |line: &[&str], json: bool| ask!(Secret, line, json, [(200, answer.clone())], "");
    assert_eq!(get(&["secret", "get", "a"], false).1.unwrap(), "password  p\\n\nport      1\n");
    assert_eq!(get(&["secret", "get", "a", "--field", "password"], false).1.unwrap(), "p\n\n");
    assert_eq!(get(&["secret", "get", "a", "--field", "port"], false).1.unwrap(), "1\n");
    assert_eq!(get(&["secret", "get", "a", "--field", "no"], false).1.unwrap_err().code(), 1);
    assert_eq!(serde_json::from_str::<Value>(&get(&["secret", "get", "a"], true).1.unwrap()).unwrap(), answer);
    assert_eq!(get(&["secret", "get", "a", "--version", "1"], true).0[0].0, "GET /v1/secrets/a?version=1");

    let (asked, _) = ask!(Secret, &["secret", "list", "a/"], false, [(200, json!({ "secrets": [] }))], "");
    assert_eq!(asked[0].0, "GET /v1/secrets?prefix=a/&limit=100");
    let (asked, _) = ask!(Secret, &["secret", "delete", "a", "--permanent"], false, [(204, Value::Null)], "");
    assert_eq!(asked[0].0, "DELETE /v1/secrets/a?permanent=true");
    let history = json!({ "path": "a", "versions": [{ "version": 2, "secret_type": "kv", "destroyed_at": null }] });
    let (asked, printed) = ask!(Secret, &["secret", "versions", "a"], false, [(200, history)], "");
    assert_eq!(asked[0].0, "GET /v1/secrets/a?view=versions");
    assert_eq!(printed.unwrap(), "VERSION  TYPE  CREATED  BY  DESTROYED\n2        kv    -        -   -\n");
    let (asked, _) = ask!(Secret, &["secret", "delete", "a", "--version", "3"], false, [(200, json!({}))], "");
    assert_eq!(asked[0].0, "DELETE /v1/secrets/a?version=3");
    let (asked, _) = ask!(Secret, &["secret", "restore", "a"], false, [(200, json!({}))], "");
    assert_eq!(asked[0].0, "POST /v1/secrets/a?action=restore");
}

#[test]
fn the_operators_own() {
    let (asked, printed) = ask!(Backup, &["backup", "/safe/today.scai"], false, [(200, json!({ "bytes": 1 }))], "");
    assert_eq!(asked, [("POST /api/v1/operator/backup".to_owned(), json!({ "path": "/safe/today.scai" }))]);
    assert_eq!(printed.unwrap(), "written /safe/today.scai\n");

    let (asked, _) = ask!(
        KeySlot,
        &["key-slot", "add", "--passphrase-stdin"],
        false,
        [(201, json!({ "key_id": "72cd6e84" }))],
        "pass\n"
    );
    let body = json!({ "kind": "passphrase", "passphrase": "pass", "label": "passphrase" });
    assert_eq!(asked, [("POST /api/v1/operator/key-slots".to_owned(), body)]);
    let (asked, _) =
        ask!(KeySlot, &["key-slot", "add", "--key-file", "/k", "--label", "l"], false, [(201, json!({}))], "");
    assert_eq!(asked[0].1, json!({ "kind": "key_file", "path": "/k", "label": "l" }));
    let (asked, _) = ask!(KeySlot, &["key-slot", "remove", "72cd6e84"], false, [(204, Value::Null)], "");
    assert_eq!(asked[0].0, "DELETE /api/v1/operator/key-slots/72cd6e84");
    refused(&["key-slot", "add"]);
    refused(&["key-slot", "add", "--passphrase-stdin", "--key-file", "/k"]);

    let (asked, _) = ask!(RotateKeys, &["rotate-keys", "--when", "at-once"], false, [(200, json!({ "kid": "x" }))], "");
    let body = json!({ "alg": "RS256", "when": "at_once" });
    assert_eq!(asked, [("POST /api/v1/operator/rotate-keys".to_owned(), body)]);

    let url = "https://id.example.com/setup/x";
    let (_, printed) = ask!(RecoverAdmin, &["recover-admin"], false, [(200, json!({ "url": url }))], "");
    assert_eq!(printed.unwrap(), format!("{url}\n"));
}

#[test]
fn a_broken_audit_log_is_a_failure() {
    let sound = json!({ "rows": 3, "head": { "number": 3, "code": "abcd" }, "ok": true });
    let (asked, printed) = ask!(Audit, &["audit", "verify", "--head", "2:ef"], false, [(200, sound)], "");
    assert_eq!(asked[0].1, json!({ "head": { "number": 2, "code": "ef" } }));
    assert_eq!(printed.unwrap(), "3 rows, all as they were written\nhead 3:abcd\n");
    let broken = json!({ "ok": false, "first_bad_row": 2, "reason": "its code is wrong" });
    let (_, printed) = ask!(Audit, &["audit", "verify"], true, [(200, broken)], "");
    assert_eq!(printed.unwrap_err(), Failure::failed("the audit log is broken at row 2: its code is wrong"));
    let (asked, _) = ask!(Audit, &["audit", "list", "--limit", "5", "--action", "read"], false, [(200, json!([]))], "");
    assert_eq!(asked[0].0, "GET /api/v1/admin/audit/?action=read&per_page=5");
}

#[test]
fn a_program_keeps_its_own_flags() {
    let Command::Run(_) = parse(&["run", "--prefix", "infra/db", "--json", "--", "prog", "--prefix", "x"]) else {
        panic!()
    };
    refused(&["run", "--", "prog"]);
    refused(&["run", "--prefix", "a"]);
}

#[test]
fn groups_and_sessions() {
    let answer = json!({ "group_id": "grp_3", "user_id": null, "member_group_id": "grp_4" });
    let (asked, _) = ask!(Group, &["group", "add", "grp_3", "grp_4"], true, [(201, answer)], "");
    assert_eq!(asked, [("POST /api/v1/admin/groups/grp_3/members".to_owned(), json!({ "group_id": "grp_4" }))]);
    let line = ["group", "create", "--name", "Sales", "--tenant", "tnt_5", "--type", "security"];
    let (asked, _) = ask!(Group, &line, true, [(201, json!({ "id": "grp_3", "name": "Sales" }))], "");
    assert_eq!(asked[0].1, json!({ "name": "Sales", "tenant_id": "tnt_5", "group_type": "SECURITY" }));
    let line = ["session", "end-all", "--user", "usr_4"];
    let (asked, printed) = ask!(Session, &line, true, [(200, json!({ "data": { "revoked": 2 } }))], "");
    assert_eq!(asked, [("POST /api/v1/admin/sessions/revoke-all".to_owned(), json!({ "user_id": "usr_4" }))]);
    assert_eq!(serde_json::from_str::<Value>(&printed.unwrap()).unwrap(), json!({ "revoked": 2 }));
    refused(&["session", "end-all"]);
}

#[test]
fn help_and_completion_know_the_scopes_and_the_actions() {
    let mut text = Vec::new();
    clap_complete::generate(clap_complete::Shell::Bash, &mut Cli::command(), "scaistack", &mut text);
    let text = String::from_utf8(text).unwrap();
    for known in ["organizations:read", "secrets:delete", "models:use", "user.role_update", "secret.read"] {
        assert!(text.contains(known), "{known}");
    }
    let help = Cli::try_parse_from(["scaistack", "token", "create", "--help"]).unwrap_err().to_string();
    assert!(help.contains("sessions:revoke") && !help.contains("offline_access"), "{help}");
}

#[test]
fn the_rest_is_there() {
    for line in [
        &["config", "example"][..],
        &["config", "show", "--data", "/d"],
        &["completions", "zsh"],
        &["doctor", "--json"],
        &["restore", "/b", "--data", "/d", "--key-file", "/k"],
        &["verify", "/b", "--key-file", "/k"],
        &["tenant", "show", "acme"],
        &["user", "list", "--tenant", "acme"],
        &["token", "list", "--server", "https://a", "--token", "skt_x"],
        &["app", "--json", "list"],
    ] {
        parse(line);
    }
    refused(&["serv"]);
    refused(&[]);
}
