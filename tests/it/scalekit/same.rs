//! Every operation of the table, once over REST and once over gRPC: the answers are the same, field by field.
//!
//! A read is asked on both wires about the same things. A change is made to one of two twins on each wire: what is the twins'
//! own (ids, names, times) is put aside before the answers are compared. The binary answers are read with the messages' own
//! descriptors, not with the server's code.

use super::super::server::{Server, unique};
use super::grpc::Rpc;
use super::{environment, told};
use scaistack::http::scalekit::operation::{Binding, Effect, Operation};
use scaistack::http::scalekit::table::OPERATIONS;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a twin is called in requests: `{org}` stands for its organisation.
pub type Names = BTreeMap<&'static str, String>;

/// One call: the RPC, the request with the twins' names in it, and what of the answer gets a name.
pub type Case = (&'static str, Value, &'static [(&'static str, &'static str)]);

/// In this order, for each needs what those before it made.
fn cases() -> Vec<Case> {
    let profile = json!({ "given_name": "Ann", "family_name": "Lee", "name": "Ann Lee", "locale": "en-GB",
        "phone_number": "+31201234567", "metadata": { "desk": "12" }, "custom_attributes": { "team": "blue" },
        "preferred_username": "ann", "picture": "https://example.com/ann.png", "gender": "female",
        "groups": ["staff", "north"] });
    let mut cases: Vec<Case> = vec![
        (
            "CreateOrganization",
            json!({ "organization": { "display_name": "Twin {x}", "external_id": "ext-{x}", "slug": "twin-{x}",
                "region_code": "EU", "metadata": { "plan": "pro" }, "logo_url": "https://example.com/logo.png" } }),
            &[("org", "/organization/id")],
        ),
        ("GetOrganization", json!({ "id": "{org}" }), &[]),
        ("GetOrganizationByExternalId", json!({ "external_id": "ext-{x}" }), &[]),
        ("ListOrganization", json!({ "page_size": 2 }), &[]),
        ("ListOrganization", json!({ "external_id": "ext-{x}" }), &[]),
        ("SearchOrganization", json!({ "query": "Twin", "page_size": 5 }), &[]),
        (
            "UpdateOrganization",
            json!({ "id": "{org}", "organization": { "display_name": "Twin two {x}", "metadata": { "plan": "max" } } }),
            &[],
        ),
        (
            "UpdateOrganizationSettings",
            json!({ "id": "{org}", "settings": { "features": [{ "name": "sso", "enabled": true }] } }),
            &[],
        ),
        (
            "UpdateOrganizationSessionPolicy",
            json!({ "organization_id": "{org}", "policy_source": "CUSTOM", "absolute_session_timeout": 480,
                "absolute_session_timeout_unit": "MINUTES", "idle_session_timeout_enabled": true,
                "idle_session_timeout": 1, "idle_session_timeout_unit": "HOURS" }),
            &[],
        ),
        ("GetOrganizationSessionPolicy", json!({ "organization_id": "{org}" }), &[]),
        (
            "UpsertUserManagementSettings",
            json!({ "organization_id": "{org}", "settings": { "max_allowed_users": 5 } }),
            &[],
        ),
        ("GetOrganizationUserManagementSetting", json!({ "organization_id": "{org}" }), &[]),
        ("GeneratePortalLink", json!({ "id": "{org}", "features": ["sso", "dir_sync"] }), &[]),
        (
            "CreateUserAndMembership",
            json!({ "organization_id": "{org}", "send_invitation_email": true, "user": {
                "email": "ann-{x}@example.com", "external_id": "u-{x}", "metadata": { "origin": "test" },
                "membership": { "roles": [{ "name": "member" }], "metadata": { "seat": "north" },
                    "inviter_email": "boss@example.com" },
                "user_profile": profile } }),
            &[("user", "/user/id")],
        ),
        ("GetUser", json!({ "id": "{user}" }), &[]),
        ("GetUser", json!({ "external_id": "u-{x}" }), &[]),
        ("ListUsers", json!({ "page_size": 2 }), &[]),
        ("SearchUsers", json!({ "query": "ann-{x}" }), &[]),
        ("ListOrganizationUsers", json!({ "organization_id": "{org}", "page_size": 3 }), &[]),
        ("SearchOrganizationUsers", json!({ "organization_id": "{org}", "query": "Ann", "page_size": 3 }), &[]),
        (
            "UpdateUser",
            json!({ "id": "{user}", "user": { "user_profile": { "given_name": "Anna", "first_name": "Old" },
                "metadata": { "origin": "again" } } }),
            &[],
        ),
        ("UpdateUser", json!({ "external_id": "u-{x}", "user": { "user_profile": { "family_name": "Li" } } }), &[]),
        ("ResendInvite", json!({ "organization_id": "{org}", "id": "{user}" }), &[]),
        ("ListUserRoles", json!({ "organization_id": "{org}", "user_id": "{user}" }), &[]),
        (
            "AssignUserRoles",
            json!({ "organization_id": "{org}", "user_id": "{user}", "roles": [{ "role_name": "admin" }] }),
            &[],
        ),
        ("ListUserPermissions", json!({ "organization_id": "{org}", "user_id": "{user}" }), &[]),
        ("RemoveUserRole", json!({ "organization_id": "{org}", "user_id": "{user}", "role_name": "admin" }), &[]),
        (
            "CreateOrganization",
            json!({ "organization": { "display_name": "Second {x}", "external_id": "second-{x}" } }),
            &[("second", "/organization/id")],
        ),
        (
            "CreateMembership",
            json!({ "organization_id": "{second}", "id": "{user}", "send_invitation_email": false,
                "membership": { "roles": [{ "name": "admin" }], "metadata": { "seat": "south" } } }),
            &[],
        ),
        (
            "UpdateMembership",
            json!({ "organization_id": "{second}", "external_id": "u-{x}",
                "membership": { "roles": [{ "name": "member" }], "metadata": { "seat": "west" } } }),
            &[],
        ),
        ("DeleteMembership", json!({ "organization_id": "{second}", "external_id": "u-{x}" }), &[]),
        (
            "GetUserSessions",
            json!({ "user_id": "{person}", "page_size": 5, "filter": { "status": ["active", "revoked"] } }),
            &[],
        ),
        ("GetSession", json!({ "session_id": "{session}" }), &[]),
        ("RevokeSession", json!({ "session_id": "{session}" }), &[]),
        ("RevokeAllUserSessions", json!({ "user_id": "{person}" }), &[]),
        ("DeleteUser", json!({ "external_id": "u-{x}" }), &[]),
        ("DeleteOrganization", json!({ "id": "{second}" }), &[]),
        ("DeleteOrganization", json!({ "id": "{org}" }), &[]),
    ];
    cases.extend(super::roles::cases());
    cases
}

