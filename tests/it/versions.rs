//! A change that was made for another state of a row is refused with that row's state of now; without a word about it, it goes
//! through (RFC 9110 §13.1.1).

use super::server::{Server, unique};
use serde_json::{Value, json};

struct Resource {
    method: &'static str,
    get: String,
    put: String,
    bodies: [Value; 2],
}

fn resource(method: &'static str, address: &str, bodies: [Value; 2]) -> Resource {
    Resource { method, get: address.to_owned(), put: address.to_owned(), bodies }
}

const PASSWORD: &str = "correct horse battery";

#[test]
fn a_change_for_another_state_is_refused_with_the_state_of_now() {
    let server = Server::start();
    let slug = unique("versions");
    let tenant = server.tenant(&slug);
    let admin = server.admin();
    let post = |address: &str, body: Value| server.call("POST", address).bearer(&admin).json(&body).send().expect(201);
    let email = format!("{slug}@example.com");
    let user = post("/api/v1/admin/users", json!({ "email": email, "tenant_id": tenant, "password": PASSWORD }));
    let user = user["id"].as_str().unwrap();
    let group = post("/api/v1/admin/groups", json!({ "name": "Sales", "tenant_id": tenant }));
    let app = server.app("SERVICE", "openid", &["--scope", "TENANT", "--tenant", &slug]);
    let partner = server.get_as(&admin, "/api/v1/admin/partners").expect(200)["data"][0]["id"].clone();
    let named = |field: &str| [json!({ field: "One" }), json!({ field: "Two" })];
    let mut resources = vec![
        resource("PATCH", &format!("/api/v1/admin/users/{user}"), named("display_name")),
        resource("PATCH", &format!("/api/v1/admin/groups/{}", group["id"].as_str().unwrap()), named("name")),
        resource("PATCH", &format!("/api/v1/admin/applications/{}", app.id), named("name")),
        resource("PATCH", &format!("/api/v1/admin/tenants/{tenant}"), named("name")),
        resource("PATCH", &format!("/api/v1/admin/partners/{}", partner.as_str().unwrap()), named("name")),
        resource("PUT", &format!("/v1/limits/tenants/{tenant}"), [json!({ "user": 7 }), json!({ "user": 8 })]),
    ];
    // An organisation is that tenant again, over Scalekit's REST.
    let organization = format!("/api/v1/organizations/{}", tenant.replace("tnt_", "org_"));
    let sso = |on: bool| json!({ "features": [{ "name": "sso", "enabled": on }] });
    resources.push(resource("PATCH", &organization, named("display_name")));
    resources.push(Resource {
        put: format!("{organization}/settings"),
        ..resource("PATCH", &organization, [sso(true), sso(false)])
    });
    let create = |address: &str, body: Value| {
        server.call("POST", address).bearer(&admin).json(&body).send().expect_success();
    };
    create("/api/v1/permissions", json!({ "name": "notes:read", "description": "Reads" }));
    create("/api/v1/roles", json!({ "name": "reader", "display_name": "Reader" }));
    create(&format!("{organization}/roles"), json!({ "name": "own_reader", "display_name": "Reader" }));
    let described = ["One", "Two"].map(|text| json!({ "name": "notes:read", "description": text }));
    resources.push(resource("PUT", "/api/v1/permissions/notes:read", described));
    resources.push(resource("PUT", "/api/v1/roles/reader", named("display_name")));
    resources.push(resource("PUT", &format!("{organization}/roles/own_reader"), named("display_name")));
    let profile = ["One", "Two"].map(|text| json!({ "user_profile": { "name": text } }));
    resources.push(resource("PATCH", &format!("/api/v1/users/{user}"), profile));
    // One's own name: the token of a person, whose row is the one above.
    let login = json!({ "email": email, "password": PASSWORD });
    let signed_in = server.call("POST", "/api/v1/auth/login").json(&login).send().expect_success();
    let own = server.secret(signed_in["data"]["access_token"].as_str().unwrap());
    resources.push(resource("PATCH", "/api/v1/me", named("display_name")));
    for Resource { method, get, put, bodies: [one, two] } in resources {
        let token = if put == "/api/v1/me" { &own } else { &admin };
        let shown = server.get_as(token, &get);
        assert_eq!(shown.status, 200, "{get}: {}", shown.text());
        let seen = shown.header("etag").unwrap_or_else(|| panic!("{get} has no ETag")).to_owned();
        let send = |body: &Value, seen: &str| {
            let call = server.call(method, &put).bearer(token);
            let call = if seen.is_empty() { call } else { call.header("If-Match", seen) };
            call.json(body).send()
        };
        let changed = send(&one, &seen);
        assert_eq!(changed.status, 200, "{put}: {}", changed.text());
        let now = changed.header("etag").unwrap().to_owned();
        assert_ne!(now, seen, "{put}");
        let stale = send(&two, &seen);
        assert_eq!((stale.status, stale.header("etag")), (412, Some(now.as_str())), "{put}: {}", stale.text());
        assert_eq!(server.get_as(token, &get).header("etag"), Some(now.as_str()), "{put}: nothing was changed");
        assert_eq!(send(&two, &format!("\"another\", {now}")).status, 200, "{put}");
        assert_eq!(send(&one, "*").status, 200, "{put}");
        assert_eq!(send(&two, "").status, 200, "{put}: without a word it goes through");
        assert_eq!(send(&one, "no tag").status, 400, "{put}");
    }
}

