//! The route table at the listener: what addresses do for nobody, for a wrong credential, for one that may do next to
//! nothing, and for one of another tenant. A route that is added without what stands in its address fails. What every
//! credential comes to at every operation is the matrix of the library's tests, `src/http/tests`.

use super::server::{App, Server, unique};
use super::wire::{Answer, Call, assert_fields};
use scaistack::http::route::{Access, Route};
use scaistack::http::surfaces;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub fn routes() -> impl Iterator<Item = (&'static str, &'static Route)> {
    surfaces::all().iter().flat_map(|surface| surface.routes.iter().map(move |route| (surface.name, route)))
}

/// The address of a route with something in the place of each parameter.
pub fn address(route: &Route, fill: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = route.path;
    while let Some((front, tail)) = rest.split_once('{') {
        let (name, tail) = tail.split_once('}').unwrap();
        out.push_str(front);
        out.push_str(&fill(name.split(':').next().unwrap()));
        rest = tail;
    }
    out + rest
}

pub fn anything(name: &str) -> String {
    if name == "path" { "a/b".to_owned() } else { "1".to_owned() }
}

fn with_body(call: Call, route: &Route) -> Call {
    if matches!(route.method, "GET" | "DELETE") { call } else { call.json(&json!({})) }
}

fn call(server: &Server, route: &Route) -> Call {
    with_body(server.call(route.method, &address(route, anything)), route)
}

/// Where a browser is sent that has no session.
fn is_sent_to_sign_in(answer: &Answer) -> bool {
    answer.status == 303 && answer.header("location").is_some_and(|to| to.starts_with("/admin/sign-in"))
}

#[test]
fn every_kind_of_route_says_who_may_call_it() {
    let server = Server::shared();
    let app = server.app("SERVICE", "openid", &[]);
    let jwt = server.access_token(&app, None, "openid");
    let mut flipped = jwt.clone().into_bytes();
    let at = flipped.len() - 20;
    flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
    let wrong = [
        "skt_0000000000000000000000000000000000000A".to_owned(),
        "a.b.c".to_owned(),
        String::from_utf8(flipped).unwrap(),
    ];
    let minimal = [server.token("openid"), jwt];

    // One address of each kind on each surface stands for the others; of the local socket's all.
    let mut seen = BTreeSet::new();
    for (surface, route) in routes() {
        if route.access != Access::Local && !seen.insert((surface, format!("{:?}", route.access))) {
            continue;
        }
        let what = format!("{surface}: {} {}", route.method, route.path);
        let call = call(&server, route);
        let nobody = call.send();
        match route.access {
            Access::Public => {
                assert_ne!(nobody.status, 500, "{what}");
                // A sign-in answers 401 to what it cannot take, without having wanted a credential.
                let signs_in =
                    surface == "scaikey" || surface == "scalekit-oauth" || route.path.starts_with("/v1/auth/");
                assert_ne!(nobody.status, 401 * u16::from(!signs_in), "{what}: {}", nobody.text());
            }
            Access::Credential => {
                assert_eq!(nobody.status, 401, "{what}: {}", nobody.text());
                assert!(nobody.header("www-authenticate").is_some(), "{what}");
                for token in &wrong {
                    let answer = call.clone().bearer(token).send();
                    assert_eq!(answer.status, 401, "{what}: {}", answer.text());
                }
                for token in &minimal {
                    let answer = call.clone().bearer(token).send();
                    assert_eq!(answer.status, 403, "{what}: {}", answer.text());
                }
            }
            Access::Session => {
                let to_sign_in = |answer: &Answer| answer.status == 401 || is_sent_to_sign_in(answer);
                assert!(to_sign_in(&nobody), "{what}: {} {}", nobody.status, nobody.text());
                for token in wrong.iter().chain(&minimal) {
                    let answer = call.clone().bearer(token).send();
                    assert!(to_sign_in(&answer), "{what}: {} {}", answer.status, answer.text());
                    let cookie = call.clone().header("Cookie", &format!("scaistack={token}")).send();
                    assert!(to_sign_in(&cookie), "{what}: {} {}", cookie.status, cookie.text());
                }
            }
            Access::Local => {
                for answer in [nobody, call.clone().bearer(&minimal[0]).send()] {
                    assert_eq!(answer.status, 404, "{what}: {}", answer.text());
                }
            }
        }
    }
    assert!(seen.len() > 10, "{seen:?}");
}

#[test]
fn every_address_answers_with_and_without_its_slash_and_names_its_methods() {
    let server = Server::shared();
    for (surface, route) in routes().filter(|(_, route)| !route.path.ends_with(":.*}") && route.path != "/") {
        let what = format!("{surface}: {} {}", route.method, route.path);
        let bare = call(&server, route).send();
        let slash = with_body(server.call(route.method, &format!("{}/", address(route, anything))), route).send();
        assert_eq!(bare.status, slash.status, "{what}");
        let other = server.call("TRACE", &address(route, anything)).send();
        assert_eq!(other.status, 405, "{what}: {}", other.text());
    }
}

