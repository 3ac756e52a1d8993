//! ScaiGrid through the whole application, with time driven by hand.

use super::World;
use crate::access::{CORE_PERMISSIONS, CoreSet, PERMISSIONS, Role};
use crate::http::testkit::{PASSWORD, browser, stack};
use actix_web::http::Method;
use serde_json::{Value, json};

#[test]
fn the_permission_table_holds_the_bundles_of_the_product() {
    for name in CORE_PERMISSIONS {
        let rule = PERMISSIONS.iter().find(|rule| rule.name == name).unwrap();
        for role in Role::ALL {
            assert_eq!(rule.roles.contains(&role), CoreSet::bundle(role).has(name), "{name} {role:?}");
        }
        assert!(rule.scopes.contains(&name), "a key carries it under its own name");
    }
}

#[actix_web::test]
async fn an_expired_jwt_is_told_from_a_wrong_one() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    let json = ("content-type", "application/json");
    let login = json!({ "email": "alice@acme.example", "password": PASSWORD }).to_string();
    let got = alice.send(Method::POST, "/api/v1/auth/login", &[json], Some(login)).await;
    let body: Value = serde_json::from_str(&got.body).unwrap();
    let tokens = body.get("data").unwrap_or(&body);
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap_or_else(|| panic!("{body:#}")));
    let mut client = browser(&stack).await;
    let header = ("authorization", bearer.as_str());
    assert_eq!(client.send(Method::GET, "/v1/models", &[header], None).await.status, 200);
    stack.clock.advance_secs(i64::from(stack.config.tokens.access_secs) + 1);
    for (target, code) in [("/v1/models", "AUTH_TOKEN_EXPIRED"), ("/v1/secrets", "authentication_required")] {
        let got = client.send(Method::GET, target, &[header], None).await;
        let body: Value = serde_json::from_str(&got.body).unwrap();
        assert_eq!((got.status, &body["error"]["code"]), (401, &json!(code)), "{target}: {body:#}");
    }
    let wrong = client.send(Method::GET, "/v1/models", &[("authorization", "Bearer eyJ.e30.x")], None).await;
    assert!(wrong.status == 401 && wrong.body.contains("AUTH_TOKEN_INVALID"), "{}", wrong.body);
}

#[actix_web::test]
async fn a_key_is_made_on_its_page_and_shown_once() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    let root = "/admin/access/api-keys";
    assert!(alice.get(root).await.body.contains("No API keys yet"));
    let create = format!("{root}/create");
    alice.get(&create).await;
    let refused = alice.post(&create, &[("name", "x"), ("expires_in", "0"), ("scopes", "admin:write")]).await;
    assert_eq!(refused.status, 422);
    let nobody = [("name", "x"), ("expires_in", "0"), ("assigned_to", "nobody@acme.example")];
    assert_eq!(alice.post(&create, &nobody).await.status, 422);
    let got = alice.post(&create, &[("name", "backend"), ("expires_in", "90"), ("rate_limit", "30")]).await;
    let shown = got.location().to_owned();
    let page = alice.get(&shown).await.body;
    let key = page.split("sgk_").nth(1).map(|rest| format!("sgk_{}", &rest[..38])).unwrap();
    for line in ["curl -H", "httpx.Client", "new Headers"] {
        assert!(page.contains(line), "{line}");
    }
    assert!(!alice.get(&shown).await.body.contains(&key), "once");
    let bearer = format!("Bearer {key}");
    let mut program = browser(&stack).await;
    let call = [("authorization", bearer.as_str())];
    let got = program.send(Method::GET, "/v1/models", &call, None).await;
    assert_eq!((got.status, got.headers["x-scaigrid-ratelimit-remaining"].as_str()), (200, "29"));
    let one = shown.strip_suffix("/created").unwrap().to_owned();
    assert!(alice.get(&one).await.body.contains("30 requests in 60 seconds"));
    for (action, status) in [("disable", 401), ("enable", 200), ("revoke", 401)] {
        alice.get(&one).await;
        alice.post(&format!("{one}/{action}"), &[]).await;
        assert_eq!(program.send(Method::GET, "/v1/models", &call, None).await.status, status, "{action}");
    }
    assert!(alice.get(root).await.body.contains("No API keys yet"), "a revoked one is off the list");
}

#[actix_web::test]
async fn a_key_reads_what_its_users_permissions_mean() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let key = async |jwt: &str, scopes: Value| {
        let made = world.post(jwt, "/v1/api-keys", json!({ "name": "key", "scopes": scopes })).await;
        made.data(201)["key"].as_str().unwrap().to_owned()
    };
    let group = async |jwt: &str| world.get(jwt, "/v1/groups").await.status;
    let (all, users) = (key(&admin, json!([])).await, key(&admin, json!(["users:manage"])).await);
    let entering = key(&admin, json!(["admin:access"])).await;
    for (address, all_keys, of_users, of_entering) in [
        ("/v1/users", 200, 200, 403),
        ("/v1/groups", 200, 200, 403),
        ("/v1/audit-log", 200, 403, 200),
        ("/v1/audit-log/export", 200, 403, 200),
        ("/v1/groups/grp_9", 404, 404, 403),
    ] {
        assert_eq!(world.get(&all, address).await.status, all_keys, "{address} with the user's permissions");
        assert_eq!(world.get(&users, address).await.status, of_users, "{address} with users:manage");
        assert_eq!(world.get(&entering, address).await.status, of_entering, "{address} with admin:access");
    }
    // Whose role does not mean it gets it by no key, and no key reads a secret that does not say so.
    let member = world.with_role("member@acme.example", Role::TenantUser).await;
    let theirs = key(&member, json!([])).await;
    for address in ["/v1/users", "/v1/groups", "/v1/audit-log"] {
        assert_eq!(world.get(&theirs, address).await.status, 403, "{address}");
    }
    assert_eq!(group(&admin).await, 200);
    assert_eq!(world.get(&all, "/v1/secrets").await.status, 403);
}
