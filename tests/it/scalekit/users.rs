//! People, memberships and sessions from outside: what is not acceptable, and that all surfaces show one truth.

use super::super::server::{Server, unique};
use super::{environment, organization, told};
use serde_json::{Value, json};

/// A refusal over REST: status, code of gRPC, and the first field that it names.
fn refused(server: &Server, token: &str, verb: &str, path: &str, body: &Value) -> (u16, i64, String) {
    let call = server.call(verb, path).bearer(token);
    let answer = if body.is_null() { call.send() } else { call.json(body).send() };
    let (code, _, fields) = told(&answer.value());
    (answer.status, code, fields.into_iter().next().unwrap_or_default())
}

fn person(server: &Server, token: &str, org: &str, name: &str) -> Value {
    let body = json!({ "email": format!("{name}@example.com"), "external_id": format!("x-{name}"),
        "user_profile": { "given_name": "Ann", "custom_attributes": { "level": "3" } } });
    let path = format!("/api/v1/organizations/{org}/users?send_invitation_email=false");
    server.call("POST", &path).bearer(token).json(&body).send().expect(200)["user"].clone()
}

#[test]
fn what_is_not_acceptable_names_its_field() {
    let server = Server::start();
    let (_, token) = environment(&server, "admin:read admin:write");
    let (org, name) = (organization(&server, &token), unique("ann"));
    let ann = person(&server, &token, &org, &name);
    let users = format!("/api/v1/organizations/{org}/users");
    let pairs = |count: usize| (0..count).map(|n| (format!("key{n}"), json!("v"))).collect::<serde_json::Map<_, _>>();
    for (body, status, code, field) in [
        (json!({}), 400, 3, "user.email"),
        (json!({ "email": "nobody" }), 400, 3, "user.email"),
        (json!({ "email": format!("{name}@EXAMPLE.com") }), 409, 6, "user.email"),
        (json!({ "email": "b@x.example", "external_id": format!("x-{name}") }), 409, 6, "user.external_id"),
        (json!({ "email": "b@x.example", "external_id": "x".repeat(511) }), 400, 3, "user.external_id"),
        (json!({ "email": "b@x.example", "metadata": { "ab": "v" } }), 400, 3, "user.metadata"),
        (json!({ "email": "b@x.example", "metadata": pairs(21) }), 400, 3, "user.metadata"),
        (json!({ "email": "b@x.example", "membership": { "roles": ["no_such"] } }), 400, 3, "user.membership.roles"),
        (
            json!({ "email": "b@x.example", "membership": { "inviter_email": "x" } }),
            400,
            3,
            "user.membership.inviter_email",
        ),
        (
            json!({ "email": "b@x.example", "user_profile": { "given_name": "x".repeat(256) } }),
            400,
            3,
            "user.user_profile.given_name",
        ),
        (
            json!({ "email": "b@x.example", "user_profile": { "first_name": "x".repeat(201) } }),
            400,
            3,
            "user.user_profile.first_name",
        ),
        (
            json!({ "email": "b@x.example", "user_profile": { "phone_number": "12" } }),
            400,
            3,
            "user.user_profile.phone_number",
        ),
        (
            json!({ "email": "b@x.example", "user_profile": { "picture": "ftp://x" } }),
            400,
            3,
            "user.user_profile.picture",
        ),
        (
            json!({ "email": "b@x.example", "user_profile": { "groups": ["a", "a"] } }),
            400,
            3,
            "user.user_profile.groups",
        ),
        (
            json!({ "email": "b@x.example", "user_profile": { "groups": vec!["g"; 51] } }),
            400,
            3,
            "user.user_profile.groups",
        ),
    ] {
        let found = refused(&server, &token, "POST", &users, &body);
        assert_eq!(found, (status, code, field.to_owned()), "{body}");
    }
    let id = ann["id"].as_str().unwrap();
    for (verb, path, body, status, code, field) in [
        ("GET", "/api/v1/users/org_1234567890123456789".to_owned(), Value::Null, 400, 3, "id"),
        ("GET", "/api/v1/users/usr_1234567890123456789".to_owned(), Value::Null, 404, 5, ""),
        ("GET", "/api/v1/users:external/nobody-has-this".to_owned(), Value::Null, 404, 5, ""),
        ("GET", "/api/v1/users:search?query=ab".to_owned(), Value::Null, 400, 3, "query"),
        ("GET", "/api/v1/users:search?query=abc&page_size=31".to_owned(), Value::Null, 400, 3, "page_size"),
        ("GET", format!("{users}?page_size=101"), Value::Null, 400, 3, "page_size"),
        ("GET", format!("{users}?page_token=xyz"), Value::Null, 400, 3, "page_token"),
        ("POST", format!("{users}/{id}/roles"), json!([]), 400, 3, "roles"),
        ("POST", format!("{users}/{id}/roles"), json!([{ "role_name": "no_such" }]), 400, 3, "roles"),
        ("DELETE", format!("{users}/{id}/roles/member"), Value::Null, 404, 5, ""),
        ("PATCH", format!("/api/v1/invites/organizations/{org}/users/{id}/resend"), json!({}), 409, 6, ""),
        ("POST", format!("/api/v1/memberships/organizations/{org}/users/{id}"), json!({}), 409, 6, ""),
        ("GET", format!("/api/v1/users/{id}/sessions?filter.status=asleep"), Value::Null, 400, 3, "filter.status"),
        ("GET", "/api/v1/sessions/ses_1234567890123456".to_owned(), Value::Null, 404, 5, ""),
        ("POST", "/api/v1/sessions/usr_1/revoke".to_owned(), Value::Null, 400, 3, "session_id"),
    ] {
        let found = refused(&server, &token, verb, &path, &body);
        assert_eq!(found, (status, code, field.to_owned()), "{verb} {path} {body}");
    }
}

