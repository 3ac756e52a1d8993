//! Signing in by JSON and one's own account, through the whole application.

use crate::access::{self, Role, permit};
use crate::base::{Email, Secret};
use crate::crypto::totp::{self, from_base32, step_at};
use crate::http::testkit::{Browser, PASSWORD, browser, stack};
use crate::people::{self, NewUser};
use crate::roles;
use crate::stack::Stack;
use crate::tenancy::{self, TenantPatch, testkit};
use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use serde_json::{Value, json};
use std::sync::Arc;

const EMAIL: &str = "alice@acme.example";

async fn user(stack: &Stack, email: &str, role: Role) {
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let hash = stack.passwords.hash(Secret::new(PASSWORD.to_owned())).await.unwrap();
    let new = NewUser { password_hash: Some(hash), ..NewUser::local(Email::parse(email).unwrap(), tenant, role) };
    let (granted, id, now) = (testkit::all::<permit::WriteUsers>(), stack.new_id(), stack.now());
    stack.store.write(move |tx| people::create(tx, &granted, &new, id, now)).await.unwrap();
}

/// A call with a JSON body, and with a token unless it is empty.
async fn call<B: MessageBody, S: Service<Request, Response = ServiceResponse<B>, Error = actix_web::Error>>(
    app: &mut Browser<S>,
    method: Method,
    target: &str,
    token: &str,
    body: Value,
) -> (u16, Value) {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("content-type", "application/json")];
    if !token.is_empty() {
        headers.push(("authorization", &bearer));
    }
    let body = if method == Method::GET { None } else { Some(body.to_string()) };
    let got = app.send(method, target, &headers, body).await;
    (got.status, serde_json::from_str(&got.body).unwrap_or(Value::Null))
}

macro_rules! post {
    ($app:expr, $target:expr, $body:tt) => {
        call(&mut $app, Method::POST, $target, "", json!($body)).await
    };
    ($app:expr, $target:expr, $token:expr, $body:tt) => {
        call(&mut $app, Method::POST, $target, $token, json!($body)).await
    };
}

