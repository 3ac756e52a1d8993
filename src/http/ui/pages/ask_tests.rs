//! What the pages ask before they do it, and what they do not leave out.

use crate::base::Id;
use crate::http::testkit::{browser, stack};
use crate::tenancy;
use actix_web::http::Method;

const CLOSED: &str = "/admin/people/users?q=nia";

#[actix_web::test]
async fn what_would_be_left_out_of_a_form_is_an_error() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let (tenant, users, applications) = (home.to_string(), "/admin/people/users/create", "/admin/applications/create");
    admin.get(users).await;
    let invited = [("email", "nia@acme.example"), ("tenant_id", &*tenant), ("role", "tenant_user"), ("how", "invite")];
    let with_password: Vec<_> = invited.iter().copied().chain([("password", "nine lamps by the sea")]).collect();
    let refused = admin.post(users, &with_password).await;
    assert!(refused.status == 422 && refused.body.contains("is not for somebody who is invited"), "{}", refused.body);
    assert!(!refused.body.contains("nine lamps"), "it is not put into the page");
    admin.post(users, &invited).await.location();

    admin.get(applications).await;
    let global = [
        ("name", "Billing"),
        ("application_type", "SERVICE"),
        ("scope", "GLOBAL"),
        ("allowed_scopes", "openid"),
        ("token_lifetime", "3600"),
        ("tenant_id", &*tenant),
    ];
    let refused = admin.post(applications, &global).await;
    assert!(
        refused.status == 422 && refused.body.contains("Tenant is for an application of one tenant"),
        "{}",
        refused.body
    );
    let none: Vec<_> = global[..5].iter().copied().chain([("tenant_id", "")]).collect();
    admin.post(applications, &none).await.location();

    let policy = format!("/admin/organizations/{}/sessions", home.display_as("org"));
    admin.get(&policy).await;
    let shown = [
        ("source", "application"),
        ("absolute_session_timeout", "12"),
        ("absolute_session_timeout_unit", "HOURS"),
        ("idle", "on"),
        ("idle_session_timeout", "2"),
        ("idle_session_timeout_unit", "HOURS"),
    ];
    admin.post(&policy, &shown).await.location();
    admin.get(&policy).await;
    for (at, other) in [(1, "3"), (2, "DAYS"), (3, ""), (4, "1"), (5, "MINUTES")] {
        let mut fields = shown;
        fields[at].1 = other;
        let refused = admin.post(&policy, &fields).await;
        assert!(
            refused.status == 422 && refused.body.contains("counts only for limits of its own"),
            "{at}: {}",
            refused.body
        );
    }
    let mut fields = shown;
    (fields[0].1, fields[3].1, fields[4].1) = ("custom", "", "1");
    let refused = admin.post(&policy, &fields).await;
    assert!(refused.status == 422 && refused.body.contains("counts only where sessions"), "{}", refused.body);
}

