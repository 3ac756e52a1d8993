//! Whose pages may read what (CORS), by the policy of each route, on good answers and on bad ones; and what a preflight is told.

use super::server::{Server, unique};
use super::wire::{Answer, Call};
use serde_json::json;
use std::sync::Arc;

const TOKEN: &str = "/api/v1/platform/oauth/token";

fn origin(answer: &Answer) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

/// Registers a browser application; gives its id.
fn spa(server: &Server, admin: &str, origin: &str, place: (&str, Option<&str>)) -> String {
    let mut body = json!({
        "name": unique("spa"), "application_type": "SPA", "scope": place.0, "allowed_scopes": ["openid"],
        "redirect_uris": [format!("{origin}/cb")], "allowed_origins": [origin, origin],
    });
    if let Some(tenant) = place.1 {
        body["tenant_id"] = tenant.into();
    }
    let made = server.call("POST", "/api/v1/admin/applications").bearer(admin).json(&body).send().expect(201);
    made["id"].as_str().or(made["data"]["id"].as_str()).unwrap().to_owned()
}

fn preflight(server: &Server, target: &str, method: &str, from: &str) -> Answer {
    let call = server.call("OPTIONS", target).header("Origin", from);
    call.header("Access-Control-Request-Method", method)
        .header("Access-Control-Request-Headers", "authorization,content-type,traceparent")
        .send()
}

