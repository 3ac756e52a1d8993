//! The pages, driven by a browser without a script.

use crate::access::{Actor, Credential, Origin, Place, Principal, Role, permit};
use crate::apps::{self, AppScope, Application, ApplicationType, NewApplication, NewSecret, RedirectUri, WebOrigin};
use crate::base::id::{RequestId, TenantId};
use crate::base::{DisplayName, Email, Id, JsonObject, ScopeSet, Secret, Slug};
use crate::crypto::totp;
use crate::http::ui::testing::{Browser, Got, PASSWORD, browser, stack};
use crate::people::{self, NewUser, User, UserRef};
use crate::stack::Stack;
use crate::tenancy::{self, NewTenant};
use actix_http::Request;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use serde_json::json;
use std::sync::Arc;

const CALLBACK: &str = "https://app.example/cb";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const PLATFORM: &str = "/api/v1/platform/oauth/authorize";

fn operator(stack: &Stack) -> Arc<Actor> {
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap();
    Arc::new(Actor {
        principal: Principal::Operator,
        tenant: tenant.id,
        partner: tenant.partner,
        credential: Credential::Local,
        roles: Vec::new(),
        custom: Default::default(),
        scopes: None,
        expires_at: None,
        mfa_at: None,
        origin: Origin { request: RequestId::from_raw(1), ip: None, user_agent: None },
    })
}

async fn tenant(stack: &Stack, slug: &str, settings: serde_json::Value) -> TenantId {
    let (actor, id, now) = (operator(stack), stack.new_id(), stack.now());
    let granted = actor.grant::<permit::WriteTenants>(Place::Platform).unwrap();
    let new = NewTenant {
        slug: Slug::parse(slug).unwrap(),
        name: DisplayName::parse(&slug.to_uppercase()).unwrap(),
        partner: actor.partner,
        contact_email: None,
        settings: serde_json::from_value(settings).unwrap(),
        branding: JsonObject::default(),
    };
    stack.store.write(move |tx| tenancy::create_tenant(tx, &granted, &new, id, now)).await.unwrap();
    id
}

/// Somebody with the password of all, at home in `home`, a member of the others.
async fn person(stack: &Stack, email: &str, home: TenantId, also: &[TenantId]) -> User {
    let (actor, id, now) = (operator(stack), stack.new_id(), stack.now());
    let granted = actor.grant::<permit::WriteUsers>(Place::Platform).unwrap();
    let phc = stack.passwords.hash(Secret::new(PASSWORD.to_owned())).await.unwrap();
    let mut new = NewUser::local(Email::parse(email).unwrap(), home, Role::TenantUser);
    new.password_hash = Some(phc);
    let also = also.to_vec();
    let make = move |tx: &mut crate::store::WriteTx<'_>| {
        let user = people::create(tx, &granted, &new, id, now)?;
        for tenant in &also {
            people::add_membership(tx, &granted, &UserRef::Id(user.id), *tenant, Role::TenantUser, now)?;
        }
        Ok::<_, crate::base::Problem>(user)
    };
    stack.store.write(make).await.unwrap()
}

async fn application(stack: &Stack, scope: AppScope) -> Application {
    let (actor, id, now) = (operator(stack), stack.new_id(), stack.now());
    let granted = actor.grant::<permit::WriteApplications>(Place::Platform).unwrap();
    let mut new = NewApplication::new(DisplayName::parse("Notes").unwrap(), ApplicationType::Web, scope);
    new.allowed_scopes = ScopeSet::parse("openid profile email files:read").unwrap();
    new.redirect_uris = vec![RedirectUri::parse(CALLBACK).unwrap()];
    new.post_logout_redirect_uris = vec![RedirectUri::parse("https://app.example/bye").unwrap()];
    new.allowed_origins = vec![WebOrigin::parse("https://www.app.example").unwrap()];
    let (secret, _) = NewSecret::make(stack.new_id());
    stack.store.write(move |tx| apps::create(tx, &granted, &new, id, &secret, now)).await.unwrap()
}

