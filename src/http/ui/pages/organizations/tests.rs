//! The pages of organisations, in a browser.

use crate::base::{Email, Id};
use crate::http::testkit::{PASSWORD, browser, stack};
use crate::people;
use crate::tenancy::{self, testkit};

const ROOT: &str = "/admin/organizations";

#[actix_web::test]
async fn an_organization_is_made_found_changed_and_deleted() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    assert!(admin.get("/admin/").await.body.contains(ROOT), "it is in the menu");
    admin.get(&format!("{ROOT}/create")).await;
    let wrong = [("name", ""), ("slug", "No Slug"), ("metadata", "plan"), ("logo_url", "logo"), ("region", "MARS")];
    let refused = admin.post(&format!("{ROOT}/create"), &wrong).await;
    assert_eq!(refused.status, 422);
    for words in ["Name is required", "Slug must be", "Metadata must be lines", "Logo URL must be", "Region must be"] {
        assert!(refused.body.contains(words), "{words}: {}", refused.body);
    }
    let right = [("name", "Acme Corp"), ("external_id", "crm 1"), ("metadata", "plan=pro\nseats=5"), ("region", "EU")];
    let page = admin.post(&format!("{ROOT}/create"), &right).await.location().to_owned();
    let shown = admin.get(&page).await;
    for words in ["Acme Corp is created.", "acme-corp", "crm 1", "EU", "plan", "pro", "0 members", "As on this server"]
    {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    let taken = admin.post(&format!("{ROOT}/create"), &right).await;
    assert!(taken.status == 422 && taken.body.contains("External ID</a>: There is already one"), "{}", taken.body);
    for (query, there) in [("acme", true), ("crm", true), (page.rsplit('/').next().unwrap(), true), ("zebra", false)] {
        let found = admin.get(&format!("{ROOT}?q={query}")).await;
        assert_eq!(found.body.contains(">Acme Corp<"), there, "{query}");
    }

    admin.get(&format!("{page}/edit")).await;
    let edited = [("name", "Acme"), ("slug", "acme"), ("max_users", "x")];
    assert!(admin.post(&format!("{page}/edit"), &edited).await.body.contains("Most members must be"));
    let edited = [("name", "Acme"), ("slug", "acme"), ("max_users", "7"), ("metadata", "tier=gold")];
    assert_eq!(admin.post(&format!("{page}/edit"), &edited).await.location(), page);
    let shown = admin.get(&page).await;
    assert!(shown.body.contains("of 7 seats") && shown.body.contains("gold") && !shown.body.contains("crm 1"));

    let by_tenant_id = page.replace("org_", "tnt_");
    assert_eq!(admin.get(&by_tenant_id).await.status, 200);
    assert_eq!(admin.get(&format!("{ROOT}/org_1")).await.status, 404);
    assert_eq!(admin.post(&format!("{page}/suspend"), &[]).await.location(), page);
    assert!(admin.get(&page).await.body.contains("Nobody in it can sign in"));
    assert_eq!(admin.post(&format!("{page}/activate"), &[]).await.location(), page);

    admin.get(&format!("{page}/delete")).await;
    assert_eq!(admin.post(&format!("{page}/delete"), &[("confirm_name", "Acme")]).await.status, 422);
    assert_eq!(admin.post(&format!("{page}/delete"), &[("confirm_name", "acme")]).await.location(), ROOT);
    assert_eq!(admin.get(&page).await.status, 404);
}

