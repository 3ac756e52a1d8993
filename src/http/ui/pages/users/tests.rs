//! The pages of people and of the outbox, in a browser.

use crate::http::testkit::{PASSWORD, browser, stack};
use crate::tenancy::{self, testkit};

#[actix_web::test]
async fn a_user_is_invited_found_changed_and_deleted() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    admin.get("/admin/people/users/create").await;
    let wrong = [("email", "nobody"), ("tenant_id", home.as_str()), ("role", "tenant_user"), ("how", "invite")];
    let refused = admin.post("/admin/people/users/create", &wrong).await;
    assert!(refused.status == 422 && refused.body.contains("E-mail must be"), "{}", refused.body);
    let right =
        [("email", "nia@acme.example"), ("tenant_id", home.as_str()), ("role", "tenant_user"), ("how", "invite")];
    let page = admin.post("/admin/people/users/create", &right).await.location().to_owned();
    let shown = admin.get(&page).await;
    assert!(shown.body.contains("nia@acme.example is invited.") && shown.body.contains("Send again"));
    let found = admin.get("/admin/people/users?q=nia&status=INVITED").await;
    assert!(found.body.contains("nia@acme.example") && !found.body.contains(">Alice<"), "{}", found.body);
    let nowhere = admin.get("/admin/people/users?tenant=nowhere").await;
    assert!(nowhere.between("id=\"results\"", "</main>").contains("is no tenant that you reach"));

    admin.get(&format!("{page}/edit")).await;
    let edited = [("email", "nia@acme.example"), ("display_name", "Nia"), ("phone_number", "020")];
    assert_eq!(admin.post(&format!("{page}/edit"), &edited).await.status, 422);
    let edited = [("email", "nia@acme.example"), ("display_name", "Nia"), ("phone_number", "+31 20 1234567")];
    assert_eq!(admin.post(&format!("{page}/edit"), &edited).await.location(), page);
    assert!(admin.get(&page).await.body.contains("+31201234567"));

    admin.get(&format!("{page}/delete")).await;
    assert_eq!(admin.post(&format!("{page}/delete"), &[("confirm_name", "Nia")]).await.status, 422);
    let gone = admin.post(&format!("{page}/delete"), &[("confirm_name", "nia@acme.example")]).await;
    assert_eq!(gone.location(), "/admin/people/users");
    assert_eq!(admin.get(&page).await.status, 404);
    let log = testkit::actions(&stack.store.read());
    for action in ["user.create", "user.update", "user.delete"] {
        assert!(log.iter().any(|done| done == action), "{action}");
    }
}

#[actix_web::test]
async fn who_was_deleted_is_found_and_restored() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    let create = "/admin/people/users/create";
    let nia = [("email", "nia@acme.example"), ("tenant_id", &home), ("role", "tenant_user"), ("how", "invite")];
    let deleted = "/admin/people/users?status=DELETED";
    let none = admin.get(deleted).await;
    assert!(none.body.contains("Nobody is deleted") && none.body.contains(">Deleted</option>"), "{}", none.body);
    admin.get(create).await;
    let page = admin.post(create, &nia).await.location().to_owned();
    assert_eq!(admin.get(&format!("{page}/restore")).await.status, 404, "nobody who is there comes back");
    let asked = admin.get(&format!("{page}/delete")).await;
    assert!(asked.body.contains("It can be restored for 30 days; until then nobody else can have its address."));
    admin.post(&format!("{page}/delete"), &[("confirm_name", "nia@acme.example")]).await.location();
    let gone = admin.get("/admin/people/users").await;
    assert!(gone.body.contains("is deleted. It can be restored for 30 days") && !gone.body.contains(&page));
    assert_eq!(admin.get(&page).await.status, 404);

    let restore = format!("{page}/restore");
    let listed = admin.get(deleted).await;
    assert!(listed.body.contains("in 1 month") && listed.body.contains(&restore) && listed.body.contains("1 user"));
    for (search, there) in [("nia", true), ("zoe", false)] {
        assert_eq!(admin.get(&format!("{deleted}&q={search}")).await.body.contains(&restore), there, "{search}");
    }
    admin.get(create).await;
    let taken = admin.post(create, &nia).await;
    assert!(taken.status == 422 && taken.body.contains("E-mail is that of a deleted user"), "{}", taken.body);
    assert!(taken.body.contains(&restore) && taken.body.contains("value=\"nia@acme.example\""), "{}", taken.body);

    let asked = admin.get(&restore).await;
    assert!(asked.body.contains("Restore the user?") && asked.body.contains("memberships"), "{}", asked.body);
    assert_eq!(admin.post(&restore, &[]).await.location(), page);
    let back = admin.get(&page).await;
    assert!(back.body.contains("nia@acme.example is restored, without a password"), "{}", back.body);
    assert_eq!(admin.post(&restore, &[]).await.status, 404, "once");
    assert!(testkit::actions(&stack.store.read()).iter().any(|done| done == "user.restore"));
}