fn home(stack: &Stack) -> TenantId {
    tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id
}

fn request(at: &str, app: &Application, more: &[(&str, &str)]) -> String {
    let client_id = app.client_id();
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", &client_id),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile"),
        ("state", "xyz"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    pairs.extend(more);
    format!("{at}?{}", serde_urlencoded::to_string(pairs).unwrap())
}

/// The parameter of an answer at the client's address.
fn answer<'a>(got: &'a Got, name: &str) -> Option<&'a str> {
    let query = got.location().strip_prefix(CALLBACK).unwrap_or_else(|| panic!("{}", got.location()));
    query[1..].split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The sealed request on a page.
fn sealed(got: &Got) -> String {
    got.between("name=\"request\" value=\"", "\"").to_owned()
}

impl<B: MessageBody, S: Service<Request, Response = ServiceResponse<B>, Error = Error>> Browser<S> {
    /// Goes where an answer of ours leads, until a page or the client's address.
    async fn follow(&mut self, mut got: Got) -> Got {
        while got.status == 303 && got.location().starts_with('/') {
            let to = got.location().to_owned();
            got = self.get(&to).await;
        }
        got
    }

    async fn open(&mut self, address: &str) -> Got {
        let got = self.get(address).await;
        self.follow(got).await
    }

    /// Sends a form of the page that was last seen.
    async fn submit(&mut self, page: &Got, to: &str, fields: &[(&str, &str)]) -> Got {
        let sealed = sealed(page);
        self.csrf = page.between("name=\"csrf\" value=\"", "\"").to_owned();
        let fields: Vec<_> = fields.iter().copied().chain([("request", sealed.as_str())]).collect();
        let got = self.post(to, &fields).await;
        self.follow(got).await
    }

    /// From the page for the e-mail to what comes after the password.
    async fn sign_in_here(&mut self, page: &Got, email: &str) -> Got {
        let page = self.submit(page, "/login/email", &[("email", email)]).await;
        assert!(page.body.contains("action=\"/login/password\""), "{}", page.body);
        self.submit(&page, "/login/password", &[("email", email), ("password", PASSWORD)]).await
    }
}

/// The bytes of a key that a person types.
fn unbase32(key: &str) -> Vec<u8> {
    let (mut out, mut bits, mut have) = (Vec::new(), 0u32, 0);
    for letter in key.bytes() {
        let value = if letter.is_ascii_uppercase() { letter - b'A' } else { letter - b'2' + 26 };
        bits = (bits << 5 | u32::from(value)) & 0xFFFF;
        have += 5;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
        }
    }
    out
}