macro_rules! get {
    ($app:expr, $target:expr, $token:expr) => {
        call(&mut $app, Method::GET, $target, $token, Value::Null).await
    };
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[actix_web::test]
async fn the_portals_two_steps_give_tokens_that_work_until_the_logout() {
    let stack = stack();
    user(&stack, EMAIL, Role::TenantUser).await;
    let mut app = browser(&stack).await;
    let (status, known) = post!(app, "/api/v1/auth/identify", { "email": EMAIL });
    let (_, unknown) = post!(app, "/api/v1/auth/identify", { "email": "nobody@acme.example" });
    assert_eq!(status, 200);
    let shape = |answer: &Value| {
        let mut data = answer["data"].as_object().unwrap().clone();
        data.insert("flow_token".to_owned(), Value::Null);
        data
    };
    assert_eq!(shape(&known), shape(&unknown), "the same whoever is named");
    let flow = text(&known["data"]["flow_token"]).to_owned();
    let (status, wrong) = post!(app, "/api/v1/auth/authenticate", { "flow_token": flow, "password": "wrong" });
    let (_, nobody) =
        post!(app, "/api/v1/auth/authenticate", { "flow_token": unknown["data"]["flow_token"], "password": PASSWORD });
    assert_eq!((status, &wrong["detail"]), (401, &nobody["detail"]));
    let (status, answer) = post!(app, "/api/v1/auth/authenticate", { "flow_token": flow, "password": PASSWORD });
    assert_eq!(status, 200, "{answer:#}");
    let data = &answer["data"];
    assert_eq!((&data["token_type"], &data["mfa_required"]), (&json!("Bearer"), &json!(false)));
    assert!(answer["meta"]["request_id"].is_string() && data["expires_in"].is_i64());
    let (status, _) = post!(app, "/api/v1/auth/authenticate", { "flow_token": flow, "password": PASSWORD });
    assert_eq!(status, 401, "the flow token is used up");

    let token = text(&data["access_token"]).to_owned();
    let (status, me) = get!(app, "/api/v1/me", &token);
    assert_eq!((status, &me["email"]), (200, &json!(EMAIL)));
    let (status, fresh) = post!(app, "/api/v1/auth/refresh", { "refresh_token": data["refresh_token"] });
    assert_eq!(status, 200, "{fresh:#}");
    let newer = text(&fresh["data"]["access_token"]).to_owned();
    let (status, out) = post!(app, "/api/v1/auth/logout", &newer, {});
    assert_eq!((status, &out["data"]["logged_out"]), (200, &json!(true)));
    for dead in [&token, &newer] {
        assert_eq!(get!(app, "/api/v1/me", dead).0, 401, "dead at once");
    }
    let (status, refused) = post!(app, "/api/v1/auth/refresh", { "refresh_token": fresh["data"]["refresh_token"] });
    assert_eq!(status, 401, "{refused:#}");
}

#[actix_web::test]
async fn one_step_logins_answer_alike_for_every_reason() {
    let stack = stack();
    user(&stack, EMAIL, Role::TenantUser).await;
    let mut app = browser(&stack).await;
    for target in ["/api/v1/auth/login", "/api/v1/auth/tenants/default/login", "/api/v1/admin/auth/login"] {
        let (status, wrong) = post!(app, target, { "email": EMAIL, "password": "wrong" });
        let (other, nobody) = post!(app, target, { "email": "nobody@acme.example", "password": PASSWORD });
        assert_eq!((status, &wrong), (other, &nobody));
        assert_eq!((status, &wrong["detail"]), (401, &json!(crate::authentication::WRONG)));
        let (status, missing) = post!(app, target, { "email": EMAIL });
        assert_eq!((status, &missing["detail"][0]["loc"]), (422, &json!(["body", "password"])), "{missing:#}");
        assert_eq!(post!(app, target, { "email": EMAIL, "password": PASSWORD, "x": 1 }).0, 422);
    }
    assert_eq!(post!(app, "/api/v1/auth/login", { "email": EMAIL, "password": PASSWORD }).0, 200);
    assert_eq!(post!(app, "/api/v1/auth/tenants/default/login", { "email": EMAIL, "password": PASSWORD }).0, 200);
    let (status, none) = post!(app, "/api/v1/auth/tenants/other/login", { "email": EMAIL, "password": PASSWORD });
    assert_eq!((status, &none["detail"]), (404, &json!("Tenant not found")));
    let (status, refused) = post!(app, "/api/v1/admin/auth/login", { "email": EMAIL, "password": PASSWORD });
    assert_eq!((status, &refused["detail"]), (403, &json!("This account is no administrator's")));
    let (_, plain) = post!(app, "/api/v1/auth/login", { "email": EMAIL, "password": PASSWORD });
    assert_eq!(get!(app, "/api/v1/admin/auth/me", text(&plain["data"]["access_token"])).0, 403);
    user(&stack, "boss@acme.example", Role::TenantAdmin).await;
    let (status, boss) = post!(app, "/api/v1/admin/auth/login", { "email": "boss@acme.example", "password": PASSWORD });
    assert_eq!(status, 200, "{boss:#}");
    let token = text(&boss["data"]["access_token"]).to_owned();
    assert_eq!(get!(app, "/api/v1/admin/auth/me", &token).1["email"], json!("boss@acme.example"));
    assert_eq!(get!(app, "/api/v1/admin/users", &token).0, 200, "narrowed by no scope");
}

#[actix_web::test]
async fn a_second_factor_by_json_from_setup_to_removal() {
    let stack = stack();
    user(&stack, EMAIL, Role::TenantUser).await;
    let mut app = browser(&stack).await;
    let (_, first) = post!(app, "/api/v1/auth/login", { "email": EMAIL, "password": PASSWORD });
    let token = text(&first["data"]["access_token"]).to_owned();
    let (_, none) = get!(app, "/api/v1/me/mfa", &token);
    assert_eq!((&none["data"]["enabled"], &none["data"]["policy"]), (&json!(false), &json!("optional")));
    let (status, setup) = post!(app, "/api/v1/me/mfa/totp/setup", &token, {});
    assert_eq!(status, 200, "{setup:#}");
    let secret = from_base32(text(&setup["data"]["secret"]));
    let code = |stack: &Stack| totp::code(&secret, step_at(stack.now()));
    let (status, wrong) = post!(app, "/api/v1/me/mfa/totp/confirm", &token, { "code": "000000" });
    assert_eq!((status, &wrong["detail"][0]["loc"]), (422, &json!(["body", "code"])));
    let (status, on) = post!(app, "/api/v1/me/mfa/totp/confirm", &token, { "code": code(&stack) });
    assert_eq!((status, on["data"]["backup_codes"].as_array().unwrap().len()), (200, 10));
    assert_eq!(post!(app, "/api/v1/me/mfa/totp/setup", &token, {}).0, 409);

    stack.clock.advance_secs(30);
    let (status, asked) = post!(app, "/api/v1/auth/tenants/default/login", { "email": EMAIL, "password": PASSWORD });
    assert_eq!((status, &asked["data"]["mfa_required"]), (200, &json!(true)));
    assert!(asked["data"].get("access_token").is_none(), "{asked:#}");
    let (mfa, id) = (asked["data"]["mfa_token"].clone(), asked["data"]["user_id"].clone());
    let verify = "/api/v1/auth/tenants/default/mfa/verify";
    assert_eq!(post!(app, verify, { "mfa_token": mfa, "code": "000000" }).0, 401);
    assert_eq!(post!(app, verify, { "mfa_token": mfa, "code": code(&stack), "user_id": "usr_1" }).0, 401);
    assert_eq!(post!(app, verify, { "mfa_token": "x", "code": code(&stack) }).0, 401);
    let (status, come) = post!(app, verify, { "mfa_token": mfa, "code": code(&stack), "user_id": id });
    assert_eq!(status, 200, "{come:#}");
    assert_eq!(post!(app, verify, { "mfa_token": mfa, "code": code(&stack) }).0, 401, "used up");
    let token = text(&come["data"]["access_token"]).to_owned();
    assert!(get!(app, "/api/v1/me", &token).1["mfa_at"].is_string());

    stack.clock.advance_secs(30);
    let regenerate = "/api/v1/me/mfa/backup-codes/regenerate";
    assert_eq!(post!(app, regenerate, &token, { "code": on["data"]["backup_codes"][0] }).0, 422, "a code of the app");
    let (status, codes) = post!(app, regenerate, &token, { "code": code(&stack) });
    assert_eq!((status, codes["data"]["backup_codes"].as_array().unwrap().len()), (200, 10));
    assert_eq!(get!(app, "/api/v1/me/mfa", &token).1["data"]["backup_codes"]["remaining"], json!(10));

    // Later it wants the password as well, in the same call or by a new sign-in.
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs));
    let disable = "/api/v1/me/mfa/totp/disable";
    let (status, stale) = post!(app, disable, &token, { "code": code(&stack) });
    assert_eq!((status, &stale["detail"]), (403, &json!("This needs a recent sign-in: give the password again")));
    assert_eq!(post!(app, disable, &token, { "code": code(&stack), "password": "wrong" }).0, 422);
    let (status, off) = post!(app, disable, &token, { "code": code(&stack), "password": PASSWORD });
    assert_eq!((status, &off["data"]["enabled"]), (200, &json!(false)));
    let (_, plain) = post!(app, "/api/v1/auth/login", { "email": EMAIL, "password": PASSWORD });
    assert_eq!(plain["data"]["mfa_required"], json!(false));
}

