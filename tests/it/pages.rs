//! The pages, as a browser without a script sees them: what is shown once, and what no other site can do.

use super::browser::{Browser, EMAIL, PASSWORD, form, set_up, signed_in};
use super::routes::{address, anything, routes};
use scaistack::http::route::Access;
use serde_json::json;

#[test]
fn no_form_is_taken_from_elsewhere() {
    let server = set_up();
    let browser = signed_in(&server);
    let good = browser.csrf.borrow().clone();
    let stranger = signed_in(&server);
    let foreign = stranger.csrf.borrow().clone();
    assert_ne!(good, foreign);
    let mut tried = 0;
    for (_, route) in routes().filter(|(_, route)| route.access == Access::Session && route.method == "POST") {
        let target = address(route, anything);
        let post =
            |csrf: &str| browser.call("POST", &target).form(&form(&[("csrf", csrf), ("path", "a/b"), ("name", "x")]));
        for (what, call) in [
            ("no token", browser.call("POST", &target).form("path=a/b&name=x")),
            ("a wrong token", post("AAAA")),
            ("a token of another session", post(&foreign)),
            ("another site", post(&good).header("Sec-Fetch-Site", "cross-site")),
            (
                "a site beside this one",
                post(&good).header("Sec-Fetch-Site", "same-site").header("Origin", "https://a.example"),
            ),
            ("another origin", post(&good).header("Origin", "https://evil.example")),
        ] {
            let answer = call.send();
            assert_eq!(answer.status, 403, "{} with {what}: {}", route.path, answer.text());
        }
        let as_json =
            browser.call("POST", &target).header("X-CSRF-Token", &good).json(&json!({ "path": "a/b" })).send();
        assert!([400, 403].contains(&as_json.status), "{}: {}", route.path, as_json.text());
        tried += 1;
    }
    assert!(tried > 10, "{tried}");
    assert_eq!(browser.get("/admin/").status, 200, "the session lives on");
    // Before the sign-in too: a form of another site signs nobody in.
    let visitor = Browser::new(&server);
    visitor.get("/admin/sign-in");
    *visitor.csrf.borrow_mut() = foreign;
    assert_eq!(visitor.post("/admin/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).status, 403);
    assert_eq!(visitor.session(), "");
}

#[test]
fn no_page_has_inline_scripts_or_fails() {
    let server = set_up();
    let browser = signed_in(&server);
    let targets =
        routes().filter(|(_, route)| route.method == "GET" && matches!(route.access, Access::Session | Access::Public));
    let mut pages = 0;
    for (_, route) in targets {
        let answer = browser.get(&address(route, anything));
        assert!(answer.status < 500, "{}: {} {}", route.path, answer.status, answer.text());
        if !answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            continue;
        }
        let page = answer.text();
        for inline in [" style=\"", " onclick=", " onload=", "javascript:", "<style", "hx-on", "hx-vals='js"] {
            assert!(!page.contains(inline), "{} has {inline}", route.path);
        }
        assert_eq!(
            page.matches("<script").count(),
            page.matches("<script src=\"/assets/").count() + page.matches("<script defer src=\"/assets/").count(),
            "{}",
            route.path
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{}", route.path);
        pages += 1;
    }
    assert!(pages > 10, "{pages}");
}

#[test]
fn an_application_made_on_the_page_gets_its_token() {
    let server = set_up();
    let browser = signed_in(&server);
    assert_eq!(browser.get("/admin/applications/create").status, 200);
    let fields = [
        ("name", "MyService"),
        ("application_type", "SERVICE"),
        ("scope", "GLOBAL"),
        ("allowed_scopes", "openid"),
        ("allowed_scopes", "admin:read"),
        ("token_lifetime", "3600"),
    ];
    let made = browser.post("/admin/applications/create", &fields);
    assert_eq!(made.status, 303, "{}", made.text());
    let target = made.header("location").unwrap().to_owned();
    let page = browser.get(&target).text();
    let find = |front: &str| {
        let from = page.find(front).unwrap_or_else(|| panic!("no {front} on {page}"));
        page[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>()
    };
    let (client_id, secret) = (find("skc_"), find("scs_"));
    server.secret(&secret);
    let again = browser.get(&target);
    assert!(!again.text().contains("scs_"), "shown once");
    assert!(again.status == 200 && !browser.get("/admin/applications").text().contains("scs_"));
    let answer = server.call("POST", &super::server::token_endpoint(None)).basic(&client_id, &secret);
    let token = answer.form("grant_type=client_credentials&scope=admin:read").send();
    let token = server.secret(token.expect(200)["access_token"].as_str().unwrap());
    server.get_as(&token, "/api/v1/admin/tenants").expect(200);
    assert!(browser.get("/admin/applications").text().contains("MyService"));
    let audit = browser.get("/admin/audit").text();
    assert!(audit.contains("application.create") && audit.contains(EMAIL), "{audit}");
}

#[test]
fn a_personal_token_made_on_the_page_carries_its_scopes() {
    let server = set_up();
    let browser = signed_in(&server);
    browser.get("/admin/access/personal-tokens/create");
    let fields =
        [("name", "For the quickstart"), ("scopes", "secrets:read"), ("scopes", "secrets:write"), ("expires_in", "90")];
    let made = browser.post("/admin/access/personal-tokens/create", &fields);
    assert_eq!(made.status, 303, "{}", made.text());
    let page = browser.get(made.header("location").unwrap()).text();
    let from = page.find("skt_").unwrap_or_else(|| panic!("{page}"));
    let token: String = page[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    server.secret(&token);
    let whoami = server.get_as(&token, "/v1/auth/whoami").expect(200);
    assert_eq!(
        (&whoami["identity_id"], &whoami["scopes"]),
        (&json!(format!("user:{EMAIL}")), &json!(["secrets:read", "secrets:write"]))
    );
    assert!(!browser.get("/admin/access/personal-tokens").text().contains(&token), "shown once");
    let page = browser.get("/admin/access/personal-tokens").text();
    let id = page
        .split("/admin/access/personal-tokens/")
        .find_map(|rest| rest.strip_prefix("tok_").map(|rest| format!("tok_{}", rest.split('/').next().unwrap())));
    let id = id.unwrap_or_else(|| panic!("{page}"));
    browser.get(&format!("/admin/access/personal-tokens/{id}/revoke"));
    assert_eq!(browser.post(&format!("/admin/access/personal-tokens/{id}/revoke"), &[]).status, 303);
    assert_eq!(server.get_as(&token, "/v1/auth/whoami").status, 401);
}

#[test]
fn a_secret_is_on_no_page_before_it_is_revealed() {
    let server = set_up();
    let browser = signed_in(&server);
    let value = server.secret("only-revealed-on-request-4711");
    browser.get("/admin/secrets/write");
    let fields = [
        ("path", "infra/db"),
        ("secret_type", "json"),
        ("data", &format!("password={value}")),
        ("cas", ""),
        ("description", "the database"),
        ("tags", "db, prod"),
    ];
    let written = browser.post("/admin/secrets/write", &fields);
    assert_eq!(written.status, 303, "{}", written.text());
    for target in [
        "/admin/secrets",
        "/admin/secrets?prefix=infra/",
        "/admin/secrets/one?path=infra/db",
        "/admin/secrets/write?path=infra/db",
        "/admin/audit",
        "/admin/",
    ] {
        let answer = browser.get(target);
        assert!(answer.status == 200 && !answer.text().contains(&value), "{target}");
    }
    let token = server.token("secrets:read audit:read");
    assert_eq!(server.get_as(&token, "/v1/secrets/infra/db").expect(200)["data"]["password"], value);
    browser.get("/admin/secrets/one?path=infra/db");
    let revealed = browser.post("/admin/secrets/reveal", &[("path", "infra/db"), ("version", "1")]);
    assert!(revealed.status == 200 && revealed.text().contains(&value), "{}", revealed.text());
    assert_eq!(revealed.header("cache-control"), Some("no-store"));
    // A form that is refused does not send the value back either.
    browser.get("/admin/secrets/write");
    let refused = browser.post(
        "/admin/secrets/write",
        &[("path", "Not A Path"), ("secret_type", "json"), ("data", &format!("password={value}"))],
    );
    assert!(refused.status == 422 && !refused.text().contains(&value), "{}", refused.text());
}