/// Puts a twin's own things into a request, or takes them out of an answer.
fn with(value: &Value, change: &dyn Fn(&str, &str) -> String, key: &str) -> Value {
    match value {
        Value::String(text) => Value::String(change(key, text)),
        Value::Array(items) => items.iter().map(|item| with(item, change, key)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), with(member, change, name))).collect()
        }
        other => other.clone(),
    }
}

pub fn filled(request: &Value, names: &Names) -> Value {
    let fill = |_: &str, text: &str| {
        names.iter().fold(text.to_owned(), |text, (name, own)| text.replace(&format!("{{{name}}}"), own))
    };
    with(request, &fill, "")
}

fn put_aside(answer: &Value, names: &Names) -> Value {
    let take = |key: &str, text: &str| {
        if (key.ends_with("_time") || key.ends_with("_at")) && text.ends_with('Z') {
            return "a time".to_owned();
        }
        if key == "location" {
            return "an address".to_owned();
        }
        let text = names.iter().fold(text.to_owned(), |text, (name, own)| text.replace(own, &format!("{{{name}}}")));
        match text.split_once('_') {
            Some((prefix, digits)) if digits.len() > 12 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("{prefix}_N")
            }
            _ => text,
        }
    };
    with(answer, &take, "")
}

/// The REST address that takes the request as it is: all its parameters are there.
fn binding<'a>(operation: &'a Operation, request: &Value) -> Option<&'a Binding> {
    operation.bindings.iter().find(|binding| {
        parameters(binding.path).all(|name| request[name].is_string())
            && (request.get("external_id").is_none()
                || binding.path.contains("external_id")
                || operation.bindings.len() == 1)
    })
}

fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn in_query(front: &str, value: &Value, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| in_query(front, item, pairs)),
        Value::Object(members) => {
            for (name, member) in members {
                in_query(&if front.is_empty() { name.clone() } else { format!("{front}.{name}") }, member, pairs);
            }
        }
        Value::String(text) => pairs.push((front.to_owned(), text.clone())),
        other => pairs.push((front.to_owned(), other.to_string())),
    }
}

/// Status and answer over REST.
pub fn over_rest(server: &Server, token: &str, operation: &Operation, request: &Value) -> (u16, Value) {
    let binding =
        binding(operation, request).unwrap_or_else(|| panic!("no address of {} takes {request}", operation.rpc));
    let mut left: Map<String, Value> = request.as_object().unwrap().clone();
    let mut path = binding.path.to_owned();
    for name in parameters(binding.path) {
        let value = left.shift_remove(name).unwrap();
        let value = percent_encoding::utf8_percent_encode(value.as_str().unwrap(), percent_encoding::NON_ALPHANUMERIC);
        path = path.replace(&format!("{{{name}}}"), &value.to_string());
    }
    let body = match binding.body {
        "" => None,
        "*" => Some(Value::Object(std::mem::take(&mut left))),
        field => left.shift_remove(field),
    };
    let mut pairs = Vec::new();
    in_query("", &Value::Object(left), &mut pairs);
    let query = serde_urlencoded::to_string(pairs).unwrap();
    let target = if query.is_empty() { path } else { format!("{path}?{query}") };
    let mut call = server.call(binding.method, &target).bearer(token);
    if let Some(body) = &body {
        call = call.json(body);
    }
    let answer = call.send();
    (answer.status, answer.value())
}

/// Status and answer over gRPC, an error in the form of REST.
pub fn over_grpc(server: &Server, token: &str, operation: &Operation, request: &Value) -> (u32, Value) {
    let ended = Rpc::new(server, operation.service, operation.rpc, request).bearer(token).send();
    if ended.status == 0 { (0, ended.answer(operation.service, operation.rpc)) } else { (ended.status, ended.error) }
}

pub fn operation(rpc: &str) -> &'static Operation {
    OPERATIONS.iter().find(|operation| operation.rpc == rpc).unwrap_or_else(|| panic!("no operation {rpc}"))
}

/// Makes somebody in a twin's organisation who has signed in twice.
fn sign_in(server: &Server, names: &mut Names) {
    let operator = server.admin();
    let (email, password) = (format!("signs-in-{}@example.com", names["x"]), server.secret("seven lamps by the sea"));
    let tenant = names["org"].replace("org_", "tnt_");
    let person = json!({ "email": email, "password": password, "tenant_id": tenant, "role": "tenant_user" });
    let made = server.call("POST", "/api/v1/admin/users").bearer(&operator).json(&person).send().expect(201);
    let person = made.get("data").unwrap_or(&made)["id"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        let given = json!({ "email": email, "password": password });
        server.call("POST", "/api/v1/auth/login").json(&given).send().expect(200);
    }
    let sessions = server.get_as(&operator, &format!("/api/v1/users/{person}/sessions")).expect(200);
    assert_eq!(sessions["total_size"], 2);
    names.insert("session", sessions["sessions"][0]["session_id"].as_str().unwrap().to_owned());
    names.insert("person", person);
}