/// Somebody who administers one tenant: the token of a sign-in, and the user's id.
fn tenant_admin(server: &Server, slug: &str, tenant: &str) -> (String, String) {
    let email = format!("admin-of-{slug}@example.com");
    let body = json!({ "email": email, "tenant_id": tenant, "password": PASSWORD, "role": "tenant_admin" });
    let made = server.call("POST", "/api/v1/admin/users").bearer(&server.admin()).json(&body).send().expect(201);
    let login = json!({ "email": email, "password": PASSWORD });
    let signed_in = server.call("POST", "/api/v1/auth/login").json(&login).send().expect_success();
    let token = server.secret(signed_in["data"]["access_token"].as_str().unwrap());
    (token, made["id"].as_str().unwrap().to_owned())
}

#[test]
fn a_deletion_for_another_state_is_refused_and_a_version_tells_nothing_of_what_is_out_of_reach() {
    let server = Server::start();
    let (mine, other) = (unique("mine"), unique("other"));
    let (tenant, elsewhere) = (server.tenant(&mine), server.tenant(&other));
    let admin = server.admin();
    let (stranger, _) = tenant_admin(&server, &other, &elsewhere);
    let (_, user) = tenant_admin(&server, &mine, &tenant);
    let post = |address: &str, body: Value| server.call("POST", address).bearer(&admin).json(&body).send().expect(201);
    let group = post("/api/v1/admin/groups", json!({ "name": "Sales", "tenant_id": tenant }));
    let app = server.app("SERVICE", "openid", &["--scope", "TENANT", "--tenant", &mine]);
    let partner = post("/api/v1/admin/partners", json!({ "name": "North", "slug": unique("north") }));
    let of = |kind: &str, id: &str| format!("/api/v1/admin/{kind}/{id}");
    let rows = [
        (of("groups", group["id"].as_str().unwrap()), json!({ "name": "Another" })),
        (of("applications", &app.id), json!({ "name": "Another" })),
        (format!("/api/v1/admin/users/{user}/memberships/{tenant}"), json!({ "role": "tenant_user" })),
        (of("users", &user), json!({ "display_name": "Another" })),
        (of("partners", partner["id"].as_str().unwrap()), json!({ "name": "Another" })),
        (of("tenants", &tenant), json!({ "name": "Another" })),
    ];
    for (address, change) in rows {
        let send = |method: &str, token: &str, seen: &str| {
            let call = server.call(method, &address).bearer(token).header("If-Match", seen);
            if method == "DELETE" { call.send() } else { call.json(&change).send() }
        };
        let old = send("PATCH", &admin, "*");
        assert_eq!(old.status, 200, "{address}: {}", old.text());
        for method in ["PATCH", "DELETE"] {
            let refused = send(method, &stranger, "\"another\"");
            assert!([403, 404].contains(&refused.status), "{method} {address}: {}", refused.text());
            assert!(refused.header("etag").is_none(), "{method} {address}");
        }
        let stale = send("DELETE", &admin, "\"another\"");
        assert_eq!((stale.status, stale.header("etag")), (412, old.header("etag")), "{address}: {}", stale.text());
        assert_eq!(send("DELETE", &admin, old.header("etag").unwrap()).status, 204, "{address}");
    }
}
