//! What the commands for people, tenants, roles, limits and mails ask of the server, and what they print.

use super::Command;
use super::harness::done;
use super::tests::{parse, refused};
use serde_json::{Value, json};

type Asked = Vec<(String, Value)>;

fn ask(line: &[&str], answers: impl IntoIterator<Item = (u16, Value)>, stdin: &'static str) -> (Asked, String) {
    let (asked, printed) = match parse(line) {
        Command::User(command) => done(command.into_verb(), false, answers, stdin),
        Command::Tenant(command) => done(command.into_verb(), false, answers, stdin),
        Command::Role(command) => done(command.into_verb(), false, answers, stdin),
        Command::Limit(command) => done(command.into_verb(), false, answers, stdin),
        Command::Outbox(command) => done(command.into_verb(), false, answers, stdin),
        Command::Group(command) => done(command.into_verb(), false, answers, stdin),
        Command::Key(command) => done(command.into_verb(), false, answers, stdin),
        other => panic!("{other:?}"),
    };
    (asked, printed.unwrap_or_else(|failure| format!("failed: {failure}")))
}

/// What a command asks last.
fn last(line: &[&str], answers: impl IntoIterator<Item = (u16, Value)>, stdin: &'static str) -> (String, Value) {
    ask(line, answers, stdin).0.pop().unwrap()
}

fn empty() -> (u16, Value) {
    (204, Value::Null)
}

#[test]
fn users_are_let_in_locked_out_and_changed() {
    let at = |call: &str| call.replace('@', "/api/v1/admin/users/usr_4");
    let user = || (200, json!({ "id": "usr_4", "email": "a@b.c", "tenant_id": "tnt_5" }));
    for (verb, body) in [
        ("disable", json!({ "status": "DISABLED" })),
        ("enable", json!({ "status": "ACTIVE" })),
        ("verify", json!({ "email_verified": true })),
    ] {
        assert_eq!(last(&["user", verb, "usr_4"], [user()], ""), (at("PATCH @"), body));
    }
    assert_eq!(last(&["user", "delete", "usr_4"], [empty()], "").0, at("DELETE @"));
    let line = ["user", "set-password", "usr_4", "--password-stdin"];
    assert_eq!(
        last(&line, [empty()], "\u{feff}correct horse\r\n"),
        (at("POST @/reset-password"), json!({ "password": "correct horse" }))
    );
    let line = ["user", "update", "usr_4", "--display-name", "", "--first-name", "Ann"];
    assert_eq!(last(&line, [user()], ""), (at("PATCH @"), json!({ "display_name": null, "first_name": "Ann" })));
    refused(&["user", "update", "usr_4"]);
    refused(&["user", "set-password", "usr_4"]);
    assert!(refused(&["user", "create", "--email", "a@b.c", "--role", "king"]).contains("super_admin"));
}

#[test]
fn roles_in_a_tenant_come_with_the_membership() {
    let user = || (200, json!({ "id": "usr_4", "tenant_id": "tnt_5" }));
    let member = || (200, json!({ "data": [{ "tenant_id": "tnt_5", "role": "tenant_user" }] }));
    let memberships = "/api/v1/admin/users/usr_4/memberships";
    let (asked, _) = ask(&["user", "role", "usr_4", "tenant_admin"], [user(), member(), (200, json!({}))], "");
    assert_eq!(asked[2], (format!("PATCH {memberships}/tnt_5"), json!({ "role": "tenant_admin" })));
    let line = ["user", "role", "usr_4", "tenant_viewer", "--tenant", "tnt_9"];
    let (asked, _) = ask(&line, [member(), (201, json!({}))], "");
    assert_eq!(asked[1], (format!("POST {memberships}"), json!({ "tenant_id": "tnt_9", "role": "tenant_viewer" })));
    let beyond = (200, json!({ "data": [{ "role": "SUPER_ADMIN", "tenant_id": null, "partner_id": null }] }));
    let tenants = || (200, json!([{ "id": "tnt_5", "slug": "acme" }]));
    let (_, printed) = ask(&["user", "role", "usr_4"], [member(), beyond, tenants()], "");
    assert_eq!(
        printed,
        "ROLE         TENANT  PARTNER  BY\ntenant_user  acme    -        membership\nsuper_admin  -       -        assignment\n"
    );
    let groups = || (200, json!([{ "id": "grp_3", "name": "Sales", "tenant_id": "tnt_5" }]));
    let (_, printed) = ask(&["group", "list"], [groups(), tenants()], "");
    assert_eq!(printed, "ID     NAME   TYPE  MEMBERS  TENANT\ngrp_3  Sales  -     -        acme\n");
    let (asked, _) = ask(&["group", "add", "grp_9", "Sales"], [groups(), (201, json!({}))], "");
    assert_eq!(asked[1], ("POST /api/v1/admin/groups/grp_9/members".to_owned(), json!({ "group_id": "grp_3" })));
}