#[test]
fn pages_of_registered_origins_read_every_answer_of_the_issuers_endpoints() {
    let server = Server::shared();
    let admin = server.admin();
    let slug = unique("cors");
    let tenant = server.tenant(&slug);
    let (global, own) = (format!("https://{slug}.example"), format!("https://own.{slug}.example"));
    let id = spa(&server, &admin, &global, ("GLOBAL", None));
    spa(&server, &admin, &own, ("TENANT", Some(&tenant)));

    let of_tenant = format!("/api/v1/auth/tenants/{slug}/oauth");
    let calls = |from: &str, base: &str| -> Vec<Call> {
        let [token, revoke, userinfo] = ["token", "revoke", "userinfo"].map(|end| format!("{base}/{end}"));
        let calls = [
            // Before the client is known: no form, no client, one that there is not.
            server.call("POST", &token),
            server.call("POST", &token).form("grant_type=authorization_code&code=x"),
            server.call("POST", &token).form("grant_type=authorization_code&code=x&client_id=skc_9"),
            server.call("PUT", &token),
            server.call("POST", &revoke).form("token=x"),
            server.get(&userinfo),
            server.get(&userinfo).bearer("wrong"),
        ];
        calls.into_iter().map(|call| call.header("Origin", from)).collect()
    };
    for (base, mine, others) in [
        ("/api/v1/platform/oauth", &global, [own.as_str(), "https://evil.example", "null"]),
        (of_tenant.as_str(), &own, [global.as_str(), "https://evil.example", "null"]),
    ] {
        for call in calls(mine, base) {
            let answer = call.send();
            assert!(answer.status >= 400);
            assert_eq!(origin(&answer), Some(mine.as_str()), "{base} {}", answer.text());
            assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
            let exposed = answer.header("access-control-expose-headers").unwrap();
            for name in ["www-authenticate", "etag", "retry-after", "x-request-id", "x-scaigrid-ratelimit-reset"] {
                assert!(exposed.contains(name), "{exposed}");
            }
        }
        for call in others.iter().flat_map(|other| calls(other, base)) {
            let answer = call.send();
            assert_eq!(origin(&answer), None, "{base}");
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert_eq!(answer.header("vary"), Some("Origin"));
        }
        let token = format!("{base}/token");
        let asked = preflight(&server, &token, "POST", mine);
        assert_eq!((asked.status, origin(&asked)), (204, Some(mine.as_str())));
        assert_eq!(asked.header("access-control-allow-credentials"), Some("true"));
        assert_eq!(asked.header("access-control-allow-methods"), Some("POST, OPTIONS"));
        assert_eq!(asked.header("access-control-allow-headers"), Some("authorization,content-type,traceparent"));
        assert_eq!(asked.header("access-control-max-age"), Some("600"));
        let vary = asked.header("vary").unwrap();
        assert_eq!(vary, "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
        let refused = preflight(&server, &token, "POST", "https://evil.example");
        assert_eq!((refused.status, origin(&refused)), (204, None));
        assert_eq!(refused.header("access-control-allow-methods"), None);
    }
    for environment in ["/oauth/token", "/revoke", "/userinfo"] {
        let answer = server.call("POST", environment).header("Origin", &global).send();
        assert_eq!(origin(&answer), Some(global.as_str()), "{environment}");
    }
    // What is switched off opens nothing, and opens again.
    let change = |status: &str| {
        let target = format!("/api/v1/admin/applications/{id}");
        let changed = server.call("PATCH", &target).bearer(&admin).json(&json!({ "status": status })).send();
        assert_eq!(changed.status, 200, "{}", changed.text());
    };
    let asked = || server.call("POST", TOKEN).header("Origin", &global).send();
    change("DISABLED");
    assert_eq!(origin(&asked()), None);
    change("ACTIVE");
    assert_eq!(origin(&asked()), Some(global.as_str()));
}

#[test]
fn public_documents_are_everybodys_and_never_with_credentials() {
    let server = Server::shared();
    for target in [
        "/.well-known/openid-configuration",
        "/platform/.well-known/openid-configuration",
        "/tenants/tnt_1/.well-known/openid-configuration",
        "/keys",
        "/api/v1/platform/.well-known/jwks.json",
        "/api/v1/auth/tenants/nowhere/.well-known/jwks.json",
        "/api/v1/openapi.json",
        "/v1/openapi/scaivault.json",
        "/docs/scaikey/openapi.json",
        "/health",
        "/v1/version",
    ] {
        for call in [server.get(target), server.get(target).header("Origin", "https://any.example")] {
            let answer = call.send();
            assert_eq!(origin(&answer), Some("*"), "{target} {}", answer.status);
            assert_eq!(answer.header("access-control-allow-credentials"), None);
        }
        let asked = preflight(&server, target, "GET", "https://any.example");
        assert_eq!((origin(&asked), asked.header("access-control-allow-credentials")), (Some("*"), None), "{target}");
    }
}

#[test]
fn pages_and_what_servers_call_are_nobodys() {
    let server = Server::shared();
    let admin = server.admin();
    let from = format!("https://{}.example", unique("nobody"));
    spa(&server, &admin, &from, ("GLOBAL", None));
    for (method, target) in [
        ("GET", "/admin"),
        ("GET", "/login"),
        ("POST", "/login/password"),
        ("GET", "/oauth/authorize"),
        ("POST", "/oauth/introspect"),
        ("GET", "/metrics"),
        ("GET", "/docs"),
        ("GET", "/v1/auth/callback"),
        ("GET", "/api/v1/operator/info"),
        // By a setting, which is empty.
        ("GET", "/api/v1/admin/users"),
        ("GET", "/v1/models"),
        ("GET", "/v1/secrets"),
        ("GET", "/api/v1/organizations"),
        ("GET", "/nothing"),
    ] {
        let answer = server.call(method, target).header("Origin", &from).send();
        assert_eq!(origin(&answer), None, "{target}");
        let asked = preflight(&server, target, method, &from);
        assert_eq!((origin(&asked), asked.header("access-control-allow-methods")), (None, None), "{target}");
    }
}

#[test]
fn the_apis_are_open_to_the_origins_in_the_setting() {
    let listed = "https://console.example";
    let settings = [("SCAISTACK_SERVER_CORS_ORIGINS", "https://console.example,http://localhost:3000")];
    let server = Server::start_in(Arc::new(tempfile::tempdir().unwrap()), &settings);
    let token = server.token("admin:read openid secrets:read");
    for target in ["/api/v1/admin/users", "/v1/models", "/v1/secrets", "/api/v1/organizations", "/v1/auth/whoami"] {
        for call in [server.get(target), server.get(target).bearer(&token)] {
            let answer = call.clone().header("Origin", listed).send();
            assert_eq!(origin(&answer), Some(listed), "{target} {}", answer.status);
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert!(answer.header("access-control-expose-headers").unwrap().contains("etag"));
            let other = call.clone().header("Origin", "https://evil.example").send();
            assert_eq!((origin(&other), other.header("vary")), (None, Some("Origin")), "{target}");
            assert_eq!(call.send().header("vary"), Some("Origin"), "a cache must not give it to another");
        }
        // No credential, and neither a refusal in the log nor a request of the limits.
        let asked = preflight(&server, target, "GET", listed);
        assert_eq!((asked.status, origin(&asked)), (204, Some(listed)), "{target}");
        assert_eq!(asked.header("x-scaigrid-ratelimit-limit"), None);
    }
    // The policy is that of the method that is asked for, where two patterns have a path.
    let asked = preflight(&server, "/api/v1/roles/default", "PATCH", "http://localhost:3000");
    assert_eq!(origin(&asked), Some("http://localhost:3000"));
    for page in ["/admin", "/metrics", "/oauth/introspect"] {
        assert_eq!(origin(&server.get(page).header("Origin", listed).send()), None, "{page}");
    }
    let rows = server.get_as(&token, "/api/v1/admin/audit?action=access.denied&per_page=100").expect(200);
    assert!(!rows.to_string().contains("OPTIONS"), "{rows:#}");
}
