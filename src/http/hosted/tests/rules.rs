//! What the pages hold to.

use super::*;

#[actix_web::test]
async fn faults_show_a_page_or_go_to_the_client_with_iss() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    for bad in [
        request(PLATFORM, &app, &[]).replace("app.example%2Fcb", "app.example%2Fcc"),
        request(PLATFORM, &app, &[]).replace(&app.client_id(), "skc_9"),
        request(PLATFORM, &app, &[("redirect_uri", "https://evil.example/")]),
        request(PLATFORM, &app, &[]).replace("state=xyz", "state=%zz"),
        request("/api/v1/auth/tenants/default/oauth/authorize", &app, &[]),
        PLATFORM.to_owned(),
    ] {
        let got = browser.open(&bad).await;
        assert_eq!(got.status, 400, "{bad}");
        assert!(!got.headers.contains_key("location"));
    }
    assert_eq!(browser.open(&request("/api/v1/auth/tenants/nowhere/oauth/authorize", &app, &[])).await.status, 404);
    for (bad, code) in [
        (request(PLATFORM, &app, &[("prompt", "none")]), "login_required"),
        (request(PLATFORM, &app, &[("request", "x")]), "request_not_supported"),
        (request(PLATFORM, &app, &[]).replace("type=code", "type=token"), "unsupported_response_type"),
        (request(PLATFORM, &app, &[("nonce", "a"), ("nonce", "b")]), "invalid_request"),
    ] {
        let got = browser.open(&bad).await;
        assert_eq!((answer(&got, "error"), answer(&got, "state")), (Some(code), Some("xyz")));
        assert_eq!(answer(&got, "iss"), Some("http%3A%2F%2F127.0.0.1%3A8080%2Fplatform"));
    }
}

#[actix_web::test]
async fn every_answer_to_a_form_is_303_and_another_sites_form_becomes_a_get() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let target = request(PLATFORM, &app, &[]);
    let (at, query) = target.split_once('?').unwrap();
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let got =
        browser.post_as(at, &fields, &[("sec-fetch-site", "cross-site"), ("origin", "https://app.example")]).await;
    assert_eq!(got.location(), target);
    let page = browser.follow(got).await;
    let request = sealed(&page);
    let csrf = browser.csrf.clone();
    for (to, fields) in [
        ("/login/email", vec![("email", "ann@example.com")]),
        ("/login/password", vec![("email", "ann@example.com"), ("password", PASSWORD)]),
    ] {
        let fields: Vec<_> = fields.into_iter().chain([("request", request.as_str()), ("csrf", &csrf)]).collect();
        let got = browser.post_as(to, &fields, &[("sec-fetch-site", "same-origin")]).await;
        assert!(got.location().starts_with("/login?request="), "{}", got.location());
    }
    let odd = browser.send(actix_web::http::Method::POST, at, &[("content-type", "application/json")], None).await;
    assert_eq!(odd.status, 400);
}

#[actix_web::test]
async fn forms_of_others_do_nothing() {
    let stack = stack();
    let mut ann = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let page = ann.open(&request(PLATFORM, &app, &[])).await;
    let early = ann.csrf.clone();
    let page = ann.sign_in_here(&page, "ann@example.com").await;
    let (request_value, token) = (sealed(&page), ann.csrf.clone());
    assert_ne!(early, token, "the token belongs to the session");
    let allow = [("decision", "allow"), ("request", request_value.as_str())];
    let ours = ("sec-fetch-site", "same-origin");
    for (csrf, site) in [
        ("", ours),
        ("wrong", ours),
        (early.as_str(), ours),
        (token.as_str(), ("sec-fetch-site", "cross-site")),
        (token.as_str(), ("origin", "https://evil.example")),
    ] {
        let fields: Vec<_> = allow.into_iter().chain([("csrf", csrf)]).collect();
        let got = ann.post_as("/login/consent", &fields, &[site]).await;
        assert_eq!(got.status, 403, "{site:?}");
        assert!(got.body.contains("Allow Notes?"), "the page is shown again");
    }
    // Not by GET, and not in a frame.
    let by_get = ann.get(&format!("/login?request={request_value}&decision=allow&csrf={token}")).await;
    assert!(by_get.status == 200 && policy(&by_get).contains("frame-ancestors 'none'"));
    assert_eq!(by_get.headers["x-frame-options"], "DENY");
    assert_eq!(ann.get("/login/consent").await.status, 405);
    // Another browser cannot go on with it: what was asked begins anew there.
    let mut eve = browser(&stack).await;
    eve.open(&request(PLATFORM, &app, &[])).await;
    let got = eve.get(&format!("/login?request={request_value}")).await;
    assert!(got.status == 200 && got.body.contains("action=\"/login/email\"") && !got.body.contains("ann@"));
    let lost = ann.get("/login?request=nonsense").await;
    assert!(
        lost.status == 400 && lost.body.contains("This sign-in is over") && lost.body.contains("href=\"/account\"")
    );
}