/// What stands in another tenant: the value of each parameter of each address, in the order of the route table.
struct Foreign {
    tenant: String,
    user: String,
    app: App,
    token: String,
    key: String,
    secret: String,
    event: String,
    partner: String,
    role: String,
    session: String,
    group: String,
    mail: String,
    custom_role: String,
    mapping: String,
    /// A token of the foreign tenant's admin.
    keeper: String,
}

impl Foreign {
    fn made_by(server: &Server) -> Self {
        let slug = unique("foreign");
        let tenant = server.tenant(&slug);
        let email = format!("{slug}@example.com");
        let user = server.cli_with(
            &[
                "user",
                "create",
                "--email",
                &email,
                "--tenant",
                &slug,
                "--role",
                "tenant_admin",
                "--password-stdin",
                "--json",
            ],
            "correct horse battery staple",
        );
        let user = user.json()["id"].as_str().unwrap().to_owned();
        let app = server.app("SERVICE", "openid", &["--scope", "TENANT", "--tenant", &slug]);
        let made = server.cli(&["token", "create", "--user", &email, "--scopes", "openid", "--json"]).json();
        server.secret(made["token"].as_str().unwrap());
        let token = made["id"].as_str().unwrap().to_owned();
        let words = ["key", "create", "--user", &email, "--tenant", &slug, "--name", "foreign", "--json"];
        let made = server.cli(&words).json();
        server.secret(made["key"].as_str().unwrap());
        let key = made["id"].as_str().unwrap().to_owned();
        let operator = server.admin();
        let shown = server.get_as(&operator, &format!("/api/v1/admin/applications/{}", app.id)).expect(200);
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{shown:#}")).to_owned();
        let secret = text(&data(&shown)["secrets"][0]["id"]);
        let events = server.get_as(&operator, &format!("/api/v1/admin/audit?tenant_id={tenant}")).expect(200);
        let event = text(&events["data"][0]["id"]);
        let shown = server.get_as(&operator, &format!("/api/v1/admin/tenants/{tenant}")).expect(200);
        let partner = data(&shown)["partner_id"].as_str().unwrap().to_owned();
        let give = json!({ "user_id": user, "role": "TENANT_ADMIN", "tenant_id": tenant });
        let given = server.call("POST", "/api/v1/admin/admin-roles").bearer(&operator).json(&give).send().expect(201);
        let role = text(&data(&given)["id"]);
        let login = json!({ "email": email, "password": "correct horse battery staple" });
        let session = server.call("POST", "/api/v1/auth/login").json(&login).send().expect(200);
        let session = text(&data(&session)["session_id"]);
        let group = json!({ "name": slug, "tenant_id": tenant });
        let group = server.call("POST", "/api/v1/admin/groups").bearer(&operator).json(&group).send().expect(201);
        let group = text(&group["id"]);
        let member = json!({ "user_id": user });
        let members = format!("/api/v1/admin/groups/{group}/members");
        server.call("POST", &members).bearer(&operator).json(&member).send().expect(201);
        let reset = format!("/api/v1/admin/users/{user}/reset-password");
        assert_eq!(server.call("POST", &reset).bearer(&operator).json(&json!({})).send().status, 204);
        let mails = server.get_as(&operator, &format!("/api/v1/admin/outbox?search={email}")).expect(200);
        let mail = text(&mails["data"][0]["id"]);
        let made = server.cli(&["token", "create", "--user", &email, "--scopes", "admin:write", "--json"]).json();
        let keeper = made["token"].as_str().unwrap().to_owned();
        server.secret(&keeper);
        let make = |address: &str, body: Value| {
            let made = server.call("POST", address).bearer(&keeper).json(&body).send().expect(201);
            text(&data(&made)["id"])
        };
        let custom_role = make("/v1/iam/custom-roles", json!({ "name": "Foreign role" }));
        let mapping = make("/v1/role-mappings", json!({ "group_id": group, "custom_role_id": custom_role }));
        Self {
            tenant,
            user,
            app,
            token,
            key,
            secret,
            event,
            partner,
            role,
            session,
            custom_role,
            group,
            mail,
            mapping,
            keeper,
        }
    }

    /// The value of a parameter, and one of the same kind that there is not.
    fn fill(&self, path: &str, name: &str) -> (String, String) {
        let front = path.split(&format!("{{{name}}}")).next().unwrap();
        let known = match (front.trim_end_matches('/'), name) {
            ("/api/v1/admin/tenants", "id") | (_, "tenant") => &self.tenant,
            ("/api/v1/admin/users" | "/api/v1/admin/admin-roles/user" | "/v1/users", "id") => &self.user,
            ("/v1/groups", "id") => &self.group,
            ("/v1/iam/custom-roles", "id") => &self.custom_role,
            ("/v1/role-mappings", "id") => &self.mapping,
            ("/api/v1/admin/admin-roles", "id") => {
                let nobody = "usr_1234567890123456789.tenant_admin.tnt_1234567890123456789";
                return (self.role.clone(), nobody.to_owned());
            }
            ("/api/v1/admin/lockouts", "address") => return ("203.0.113.7".to_owned(), "203.0.113.8".to_owned()),
            ("/api/v1/admin/jobs", "name") => return ("purge-secrets".to_owned(), "purge-nothing".to_owned()),
            ("/api/v1/admin/applications", "id") => &self.app.id,
            (_, "secret_id") => &self.secret,
            ("/v1/api-keys" | "/v1/limits/api-keys", "id") => &self.key,
            ("/v1/limits/tenants", "id") => &self.tenant,
            ("/v1/limits/partners", "id") => &self.partner,
            ("/api/v1/admin/personal-tokens" | "/api/v1/me/personal-tokens", "id") => &self.token,
            ("/api/v1/me/sessions" | "/api/v1/admin/sessions", "id") => &self.session,
            ("/api/v1/admin/groups", "id") => &self.group,
            (_, "member") => &self.user,
            ("/api/v1/admin/outbox", "id") => &self.mail,
            ("/api/v1/me/authorized-apps", "client_id") => &self.app.client_id,
            ("/api/v1/admin/partners", "id") => &self.partner,
            ("/api/v1/admin/audit", "id") => &self.event,
            _ => panic!("{path}: say in this test what stands in the place of {name}"),
        };
        let (kind, _) = known.split_once('_').unwrap();
        (known.clone(), format!("{kind}_1234567890123456789"))
    }
}

/// Where a body is wanted, one that would be taken.
fn good_body(route: &Route) -> Value {
    let front = route.path.trim_start_matches("/api/v1/admin/");
    match (route.method, front) {
        ("PATCH", "users/{id}") => json!({ "display_name": "Taken over" }),
        ("POST", "users/{id}/reset-password") => json!({ "password": "a password of another tenant" }),
        ("POST", "users/{id}/memberships") => json!({ "tenant_id": "tnt_1234567890123456789", "role": "tenant_user" }),
        ("PATCH", "users/{id}/memberships/{tenant}") => json!({ "role": "tenant_user" }),
        ("PUT", "/v1/limits/partners/{id}" | "/v1/limits/api-keys/{id}") => json!({ "limit": 5 }),
        ("POST", "groups/{id}/members") => json!({ "user_id": "usr_1234567890123456789" }),
        ("PUT", "/v1/users/{id}/roles") => json!({ "roles": ["tenant_user"] }),
        ("PUT", "/v1/users/{id}/module-permissions") => json!({ "permissions": [] }),
        ("PATCH", _) | ("PUT", "/v1/iam/custom-roles/{id}") => json!({ "name": "Taken over" }),
        _ => json!({}),
    }
}

/// A body without its envelope.
fn data(body: &Value) -> &Value {
    body.get("data").filter(|data| data.is_object()).unwrap_or(body)
}

/// A body without what differs from request to request.
fn without_id(answer: &Answer) -> (u16, String) {
    let mut text = answer.text();
    if let Some(id) = answer.header("x-request-id") {
        text = text.replace(id, "");
    }
    (answer.status, text)
}

#[test]
fn what_another_tenant_has_is_not_there() {
    let server = Server::shared();
    let foreign = Foreign::made_by(&server);
    let slug = unique("home");
    server.tenant(&slug);
    let scopes = "openid admin:read admin:write users:read users:write groups:read groups:write audit:read";
    let app = server.app("SERVICE", scopes, &["--scope", "TENANT", "--tenant", &slug]);
    let admin = server.access_token(&app, Some(&slug), scopes);
    let operator = server.token("admin:read admin:write");

    let mut tried = BTreeMap::new();
    // Scalekit's operations are tried with whole requests of their own, on both wires: `scalekit::same`.
    let here = |surface: &str, route: &Route| route.access == Access::Credential && surface != "scalekit";
    for (_, route) in routes().filter(|(surface, route)| here(surface, route)) {
        if !route.path.contains('{') || route.path.contains(":.*}") {
            continue;
        }
        let what = format!("{} {}", route.method, route.path);
        let ask = |token: &str, known: bool| {
            let fill = |name: &str| {
                let (there, nowhere) = foreign.fill(route.path, name);
                if known { there } else { nowhere }
            };
            let call = server.call(route.method, &address(route, fill)).bearer(token);
            let call = if matches!(route.method, "GET" | "DELETE") { call } else { call.json(&good_body(route)) };
            call.send()
        };
        let (there, nowhere) = (ask(&admin, true), ask(&admin, false));
        assert!([403, 404].contains(&there.status), "{what}: {} {}", there.status, there.text());
        assert_eq!(without_id(&there), without_id(&nowhere), "{what}");
        // The case tries something: whoever may see it does see it.
        if route.method == "GET" && !route.path.starts_with("/api/v1/me") {
            // These look at the caller's own tenant, whoever calls.
            let own_only = ["/v1/users/", "/v1/groups/", "/v1/iam/"].iter().any(|front| route.path.starts_with(front));
            ask(if own_only { &foreign.keeper } else { &operator }, true).expect(200);
        }
        tried.insert(what, there.status);
    }
    assert!(tried.values().filter(|status| **status == 404).count() > 10, "{tried:#?}");
    // And nothing of it was changed.
    let shown = server.get_as(&operator, &format!("/api/v1/admin/users/{}", foreign.user)).expect(200);
    assert_ne!(data(&shown)["display_name"], "Taken over");
    server.get_as(&operator, &format!("/api/v1/admin/applications/{}", foreign.app.id)).expect(200);
    server.get_as(&operator, &format!("/api/v1/admin/tenants/{}", foreign.tenant)).expect(200);
}

#[test]
fn lists_hold_nothing_of_another_tenant() {
    let server = Server::shared();
    let foreign = Foreign::made_by(&server);
    let slug = unique("lists");
    let home = server.tenant(&slug);
    let scopes = "openid admin:read";
    let app = server.app("SERVICE", scopes, &["--scope", "TENANT", "--tenant", &slug]);
    let admin = server.access_token(&app, Some(&slug), scopes);
    for list in ["tenants", "users", "groups", "sessions", "outbox", "applications", "audit", "personal-tokens"] {
        for query in ["".to_owned(), format!("&tenant_id={}", foreign.tenant), format!("&search={}", foreign.app.name)]
        {
            let answer = server.get_as(&admin, &format!("/api/v1/admin/{list}?per_page=100{query}"));
            assert!([200, 403, 404].contains(&answer.status), "{list}: {}", answer.text());
            for known in [
                &foreign.user,
                &foreign.group,
                &foreign.session,
                &foreign.mail,
                &foreign.app.id,
                &foreign.token,
                &foreign.secret,
                &foreign.event,
            ] {
                assert!(!answer.text().contains(known.as_str()), "{list}{query}: {}", answer.text());
            }
        }
    }
    let tenants = server.get_as(&admin, "/api/v1/admin/tenants").expect(200);
    let ids: Vec<_> = tenants["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [home.as_str()]);
    assert_fields(&tenants, &["data", "pagination", "meta"]);
}

#[test]
fn scaikeys_own_bad_input() {
    let server = Server::shared();
    let admin = server.token("admin:read admin:write");
    let detail = |call: Call, status: u16| call.bearer(&admin).send().expect(status)["detail"].clone();
    let tenants = "/api/v1/admin/tenants";
    let post = |body: &str| server.call("POST", tenants).body("application/json", body);
    assert_eq!(detail(post("{"), 422)[0]["type"], "json_invalid");
    assert_eq!(
        detail(post(r#"{"slug":"a"}"#), 422)[0],
        json!({ "loc": ["body", "name"], "msg": "name is required", "type": "missing" })
    );
    assert_eq!(detail(post(r#"{"slug":"a","name":"A","colour":1}"#), 422)[0]["type"], "extra_forbidden");
    assert_eq!(detail(post(r#"{"slug":["hunter2-hunter2"],"name":"A"}"#), 422)[0]["loc"], json!(["body", "slug"]));
    for slug in ["", "-a", "A", "a/b", "..", "a b", &"a".repeat(64)] {
        let body = json!({ "slug": slug, "name": "A" }).to_string();
        assert_eq!(detail(post(&body), 422)[0]["loc"], json!(["body", "slug"]), "{slug}");
    }
    for (query, name) in
        [("page=0", "page"), ("per_page=0", "per_page"), ("per_page=101", "per_page"), ("page=x", "page")]
    {
        let first = detail(server.get(&format!("{tenants}?{query}")), 422)[0].clone();
        assert_eq!(first["loc"], json!(["query", name]), "{query}");
    }
    for id in ["usr_1", "1", "tnt_x", "tnt_1234567890123456789", "..", "tnt_1%2f..", "tnt_99999999999999999999999"] {
        assert!(detail(server.get(&format!("{tenants}/{id}")), 404).is_string(), "{id}");
    }
    let slug = unique("taken");
    server.tenant(&slug);
    let again = json!({ "slug": slug, "name": "A" }).to_string();
    assert!(detail(post(&again), 409).is_string());
}
