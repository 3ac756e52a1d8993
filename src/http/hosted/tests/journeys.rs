//! What people go through.

use super::*;

#[actix_web::test]
async fn a_person_signs_in_agrees_once_and_comes_back_with_a_code() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let app = application(&stack, AppScope::Global).await;
    let page = browser.open(&request(PLATFORM, &app, &[])).await;
    assert!(page.body.contains("to continue to Notes") && page.body.contains("action=\"/login/email\""));
    let page = browser.sign_in_here(&page, "ann@example.com").await;
    assert!(page.body.contains("Allow Notes?") && page.body.contains("See your name"), "{}", page.body);
    assert!(page.body.contains("https://app.example") && page.body.contains("ann@example.com"));
    let done = browser.submit(&page, "/login/consent", &[("decision", "allow")]).await;
    let first = answer(&done, "code").unwrap().to_owned();
    assert!(first.starts_with("sac_"));
    assert_eq!(answer(&done, "state"), Some("xyz"));
    assert_eq!(answer(&done, "iss"), Some("http%3A%2F%2F127.0.0.1%3A8080%2Fplatform"));
    // Remembered: the next time nobody is asked anything.
    let again = browser.open(&request(PLATFORM, &app, &[])).await;
    assert_ne!(answer(&again, "code").unwrap(), first);
    let silent = browser.open(&request(PLATFORM, &app, &[("prompt", "none")])).await;
    assert!(answer(&silent, "code").is_some());
    // One scope more, and prompt=consent, ask again.
    let more = request(PLATFORM, &app, &[]).replace("openid+profile", "openid+profile+files%3Aread");
    let page = browser.open(&more).await;
    assert!(page.body.contains("Allow Notes?") && page.body.contains("files:read"));
    assert!(browser.open(&request(PLATFORM, &app, &[("prompt", "consent")])).await.body.contains("Allow Notes?"));
    let no = browser.submit(&page, "/login/consent", &[("decision", "deny")]).await;
    assert_eq!((answer(&no, "error"), answer(&no, "code")), (Some("access_denied"), None));
}

#[actix_web::test]
async fn a_tenant_has_a_page_of_its_own_and_lets_its_members_in() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let acme = tenant(&stack, "acme", json!({})).await;
    let app = application(&stack, AppScope::Tenant(acme)).await;
    person(&stack, "ann@example.com", home(&stack), &[acme]).await;
    person(&stack, "ben@example.com", home(&stack), &[]).await;
    let at = "/api/v1/auth/tenants/acme/oauth/authorize";
    let page = browser.open(&request(at, &app, &[("login_hint", "ben@example.com")])).await;
    assert!(page.body.contains("Sign in to ACME") && page.body.contains("value=\"ben@example.com\""));
    let stranger = [("email", "ben@example.com"), ("password", PASSWORD)];
    let page = browser.submit(&page, "/login/password", &stranger).await;
    assert!(page.status == 401 && page.body.contains(crate::authentication::WRONG), "as if the password were wrong");
    let page = browser.submit(&page, "/login/password", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;
    let done = browser.submit(&page, "/login/consent", &[("decision", "allow")]).await;
    assert_eq!(answer(&done, "iss").unwrap(), format!("http%3A%2F%2F127.0.0.1%3A8080%2Ftenants%2F{acme}"));
    // Who is signed in already, and no member, is told, and can use another account.
    let mut other = crate::http::testkit::browser(&stack).await;
    other.sign_in("ben@example.com", PASSWORD).await;
    let page = other.open(&request(at, &app, &[])).await;
    assert!(page.body.contains("This account has no access") && page.body.contains("ben@example.com"));
    let back = other.submit(&page, "/login/cancel", &[]).await;
    assert_eq!(answer(&back, "error"), Some("access_denied"));
    let page = other.submit(&page, "/login/account", &[("tenant", "other")]).await;
    assert!(page.body.contains("Sign in to ACME"));
}