#[actix_web::test]
async fn the_way_on_is_not_lost_in_an_old_tab_another_browser_or_without_a_cookie() {
    let stack = stack();
    let mut ann = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let page = ann.open(&request(PLATFORM, &app, &[])).await;
    let page = ann.submit(&page, "/login/email", &[("email", "ann@example.com")]).await;
    let old = sealed(&page);
    // The tab lay open over night. The password that was typed there counts, as the browser says that it was our page.
    stack.clock.advance_secs(12 * 3600);
    let late = ann.get(&format!("/login?request={old}")).await;
    assert!(late.status == 200 && late.body.contains("action=\"/login/email\""), "{}", late.body);
    let fields =
        [("request", old.as_str()), ("csrf", "of another time"), ("email", "ann@example.com"), ("password", PASSWORD)];
    let refused = ann.post_as("/login/password", &fields, &[("sec-fetch-site", "same-site")]).await;
    assert!(refused.status == 403 && refused.body.contains("value=\"ann@example.com\""), "{}", refused.body);
    let other = ann.post_as("/login/password", &fields, &[("sec-fetch-site", "cross-site")]).await;
    assert!(other.status == 403 && !ann.cookies.contains_key("scaistack"));
    // Without any cookie too.
    ann.cookies.clear();
    let taken = ann.post_as("/login/password", &fields, &[("sec-fetch-site", "same-origin")]).await;
    let page = ann.follow(taken).await;
    assert!(page.body.contains("Allow Notes?"), "{}", page.body);
    let done = ann.submit(&page, "/login/consent", &[("decision", "allow")]).await;
    assert_eq!(answer(&done, "state"), Some("xyz"), "what the client sent is still there");
}

#[actix_web::test]
async fn a_long_state_goes_through_the_pages_and_comes_back() {
    let stack = stack();
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    for length in [2_049, 6_000, 8_192] {
        let state = "s".repeat(length);
        let mut ann = browser(&stack).await;
        let mut page = ann
            .get(&request(PLATFORM, &app, &[("prompt", "consent")]).replace("state=xyz", &format!("state={state}")))
            .await;
        page = ann.carry(page).await;
        page = ann.submit(&page, "/login/email", &[("email", "ann@example.com")]).await;
        page = ann.carry(page).await;
        page = ann.submit(&page, "/login/password", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;
        page = ann.carry(page).await;
        let done = ann.submit(&page, "/login/consent", &[("decision", "allow")]).await;
        assert_eq!(answer(&done, "state"), Some(state.as_str()), "{length}");
    }
    let beyond = request(PLATFORM, &app, &[]).replace("state=xyz", &format!("state={}", "s".repeat(8_193)));
    let got = browser(&stack).await.get(&beyond).await;
    assert_eq!((answer(&got, "error"), answer(&got, "state")), (Some("invalid_request"), None));
    // A fault of another parameter does not lose it.
    for bad in [("response_mode", "fragment"), ("response_type", "token"), ("scope", "")] {
        let got =
            browser(&stack).await.get(&request(PLATFORM, &app, &[bad]).replace("scope=openid+profile&", "")).await;
        assert_eq!(answer(&got, "state"), Some("xyz"), "{bad:?}");
    }
}

#[actix_web::test]
async fn the_session_changes_when_somebody_signs_in() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    person(&stack, "ben@example.com", home(&stack), &[]).await;
    let page = browser.open(&request(PLATFORM, &app, &[])).await;
    browser.sign_in_here(&page, "ann@example.com").await;
    let first = browser.cookies["scaistack"].clone();
    let page = browser.open(&request(PLATFORM, &app, &[("prompt", "login")])).await;
    assert!(page.body.contains("action=\"/login/password\"") && page.body.contains("value=\"ann@example.com\""));
    let fields = [("email", "ann@example.com"), ("password", PASSWORD)];
    let page = browser.submit(&page, "/login/password", &fields).await;
    assert!(page.body.contains("Allow Notes?"), "{}", page.body);
    let second = browser.cookies["scaistack"].clone();
    assert_ne!(first, second);
    let is_dead = async |browser: &mut Browser<_>, cookie: &str| {
        let kept = browser.cookies.insert("scaistack".to_owned(), cookie.to_owned());
        let got = browser.get("/admin/").await;
        browser.cookies.insert("scaistack".to_owned(), kept.unwrap());
        got.status == 303
    };
    assert!(is_dead(&mut browser, &first).await && !is_dead(&mut browser, &second).await);
    // Another account: the one before is signed out.
    let page = browser.submit(&page, "/login/account", &[("tenant", "other")]).await;
    assert!(page.body.contains("action=\"/login/email\""), "{}", page.body);
    let page = browser.sign_in_here(&page, "ben@example.com").await;
    assert!(page.body.contains("ben@example.com") && page.body.contains("Allow Notes?"));
    assert!(is_dead(&mut browser, &second).await);
}

