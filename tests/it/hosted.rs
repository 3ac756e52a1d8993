//! The journey of a person and an application without a script: sign in, agree, code, tokens, userinfo, silence, sign out. And
//! what every hosted page promises.

use super::browser::{Browser, EMAIL, PASSWORD, field, form, set_up};
use super::server::{App, Server};
use super::wire::Answer;
use serde_json::{Value, json};

const AUTHORIZE: &str = "/api/v1/platform/oauth/authorize";
const TOKEN: &str = "/api/v1/platform/oauth/token";
const USERINFO: &str = "/api/v1/platform/oauth/userinfo";
const LOGOUT: &str = "/api/v1/platform/oauth/logout";
const CALLBACK: &str = "https://notes.example/cb";
const BYE: &str = "https://notes.example/bye";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn notes(server: &Server) -> App {
    let app =
        server.app("WEB", "openid profile email offline_access", &["--scope", "GLOBAL", "--redirect-uri", CALLBACK]);
    let operator = server.token("admin:write");
    let change = json!({ "post_logout_redirect_uris": [BYE] });
    server
        .call("PATCH", &format!("/api/v1/admin/applications/{}", app.id))
        .bearer(&operator)
        .json(&change)
        .send()
        .expect(200);
    app
}

fn request(app: &App, more: &[(&str, &str)]) -> String {
    let asked = [
        ("response_type", "code"),
        ("client_id", &app.client_id),
        ("redirect_uri", CALLBACK),
        ("scope", "openid profile email offline_access"),
        ("state", "a b&c=d"),
        ("nonce", "n-0S6_WzA2Mj"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    format!("{AUTHORIZE}?{}", form(&[&asked[..], more].concat()))
}

/// Goes where our own answers lead.
fn follow(browser: &Browser<'_>, mut answer: Answer) -> Answer {
    while let Some(to) = answer.header("location").filter(|to| answer.status == 303 && to.starts_with('/')) {
        let to = to.to_owned();
        answer = browser.get(&to);
    }
    answer
}

fn open(browser: &Browser<'_>, target: &str) -> Answer {
    follow(browser, browser.get(target))
}

/// Sends a form of a page, with what stands hidden in it.
fn submit(browser: &Browser<'_>, page: &Answer, to: &str, fields: &[(&str, &str)]) -> Answer {
    let (sealed, tenant) = (field(&page.text(), "request").unwrap(), field(&page.text(), "tenant"));
    let mut all = [fields, &[("request", sealed.as_str())]].concat();
    all.extend(tenant.as_deref().filter(|_| to == "/login/consent").map(|tenant| ("tenant", tenant)));
    follow(browser, browser.post(to, &all))
}

/// A parameter of the answer at the client's address.
#[track_caller]
fn given(answer: &Answer, name: &str) -> Option<String> {
    // After a form by a page that goes on by itself, else by a redirect.
    let onward =
        answer.header("refresh").and_then(|value| value.strip_prefix("0; url=")).filter(|_| answer.status == 200);
    let redirect = answer.header("location").filter(|_| answer.status == 303);
    let to = onward.or(redirect).unwrap_or_else(|| panic!("{} {}", answer.status, answer.text()));
    assert!(to.starts_with(CALLBACK), "{} {to}", answer.status);
    let (_, query) = to.split_once('?').unwrap();
    url::form_urlencoded::parse(query.as_bytes()).find(|(have, _)| have == name).map(|(_, value)| value.into_owned())
}

fn sign_in(browser: &Browser<'_>, target: &str) -> Answer {
    let page = open(browser, target);
    assert!(page.text().contains("action=\"/login/email\""), "the e-mail first: {}", page.text());
    let page = submit(browser, &page, "/login/email", &[("email", EMAIL)]);
    submit(browser, &page, "/login/password", &[("email", EMAIL), ("password", PASSWORD)])
}

fn redeem(server: &Server, app: &App, code: &str) -> Value {
    let fields =
        [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
    server.secret(code);
    let told = server.call("POST", TOKEN).basic(&app.client_id, &app.secret).form(&form(&fields)).send().expect(200);
    for name in ["access_token", "refresh_token", "id_token"] {
        server.secret(told[name].as_str().unwrap().rsplit('.').next().unwrap());
    }
    told
}

/// The claims of a token, unchecked.
fn claims(token: &Value) -> Value {
    use base64::Engine as _;
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn a_person_signs_in_for_an_application_and_out_again() {
    let server = set_up();
    let app = notes(&server);
    let browser = Browser::new(&server);
    let page = sign_in(&browser, &request(&app, &[]));
    assert!(page.text().contains("action=\"/login/consent\"") && page.text().contains(EMAIL), "{}", page.text());
    let done = submit(&browser, &page, "/login/consent", &[("decision", "allow")]);
    let code = given(&done, "code").unwrap();
    assert_eq!(given(&done, "state").as_deref(), Some("a b&c=d"));
    let discovery = server.get("/platform/.well-known/openid-configuration").send().expect(200);
    assert_eq!(given(&done, "iss").as_deref(), discovery["issuer"].as_str());
    assert_eq!(discovery["authorization_endpoint"], format!("{}{AUTHORIZE}", server.url));
    assert_eq!(discovery["end_session_endpoint"], format!("{}{LOGOUT}", server.url));

    let tokens = redeem(&server, &app, &code);
    let id = claims(&tokens["id_token"]);
    assert_eq!((&id["nonce"], &id["aud"]), (&json!("n-0S6_WzA2Mj"), &json!(app.client_id)));
    let access = tokens["access_token"].as_str().unwrap();
    let person = server.get(USERINFO).bearer(access).send().expect(200);
    assert_eq!((&person["sub"], &person["email"]), (&id["sub"], &json!(EMAIL)));

    // Signed in and agreed: silence works, and it is the same sign-in.
    let silent = open(&browser, &request(&app, &[("prompt", "none")]));
    let again = claims(&redeem(&server, &app, &given(&silent, "code").unwrap())["id_token"]);
    assert_eq!((&again["sub"], &again["auth_time"], &again["sid"]), (&id["sub"], &id["auth_time"], &id["sid"]));
    let hint = tokens["id_token"].as_str().unwrap();
    let hinted = open(&browser, &request(&app, &[("prompt", "none"), ("id_token_hint", hint)]));
    assert!(given(&hinted, "code").is_some());
    let fresh = open(&browser, &request(&app, &[("max_age", "10000")]));
    assert!(given(&fresh, "code").is_some());
    let page = open(&browser, &request(&app, &[("max_age", "0")]));
    assert!(page.text().contains("action=\"/login/password\""), "{}", page.text());
    let cancelled = submit(&browser, &page, "/login/cancel", &[]);
    assert_eq!(given(&cancelled, "error").as_deref(), Some("access_denied"));

    let leave = form(&[("id_token_hint", hint), ("post_logout_redirect_uri", BYE), ("state", "bye bye")]);
    let left = browser.get(&format!("{LOGOUT}?{leave}"));
    assert_eq!((left.status, left.header("location")), (303, Some("https://notes.example/bye?state=bye%20bye")));
    assert_eq!(server.get(USERINFO).bearer(access).send().status, 401, "the session's tokens are dead");
    let silent = open(&browser, &request(&app, &[("prompt", "none")]));
    assert_eq!(given(&silent, "error").as_deref(), Some("login_required"));
}

#[test]
fn consent_that_is_taken_back_ends_the_tokens_and_is_asked_for_again() {
    let server = set_up();
    let app = notes(&server);
    let browser = Browser::new(&server);
    let page = sign_in(&browser, &request(&app, &[]));
    let done = submit(&browser, &page, "/login/consent", &[("decision", "allow")]);
    let tokens = redeem(&server, &app, &given(&done, "code").unwrap());
    let body = json!({ "email": EMAIL, "password": PASSWORD });
    let own = server.call("POST", "/api/v1/auth/login").json(&body).send().expect(200);
    let own = own["data"]["access_token"].as_str().unwrap().to_owned();
    let listed = server.get("/api/v1/me/authorized-apps").bearer(&own).send().expect(200);
    assert!(listed.to_string().contains(&app.client_id), "{listed:#}");
    let revoked = server.call("DELETE", &format!("/api/v1/me/authorized-apps/{}", app.client_id)).bearer(&own).send();
    assert!((200..300).contains(&revoked.status), "{}", revoked.text());
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(server.get(USERINFO).bearer(access).send().status, 401);
    let refresh =
        form(&[("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())]);
    let refused = server.call("POST", TOKEN).basic(&app.client_id, &app.secret).form(&refresh).send();
    assert_eq!((refused.status, &refused.value()["error"]), (400, &json!("invalid_grant")));
    assert!(open(&browser, &request(&app, &[])).text().contains("action=\"/login/consent\""));
}

#[test]
fn every_hosted_page_has_the_headers_of_a_page() {
    let server = set_up();
    let app = notes(&server);
    let browser = Browser::new(&server);
    let mut pages = vec![open(&browser, &request(&app, &[]))];
    pages.push(submit(&browser, &pages[0], "/login/email", &[("email", EMAIL)]));
    pages.push(submit(&browser, &pages[1], "/login/password", &[("email", EMAIL), ("password", PASSWORD)]));
    pages.push(open(&browser, &request(&app, &[("prompt", "select_account")])));
    pages.push(open(&browser, &request(&app, &[("redirect_uri", "https://evil.example/")])));
    pages.push(open(&browser, LOGOUT));
    pages.push(open(&browser, "/login?request=x"));
    for page in &pages {
        let policy = page.header("content-security-policy").unwrap();
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "unsafe-none"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(page.header(name), Some(value), "{}", page.text());
        }
        assert!(page.header("permissions-policy").is_some() && page.text().contains("<h1>"));
        assert!(!page.text().contains(PASSWORD));
    }
}