#[actix_web::test]
async fn an_organization_that_was_deleted_is_found_and_restored() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let (create, deleted) = (format!("{ROOT}/create"), format!("{ROOT}?status=DELETED"));
    assert!(admin.get(&deleted).await.body.contains("None is deleted"));
    let mut pages = Vec::new();
    for at in 0..51 {
        admin.get(&create).await;
        let (name, slug) = (format!("Acme {at}"), format!("acme{at}"));
        pages.push(admin.post(&create, &[("name", &name), ("slug", &slug)]).await.location().to_owned());
    }
    let asked = admin.get(&format!("{}/delete", pages[0])).await;
    assert!(asked.body.contains("It can be restored for 30 days; until then nobody else can have its slug."));
    for (at, page) in pages.iter().enumerate() {
        admin.get(&format!("{page}/delete")).await;
        admin.post(&format!("{page}/delete"), &[("confirm_name", &format!("acme{at}"))]).await.location();
    }
    assert_eq!(admin.get(&pages[0]).await.status, 404);
    let restore = format!("{}/restore", pages[0]);
    let first = admin.get(&deleted).await;
    assert!(first.body.contains(&restore) && first.body.contains("51 deleted organizations"), "{}", first.body);
    assert!(!first.body.contains(&pages[50]));
    let next = format!("{ROOT}?status=DELETED&at={}", first.between("?status=DELETED&amp;at=", "\""));
    let next = admin.get(&next).await;
    assert!(next.body.contains(&pages[50]) && !next.body.contains(&restore), "{}", next.body);
    assert!(next.body.contains("First page") && next.body.contains("Previous page"), "{}", next.body);
    assert!(!admin.get(&format!("{deleted}&q=acme7")).await.body.contains(&restore));

    admin.get(&create).await;
    let taken = admin.post(&create, &[("name", "Another"), ("slug", "acme0")]).await;
    assert!(taken.status == 422 && taken.body.contains(&restore), "{}", taken.body);
    assert!(admin.get(&restore).await.body.contains("Restore the organization?"));
    assert_eq!(admin.post(&restore, &[]).await.location(), pages[0]);
    assert!(admin.get(&pages[0]).await.body.contains("Acme 0 is restored."));
    assert!(testkit::actions(&stack.store.read()).iter().any(|done| done == "tenant.restore"));
}

#[actix_web::test]
async fn the_second_save_of_the_features_shows_both() {
    let stack = stack();
    let (mut one, mut other) = (browser(&stack).await, browser(&stack).await);
    one.set_up(&stack).await;
    other.sign_in("alice@acme.example", PASSWORD).await.location();
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let page = format!("{ROOT}/{}", home.display_as("org"));
    let seen = one.get(&page).await.between("name=\"version\" value=\"", "\"").to_owned();
    other.get(&page).await;
    let save = format!("{page}/features");
    assert_eq!(other.post(&save, &[("version", &seen), ("features", "sso")]).await.location(), page);
    let met = one.post(&save, &[("version", &seen), ("features", "dir_sync")]).await;
    assert!(met.status == 422 && met.body.contains("Somebody else has changed this"), "{}", met.body);
    let now = met.between("name=\"version\" value=\"", "\"").to_owned();
    let typed = [("version", &*now), ("features", "sso"), ("typed.features", "dir_sync"), ("mine", "features")];
    assert_eq!(one.post(&save, &typed).await.location(), page);
    let features = tenancy::tenant(&stack.store.read(), home).unwrap().unwrap().details.features;
    assert!(features.dir_sync && !features.sso, "{features:?}");
}

