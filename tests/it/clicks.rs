//! How many clicks an administrator needs for what they do most, from Home.

use super::browser::{Browser, EMAIL, PASSWORD, set_up};
use super::looks::look;
use super::server::token_endpoint;
use serde_json::json;

const PERSON: &str = "sam@clicks.example";

#[test]
fn ten_tasks_take_few_clicks_from_home() {
    let server = set_up();
    let operator = server.token("admin:read admin:write secrets:read secrets:write");
    let admin = server.admin();
    let post = |path: &str, body: serde_json::Value| {
        let made = server.call("POST", path).bearer(&admin).json(&body).send().expect(201);
        made.get("data").unwrap_or(&made).clone()
    };
    // Others are there too, so that nobody is found for being the only one.
    for number in 0..30 {
        post("/api/v1/admin/users", json!({ "email": format!("sam{number}@clicks.example"), "display_name": "Sam" }));
    }
    let sam = post("/api/v1/admin/users", json!({ "email": PERSON, "password": server.secret(PASSWORD) }));
    let group = post("/api/v1/admin/groups", json!({ "name": "Harbour", "description": "Whoever works there" }));
    let backend = server.app("SERVICE", "openid admin:read", &[]);
    let old = json!({ "data": { "password": "deep-water-9" } });
    server.call("PUT", "/v1/secrets/infra/db").bearer(&operator).json(&old).send().expect_success();
    let browser = Browser::new(&server);
    browser.sign_in(PERSON, PASSWORD);
    assert_eq!(browser.get("/account").status, 200, "signed in, so that there is a session to end");

    let told = json!({
        "url": server.url, "email": EMAIL, "password": PASSWORD, "person": PERSON, "application": backend.name,
        "group": "Harbour", "folder": "infra/", "secret": "db", "redirect_uri": "https://rp.example/cb",
    });
    let seen = look("clicks.mjs", &told)["seen"].clone();
    for (task, took) in seen.as_object().unwrap() {
        let (clicks, most) = (took["clicks"].as_u64().unwrap(), took["most"].as_u64().unwrap());
        assert!(clicks <= most, "{task} takes {clicks} clicks, and {most} are enough");
    }
    assert_eq!(seen.as_object().unwrap().len(), 10);

    // Each was really done.
    let brought = |task: &str| seen[task]["brought"].as_str().unwrap_or_else(|| panic!("{task}: {seen:#}")).to_owned();
    server.get_as(&server.secret(&brought("api key")), "/v1/models").expect(200);
    let rotated = server.secret(&brought("rotate a secret"));
    let token = server.call("POST", &token_endpoint(None)).basic(&backend.client_id, &rotated);
    token.form("grant_type=client_credentials&scope=openid").send().expect(200);
    let id = sam["id"].as_str().unwrap();
    let members = format!("/api/v1/admin/groups/{}/members", group["id"].as_str().unwrap());
    assert!(server.get_as(&admin, &members).text().contains(id), "in the group");
    assert_eq!(browser.get("/account").status, 303, "the session has ended");
    let roles = server.cli(&["user", "role", PERSON, "--json"]).json();
    assert!(roles.to_string().contains("tenant_viewer"), "another role: {roles:#}");
    assert!(brought("read a secret").contains("deep-water-9"));
    let now = server.get_as(&operator, "/v1/secrets/infra/db").expect(200);
    assert_eq!((&now["version"], &now["data"]["password"]), (&json!(2), &json!("high-tide-5")));
    let application = &seen["application"]["brought"];
    assert!(application["text"].as_str().unwrap().contains(&format!("{}/platform", server.url)), "{application:#}");
    server.secret(application["secret"].as_str().unwrap());
    for task in ["reset link", "invite and copy"] {
        let link = server.secret(&brought(task));
        let path = link.strip_prefix(&server.url).unwrap_or_else(|| panic!("{task}: {link}"));
        let opened = server.get(path).send();
        assert!([200, 303].contains(&opened.status), "{task}: {}", opened.text());
    }
}
