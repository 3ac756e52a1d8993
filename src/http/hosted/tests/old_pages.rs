//! What pages do that lay open for long.

use super::*;

#[actix_web::test]
async fn an_old_request_goes_nowhere_that_its_application_has_given_up() {
    let stack = stack();
    let mut ann = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let page = ann.open(&request(PLATFORM, &app, &[])).await;
    let page = ann.sign_in_here(&page, "ann@example.com").await;
    let old = sealed(&page);
    assert!(answer(&ann.submit(&page, "/login/consent", &[("decision", "allow")]).await, "code").is_some());
    let address = format!("/login?request={old}");
    assert!(answer(&ann.get(&address).await, "code").is_some(), "agreed to, so nothing is asked");
    let change = |change: apps::UpdateApplication| {
        let (stack, id) = (&stack, app.id);
        async move {
            let (actor, now) = (operator(stack), stack.now());
            let granted = actor.grant::<permit::WriteApplications>(Place::Platform).unwrap();
            stack.store.write(move |tx| apps::update(tx, &granted, &change, id, now)).await.unwrap();
        }
    };
    let uris = |uri: &str| Some(vec![RedirectUri::parse(uri).unwrap()]);
    let scopes = |text: &str| Some(ScopeSet::parse(text).unwrap());
    let given_up = [
        apps::UpdateApplication { redirect_uris: uris("https://new.example/cb"), ..Default::default() },
        apps::UpdateApplication {
            redirect_uris: uris(CALLBACK),
            allowed_scopes: scopes("openid"),
            ..Default::default()
        },
    ];
    for patch in given_up {
        change(patch).await;
        for got in [ann.get(&address).await, ann.submit(&page, "/login/cancel", &[]).await] {
            assert!(got.status == 400 && got.body.contains("This sign-in is over"), "{} {}", got.status, got.body);
        }
    }
    change(apps::UpdateApplication { allowed_scopes: scopes("openid profile email"), ..Default::default() }).await;
    assert!(answer(&ann.get(&address).await, "code").is_some());
    change(apps::UpdateApplication { status: Some(apps::ApplicationStatus::Disabled), ..Default::default() }).await;
    for got in [ann.get(&address).await, ann.submit(&page, "/login/cancel", &[]).await] {
        assert_eq!((got.status, got.headers.contains_key("location")), (404, false), "{}", got.body);
        // Nobody stands before a wall: the page leads back to where the application was, and to the account.
        for way_on in ["The application is gone", "href=\"https://app.example\"", "href=\"/account\""] {
            assert!(got.body.contains(way_on), "{way_on}: {}", got.body);
        }
    }
}

#[actix_web::test]
async fn a_request_without_pkce_ends_when_its_application_has_to_use_it() {
    let stack = stack();
    let mut ann = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    let require = |require_pkce| {
        let (actor, id, now) = (operator(&stack), app.id, stack.now());
        let granted = actor.grant::<permit::WriteApplications>(Place::Platform).unwrap();
        let change = apps::UpdateApplication { require_pkce: Some(require_pkce), ..Default::default() };
        stack.store.write(move |tx| apps::update(tx, &granted, &change, id, now))
    };
    require(false).await.unwrap();
    let plain = request(PLATFORM, &app, &[]).replace(&format!("&code_challenge={CHALLENGE}"), "");
    let page = ann.open(&plain.replace("&code_challenge_method=S256", "")).await;
    let address = format!("/login?request={}", sealed(&page));
    assert_eq!(ann.get(&address).await.status, 200);
    require(true).await.unwrap();
    assert_eq!(ann.get(&address).await.status, 400);
}

#[actix_web::test]
async fn what_is_said_on_an_old_page_counts_for_the_tenant_that_it_named() {
    let stack = stack();
    let mut ann = browser(&stack).await;
    let acme = tenant(&stack, "acme", json!({})).await;
    let app = application(&stack, AppScope::Global).await;
    let user = person(&stack, "ann@example.com", home(&stack), &[acme]).await;
    let agreed = |tenant| {
        let scope = ScopeSet::parse("openid profile").unwrap();
        crate::oauth::consent::allows(&stack.store.read(), user.id, app.id, tenant, &scope).unwrap()
    };
    let page = ann.open(&request(PLATFORM, &app, &[])).await;
    let choice = ann.sign_in_here(&page, "ann@example.com").await;
    let at_home = ann.submit(&choice, "/login/account", &[("tenant", &home(&stack).to_string())]).await;
    let at_acme = ann.submit(&choice, "/login/account", &[("tenant", &acme.to_string())]).await;
    // Both pages lay open for longer than a request lives, and it has begun anew.
    stack.clock.advance_secs(1801);
    let done = ann.submit(&at_home, "/login/consent", &[("decision", "allow")]).await;
    assert!(answer(&done, "code").is_some() && agreed(home(&stack)) && !agreed(acme));
    // The tenant where somebody is needs no consent any more: a no is a no all the same, and a yes is one for the other.
    let done = ann.submit(&at_acme, "/login/consent", &[("decision", "deny")]).await;
    assert_eq!((answer(&done, "error"), answer(&done, "code")), (Some("access_denied"), None));
    let done = ann.submit(&at_acme, "/login/consent", &[("decision", "allow")]).await;
    assert!(answer(&done, "code").is_some() && agreed(acme));
}