#[actix_web::test]
async fn a_mail_that_waits_is_opened_by_somebody_who_has_just_signed_in() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    admin.get("/login/forgot-password").await;
    admin.post("/login/forgot-password", &[("email", "alice@acme.example")]).await;
    let outbox = admin.get("/admin/settings/outbox").await;
    assert!(outbox.body.contains("No mail server is set") && !outbox.body.contains("slk_"));
    let mail = format!("/admin/settings/outbox/mail_{}", outbox.between("/admin/settings/outbox/mail_", "\""));
    assert!(!admin.get(&mail).await.body.contains("slk_"));
    let opened = admin.post(&format!("{mail}/open"), &[]).await;
    assert!(opened.status == 200 && opened.body.contains("token=slk_"));
    stack.clock.advance_secs(901);
    admin.get(&mail).await;
    let asked = admin.post(&format!("{mail}/open"), &[]).await;
    assert!(asked.body.contains("Confirm that it is you") && !asked.body.contains("slk_"));
    let wrong = admin.post(&format!("{mail}/open"), &[("step_up_password", "wrong")]).await;
    assert!(wrong.body.contains("is wrong") && !wrong.body.contains("slk_"));
    let opened = admin.post(&format!("{mail}/open"), &[("step_up_password", PASSWORD)]).await;
    assert!(opened.body.contains("token=slk_"));
    admin.get(&mail).await;
    assert_eq!(admin.post(&format!("{mail}/retry"), &[]).await.location(), mail);
    admin.get(&mail).await;
    assert_eq!(admin.post(&format!("{mail}/delete"), &[]).await.location(), "/admin/settings/outbox");
    assert_eq!(admin.get(&mail).await.status, 404);
    let log = testkit::actions(&stack.store.read());
    assert_eq!(log.iter().filter(|done| *done == "mail.reveal").count(), 2);
}

#[actix_web::test]
async fn groups_and_sessions_have_pages() {
    let stack = stack();
    let (mut admin, mut other) = (browser(&stack).await, browser(&stack).await);
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    admin.get("/admin/people/groups/create").await;
    let fields = [("name", "Sales"), ("group_type", "SECURITY"), ("tenant_id", home.as_str())];
    let group = admin.post("/admin/people/groups/create", &fields).await.location().to_owned();
    let page = admin.get(&group).await;
    assert!(page.body.contains("Sales is created.") && page.body.contains("Nobody is in it"));
    assert_eq!(admin.post(&format!("{group}/add"), &[("member", "nobody@acme.example")]).await.status, 422);
    assert_eq!(admin.post(&format!("{group}/add"), &[("member", "alice@acme.example")]).await.location(), group);
    let page = admin.get(&group).await;
    assert!(page.body.contains(">Alice<") && page.body.contains("1 member"));
    let itself = group.rsplit('/').next().unwrap().to_owned();
    let circle = admin.post(&format!("{group}/add"), &[("member", &itself)]).await;
    assert!(circle.status == 422 && circle.body.contains("would be in itself"));
    assert!(admin.get(&format!("{group}?all=1")).await.body.contains("Direct members only"));
    admin.get(&group).await;
    assert_eq!(admin.post(&format!("{group}/remove?member=alice%40acme.example"), &[]).await.location(), group);
    admin.get(&format!("{group}/delete")).await;
    let gone = admin.post(&format!("{group}/delete"), &[("confirm_name", "Sales")]).await;
    assert_eq!(gone.location(), "/admin/people/groups");

    assert_eq!(other.sign_in("alice@acme.example", PASSWORD).await.location(), "/admin/");
    let sessions = admin.get("/admin/people/sessions?user=alice@acme.example").await;
    assert!(sessions.body.contains("This browser"));
    let end = format!("/admin/people/sessions/ses_{}", sessions.between("/admin/people/sessions/ses_", "\""));
    assert_eq!(admin.post(&end, &[]).await.location(), "/admin/people/sessions");
    assert_eq!(other.get("/admin/").await.status, 303, "it was signed out");
    assert_eq!(admin.get("/admin/").await.status, 200);
}