#[test]
fn absent_fields_stay_and_every_surface_shows_the_same() {
    let server = Server::start();
    let (_, token) = environment(&server, "admin:read admin:write");
    let (org, name) = (organization(&server, &token), unique("ben"));
    let ben = person(&server, &token, &org, &name);
    assert_eq!(ben["memberships"][0]["roles"][0]["name"], "admin", "the first of an organisation");
    assert_eq!(ben["memberships"][0]["membership_status"], "ACTIVE");
    let second = person(&server, &token, &org, &unique("eve"));
    assert_eq!(second["memberships"][0]["roles"][0]["name"], "member");
    let environment = ben["environment_id"].as_str().unwrap();
    assert!(environment.strip_prefix("env_").is_some_and(|number| number.parse::<u64>().is_ok()), "{environment}");
    assert_eq!(second["environment_id"], environment);
    // By the front of what another program calls them.
    let query = format!("/api/v1/users:search?query=x-{name}");
    let found = server.call("GET", &query).bearer(&token).send().expect(200);
    assert_eq!((&found["total_size"], &found["users"][0]["id"]), (&json!(1), &ben["id"]));
    let path = format!("/api/v1/users:external/x-{name}");
    let patch = json!({ "user_profile": { "family_name": "Lee", "locale": "nl_NL" }, "metadata": {} });
    let now = server.call("PATCH", &path).bearer(&token).json(&patch).send().expect(200)["user"].clone();
    let profile = &now["user_profile"];
    assert_eq!(
        (&profile["given_name"], &profile["family_name"], &profile["locale"]),
        (&json!("Ann"), &json!("Lee"), &json!("nl-NL"))
    );
    assert_eq!(profile["custom_attributes"], json!({ "level": "3" }));
    let emptied = json!({ "user_profile": { "family_name": "" } });
    let now = server.call("PATCH", &path).bearer(&token).json(&emptied).send().expect(200)["user"].clone();
    assert_eq!(now["user_profile"]["family_name"], "");
    // The admin API shows what was said here, and the other way round.
    let admin = format!("/api/v1/admin/users/{}", ben["id"].as_str().unwrap());
    let seen = server.call("GET", &admin).bearer(&token).send().expect(200);
    assert_eq!((&seen["external_id"], &seen["profile"]["locale"]), (&json!(format!("x-{name}")), &json!("nl-NL")));
    let change = json!({ "external_id": null, "metadata": { "team": "ops" } });
    server.call("PATCH", &admin).bearer(&token).json(&change).send().expect(200);
    assert_eq!(server.call("GET", &path).bearer(&token).send().status, 404);
    let id = ben["id"].as_str().unwrap();
    let seen = server.call("GET", &format!("/api/v1/users/{id}")).bearer(&token).send().expect(200);
    assert_eq!(seen["user"]["metadata"], json!({ "team": "ops" }));
    assert!(seen["user"]["external_id"].is_null());
    // Roles: beside each other, and taken one by one.
    let roles = format!("/api/v1/organizations/{org}/users/{id}/roles");
    let assigned =
        server.call("POST", &roles).bearer(&token).json(&json!([{ "role_name": "member" }])).send().expect(200);
    let names = |answer: &Value| -> Vec<String> {
        answer["roles"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&assigned), ["admin", "member"]);
    server.call("DELETE", &format!("{roles}/admin")).bearer(&token).send().expect(200);
    assert_eq!(names(&server.call("GET", &roles).bearer(&token).send().expect(200)), ["member"]);
    let sessions = server.call("GET", &format!("/api/v1/users/{id}/sessions")).bearer(&token).send().expect(200);
    assert_eq!(sessions["total_size"], 0);
    let leave = format!("/api/v1/memberships/organizations/{org}/users/{id}?cascade=true");
    server.call("DELETE", &leave).bearer(&token).send().expect(200);
    assert_eq!(server.call("GET", &format!("/api/v1/users/{id}")).bearer(&token).send().status, 404);
}
