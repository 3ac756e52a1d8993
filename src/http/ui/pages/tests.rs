//! The pages through the whole application, as a browser without a script sees them.

use crate::access::Place;
use crate::access::Role;
use crate::audit::{self, Filter};
use crate::base::Email;
use crate::http::testkit::{PASSWORD, browser, setup_token, stack};
use crate::people::{self, NewUser};
use crate::stack::Stack;
use crate::tenancy::{self, testkit};
use std::sync::Arc;

/// What the log says was done, the newest first.
async fn actions(stack: &Stack) -> Vec<String> {
    // What nobody waits for is committed within 50 ms, or with the next write.
    stack.store.write(|_| Ok::<_, crate::store::StoreError>(())).await.unwrap();
    let page = audit::list(&stack.store.read(), Place::Platform, &Filter::default(), None, 0, 100).unwrap();
    page.rows.iter().map(|(_, row)| format!("{} {}", row.event.action, row.event.outcome.name())).collect()
}

/// A user of the default tenant with a password.
async fn user(stack: &Arc<Stack>, email: &str, role: Role) {
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let hash = stack.passwords.hash(crate::base::Secret::new(PASSWORD.to_owned())).await.unwrap();
    let new = NewUser { password_hash: Some(hash), ..NewUser::local(Email::parse(email).unwrap(), tenant, role) };
    let (granted, id, now) = (testkit::all(), stack.new_id(), stack.now());
    stack.store.write(move |tx| people::create(tx, &granted, &new, id, now)).await.unwrap();
}

#[actix_web::test]
async fn the_setup_link_works_once_and_then_says_so() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let token = setup_token(&stack).await;
    let address = format!("/setup?token={token}");
    assert_eq!(browser.get(&address).await.status, 200);
    let short = [("token", &*token), ("email", "alice@acme.example"), ("name", "Alice"), ("password", "hunter2")];
    let refused = browser.post("/setup", &short).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("alice@acme.example") && !refused.body.contains("hunter2"), "{}", refused.body);
    let right = [("token", &*token), ("email", "alice@acme.example"), ("name", "Alice"), ("password", PASSWORD)];
    assert_eq!(browser.post("/setup", &right).await.location(), "/admin/");
    assert!(browser.get("/admin/").await.body.contains("First steps"));
    for got in
        [browser.get(&address).await, browser.post("/setup", &right).await, browser.get("/setup?token=sst_x").await]
    {
        assert!([404, 409].contains(&got.status), "{}", got.body);
        assert!(got.body.contains("scaistack recover-admin"), "{}", got.body);
    }
}

#[actix_web::test]
async fn guessing_learns_nothing_and_has_to_wait() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    user(&stack, "bob@acme.example", Role::TenantViewer).await;
    let mut mallory = browser(&stack).await;
    let wrong = mallory.sign_in("bob@acme.example", "wrong").await;
    let unknown = mallory.sign_in("who@acme.example", "wrong").await;
    assert_eq!((wrong.status, unknown.status), (401, 401));
    assert_eq!(wrong.body.replace("bob@", "who@"), unknown.body);
    for _ in 1..stack.config.auth.attempts_per_account {
        assert_eq!(mallory.sign_in("bob@acme.example", "wrong").await.status, 401);
    }
    assert_eq!(mallory.sign_in("bob@acme.example", PASSWORD).await.status, 429, "even the right one waits now");
    assert_eq!(mallory.sign_in("alice@acme.example", PASSWORD).await.status, 303, "others do not");
    stack.clock.advance_secs(i64::from(stack.config.auth.wait_secs));
    assert_eq!(mallory.sign_in("bob@acme.example", PASSWORD).await.status, 303);
}

#[actix_web::test]
async fn a_sign_in_makes_a_new_session_and_a_sign_out_ends_it() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    browser.set_up(&stack).await;
    let first = browser.cookies["scaistack"].clone();
    let target = "/admin/secrets?prefix=a%2F";
    let got = browser.post("/admin/sign-out", &[]).await;
    assert_eq!(got.location(), "/admin/sign-in");
    browser.cookies.insert("scaistack".to_owned(), first.clone());
    let got = browser.get(target).await;
    assert_eq!(got.location(), "/admin/sign-in?next=%2Fadmin%2Fsecrets%3Fprefix%3Da%252F", "the old id is dead");
    let page = browser.get(got.location()).await;
    assert!(page.body.contains("value=\"/admin/secrets?prefix=a%2F\""), "{}", page.body);
    let fields = [("email", "ALICE@acme.example"), ("password", PASSWORD), ("next", target)];
    assert_eq!(browser.post("/admin/sign-in", &fields).await.location(), target);
    assert_ne!(browser.cookies["scaistack"], first);
    browser.get("/admin/sign-in").await;
    let evil = [("email", "alice@acme.example"), ("password", PASSWORD), ("next", "//evil.example")];
    assert_eq!(browser.post("/admin/sign-in", &evil).await.location(), "/admin/");
}