#[actix_web::test]
async fn a_form_that_needs_a_recent_sign_in_asks_and_goes_on_with_what_was_typed() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    let create = "/admin/people/users/create";
    let fields = |role: &'static str, how: &'static str| {
        [
            ("email", "nia@acme.example"),
            ("display_name", "N & \"ia"),
            ("tenant_id", home.as_str()),
            ("role", role),
            ("how", how),
        ]
    };
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs));
    admin.get(create).await;
    let mut typed = fields("tenant_admin", "password").to_vec();
    typed.push(("password", "correct horse battery"));
    let asked = admin.post(create, &typed).await;
    assert!(asked.status == 403 && asked.body.contains("Confirm that it is you"), "{}", asked.body);
    let kept = asked.between("name=\"kept\" value=\"", "\"").to_owned();
    for typed in ["nia@acme.example", "ia\"", "correct horse battery"] {
        assert!(!asked.body.contains(typed), "what was typed is kept on the server: {typed}");
    }
    let log = testkit::actions(&stack.store.read());
    assert!(!log.iter().any(|done| done == "access.denied"), "a question is no refusal");
    let before = admin.cookies["scaistack"].clone();
    let wrong = admin.post(create, &[("kept", &*kept), ("step_up_password", "wrong")]).await;
    assert!(wrong.status == 403 && wrong.body.contains("is wrong"), "{}", wrong.body);
    assert_eq!(admin.cookies["scaistack"], before);
    let kept = wrong.between("name=\"kept\" value=\"", "\"").to_owned();
    let made = admin.post(create, &[("kept", &*kept), ("step_up_password", PASSWORD)]).await;
    assert!(made.location().starts_with("/admin/people/users/usr_"));
    assert_ne!(admin.cookies["scaistack"], before, "a sign-in has a new cookie");
    let shown = admin.get(made.location()).await;
    assert!(shown.body.contains("nia@acme.example"), "the message survives: {}", shown.body);
    let mut herself = crate::http::testkit::browser(&stack).await;
    herself.sign_in("nia@acme.example", "correct horse battery").await.location();
}

#[actix_web::test]
async fn a_page_that_makes_credentials_asks_before_anything_is_typed() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs));
    for page in ["/admin/access/personal-tokens/create", "/admin/access/api-keys/create"] {
        let asked = format!("/account/confirm?next={}", page.replace('/', "%2F"));
        assert_eq!(admin.get(page).await.location(), asked);
    }
    let token = [("name", "Laptop"), ("expires_in", "30"), ("scopes", "secrets:read")];
    admin.get("/account").await;
    assert_eq!(admin.post("/admin/access/personal-tokens/create", &token).await.status, 403);
    admin.get("/account/confirm?next=%2Fadmin%2Faccess%2Fpersonal-tokens%2Fcreate").await;
    let next = ("next", "/admin/access/personal-tokens/create");
    assert_eq!(admin.post("/account/confirm", &[("password", PASSWORD), next]).await.location(), next.1);
    admin.get(next.1).await;
    assert!(admin.post(next.1, &token).await.location().ends_with("/created"));
}