#[test]
fn an_invitation_is_printed_with_its_link() {
    let made = (201, json!({ "id": "usr_4", "email": "a@b.c", "status": "INVITED" }));
    let mails = json!([
        { "id": "mail_1", "user_id": "usr_4", "link_expires_at": "2026-01-01T00:00:00Z" },
        { "id": "mail_2", "user_id": "usr_4", "link_expires_at": "2026-01-02T00:00:00Z" },
        { "id": "mail_3", "user_id": "usr_5", "link_expires_at": "2026-01-02T00:00:00Z" },
    ]);
    let shown = json!({ "data": { "id": "mail_2", "status": "WAITING", "link": "https://id/x", "link_expires_at": "2026-01-02T00:00:00Z" } });
    let line = ["user", "create", "--email", "a@b.c"];
    let (asked, printed) = ask(&line, [made.clone(), (200, mails.clone()), (200, shown)], "");
    assert_eq!(asked[2].0, "POST /api/v1/admin/outbox/mail_2/reveal");
    assert_eq!(printed, "id           usr_4\nlink         https://id/x\nmail_id      mail_2\nmail_status  WAITING\n");
    // Whoever asks over the network may not see links.
    let refused = (403, json!({ "detail": "no" }));
    let (_, printed) = ask(&line, [made, (200, mails), refused], "");
    assert_eq!(printed, "id  usr_4\n");
}

#[test]
fn a_super_admin_is_made_in_two_steps() {
    let line = ["user", "create", "--email", "a@b.c", "--role", "super_admin", "--password-stdin"];
    let made = || (201, json!({ "id": "usr_4", "status": "ACTIVE" }));
    let (asked, _) = ask(&line, [made(), (201, json!({}))], "correct horse");
    assert!(asked[0].1.get("role").is_none(), "{asked:?}");
    let body = json!({ "user_id": "usr_4", "role": "super_admin" });
    assert_eq!(asked[1], ("POST /api/v1/admin/admin-roles".to_owned(), body));
    let (_, printed) = ask(&line, [made(), (403, json!({ "detail": "no" }))], "correct horse");
    assert!(printed.contains("usr_4 was made, but is no super_admin: no"), "{printed}");
}

#[test]
fn tenants_are_changed_suspended_and_deleted() {
    let at = |call: &str| call.replace('@', "/api/v1/admin/tenants/tnt_5");
    let tenant = || (200, json!({ "id": "tnt_5" }));
    assert_eq!(
        last(&["tenant", "suspend", "tnt_5"], [tenant()], ""),
        (at("PATCH @"), json!({ "status": "SUSPENDED" }))
    );
    assert_eq!(last(&["tenant", "resume", "tnt_5"], [tenant()], ""), (at("PATCH @"), json!({ "status": "ACTIVE" })));
    assert_eq!(last(&["tenant", "delete", "tnt_5"], [empty()], "").0, at("DELETE @"));
    let line = ["tenant", "update", "tnt_5", "--name", "Acme", "--contact-email", "", "--partner", "p"];
    let body = json!({ "name": "Acme", "partner_id": "p", "contact_email": null });
    assert_eq!(last(&line, [tenant()], ""), (at("PATCH @"), body));
    let (asked, printed) = ask(&["tenant", "create", "--slug", "Acme Corp", "--name", "Acme"], [], "");
    assert!(asked.is_empty() && printed.ends_with("; acme-corp would do"), "{printed}");
    let list = json!([{ "id": "tnt_5", "slug": "acme", "name": "A", "status": "ACTIVE", "partner_id": "prt_1" }]);
    let partners = json!([{ "id": "prt_1", "slug": "ours" }]);
    let (_, printed) = ask(&["tenant", "list"], [(200, list), (200, partners)], "");
    assert_eq!(printed, "ID     SLUG  NAME  STATUS  PARTNER\ntnt_5  acme  A     ACTIVE  ours\n");
    assert_eq!(ask(&["tenant", "list"], [(200, json!([]))], "").1, "", "no bare heads");
}

#[test]
fn roles_beyond_memberships_have_their_place() {
    let roles = "/api/v1/admin/admin-roles";
    let grant =
        |more: &[&str], answers: Vec<(u16, Value)>| ask(&[&["role", "grant", "usr_4"], more].concat(), answers, "");
    let (asked, _) = grant(&["super_admin"], vec![(201, json!({}))]);
    assert_eq!(asked[0], (format!("POST {roles}"), json!({ "user_id": "usr_4", "role": "super_admin" })));
    let (asked, _) =
        grant(&["partner_admin", "--partner", "prt_1", "--until", "2027-01-01T00:00:00Z"], vec![(201, json!({}))]);
    assert_eq!(asked[0].1["partner_id"], "prt_1");
    for wrong in
        [&["super_admin", "--tenant", "tnt_5"][..], &["tenant_admin"], &["partner_viewer", "--tenant", "tnt_5"]]
    {
        let (asked, printed) = grant(wrong, vec![]);
        assert!(asked.is_empty() && printed.contains(wrong[0]), "{printed}");
    }
    let line = ["role", "revoke", "usr_4", "TENANT_ADMIN", "--tenant", "tnt_5"];
    assert_eq!(last(&line, [empty()], "").0, format!("DELETE {roles}/usr_4.tenant_admin.tnt_5"));
    let custom = json!({ "data": [{ "id": "role_3", "slug": "support", "name": "Support" }] });
    let (asked, _) = ask(&["role", "custom", "delete", "Support"], [(200, custom), empty()], "");
    assert_eq!(asked[1].0, "DELETE /v1/iam/custom-roles/role_3");
}

