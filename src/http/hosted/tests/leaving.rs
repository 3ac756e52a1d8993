//! Who was removed from an organization, their home included, gets in by no door.

use super::*;
use actix_web::http::Method;

const ENVIRONMENT: &str = "/oauth/authorize";

/// An administrator ends a membership.
async fn remove(stack: &Stack, user: &User, tenant: TenantId) {
    let (actor, id, now) = (operator(stack), user.id, stack.now());
    let granted = actor.grant::<permit::DeleteUsers>(Place::Platform).unwrap();
    stack.store.write(move |tx| people::remove_membership(tx, &granted, id, tenant, now)).await.unwrap();
}

fn organization(tenant: TenantId) -> String {
    format!("org_{}", tenant.raw())
}

#[actix_web::test]
async fn a_home_lets_nobody_in_who_was_removed_from_it() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let acme = tenant(&stack, "acme", json!({})).await;
    let ann = person(&stack, "ann@example.com", acme, &[home(&stack)]).await;
    let app = application(&stack, AppScope::Global).await;
    let (at_acme, at_other) = (organization(acme), organization(home(&stack)));
    let asked = |org: &str| request(ENVIRONMENT, &app, &[("organization_id", org)]);
    let page = browser.open(&asked(&at_acme)).await;
    let page = browser.submit(&page, "/login/password", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;
    let done = browser.submit(&page, "/login/consent", &[("decision", "allow")]).await;
    assert!(answer(&done, "code").is_some());
    assert!(answer(&browser.open(&asked(&at_acme)).await, "code").is_some(), "signed in");

    remove(&stack, &ann, acme).await;
    let page = browser.open(&asked(&at_acme)).await;
    assert!(page.body.contains("Sign in to ACME"), "the session is over: {}", page.body);
    let typed = [("email", "ann@example.com"), ("password", PASSWORD)];
    let page = browser.submit(&page, "/login/password", &typed).await;
    assert!(page.status == 401 && page.body.contains(crate::authentication::WRONG), "{}", page.body);
    let login = |slug: &str| {
        (format!("/api/v1/auth/tenants/{slug}/login"), json!({ "email": "ann@example.com", "password": PASSWORD }))
    };
    let json = [("Content-Type", "application/json")];
    let (address, body) = login("acme");
    assert_eq!(browser.send(Method::POST, &address, &json, Some(body.to_string())).await.status, 401);

    // Where they still belong, they are who they were.
    let (address, body) = login("default");
    assert_eq!(browser.send(Method::POST, &address, &json, Some(body.to_string())).await.status, 200);
    let page = browser.open(&asked(&at_other)).await;
    let page = browser.submit(&page, "/login/password", &typed).await;
    let done = browser.submit(&page, "/login/consent", &[("decision", "allow")]).await;
    assert!(answer(&done, "code").is_some());
}