#[actix_web::test]
async fn a_session_policy_is_set_and_acts() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let page = format!("{ROOT}/{}", home.display_as("org"));
    let form = admin.get(&format!("{page}/sessions")).await;
    assert!(form.body.contains("Signed in for 12 hours, 2 hours unused"), "{}", form.body);
    let mut fields = vec![
        ("source", "custom"),
        ("absolute_session_timeout", "0"),
        ("absolute_session_timeout_unit", "HOURS"),
        ("idle", "on"),
        ("idle_session_timeout", "x"),
        ("idle_session_timeout_unit", "MINUTES"),
    ];
    let refused = admin.post(&format!("{page}/sessions"), &fields).await;
    assert!(refused.status == 422 && refused.body.contains("Unused for must be a whole number"), "{}", refused.body);
    fields[4].1 = "10";
    let refused = admin.post(&format!("{page}/sessions"), &fields).await;
    assert!(refused.body.contains("Longest session must be between 1 minute and 365 days"), "{}", refused.body);
    fields[1].1 = "3";
    assert_eq!(admin.post(&format!("{page}/sessions"), &fields).await.location(), page);
    let shown = admin.get(&page).await;
    for words in ["3 hours", "10 minutes", "Its own policy"] {
        assert!(shown.body.contains(words), "{words}");
    }
    // The reader's own session lives by it too.
    stack.clock.advance_secs(599);
    assert_eq!(admin.get(&page).await.status, 200);
    stack.clock.advance_secs(600);
    assert_eq!(admin.get(&page).await.status, 303, "it lay unused");
    assert_eq!(admin.sign_in("alice@acme.example", PASSWORD).await.location(), "/admin/");
    admin.get(&format!("{page}/sessions")).await;
    assert_eq!(admin.post(&format!("{page}/sessions"), &[("source", "application")]).await.location(), page);
    assert!(admin.get(&page).await.body.contains("As on this server"));
    let form = admin.get(&format!("{page}/sessions")).await;
    assert!(form.body.contains("value=\"3\"") && form.body.contains("value=\"10\""), "its own values stay");
}

#[actix_web::test]
async fn a_policy_that_somebody_else_has_changed_is_shown_as_such() {
    let stack = stack();
    let (mut one, mut other) = (browser(&stack).await, browser(&stack).await);
    one.set_up(&stack).await;
    other.sign_in("alice@acme.example", PASSWORD).await.location();
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let page = format!("{ROOT}/{}/sessions", home.display_as("org"));
    let form = one.get(&page).await;
    let seen = form.between("name=\"version\" value=\"", "\"").to_owned();
    other.get(&page).await;
    let all = |hours: &'static str, source: &'static str, seen: &'static str| {
        [
            ("version", seen),
            ("source", source),
            ("absolute_session_timeout", hours),
            ("absolute_session_timeout_unit", "HOURS"),
            ("idle_session_timeout", "2"),
            ("idle_session_timeout_unit", "HOURS"),
        ]
    };
    let seen: &'static str = seen.leak();
    assert_eq!(other.post(&page, &all("5", "custom", seen)).await.status, 303);
    // The fields of the first one say what they said when they were shown.
    let met = one.post(&page, &all("12", "application", seen)).await;
    assert!(met.status == 422 && met.body.contains("Somebody else has changed this"), "{}", met.body);
    assert!(!met.body.contains("counts only"), "{}", met.body);
}

#[actix_web::test]
async fn a_portal_link_is_shown_once_and_opens_what_is_on() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let page = format!("{ROOT}/{}", home.display_as("org"));
    admin.get(&page).await;
    assert_eq!(admin.post(&format!("{page}/features"), &[("features", "dir_sync")]).await.location(), page);
    let once = admin.post(&format!("{page}/portal-link"), &[]).await.location().to_owned();
    let shown = admin.get(&once).await;
    let path = format!("/magicLink/spl_{}", shown.between("/magicLink/spl_", "<"));
    assert!(admin.get(&once).await.body.contains("shown already"));
    let mut theirs = browser(&stack).await;
    let door = theirs.get(&path).await;
    assert!(door.body.contains("Directory sync") && !door.body.contains("Single sign-on"), "{}", door.body);
    assert_eq!(theirs.post(&path, &[]).await.status, 200);
    assert_eq!(theirs.get(&path).await.status, 410);
    assert_eq!(admin.post(&format!("{page}/features"), &[]).await.location(), page);
    let log = testkit::actions(&stack.store.read());
    for action in ["portal_link.create", "portal_link.use", "tenant.update"] {
        assert!(log.iter().any(|done| done == action), "{action}");
    }
}