#[actix_web::test]
async fn no_policy_names_a_client_and_the_way_back_begins_on_a_page_of_ours() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let own = "form-action 'self';";
    let page = browser.open(&request(PLATFORM, &app, &[])).await;
    assert!(policy(&page).contains(own), "{}", policy(&page));
    let page = browser.submit(&page, "/login/email", &[("email", "ann@example.com")]).await;
    let wrong = [("email", "ann@example.com"), ("password", "not it at all")];
    let page = browser.submit(&page, "/login/password", &wrong).await;
    assert!(page.status == 401 && policy(&page).contains(own) && page.body.contains("is wrong"));
    let page = browser.submit(&page, "/login/password", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;
    assert!(policy(&page).contains(own) && page.body.contains("Allow Notes?"));
    assert!(!policy(&page).contains("unsafe") && policy(&page).contains("script-src 'self';"));
    // After a form no redirect leads to the client: the browser would hold what the client does next to our policy.
    let done = browser.submit(&page, "/login/consent", &[("decision", "allow")]).await;
    assert!(done.status == 200 && !done.headers.contains_key("location") && policy(&done).contains(own));
    assert!(done.location().starts_with(CALLBACK) && done.body.contains("app.example"), "{}", done.body);
    assert_eq!(
        (done.headers["cache-control"].as_str(), done.headers["referrer-policy"].as_str()),
        ("no-store", "same-origin")
    );
    // Where no form was sent, the way is as short as it can be.
    let silent = browser.get(&request(PLATFORM, &app, &[("prompt", "none")])).await;
    assert!(silent.status == 303 && silent.location().starts_with(CALLBACK));
}

#[actix_web::test]
async fn the_form_post_page_has_one_script_and_no_policy_about_where_the_client_goes_on_to() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let page = browser.open(&request(PLATFORM, &app, &[("response_mode", "form_post")])).await;
    let page = browser.sign_in_here(&page, "ann@example.com").await;
    let done = browser.submit(&page, "/login/consent", &[("decision", "allow")]).await;
    assert_eq!(done.status, 200);
    let hash = "sha256-";
    assert!(policy(&done).contains(&format!("script-src '{hash}")) && policy(&done).matches("sha256").count() == 1);
    assert!(!policy(&done).contains("form-action"), "{}", policy(&done));
    assert!(done.body.contains("<form class=\"card\" method=\"post\" action=\"https://app.example/cb\">"));
    for field in ["name=\"code\" value=\"sac_", "name=\"state\" value=\"xyz\"", "name=\"iss\" value=\"http://127"] {
        assert!(done.body.contains(field), "{field}");
    }
    assert!(done.body.contains("<button class=\"primary full\">Continue</button>"), "without a script");
    let script = done.between("<script>", "</script>");
    let digest = crate::crypto::digest::sha256(script.as_bytes());
    use base64::Engine as _;
    assert!(policy(&done).contains(&base64::engine::general_purpose::STANDARD.encode(digest)));
    let silent = request(PLATFORM, &app, &[("response_mode", "form_post"), ("prompt", "none"), ("max_age", "0")]);
    let error = browser.open(&silent).await;
    assert!(error.body.contains("name=\"error\" value=\"login_required\"") && !error.headers.contains_key("location"));
}

