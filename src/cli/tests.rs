use super::client::fake::Fake;
use super::harness::{Captured, done};
use super::input::Input;
use super::out::Format;
use super::session::block_on;
use super::*;
use clap::CommandFactory;
use serde_json::{Value, json};

pub(super) fn parse(line: &[&str]) -> Command {
    let line: Vec<_> = ["scaistack"].iter().chain(line).collect();
    match Cli::try_parse_from(&line) {
        Ok(cli) => cli.command,
        Err(error) => panic!("{line:?}: {error}"),
    }
}

pub(super) fn refused(line: &[&str]) -> String {
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
    let sources = serve.settings.sources();
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
    let nobody = || (200, json!([]));
    let (asked, printed) = ask!(App, &line, true, [nobody(), (201, answer.clone())], "");
    let body = json!({
        "name": "N", "application_type": "SERVICE", "scope": "GLOBAL", "allowed_scopes": ["openid", "admin:read"],
        "redirect_uris": ["https://a/cb", "https://b/cb"],
    });
    assert_eq!(asked[1], ("POST /api/v1/admin/applications/".to_owned(), body));
    let printed: Value = serde_json::from_str(&printed.unwrap()).unwrap();
    assert_eq!(printed, json!({ "id": "app_1", "client_id": "skc_1", "client_secret": "s" }));
    let (_, printed) = ask!(App, &line, false, [nobody(), (201, answer)], "");
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
    let (asked, _) = ask!(App, &line, true, [nobody(), (200, tenants), (201, json!({ "id": "app_1" }))], "");
    assert_eq!(asked[1].0, "GET /api/v1/admin/tenants/?search=acme&per_page=100");
    assert_eq!(asked[2].1["tenant_id"], "tnt_8");
    assert_eq!(asked[2].1["application_type"], "WEB");

    let there = || (200, json!([{ "id": "app_9", "name": "n" }, { "id": "app_8", "name": "N two" }]));
    let (asked, printed) = ask!(App, &line, true, [there()], "");
    let failure = printed.unwrap_err();
    assert!(asked.len() == 1 && failure.code() == 2 && failure.to_string().contains("app_9"), "{failure}");
    // Nor is it asked where the answer is for a program, whoever sits at the terminal.
    let asked = |format| {
        let (fake, notes) = (Fake::answering([there()]), Captured::default());
        let (client, out) = (fake.client(), Out::to(format, std::io::sink(), notes.clone()));
        let mut session = Session { client, out, stdin: Input::typed("n\n".as_bytes()) };
        let Command::App(app) = parse(&line) else { panic!() };
        (block_on(app.into_verb().run(&mut session)).unwrap_err().code(), notes.text().contains("[y/N]"))
    };
    assert_eq!([Format::Table, Format::Json, Format::Csv].map(asked), [(1, true), (2, false), (2, false)]);
    let another: Vec<&str> = line
        .iter()
        .copied()
        .filter(|part| *part != "--tenant" && *part != "acme")
        .chain(["--tenant", "tnt_8", "--another"])
        .collect();
    assert_eq!(ask!(App, &another, true, [(201, json!({ "id": "app_1" }))], "").0.len(), 1);

    refused(&["app", "create", "--name", "N", "--type", "SERVICE"]);
    refused(&["app", "create", "--name", "N", "--type", "TOASTER", "--scope", "GLOBAL"]);
    assert!(refused(&["app", "create", "--name", "N", "--type", "WEB", "--scope", "TENANT"]).contains("--tenant"));
}

#[test]
fn app_update_says_what_was_said_and_no_more() {
    let line = [
        "app",
        "update",
        "app_3",
        "--redirect-uri",
        "",
        "--allowed-origin",
        "https://a.example",
        "--token-lifetime",
        "5m",
        "--require-pkce=false",
        "--introspect-any-token",
        "--signing-alg",
        "es256",
        "--description",
        "",
        "--status",
        "disabled",
    ];
    let (asked, _) = ask!(App, &line, true, [(200, json!({ "id": "app_3" }))], "");
    let body = json!({
        "redirect_uris": [], "allowed_origins": ["https://a.example"], "description": null, "require_pkce": false,
        "introspect_any_token": true, "token_lifetime": 300, "signing_alg": "ES256", "status": "DISABLED",
    });
    assert_eq!(asked, [("PATCH /api/v1/admin/applications/app_3".to_owned(), body)]);
    let (asked, printed) = ask!(App, &["app", "update", "app_3"], true, [], "");
    assert_eq!((asked.len(), printed.unwrap_err().code()), (0, 2));
}

/// Every setting that the API can change has an option, when it is made and later.
#[test]
fn every_setting_of_an_application_is_an_option() {
    let app = Cli::command().find_subcommand("app").unwrap().clone();
    let wire = include_str!("../http/scaikey/wire/application.rs");
    let (_, fields) = wire.split_once("pub struct ApplicationChange {").unwrap();
    let fields = fields.split_once("\n}").unwrap().0.lines().filter_map(|line| line.trim().split_once(": Option<"));
    // What kind it is and where it belongs is said once; whether it works is not asked when it is made.
    let fixed = |verb: &str, field: &str| {
        verb == "update" && ["application_type", "scope"].contains(&field) || verb == "create" && field == "status"
    };
    for field in fields.map(|(field, _)| field) {
        for verb in ["create", "update"].into_iter().filter(|verb| !fixed(verb, field)) {
            let options = app.find_subcommand(verb).unwrap().get_arguments().filter_map(clap::Arg::get_long);
            let named = [field.replace('_', "-"), field.replace('_', "-").trim_end_matches('s').to_owned()];
            let named = |option: &str| {
                named.iter().any(|name| name == option) || field == "application_type" && option == "type"
            };
            assert!(options.into_iter().any(named), "{verb} has no option for {field}");
        }
    }
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
    let tokens = json!([{ "id": "tok_7", "name": "for ci" }, { "id": "tok_8", "name": "other" }]);
    let (asked, _) = ask!(Token, &["token", "revoke", "for ci"], false, [(200, tokens), (204, Value::Null)], "");
    assert_eq!(asked[1].0, "DELETE /api/v1/admin/personal-tokens/tok_7");
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
    assert_eq!(asked[0].0, "GET /api/v1/admin/audit/?action=read&own_reads=false&per_page=5");
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

#[test]
fn errors_are_json_where_json_was_asked_for() {
    let line = |text: &str| -> Vec<OsString> { text.split(' ').map(OsString::from).collect() };
    for text in ["scaistack app list --json", "scaistack app list -o json", "scaistack --output=json x"] {
        assert!(asks_for_json(&line(text)), "{text}");
    }
    for text in ["scaistack app list", "scaistack run --prefix a -- prog --json", "scaistack app list -o yaml"] {
        assert!(!asks_for_json(&line(text)), "{text}");
    }
    let failure = misuse(&Cli::try_parse_from(line("scaistack app create --name x --json")).unwrap_err());
    let mut told = Vec::new();
    tell(&failure, true, &mut told);
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["error"]["code"], "usage");
    let message = told["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("required arguments") && message.contains("--scope") && !message.contains("Usage"),
        "{message}"
    );
    let mut told = Vec::new();
    tell(&Failure::failed("a\nb"), false, &mut told);
    tell(&Failure::Exit(1), true, &mut told);
    assert_eq!(told, b"error: a\nerror: b\n");
    let elsewhere = Cli::try_parse_from(line("scaistack verify --server https://a")).unwrap_err();
    assert!(misuse(&elsewhere).to_string().contains("on the server's machine"), "{elsewhere}");
}