fn policy(got: &Got) -> &str {
    &got.headers["content-security-policy"]
}

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
async fn r_a5_and_r_d1_faults_show_a_page_or_go_to_the_client_with_iss() {
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
async fn r_a7_every_answer_to_a_form_is_303_and_another_sites_form_becomes_a_get() {
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
async fn r_i2_and_r_i4_forms_of_others_do_nothing() {
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
        (token.as_str(), ("sec-fetch-site", "same-site")),
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
    // Another browser cannot go on with it.
    let mut eve = browser(&stack).await;
    eve.open(&request(PLATFORM, &app, &[])).await;
    let got = eve.get(&format!("/login?request={request_value}")).await;
    assert!(got.status == 400 && got.body.contains("This sign-in is over"));
    assert!(ann.get("/login?request=nonsense").await.body.contains("This sign-in is over"));
    stack.clock.advance_secs(1800);
    assert!(ann.get(&format!("/login?request={request_value}")).await.body.contains("This sign-in is over"));
}

#[actix_web::test]
async fn r_i3_the_session_changes_when_somebody_signs_in() {
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
async fn r_i8_the_policy_of_each_page_lets_its_form_end_at_the_client() {
    let stack = stack();
    let mut browser = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    person(&stack, "ann@example.com", home(&stack), &[]).await;
    let want = "form-action 'self' https://app.example https://www.app.example;";
    let page = browser.open(&request(PLATFORM, &app, &[])).await;
    assert!(policy(&page).contains(want), "{}", policy(&page));
    let page = browser.submit(&page, "/login/email", &[("email", "ann@example.com")]).await;
    assert!(policy(&page).contains(want));
    let wrong = [("email", "ann@example.com"), ("password", "not it at all")];
    let page = browser.submit(&page, "/login/password", &wrong).await;
    assert!(page.status == 401 && policy(&page).contains(want) && page.body.contains("is wrong"));
    let page = browser.submit(&page, "/login/password", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;
    assert!(policy(&page).contains(want) && page.body.contains("Allow Notes?"));
    assert!(!policy(&page).contains("unsafe") && policy(&page).contains("script-src 'self';"), "R-I1");
    for other in ["/admin/", "/admin/sign-in", "/login?request=x"] {
        let got = browser.get(other).await;
        assert!(policy(&got).contains("form-action 'self';"), "{other}: named on those answers only");
    }
}

#[actix_web::test]
async fn r_d3_the_form_post_page_has_one_target_and_one_script() {
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
    assert!(policy(&done).contains("form-action https://app.example;"), "{}", policy(&done));
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
    assert!(page.status == 401 && page.body.contains(crate::signin::WRONG), "as if the password were wrong");
    let page = browser.submit(&page, "/login/password", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;
    let done = browser.submit(&page, "/login/consent", &[("decision", "allow")]).await;
    assert_eq!(answer(&done, "iss").unwrap(), format!("http%3A%2F%2F127.0.0.1%3A8080%2Ftenants%2F{acme}"));
    // Who is signed in already, and no member, is told, and can use another account.
    let mut other = super::super::ui::testing::browser(&stack).await;
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
    let next = shown.between("href=\"/login?request=", "\"").to_owned();
    let page = browser.open(&format!("/login?request={next}")).await;
    assert!(page.body.contains("Allow Notes?"), "{}", page.body);
    let done = browser.submit(&page, "/login/consent", &[("decision", "allow")]).await;
    assert!(answer(&done, "code").is_some());
    assert!(crate::mfa::factors(&stack.store.read(), user.id).unwrap().is_enrolled());
    // The next time it asks for a code, and a recovery code will do.
    let mut other = super::super::ui::testing::browser(&stack).await;
    let page = other.open(&request(at, &app, &[])).await;
    let page = other.submit(&page, "/login/password", &[("email", "ann@example.com"), ("password", PASSWORD)]).await;
    assert!(page.body.contains("Confirm that it is you"), "{}", page.body);
    let page = other.submit(&page, "/login/code", &[("code", "123456")]).await;
    assert!(page.status == 401 && page.body.contains("wrong or was used"));
    let done = other.submit(&page, "/login/code", &[("code", &recovery)]).await;
    assert!(answer(&done, "code").is_some(), "{}", done.body);
}

#[actix_web::test]
async fn the_refused_address_is_shown_to_an_admin_who_can_add_exactly_this() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    let app = application(&stack, AppScope::Global).await;
    let target = request(PLATFORM, &app, &[]).replace("app.example%2Fcb", "new.example%2Fcb%3Fa%3D1");
    let page = admin.open(&target).await;
    assert!(!page.body.contains("new.example"), "a stranger is not shown it");
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
    assert!(!user.open(&wild).await.body.contains("new.example"));
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

#[actix_web::test]
async fn r_l1_signing_out_asks_unless_the_client_shows_who_it_is_for() {
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
    let bad = browser.get(&format!("{logout}?post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye")).await;
    assert!(bad.status == 400 && bad.body.contains("not registered") && !bad.headers.contains_key("location"));
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
    assert!(page.body.contains("Sign out?") && policy(&page).contains("form-action 'self' https://app.example;"));
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