#[actix_web::test]
async fn what_takes_something_away_asks_first() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    admin.set_up(&stack).await;
    let home = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id.to_string();
    admin.get("/admin/organizations/create").await;
    let acme = admin.post("/admin/organizations/create", &[("name", "Acme")]).await.location().to_owned();
    admin.get("/admin/people/users/create").await;
    let nia = [
        ("email", "nia@acme.example"),
        ("tenant_id", &*home),
        ("role", "tenant_user"),
        ("how", "password"),
        ("password", "nine lamps by the sea"),
    ];
    let nia = admin.post("/admin/people/users/create", &nia).await.location().to_owned();
    admin.get("/admin/people/groups/create").await;
    let sales = [("name", "Sales"), ("group_type", "SECURITY"), ("tenant_id", &*home)];
    let sales = admin.post("/admin/people/groups/create", &sales).await.location().to_owned();
    admin.get(&sales).await;
    admin.post(&format!("{sales}/add"), &[("member", "nia@acme.example")]).await.location();
    admin.get("/admin/applications/create").await;
    let app = [
        ("name", "Billing"),
        ("application_type", "SERVICE"),
        ("scope", "GLOBAL"),
        ("allowed_scopes", "openid"),
        ("token_lifetime", "3600"),
    ];
    let app = admin.post("/admin/applications/create", &app).await.location().replace("/credentials", "");
    admin.get("/login/forgot-password").await;
    admin.post("/login/forgot-password", &[("email", "nia@acme.example")]).await;
    let outbox = admin.get("/admin/settings/outbox").await;
    let mail = format!("/admin/settings/outbox/mail_{}", outbox.between("/admin/settings/outbox/mail_", "\""));
    for (page, mark, lost) in [
        (&acme, "/suspend", "has 0 members"),
        (&nia, "/disable", "API keys stop working"),
        (&sales, "/remove?member=", "such as its roles, ends"),
        (&app, "/disable", "gets no token"),
        (&app, "/revoke", "It is the only one"),
        (&mail, "/delete", "gone for good"),
    ] {
        let shown = admin.get(page).await;
        let mut links = shown.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let link = links.find(|link| link.contains(mark)).unwrap_or_else(|| panic!("{mark}: {}", shown.body));
        assert!(!shown.body.contains(&format!("action=\"{link}\"")), "{mark} is one click away: {}", shown.body);
        let link = link.replace("&amp;", "&");
        let asked = admin.get(&link).await;
        assert!(asked.status == 200 && asked.body.contains(lost) && asked.body.contains("Cancel"), "{}", asked.body);
        admin.post(&link, &[]).await.location();
    }
    assert!(admin.get(&sales).await.body.contains("Nobody is in it"));
    assert_eq!(admin.get(&mail).await.status, 404);
}

#[actix_web::test]
async fn whoever_is_signed_in_finds_the_menu_on_pages_of_errors_too() {
    let stack = stack();
    let (mut admin, mut stranger) = (browser(&stack).await, browser(&stack).await);
    admin.set_up(&stack).await;
    let html = [("accept", "text/html")];
    for (method, target, status) in [
        (Method::GET, "/no/such/page", 404),
        (Method::GET, "/admin/no-such-page", 404),
        (Method::GET, "/admin/people/users/usr_1", 404),
        (Method::PUT, "/admin/people/users", 405),
        (Method::GET, "/admin/sign-out", 405),
    ] {
        let got = admin.send(method.clone(), target, &html, None).await;
        assert_eq!(got.status, status, "{target}");
        assert!(
            got.body.contains("aria-label=\"Main\"") && got.body.contains("data-message"),
            "{target}: {}",
            got.body
        );
        let got = stranger.send(method, target, &html, None).await;
        assert!(!got.body.contains("aria-label=\"Main\""), "{target}: {}", got.body);
    }
    let lost = stranger.send(Method::GET, "/no/such/page", &html, None).await;
    assert!(lost.body.contains("<span class=\"brand\">") && !lost.body.contains("href=\"/\""), "{}", lost.body);
    assert!(!lost.body.contains("href=\"/admin"), "nobody here has to be an administrator: {}", lost.body);
}

#[actix_web::test]
async fn a_script_without_a_session_is_told_to_lead_the_whole_page() {
    let stack = stack();
    let mut stranger = browser(&stack).await;
    let url = format!("http://localhost:7500{CLOSED}");
    let from_script = [("hx-request", "true"), ("hx-current-url", url.as_str()), ("accept", "text/html")];
    for (method, target) in [(Method::GET, "/admin/people/users"), (Method::POST, "/admin/people/groups/grp_1/add")] {
        let got = stranger.send(method, target, &from_script, None).await;
        assert_eq!(got.status, 401, "{target}");
        assert_eq!(got.headers["hx-redirect"], "/admin/sign-in?next=%2Fadmin%2Fpeople%2Fusers%3Fq%3Dnia", "{target}");
    }
    assert_eq!(stranger.get("/admin/people/users").await.location(), "/admin/sign-in?next=%2Fadmin%2Fpeople%2Fusers");
}