#[actix_web::test]
async fn who_must_have_a_second_factor_sets_it_up_within_the_login() {
    let stack = stack();
    user(&stack, EMAIL, Role::TenantUser).await;
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let patch = TenantPatch { settings: Some(json!({ "mfa_policy": "required" })), ..TenantPatch::default() };
    let (granted, now) = (testkit::all(), stack.now());
    stack.store.write(move |tx| tenancy::update_tenant(tx, &granted, tenant, &patch, now)).await.unwrap();
    let mut app = browser(&stack).await;
    let (_, asked) = post!(app, "/api/v1/auth/login", { "email": EMAIL, "password": PASSWORD });
    let data = &asked["data"];
    assert_eq!((&data["mfa_required"], &data["enrollment_required"]), (&json!(true), &json!(true)));
    let secret = from_base32(text(&data["totp"]["secret"]));
    let code = totp::code(&secret, step_at(stack.now()));
    assert_eq!(post!(app, "/api/v1/auth/mfa/verify", { "mfa_token": data["mfa_token"], "code": "000000" }).0, 401);
    let (status, come) = post!(app, "/api/v1/auth/mfa/verify", { "mfa_token": data["mfa_token"], "code": code });
    assert_eq!((status, come["data"]["backup_codes"].as_array().unwrap().len()), (200, 10), "{come:#}");
    let token = text(&come["data"]["access_token"]).to_owned();
    let (status, refused) =
        post!(app, "/api/v1/me/mfa/totp/disable", &token, { "code": come["data"]["backup_codes"][0] });
    assert_eq!(status, 403, "{refused:#}");
}