#[actix_web::test]
async fn a_form_from_elsewhere_changes_nothing() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    let mut other = browser(&stack).await;
    other.sign_in("alice@acme.example", PASSWORD).await;
    other.get("/admin/").await;
    let target = "/admin/secrets/write";
    let csrf = alice.csrf.clone();
    let fields = |token: &'static str| [("path", "a/b"), ("data", "a=1"), ("secret_type", "json"), ("csrf", token)];
    let of_other: &'static str = Box::leak(other.csrf.clone().into_boxed_str());
    let mine: &'static str = Box::leak(csrf.into_boxed_str());
    assert_eq!(alice.post_as(target, &fields(""), &[]).await.status, 403);
    assert_eq!(alice.post_as(target, &fields("nonsense"), &[]).await.status, 403);
    assert_eq!(alice.post_as(target, &fields(of_other), &[]).await.status, 403);
    for header in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        assert_eq!(alice.post_as(target, &fields(mine), &[header]).await.status, 403, "{header:?}");
    }
    let json = [("content-type", "application/json"), ("x-csrf-token", mine), ("accept", "text/html")];
    let got = alice.send(actix_web::http::Method::POST, target, &json, Some("{}".to_owned())).await;
    assert_eq!(got.status, 400);
    assert_eq!(alice.get("/admin/secrets/one?path=a/b").await.status, 404, "nothing was written");
    assert_eq!(alice.post_as(target, &fields(mine), &[]).await.status, 303);
    let mut stranger = browser(&stack).await;
    assert_eq!(stranger.post_as(target, &fields(mine), &[]).await.status, 401);
}

#[actix_web::test]
async fn an_application_shows_its_secret_once() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    browser.set_up(&stack).await;
    browser.get("/admin/applications/create").await;
    let fields = [
        ("name", "<b>Billing</b>"),
        ("application_type", "SERVICE"),
        ("scope", "GLOBAL"),
        ("allowed_scopes", "openid"),
        ("allowed_scopes", "admin:read"),
        ("token_lifetime", "3600"),
    ];
    let mut wrong = fields.to_vec();
    wrong.push(("redirect_uris", "nonsense"));
    let refused = browser.post("/admin/applications/create", &wrong).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("value=\"admin:read\" checked"), "ticks are kept: {}", refused.body);
    let once = browser.post("/admin/applications/create", &fields).await.location().to_owned();
    let shown = browser.get(&once).await;
    let secret = shown.between("id=\"once-CLIENT_SECRET\">", "<").to_owned();
    assert!(secret.starts_with("scs_") && shown.body.contains(&format!("CLIENT_SECRET=&quot;{secret}&quot;")));
    assert!(shown.body.contains("/api/v1/platform/oauth/token") && shown.body.contains("scope=admin:read"));
    let again = browser.get(&once).await;
    assert!(again.body.contains("was shown already") && !again.body.contains(&secret));
    let one = once.trim_end_matches("/credentials").to_owned();
    let page = browser.get(&one).await;
    assert!(page.body.contains("&lt;b&gt;Billing") && !page.body.contains(&secret));
    assert!(page.body.contains("Its own tokens"), "what introspection tells it");
    let edit = format!("{one}/edit");
    browser.get(&edit).await;
    let mut changed = fields.to_vec();
    let none = browser.post(&edit, &changed).await;
    assert!(none.status == 422 && none.body.contains("must name at least one grant"), "{}", none.body);
    changed.extend([("switches", "introspection"), ("grant_types", "client_credentials")]);
    changed.push(("refresh_token_lifetime", "7200"));
    browser.post(&edit, &changed).await.location();
    assert!(browser.get(&one).await.body.contains("Tokens of all applications"));
    assert!(browser.get(&edit).await.body.contains("value=\"introspection\" checked"));
    let page = browser.get(&one).await;
    assert!(page.body.contains("7,200 seconds") && !page.body.contains("authorization_code"), "{}", page.body);
    assert_eq!(browser.post(&format!("{one}/delete"), &[("confirm_name", "Billing")]).await.status, 422);
    let rotated = browser.post(&format!("{one}/rotate"), &[]).await.location().to_owned();
    assert!(!browser.get(&rotated).await.body.contains(&secret));
    browser.post(&format!("{one}/disable"), &[]).await.location();
    assert!(browser.get(&one).await.body.contains("Disabled"));
    browser.post(&format!("{one}/delete"), &[("confirm_name", "<b>Billing</b>")]).await.location();
    assert_eq!(browser.get(&one).await.status, 404);
}