#[test]
fn both_wires_give_the_same_answers() {
    let server = Server::start();
    let (_, token) = environment(&server, "admin:read admin:write");
    let twin = || Names::from([("x", unique("twin").replace("twin-", "t"))]);
    let (mut one, mut two) = (twin(), twin());
    // So that neither name is part of the other.
    one.get_mut("x").unwrap().push_str("one");
    two.get_mut("x").unwrap().push_str("two");
    let mut tried = BTreeSet::new();
    for (rpc, request, keep) in cases() {
        let operation = operation(rpc);
        tried.insert(rpc);
        if rpc == "GetUserSessions" {
            sign_in(&server, &mut one);
            sign_in(&server, &mut two);
        }
        if operation.effect == Effect::Reads {
            let request = filled(&request, &one);
            let (status, rest) = over_rest(&server, &token, operation, &request);
            assert_eq!(status, 200, "{rpc} {request}: {rest}");
            assert_eq!(rest, over_grpc(&server, &token, operation, &request).1, "{rpc} {request}");
            continue;
        }
        let (status, rest) = over_rest(&server, &token, operation, &filled(&request, &one));
        assert_eq!(status, 200, "{rpc} {request}: {rest}");
        let (status, grpc) = over_grpc(&server, &token, operation, &filled(&request, &two));
        assert_eq!(status, 0, "{rpc} {request}: {grpc}");
        for (name, pointer) in keep {
            one.insert(name, rest.pointer(pointer).unwrap().as_str().unwrap().to_owned());
            two.insert(name, grpc.pointer(pointer).unwrap().as_str().unwrap().to_owned());
        }
        assert_eq!(put_aside(&rest, &one), put_aside(&grpc, &two), "{rpc} {request}");
    }
    let all: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.rpc).collect();
    assert_eq!(tried, all, "an operation without a case");
}

#[test]
fn another_organizations_things_are_not_found() {
    let server = Server::start();
    let (_, platform) = environment(&server, "admin:read admin:write");
    let mut theirs = Names::from([("x", unique("foreign").replace('-', ""))]);
    let mut own = Names::from([("x", unique("own").replace('-', ""))]);
    for names in [&mut theirs, &mut own] {
        for (rpc, request, keep) in cases().into_iter().filter(|case| case.0.starts_with("Create")) {
            let (status, made) = over_rest(&server, &platform, operation(rpc), &filled(&request, names));
            assert_eq!(status, 200, "{rpc}: {made}");
            for (name, pointer) in keep {
                names.insert(name, made.pointer(pointer).unwrap().as_str().unwrap().to_owned());
            }
        }
    }
    sign_in(&server, &mut theirs);
    // A service of the one organisation asks for what is the other's, and for what nobody has.
    let tenant = own["org"].replace("org_", "tnt_");
    let app = server.app("SERVICE", "admin:read admin:write", &["--scope", "TENANT", "--tenant", &tenant]);
    let token = server.access_token(&app, Some(&format!("twin-{}", own["x"])), "admin:read admin:write");
    let mut nobody = theirs.clone();
    for (name, own) in &mut nobody {
        *own = match own.split_once('_') {
            Some((prefix, digits)) => format!("{prefix}_1{}", &digits[1..]),
            None => format!("{own}-{name}-nobody"),
        };
    }
    for (rpc, request, _) in cases() {
        let operation = operation(rpc);
        let asked = request.to_string();
        if !["{org}", "{user}", "{second}", "{person}", "{session}", "{club}", "\"u-{x}\""]
            .iter()
            .any(|name| asked.contains(name))
        {
            continue;
        }
        let answers = [&theirs, &nobody].map(|names| {
            let request = filled(&request, names);
            let (status, rest) = over_rest(&server, &token, operation, &request);
            let (code, grpc) = over_grpc(&server, &token, operation, &request);
            assert_eq!((status, code), (404, 5), "{rpc} {request}: {rest} {grpc}");
            assert_eq!(told(&rest), told(&grpc), "{rpc}");
            told(&rest)
        });
        assert_eq!(answers[0], answers[1], "{rpc}");
    }
}