#[actix_web::test]
async fn an_account_of_ones_own_by_json() {
    let stack = stack();
    user(&stack, EMAIL, Role::TenantUser).await;
    let mut app = browser(&stack).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let (_, answer) = post!(app, "/api/v1/auth/login", { "email": EMAIL, "password": PASSWORD });
        tokens.push((text(&answer["data"]["access_token"]).to_owned(), text(&answer["data"]["session_id"]).to_owned()));
    }
    let (token, mine) = tokens[0].clone();
    let (_, list) = get!(app, "/api/v1/me/sessions?per_page=2", &token);
    assert_eq!((&list["pagination"]["total"], list["data"].as_array().unwrap().len()), (&json!(3), 2));
    let (_, list) = get!(app, "/api/v1/me/sessions", &token);
    let current: Vec<_> = list["data"].as_array().unwrap().iter().filter(|row| row["current"] == true).collect();
    assert_eq!((current.len(), text(&current[0]["id"])), (1, mine.as_str()));
    let (status, _) =
        call(&mut app, Method::DELETE, &format!("/api/v1/me/sessions/{}", tokens[1].1), &token, json!({})).await;
    assert_eq!(status, 204);
    assert_eq!(get!(app, "/api/v1/me", &tokens[1].0).0, 401);
    let (status, none) = call(&mut app, Method::DELETE, "/api/v1/me/sessions/ses_1", &token, json!({})).await;
    assert_eq!((status, &none["detail"]), (404, &json!("Session not found")));

    let change = "/api/v1/me/password";
    let (status, wrong) =
        post!(app, change, &token, { "current_password": "wrong", "new_password": "quite another horse" });
    assert_eq!((status, &wrong["detail"][0]["loc"]), (422, &json!(["body", "current_password"])));
    for bad in ["short", "password123", EMAIL] {
        let (status, wrong) = post!(app, change, &token, { "current_password": PASSWORD, "new_password": bad });
        assert_eq!((status, &wrong["detail"][0]["loc"]), (422, &json!(["body", "new_password"])), "{bad}");
        assert!(!wrong.to_string().contains(bad));
    }
    let (status, done) =
        post!(app, change, &token, { "current_password": PASSWORD, "new_password": "quite another horse" });
    assert_eq!((status, &done["data"]["changed"]), (200, &json!(true)));
    assert_eq!(get!(app, "/api/v1/me", &tokens[2].0).0, 401, "other sessions have ended");

    let (status, apps) = get!(app, "/api/v1/me/authorized-apps", &token);
    assert_eq!((status, &apps["data"]), (200, &json!([])));
    let (status, none) = call(&mut app, Method::DELETE, "/api/v1/me/authorized-apps/skc_1", &token, json!({})).await;
    assert_eq!((status, &none["detail"]), (404, &json!("Authorized app not found")));
    let (_, others) = post!(app, "/api/v1/me/sessions/revoke-others", &token, {});
    assert_eq!(others["data"]["revoked"], json!(0));
}

#[actix_web::test]
async fn making_an_admin_and_setting_a_password_want_a_recent_sign_in() {
    let stack: Arc<Stack> = stack();
    user(&stack, "boss@acme.example", Role::TenantAdmin).await;
    user(&stack, EMAIL, Role::TenantUser).await;
    let mut app = browser(&stack).await;
    let login = async |app: &mut Browser<_>| {
        let (_, answer) = post!(*app, "/api/v1/auth/login", { "email": "boss@acme.example", "password": PASSWORD });
        text(&answer["data"]["access_token"]).to_owned()
    };
    let token = login(&mut app).await;
    let (_, found) = get!(app, "/api/v1/admin/users?search=alice", &token);
    let id = text(&found["data"][0]["id"]).to_owned();
    let calls = [
        (format!("/api/v1/admin/users/{id}/reset-password"), json!({ "password": "quite another horse" }), 204),
        (format!("/api/v1/admin/users/{id}/reset-mfa"), json!({}), 204),
        (
            "/api/v1/admin/admin-roles".to_owned(),
            json!({ "user_id": id, "role": "TENANT_ADMIN", "tenant_id": "default" }),
            201,
        ),
        (format!("/api/v1/admin/users/{id}/reset-password"), json!({}), 204),
        (
            "/api/v1/admin/users".to_owned(),
            json!({ "email": "nia@acme.example", "password": "quite another horse", "role": "tenant_user" }),
            201,
        ),
        ("/api/v1/admin/users".to_owned(), json!({ "email": "kim@acme.example", "role": "tenant_admin" }), 201),
        ("/api/v1/admin/personal-tokens".to_owned(), json!({ "name": "Laptop", "scopes": "secrets:read" }), 201),
        (
            "/api/v1/admin/applications".to_owned(),
            json!({ "name": "Worker", "application_type": "SERVICE", "scope": "TENANT", "allowed_scopes": ["openid"] }),
            201,
        ),
    ];
    stack.clock.advance_secs(i64::from(stack.config.sessions.step_up_secs));
    for (target, body, _) in &calls {
        let (status, refused) = call(&mut app, Method::POST, target, &token, body.clone()).await;
        assert_eq!(status, 403, "{target}");
        assert!(text(&refused["detail"]).contains("recent sign-in"), "{refused:#}");
    }
    let token = login(&mut app).await;
    for (target, body, good) in &calls {
        let (status, answer) = call(&mut app, Method::POST, target, &token, body.clone()).await;
        assert_eq!(status, *good, "{target}: {answer:#}");
    }
}