#[test]
fn what_is_not_named_of_a_tenants_limits_stays() {
    let now = json!({ "data": {
        "tenant_id": "tnt_5", "window_seconds": 60, "used": 3, "api_key": { "limit": 60, "override": null },
        "user": { "limit": 120, "override": 120 }, "tenant": { "limit": 1000, "override": null },
    }});
    let line = ["limit", "set", "--tenant", "tnt_5", "--total", "5000"];
    let (asked, _) = ask(&line, [(200, now.clone()), (200, now.clone())], "");
    let body = json!({ "api_key": null, "user": 120, "tenant": 5000 });
    assert_eq!(asked[1], ("PUT /v1/limits/tenants/tnt_5".to_owned(), body));
    let (_, printed) = ask(&["limit", "show", "--tenant", "tnt_5"], [(200, now)], "");
    assert_eq!(
        printed,
        "OF       LIMIT  SET HERE  USED\ntenant   1000   false     3\nuser     120    true      -\napi key  60     false     -\n"
    );
    let keys = json!({ "data": [{ "id": "apikey_7", "name": "production" }] });
    let (asked, _) = ask(&["limit", "clear", "--key", "production"], [(200, keys.clone()), empty()], "");
    assert_eq!(asked[1].0, "DELETE /v1/limits/api-keys/apikey_7");
    let (asked, _) = ask(&["key", "revoke", "production"], [(200, keys), empty()], "");
    assert_eq!(asked[1].0, "DELETE /v1/api-keys/apikey_7");
    let (asked, printed) = ask(&["limit", "set", "--key", "production", "--per-user", "1"], [], "");
    assert!(asked.is_empty() && printed.contains("--total only"), "{printed}");
    refused(&["limit", "show"]);
}

#[test]
fn mails_are_listed_and_their_links_printed() {
    let (asked, _) = ask(&["outbox", "list", "--status", "failed"], [(200, json!([]))], "");
    assert_eq!(asked[0].0, "GET /api/v1/admin/outbox?status=FAILED&per_page=100");
    let (_, printed) = ask(&["outbox", "link", "mail_7"], [(200, json!({ "id": "mail_7", "link": "https://x" }))], "");
    assert_eq!(printed, "https://x\n");
    let (_, printed) = ask(&["outbox", "link", "mail_7"], [(200, json!({ "id": "mail_7", "link": null }))], "");
    assert_eq!(printed, "failed: there is no link in this mail");
    assert_eq!(
        last(&["outbox", "retry", "mail_7"], [(200, json!({}))], "").0,
        "POST /api/v1/admin/outbox/mail_7/retry"
    );
    let (asked, printed) = ask(&["outbox", "delete", "../users"], [], "");
    assert!(asked.is_empty() && printed.contains("mail_"), "{printed}");
}

/// What is the same has the same name in every command.
#[test]
fn flags_are_the_same_on_all_nouns() {
    fn walk(command: &clap::Command, path: &str, above: &[String], seen: &mut Vec<String>) {
        // An argument of the same id as a flag of all commands would be taken for it.
        let own = command.get_arguments().filter(|arg| !arg.is_global_set()).map(|arg| arg.get_id().to_string());
        seen.extend(own.filter(|id| above.contains(id)).map(|id| format!("{path} {id} is a flag of all commands")));
        let globals = command.get_arguments().filter(|arg| arg.is_global_set()).map(|arg| arg.get_id().to_string());
        let below_here: Vec<String> = above.iter().cloned().chain(globals).collect();
        for arg in command.get_arguments().filter(|arg| arg.get_long().is_some()) {
            let name =
                arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string).unwrap_or_default();
            let expected = match arg.get_long().unwrap_or_default() {
                "tenant" => "TENANT",
                "partner" => "PARTNER",
                "user" => "USER",
                "limit" | "version" | "lines" => "N",
                _ => continue,
            };
            if arg.get_action().takes_values() && name != expected && !(path.ends_with("version") || name.is_empty()) {
                seen.push(format!("{path} --{} {name}", arg.get_long().unwrap_or_default()));
            }
        }
        let lists = command.get_name() == "list" && !path.ends_with("job list") && !path.ends_with("key-slot list");
        if lists && !command.get_arguments().any(|arg| arg.get_long() == Some("limit")) {
            seen.push(format!("{path} has no --limit"));
        }
        for below in command.get_subcommands() {
            walk(below, &format!("{path} {}", below.get_name()), &below_here, seen);
        }
    }
    let mut wrong = Vec::new();
    walk(&<super::Cli as clap::CommandFactory>::command(), "scaistack", &[], &mut wrong);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