#[actix_web::test]
async fn with_several_tenants_somebody_chooses() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let acme = tenant(&stack, "acme", json!({})).await;
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[acme]).await;
    let page = browser.open(&request(PLATFORM, &app, &[])).await;
    let page = browser.sign_in_here(&page, "ann@example.com").await;
    assert!(page.body.contains("Choose an organisation") && page.body.contains("ACME"), "{}", page.body);
    let page = browser.submit(&page, "/login/account", &[("tenant", "tnt_1")]).await;
    assert!(page.body.contains("Choose an organisation"), "not one of theirs");
    let page = browser.submit(&page, "/login/account", &[("tenant", &acme.to_string())]).await;
    assert!(page.body.contains("Allow Notes?") && page.body.contains("ACME"));
    let page = browser.open(&request(PLATFORM, &app, &[("prompt", "select_account")])).await;
    assert!(page.body.contains("Choose an organisation") && page.body.contains("Use another account"));
}

#[actix_web::test]
async fn a_tenant_that_wants_a_second_factor_has_it_set_up_on_the_way() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let strict = tenant(&stack, "strict", json!({"mfa_policy": "required"})).await;
    let app = application(&stack, AppScope::Tenant(strict)).await;
    let user = person(&stack, "ann@example.com", home(&stack), &[strict]).await;
    browser.sign_in("ann@example.com", PASSWORD).await;
    let at = "/api/v1/auth/tenants/strict/oauth/authorize";
    let page = browser.open(&request(at, &app, &[])).await;
    assert!(page.body.contains("STRICT asks for a second factor"), "{}", page.body);
    let silent = browser.open(&request(at, &app, &[("prompt", "none")])).await;
    assert_eq!(answer(&silent, "error"), Some("login_required"));
    let page = browser.submit(&page, "/login/password", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;
    assert!(page.body.contains("Set up a second factor"), "{}", page.body);
    let page = browser.submit(&page, "/login/enrol", &[("code", "000000")]).await;
    assert!(page.status == 401 && page.body.contains("Set up a second factor"));
    let key = page.between("id=\"totp-key\">", "<").replace(' ', "");
    let code = totp::code(&unbase32(&key), totp::step_at(stack.now()));
    let shown = browser.submit(&page, "/login/enrol", &[("code", &code)]).await;
    assert!(shown.body.contains("Your second factor is on") && shown.body.contains("id=\"recovery-codes\""));
    let recovery = shown.between("id=\"recovery-codes\">", "\n").to_owned();
    let page = browser.carry(shown).await;
    assert!(page.body.contains("Allow Notes?"), "{}", page.body);
    let done = browser.submit(&page, "/login/consent", &[("decision", "allow")]).await;
    assert!(answer(&done, "code").is_some());
    assert!(crate::mfa::factors(&stack.store.read(), user.id).unwrap().is_enrolled());
    // The next time it asks for a code, and a recovery code will do.
    let mut other = crate::http::testkit::browser(&stack).await;
    let page = other.open(&request(at, &app, &[])).await;
    let page = other.submit(&page, "/login/password", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;
    assert!(page.body.contains("Confirm that it is you"), "{}", page.body);
    let page = other.submit(&page, "/login/code", &[("code", "123456")]).await;
    assert!(page.status == 401 && page.body.contains("wrong or was used"));
    let done = other.submit(&page, "/login/code", &[("code", &recovery)]).await;
    assert!(answer(&done, "code").is_some(), "{}", done.body);
}

#[actix_web::test]
async fn our_own_application_is_never_asked_about() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    browser.sign_in("ann@example.com", PASSWORD).await;
    let callback = "http://127.0.0.1:8080/v1/auth/callback";
    let own = apps::client(&stack.store.read(), "skc_1").unwrap().unwrap();
    let target = request(PLATFORM, &own, &[("prompt", "consent")])
        .replace("https%3A%2F%2Fapp.example%2Fcb", "http%3A%2F%2F127.0.0.1%3A8080%2Fv1%2Fauth%2Fcallback");
    let got = browser.get(&target).await;
    assert!(got.location().starts_with(&format!("{callback}?code=sac_")), "{}", got.location());
}