#[actix_web::test]
async fn members_are_invited_asked_again_given_a_role_and_removed() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    admin.get(&format!("{ROOT}/create")).await;
    let page = admin.post(&format!("{ROOT}/create"), &[("name", "Acme")]).await.location().to_owned();
    let members = format!("{page}/members");
    assert!(admin.get(&members).await.body.contains("Nobody yet"));
    let wrong = admin.post(&format!("{members}/invite"), &[("email", "nobody"), ("role", "owner")]).await;
    assert!(wrong.status == 422 && wrong.body.contains("E-mail must be") && wrong.body.contains("Role must be"));
    let nia = [("email", "nia@acme.example"), ("role", "member")];
    assert_eq!(admin.post(&format!("{members}/invite"), &nia).await.location(), members);
    let shown = admin.get(&members).await;
    for words in ["waits in the outbox", "nia@acme.example", "Invited", "Member", "Send again", "Withdraw"] {
        assert!(shown.body.contains(words), "{words}: {}", shown.body);
    }
    let again = admin.post(&format!("{members}/invite"), &nia).await;
    assert!(again.status == 422 && again.body.contains("E-mail is a member"), "{}", again.body);
    let email = Email::parse("nia@acme.example").unwrap();
    let user = people::by_email(&stack.store.read(), &email).unwrap().unwrap().id;
    assert_eq!(admin.post(&format!("{members}/{user}/resend"), &[]).await.location(), members);

    // Somebody who has an account is asked too.
    let alice = [("email", "alice@acme.example"), ("role", "admin")];
    assert_eq!(admin.post(&format!("{members}/invite"), &alice).await.location(), members);
    assert_eq!(admin.get(&format!("{members}?q=alice")).await.body.matches("Withdraw").count(), 1);

    admin.get(&format!("{members}/{user}/role")).await;
    assert_eq!(admin.post(&format!("{members}/{user}/role"), &[("role", "owner")]).await.status, 422);
    assert_eq!(admin.post(&format!("{members}/{user}/role"), &[("role", "viewer")]).await.location(), members);
    let shown = admin.get(&format!("{members}?q=nia")).await;
    assert!(shown.body.contains(">Viewer</span>") && shown.body.contains("1 member"), "{}", shown.body);
    let asked = admin.get(&format!("{members}/{user}/remove")).await;
    assert!(asked.body.contains("Withdraw the invitation?"), "{}", asked.body);
    assert_eq!(admin.post(&format!("{members}/{user}/remove"), &[]).await.location(), members);
    assert!(!admin.get(&format!("{members}?q=nia")).await.body.contains("Withdraw"));
    assert_eq!(admin.get(&format!("{members}/{user}/role")).await.status, 404);
}

#[actix_web::test]
async fn lists_are_followed_both_ways() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let (granted, now) = (testkit::all(), stack.now());
    let partner = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().partner;
    let ids: Vec<_> = (0..60).map(|_| stack.new_id()).collect();
    stack
        .store
        .write(move |tx| {
            for (at, id) in ids.iter().enumerate() {
                let new = testkit::new_tenant(&format!("number-{at}"), partner);
                tenancy::create_tenant(tx, &granted, &new, *id, now)?;
            }
            Ok::<_, crate::base::Problem>(())
        })
        .await
        .unwrap();
    let first = admin.get(ROOT).await;
    assert!(first.body.contains(">number-59<") && !first.body.contains(">number-9<"));
    assert!(first.body.contains("61 organizations") && !first.body.contains("Previous page"));
    let address = |body: &str, rel: &str| {
        let link = body.split_once(&format!("rel=\"{rel}\" href=\"")).unwrap().1;
        link.split_once('"').unwrap().0.replace("&amp;", "&")
    };
    let second = admin.get(&address(&first.body, "next")).await;
    assert!(
        second.body.contains(">number-9<") && second.body.contains(">Default<") && !second.body.contains("Next page")
    );
    let back = admin.get(&address(&second.body, "prev")).await;
    assert!(back.body.contains(">number-59<") && !back.body.contains(">number-9<"));
    assert_eq!(admin.get(&format!("{ROOT}?at=nonsense")).await.status, 200);
}