#[actix_web::test]
async fn the_refused_address_is_shown_to_an_admin_who_can_add_exactly_this() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    let target = request(PLATFORM, &app, &[]).replace("app.example%2Fcb", "new.example%2Fcb%3Fa%3D1");
    let page = admin.open(&target).await;
    assert!(page.body.contains("new.example") && !page.body.contains("Add exactly this"), "a stranger cannot add it");
    admin.set_up(&stack).await;
    let page = admin.open(&target).await;
    assert!(page.status == 400 && page.body.contains("Add exactly this"), "{}", page.body);
    let to = format!("/admin/applications/{}/redirect-uris", app.id);
    let uri = page.between("name=\"uri\" value=\"", "\"").replace("&amp;", "&");
    assert_eq!(uri, "https://new.example/cb?a=1");
    let added = admin.post(&to, &[("uri", &uri)]).await;
    assert_eq!(added.location(), format!("/admin/applications/{}", app.id));
    let now = apps::client(&stack.store.read(), &app.client_id()).unwrap().unwrap();
    assert_eq!(
        now.redirect_uris.iter().map(|uri| uri.as_str()).collect::<Vec<_>>(),
        [CALLBACK, "https://new.example/cb?a=1"]
    );
    assert!(admin.open(&target).await.body.contains("Allow Notes?"));
    let wild = request(PLATFORM, &app, &[]).replace("app.example%2Fcb", "new.example%2F*");
    let page = admin.open(&wild).await;
    assert!(page.body.contains("It cannot be registered") && !page.body.contains("Add exactly this"));
    admin.get("/admin/").await;
    assert_eq!(admin.post(&to, &[("uri", "https://new.example/*")]).await.status, 422);
    let mut user = browser(&stack).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    user.sign_in("ann@example.com", PASSWORD).await;
    let page = user.open(&wild).await;
    assert!(
        page.body.contains("https://new.example/*") && !page.body.contains("Add exactly this"),
        "what was sent is shown"
    );
    assert!(page.body.contains("href=\"https://app.example\""), "and a way back to the application");
    // What nobody waits for is committed with the next write.
    stack.store.write(|_| Ok::<_, crate::store::StoreError>(())).await.unwrap();
    let log = crate::audit::list(&stack.store.read(), Place::Platform, &Default::default(), None, 0, 1).unwrap();
    let event = &log.rows[0].1.event;
    assert_eq!((event.action.as_str(), event.resource_id.clone()), ("authorization.refuse", app.id.to_string()));
    assert!(format!("{event:?}").contains("https://new.example/*"), "the administrator finds it in the log");
}

/// A token that nobody's key has signed.
fn unsigned(claims: &serde_json::Value) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as base64;
    format!(
        "{}.{}.AAAA",
        base64.encode(r#"{"alg":"RS256","kid":"gone","typ":"JWT"}"#),
        base64.encode(claims.to_string())
    )
}