#[actix_web::test]
async fn a_secret_is_revealed_to_a_recent_sign_in_and_logged() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    browser.set_up(&stack).await;
    let write = [("path", "prod/db"), ("data", "password=hunter2"), ("secret_type", "json")];
    let one = browser.post("/admin/secrets/write", &write).await.location().to_owned();
    assert!(!browser.get(&one).await.body.contains("hunter2"), "not in the source before");
    assert_eq!(browser.post("/admin/secrets/write", &write).await.status, 422, "not over one that is there");
    let ask = [("path", "prod/db"), ("version", "1")];
    let shown = browser.post("/admin/secrets/reveal", &ask).await;
    assert!(shown.body.contains("hunter2") && shown.headers["refresh"].starts_with("30;"));
    assert_eq!(actions(&stack).await[0], "secret.read success");
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs));
    let asked = browser.post("/admin/secrets/reveal", &ask).await;
    assert!(!asked.body.contains("hunter2") && asked.body.contains("type=\"password\""), "{}", asked.body);
    let with = |password: &'static str| [ask[0], ask[1], ("step_up_password", password)];
    assert!(!browser.post("/admin/secrets/reveal", &with("wrong")).await.body.contains("hunter2"));
    let before = browser.cookies["scaistack"].clone();
    assert!(browser.post("/admin/secrets/reveal", &with(PASSWORD)).await.body.contains("hunter2"));
    assert_ne!(browser.cookies["scaistack"], before, "elevation changes the session's id");
    assert!(browser.post("/admin/secrets/reveal", &ask).await.body.contains("hunter2"), "with the new page's token");
}

#[actix_web::test]
async fn a_secret_goes_to_the_trash_and_comes_back() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    browser.set_up(&stack).await;
    let write = |data: &'static str, cas: &'static str| {
        [("path", "prod/db"), ("data", data), ("secret_type", "json"), ("tags", "one, two"), ("cas", cas)]
    };
    browser.post("/admin/secrets/write", &write("a=1\nb=2", "")).await.location();
    browser.post("/admin/secrets/write", &write("a=1\nb=hunter2\nc=3", "1")).await.location();
    assert_eq!(browser.post("/admin/secrets/write", &write("a=1", "1")).await.status, 422, "somebody wrote meanwhile");
    let diff = browser.get("/admin/secrets/diff?path=prod/db&from=1&to=2").await;
    assert!(diff.body.contains("changed") && diff.body.contains("added") && !diff.body.contains("hunter2"));
    assert!(browser.get("/admin/secrets").await.body.contains("prod/"));
    assert!(browser.get("/admin/secrets?q=prod%2Fd").await.body.contains("prod/db"));
    assert!(browser.get("/admin/secrets?q=%3Cscript%3E").await.body.contains("Nothing found"));
    browser.get("/admin/secrets/delete?path=prod%2Fdb").await;
    browser.post("/admin/secrets/delete?path=prod%2Fdb", &[]).await.location();
    assert!(browser.get("/admin/secrets/trash").await.body.contains("prod/db"));
    let back = browser.post("/admin/secrets/restore", &[("path", "prod/db")]).await.location().to_owned();
    assert!(browser.get(&back).await.body.contains("The secret is back"));
    assert!(!browser.get(&back).await.body.contains("The secret is back"), "a message is shown once");
}

#[actix_web::test]
async fn a_personal_token_is_made_and_revoked() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    browser.set_up(&stack).await;
    let none = [("name", "Laptop"), ("expires_in", "30")];
    assert_eq!(browser.post("/admin/access/personal-tokens/create", &none).await.status, 422);
    let fields = [("name", "Laptop"), ("expires_in", "30"), ("scopes", "secrets:read")];
    let once = browser.post("/admin/access/personal-tokens/create", &fields).await.location().to_owned();
    let shown = browser.get(&once).await;
    let token = shown.between("id=\"once-SCAIVAULT_TOKEN\">", "<").to_owned();
    assert!(token.starts_with("skt_") && shown.body.contains("export SCAIVAULT_TOKEN=&quot;skt_"));
    assert!(!browser.get(&once).await.body.contains(&token));
    let revoke = once.replace("/created", "/revoke");
    assert_eq!(browser.get(&revoke).await.status, 200);
    browser.post(&revoke, &[]).await.location();
    for list in ["/admin/access/personal-tokens", "/admin/access/personal-tokens?all=1"] {
        assert!(browser.get(list).await.body.contains("Revoked"), "{list}");
    }
}