/// Two administrators have the same form open; the second save must not undo the first one's.
#[actix_web::test]
async fn the_second_save_shows_both_changes() {
    let stack = stack();
    let (mut one, mut other) = (browser(&stack).await, browser(&stack).await);
    one.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    one.get("/admin/people/users/create").await;
    let new = [("email", "nia@acme.example"), ("tenant_id", home.as_str()), ("role", "tenant_user"), ("how", "invite")];
    let page = one.post("/admin/people/users/create", &new).await.location().to_owned();
    assert_eq!(other.sign_in("alice@acme.example", PASSWORD).await.location(), "/admin/");
    let edit = format!("{page}/edit");
    let seen = one.get(&edit).await.between("name=\"version\" value=\"", "\"").to_owned();
    assert_eq!(other.get(&edit).await.between("name=\"version\" value=\"", "\""), seen);

    let fields = |first, last| {
        [("email", "nia@acme.example"), ("display_name", "Nia"), ("first_name", first), ("last_name", last)]
    };
    let send = |fields: [(&'static str, &'static str); 4], version: &str, mine: &[&'static str]| {
        let mut all: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        all.push(("version".to_owned(), version.to_owned()));
        for name in mine {
            all.push(("mine".to_owned(), (*name).to_owned()));
        }
        all
    };
    macro_rules! post {
        ($browser:expr, $fields:expr) => {{
            let fields = $fields;
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            $browser.post(&edit, &fields).await
        }};
    }
    assert_eq!(post!(one, send(fields("Ann", "nl-NL"), &seen, &[])).location(), page);
    let met = post!(other, send(fields("Nia", ""), &seen, &[]));
    assert_eq!(met.status, 422, "{}", met.body);
    assert!(met.body.contains("Somebody else has changed this"), "{}", met.body);
    // What is there now stands in the fields; what was typed is offered beside.
    assert!(met.body.contains("Now it is <bdi>Ann</bdi>") && met.body.contains("<bdi>Nia</bdi>"), "{}", met.body);
    assert!(met.body.contains("name=\"typed.first_name\" value=\"Nia\"") && met.body.contains("value=\"nl-NL\""));
    let now = met.between("name=\"version\" value=\"", "\"").to_owned();
    assert_ne!(now, seen);
    let user = || {
        let tx = stack.store.read();
        let email = crate::base::Email::parse("nia@acme.example").unwrap();
        let user = crate::people::by_email(&tx, &email).unwrap().unwrap();
        (user.first_name.unwrap().to_string(), user.last_name.map(|last| last.to_string()))
    };
    assert_eq!(user(), ("Ann".to_owned(), Some("nl-NL".to_owned())), "nothing was changed");

    // The name becomes what was typed, since its box is ticked; the other one stays as somebody else left it.
    let mut chosen = send(fields("Ann", "nl-NL"), &now, &["first_name"]);
    chosen.push(("typed.first_name".to_owned(), "Nia".to_owned()));
    chosen.push(("typed.last_name".to_owned(), String::new()));
    assert_eq!(post!(other, chosen).location(), page);
    assert_eq!(user(), ("Nia".to_owned(), Some("nl-NL".to_owned())));
    // Without a version, as from a script, it goes through.
    assert_eq!(post!(one, send(fields("Ada", ""), "", &[])).location(), page);
}

#[actix_web::test]
async fn a_session_that_was_left_open_lifts_no_lock_out_of_its_own() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let email = crate::base::Email::parse("alice@acme.example").unwrap();
    let alice = crate::people::by_email(&stack.store.read(), &email).unwrap().unwrap();
    let (page, lift) =
        (format!("/admin/people/users/{}", alice.id), format!("/admin/people/users/{}/unlock", alice.id));
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs));
    admin.get(&page).await;
    let guess = |password: &'static str| [("step_up_password", password)];
    for _ in 0..stack.config.auth.attempts_per_account {
        assert!(admin.post(&lift, &guess("wrong")).await.body.contains("is wrong"));
    }
    let asked = admin.post(&lift, &[]).await;
    assert!(asked.status == 403 && asked.body.contains("Confirm that it is you"), "{}", asked.body);
    assert!(admin.get(&page).await.body.contains("Held up after wrong tries"), "nothing was lifted");
    let held = admin.post(&lift, &guess(PASSWORD)).await;
    assert!(held.body.contains("Too many wrong tries"), "{}", held.body);
    // From elsewhere the right password still counts, and with it the lock-out is lifted.
    let mut other = browser(&stack).await;
    other.sign_in("alice@acme.example", PASSWORD).await;
    other.get(&page).await;
    assert_eq!(other.post(&lift, &[]).await.location(), page);
    assert!(!admin.get(&page).await.body.contains("Held up after wrong tries"));
}