#[actix_web::test]
async fn signing_out_asks_unless_the_client_shows_who_it_is_for() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    let user = person(&stack, "ann@example.com", home(&stack), &[]).await;
    browser.sign_in("ann@example.com", PASSWORD).await;
    let logout = "/api/v1/platform/oauth/logout";
    let page = browser.get(&format!("{logout}?state=x")).await;
    assert!(page.status == 200 && page.body.contains("Sign out?") && page.body.contains("ann@example.com"));
    let stay = browser.post("/logout", &[("decision", "stay")]).await;
    assert!(stay.body.contains("still signed in"));
    assert_eq!(browser.get("/admin/").await.status, 200);
    let bye = "post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye";
    let bad = browser.get(&format!("{logout}?{bye}")).await;
    assert!(bad.status == 400 && bad.body.contains("which application asks") && !bad.headers.contains_key("location"));
    // The client names itself: it asks, and then goes there. So do JupyterHub, oauth2-proxy and Grafana.
    let page = browser.get(&format!("{logout}?client_id={}&{bye}&state=s", app.client_id())).await;
    assert!(page.status == 200 && page.body.contains("Sign out?") && !page.body.contains("not registered"));
    let back = page.between("name=\"back\" value=\"", "\"").to_owned();
    let stay = browser.post("/logout", &[("decision", "stay"), ("back", &back)]).await;
    assert_eq!(stay.location(), "https://app.example/bye?state=s");
    let foreign = browser.get(&format!("{logout}?client_id={}&{}", app.client_id(), bye.replace("bye", "hello"))).await;
    assert!(foreign.status == 400 && foreign.body.contains("not registered"));
    // A hint from before a rotation of the keys shows nobody, and still says who asks.
    let old = format!(
        "{logout}?id_token_hint={}&{bye}",
        unsigned(&json!({ "iss": stack.issuers().text(crate::oauth::Issuer::Platform), "aud": app.client_id() }))
    );
    let page = browser.get(&old).await;
    assert!(page.status == 200 && page.body.contains("Sign out?") && page.body.contains("name=\"back\""));
    let cross = browser.post_as("/logout", &[("decision", "leave")], &[("sec-fetch-site", "cross-site")]).await;
    assert!(cross.body.contains("Sign out?"), "another site cannot answer");
    assert_eq!(browser.get("/admin/").await.status, 200);

    let hint = |sub: &str| {
        let claims = json!({"iss": stack.issuers().text(crate::oauth::Issuer::Platform), "aud": app.client_id(), "sub": sub, "sid": "ses_9",
            "iat": stack.now().secs() - 9000, "exp": stack.now().secs() - 8000});
        stack.keys.current().signer(crate::crypto::jwt::SigningAlg::default()).unwrap().sign("JWT", &claims).unwrap()
    };
    let query = |sub: &str| {
        let back = "https://app.example/bye";
        let hint = hint(sub);
        let pairs = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", back), ("state", "s t")];
        format!("{logout}?{}", serde_urlencoded::to_string(pairs).unwrap())
    };
    // Somebody else's ID token: ask, and go back afterwards.
    let page = browser.get(&query("usr_5")).await;
    assert!(page.body.contains("Sign out?") && policy(&page).contains("form-action 'self';"));
    let back = page.between("name=\"back\" value=\"", "\"").to_owned();
    let stay = browser.post("/logout", &[("decision", "stay"), ("back", &back)]).await;
    assert_eq!(stay.location(), "https://app.example/bye?state=s%20t");
    assert_eq!(browser.get("/admin/").await.status, 200);
    // The user's own: at once.
    let done = browser.get(&query(&user.id.to_string())).await;
    assert_eq!(done.location(), "https://app.example/bye?state=s%20t");
    assert!(!browser.cookies.contains_key("scaistack"));
    assert_eq!(browser.get("/admin/").await.status, 303);
    let silent = browser.open(&request(PLATFORM, &app, &[("prompt", "none")])).await;
    assert_eq!(answer(&silent, "error"), Some("login_required"));
    assert_eq!(
        browser.get(&query("usr_5")).await.location(),
        "https://app.example/bye?state=s%20t",
        "nobody is signed in"
    );
    let over = browser.get(logout).await;
    assert!(over.status == 200 && over.body.contains("You are signed out"));
}

#[actix_web::test]
async fn head_makes_no_code_and_ends_no_session() {
    use actix_web::http::Method;
    let stack = stack();
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let mut browser = browser(&stack).await;
    browser.sign_in("ann@example.com", PASSWORD).await;
    let page = browser.open(&request("/api/v1/platform/oauth/authorize", &app, &[])).await;
    let done = browser.submit(&page, "/login/consent", &[("decision", "allow")]).await;
    assert!(answer(&done, "code").is_some());
    // Now the endpoint would answer with a code at once.
    let end = format!("/end_session?client_id={}", app.client_id());
    for at in [request("/api/v1/platform/oauth/authorize", &app, &[]), request("/oauth/authorize", &app, &[]), end] {
        let head = browser.send(Method::HEAD, &at, &[("accept", "text/html")], None).await;
        assert_eq!((head.status, head.headers["allow"].as_str()), (405, "GET, POST, OPTIONS"), "{at}");
    }
    assert!(answer(&browser.get(&request("/oauth/authorize", &app, &[])).await, "code").is_some());
    assert_eq!(browser.get("/account").await.status, 200);
}