#[actix_web::test]
async fn what_a_role_may_not_do_is_not_shown_and_refused() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    alice.post("/admin/secrets/write", &[("path", "a"), ("data", "a=1"), ("secret_type", "json")]).await.location();
    user(&stack, "bob@acme.example", Role::TenantViewer).await;
    let mut bob = browser(&stack).await;
    bob.sign_in("bob@acme.example", PASSWORD).await.location();
    let home = bob.get("/admin/").await;
    assert!(!home.body.contains("/admin/applications") && !home.body.contains("/admin/audit"), "{}", home.body);
    for hidden in [
        "/admin/applications",
        "/admin/applications/create",
        "/admin/audit",
        "/admin/audit/1",
        "/admin/audit/export.csv",
        "/admin/secrets/trash",
    ] {
        assert_eq!(bob.get(hidden).await.status, 403, "{hidden}");
    }
    let one = bob.get("/admin/secrets/one?path=a").await;
    assert!(one.status == 200 && !one.body.contains("/admin/secrets/reveal") && !one.body.contains("Delete"));
    bob.get("/admin/").await;
    assert_eq!(bob.post("/admin/secrets/reveal", &[("path", "a"), ("version", "1")]).await.status, 403);
    assert_eq!(bob.post("/admin/secrets/write", &[("path", "b"), ("data", "b=1")]).await.status, 403);
}

#[actix_web::test]
async fn an_application_is_offered_the_scopes_that_its_maker_may_hand_on() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    user(&stack, "bob@acme.example", Role::TenantAdmin).await;
    let mut bob = browser(&stack).await;
    bob.sign_in("bob@acme.example", PASSWORD).await.location();
    let (create, above, own) = ("/admin/applications/create", "value=\"organizations:delete\"", "value=\"users:read\"");
    assert!(alice.get(create).await.body.contains(above));
    let offered = bob.get(create).await;
    assert!(!offered.body.contains(above) && offered.body.contains(own), "{}", offered.body);
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    let fields = |scope: &'static str| {
        [
            ("name", "Worker"),
            ("application_type", "SERVICE"),
            ("scope", "TENANT"),
            ("tenant_id", &*tenant),
            ("allowed_scopes", "openid"),
            ("allowed_scopes", scope),
            ("token_lifetime", "600"),
            ("grant_types", "client_credentials"),
        ]
    };
    // A form that says otherwise comes back with what was typed.
    let refused = bob.post(create, &fields("organizations:delete")).await;
    assert!(refused.status == 422 && refused.body.contains("You cannot hand on the scope"), "{}", refused.body);
    assert!(refused.body.contains("value=\"Worker\""));
    assert_eq!(actions(&stack).await[0], "application.create denied");
    let made = alice.post(create, &fields("organizations:delete")).await.location().to_owned();
    let one = made.strip_suffix("/credentials").unwrap();
    let edit = format!("{one}/edit");
    let shown = bob.get(&edit).await;
    assert!(shown.body.contains(&format!("type=\"hidden\" name=\"allowed_scopes\" {above}")), "{}", shown.body);
    assert!(shown.body.contains(&format!("{above} checked disabled")));
    let kept = [
        ("name", "Worker"),
        ("allowed_scopes", "users:read"),
        ("allowed_scopes", "organizations:delete"),
        ("token_lifetime", "600"),
        ("grant_types", "client_credentials"),
    ];
    assert_eq!(bob.post(&edit, &kept).await.location(), one);
    assert!(bob.get(one).await.body.contains("organizations:delete"));
}

#[actix_web::test]
async fn the_log_can_be_searched_and_taken_out() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    browser.set_up(&stack).await;
    let list = browser.get("/admin/audit").await;
    assert!(list.body.contains(">setup.claim<") && list.body.contains("End of the chain"));
    let found =
        browser.get("/admin/audit?action=login&actor=alice%40acme.example&from=2027-01-01&outcome=success").await;
    assert!(found.body.contains(">login<") && !found.body.contains(">setup.claim<"), "{}", found.body);
    let slip = browser.get("/admin/audit?action=user.udpate").await;
    assert!(slip.between("id=\"results\"", "</main>").contains("did you mean user.update?"), "{}", slip.body);
    assert!(browser.get("/admin/audit?from=never").await.body.contains("is not a date and time"));
    assert_eq!(browser.get("/admin/audit/1").await.status, 200);
    assert_eq!(browser.get("/admin/audit/999999").await.status, 404);
    let csv = browser.get("/admin/audit/export.csv?action=login").await;
    assert!(csv.headers["content-type"].starts_with("text/csv") && csv.body.contains(",alice@acme.example,"));
    assert_eq!(csv.body.lines().count(), 2, "{}", csv.body);
    assert_eq!(actions(&stack).await[0], "audit.export success");
}

#[actix_web::test]
async fn an_unknown_address_is_a_page_for_people_only() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let page = browser.get("/nowhere").await;
    assert!(page.status == 404 && page.body.contains("<h1"));
    let plain = browser.send(actix_web::http::Method::GET, "/nowhere", &[], None).await;
    assert!(plain.status == 404 && plain.body.starts_with('{'));
    assert_eq!(browser.get("/").await.location(), "/admin/");
}