#[actix_web::test]
async fn a_custom_role_is_not_used_without_the_second_factor_that_its_tenant_asks_for() {
    let stack = stack();
    user(&stack, EMAIL, Role::TenantUser).await;
    user(&stack, "other@acme.example", Role::TenantViewer).await;
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap();
    let found = |email: &str| people::by_email(&stack.store.read(), &Email::parse(email).unwrap()).unwrap().unwrap().id;
    let (id, other, place, now) = (found(EMAIL), found("other@acme.example"), tenant.place(), stack.now());
    let role = stack.new_id();
    let managers = roles::NewCustomRole {
        name: testkit::name("Managers"),
        slug: None,
        description: None,
        core: access::CoreSet::named("users:manage").unwrap(),
        modules: roles::ModuleSet::default(),
    };
    let make = move |tx: &mut crate::store::WriteTx<'_>| -> Result<(), crate::base::Problem> {
        let at = testkit::grant(&testkit::operator(), place);
        roles::create(tx, &at, &managers, role, now)?;
        let wanted = roles::Wanted { roles: vec![Role::TenantUser], custom: vec![role], instance: None };
        roles::assign(tx, &testkit::grant(&testkit::operator(), place), id, &wanted, now)?;
        let partner = access::Place::Partner(place.partner().unwrap());
        people::grant_role(tx, &testkit::all(), id, Role::PartnerViewer, partner, None, now)?;
        Ok(())
    };
    stack.store.write(make).await.unwrap();
    let mut app = browser(&stack).await;
    let (_, answer) = post!(app, "/api/v1/auth/login", { "email": EMAIL, "password": PASSWORD });
    let token = text(&answer["data"]["access_token"]).to_owned();
    let modules = format!("/v1/users/{other}/module-permissions");
    let change = json!({ "permissions": [] });
    assert_eq!(call(&mut app, Method::PUT, &modules, &token, change.clone()).await.0, 200, "with the custom role");
    let patch = TenantPatch { settings: Some(json!({ "mfa_policy": "required" })), ..TenantPatch::default() };
    let granted = testkit::all();
    stack.store.write(move |tx| tenancy::update_tenant(tx, &granted, tenant.id, &patch, now)).await.unwrap();
    assert_eq!(get!(app, "/api/v1/admin/users", &token).0, 200, "a role of the partner is not the tenant's to bind");
    let (status, refused) = call(&mut app, Method::PUT, &modules, &token, change).await;
    assert_eq!(status, 403, "{refused:#}");
    // Nor is it shown as one of theirs.
    let (_, me) = get!(app, "/v1/me", &token);
    let told = me["data"].to_string();
    assert!(told.contains("accounting:view_tenant") && !told.contains("users:manage"), "{me:#}");
}

#[actix_web::test]
async fn whoever_belongs_nowhere_is_told_what_a_wrong_password_is_told() {
    let stack = stack();
    user(&stack, EMAIL, Role::TenantUser).await;
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let id = people::by_email(&stack.store.read(), &Email::parse(EMAIL).unwrap()).unwrap().unwrap().id;
    let now = stack.now();
    stack.store.write(move |tx| people::remove_membership(tx, &testkit::all(), id, tenant, now)).await.unwrap();
    let mut app = browser(&stack).await;
    for target in ["/api/v1/auth/login", "/api/v1/auth/tenants/default/login", "/api/v1/admin/auth/login"] {
        let (status, right) = post!(app, target, { "email": EMAIL, "password": PASSWORD });
        let (_, wrong) = post!(app, target, { "email": EMAIL, "password": "wrong" });
        assert_eq!((status, &right["detail"]), (401, &wrong["detail"]), "{target}: {right:#}");
    }
}
