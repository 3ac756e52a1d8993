//! The audit log: who sees what, filters, pages, exports.

use super::*;

async fn lines(world: &World, jwt: &str, query: &str) -> Vec<Value> {
    world.settle().await;
    world.get(jwt, &format!("/v1/audit-log?{query}")).await.data(200)["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn rows_have_the_fields_of_the_product() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let made = json!({ "name": "Keepers" });
    let got = world.post(&admin, "/v1/iam/custom-roles", made).await;
    let (role, request) = (got.data(201)["id"].clone(), got.headers["x-request-id"].clone());
    let rows = lines(&world, &admin, "action=custom_role.create").await;
    let fields: Vec<_> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        [
            "id",
            "timestamp",
            "action",
            "actor_id",
            "actor_email",
            "actor_type",
            "tenant_id",
            "partner_id",
            "resource_type",
            "resource_id",
            "ip_address",
            "user_agent",
            "status",
            "request_id"
        ]
    );
    let row = &rows[0];
    assert_eq!((&row["resource_type"], &row["resource_id"]), (&json!("custom_role"), &role));
    assert_eq!((&row["actor_email"], &row["actor_type"]), (&json!("admin@acme.example"), &json!("user")));
    assert_eq!((&row["status"], &row["request_id"]), (&json!("SUCCESS"), &json!(request)));
    assert!(row["id"].as_str().unwrap().starts_with("audit_"));
    // Looking at the log stands in it.
    // Its own queries are in the whole log, and not in ScaiGrid's view of it.
    assert_eq!(lines(&world, &admin, "action=audit.read").await, Vec::<Value>::new());
    assert!(lines(&world, &admin, "").await.iter().all(|line| line["action"] != "audit.read"));
    let whole = world.get(&admin, "/api/v1/admin/audit?action=audit.read").await.json();
    assert_eq!(whole["data"][0]["actor_email"], "admin@acme.example");
}

#[actix_web::test]
async fn filters_and_pages() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    for n in 0..5 {
        world.post(&admin, "/v1/iam/custom-roles", json!({ "name": format!("Role {n}") })).await.data(201);
    }
    let plain = world.with_role("plain@acme.example", Role::TenantUser).await;
    world.get(&plain, "/v1/audit-log").await.refused(403, "AUTHZ_PERMISSION_DENIED", DENIED);
    let tried = world.post(&plain, "/v1/iam/custom-roles", json!({ "name": "Mine" })).await;
    tried.refused(403, "AUTHZ_PERMISSION_DENIED", DENIED);
    world.settle().await;
    let mut seen = Vec::new();
    let mut target = "action=custom_role.create&limit=2".to_owned();
    loop {
        let got = world.get(&admin, &format!("/v1/audit-log?{target}")).await;
        let items = got.data(200)["items"].as_array().unwrap().clone();
        seen.extend(items.into_iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        match got.json()["pagination"]["next_cursor"].as_str() {
            Some(cursor) => target = format!("action=custom_role.create&limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 6, "what was refused too");
    let failures = lines(&world, &admin, "status=FAILURE").await;
    assert!(failures.iter().all(|row| row["status"] == "FAILURE"));
    assert!(failures.iter().any(|row| row["actor_email"] == "plain@acme.example"), "{failures:?}");
    assert!(lines(&world, &admin, "status=SUCCESS").await.iter().all(|row| row["status"] == "SUCCESS"));
    assert!(lines(&world, &admin, "start=2030-01-01T00:00:00Z").await.is_empty());
    assert!(!lines(&world, &admin, "end=2030-01-01T00:00:00Z&resource_type=custom_role").await.is_empty());
    assert!(lines(&world, &admin, "ip_address=203.0.113.9").await.is_empty());
    world.get(&admin, "/v1/audit-log?status=ok").await.invalid("status", "must be SUCCESS or FAILURE");
    let rule = "is not a date and time such as 2026-04-23T14:00:00Z";
    world.get(&admin, "/v1/audit-log?start=yesterday").await.invalid("start", rule);
    world.get(&admin, "/v1/audit-log?limit=1001").await.invalid("limit", "must be 1 to 1000");
}

#[actix_web::test]
async fn nobody_sees_further_than_their_role_reaches() {
    let world = World::new();
    let here = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let elsewhere = world.other_tenant("elsewhere").await;
    let other = world.user_in("boss@else.example", elsewhere, Role::TenantAdmin).await;
    let other = world.jwt(&other).await;
    world.post(&other, "/v1/iam/custom-roles", json!({ "name": "Theirs" })).await.data(201);
    world.post(&here, "/v1/iam/custom-roles", json!({ "name": "Ours" })).await.data(201);
    assert_eq!(lines(&world, &here, "action=custom_role.create").await.len(), 1);
    let partner = tenancy::default_tenant(&world.stack.store.read()).unwrap().unwrap().partner;
    let viewer = world.user("viewer@acme.example", Role::TenantViewer).await;
    let (id, now) = (viewer.id, world.stack.now());
    let at = crate::access::Place::Partner(partner);
    let give = move |tx: &mut crate::store::WriteTx<'_>| {
        people::grant_role(tx, &all(), id, Role::PartnerViewer, at, None, now)
    };
    world.stack.store.write(give).await.unwrap();
    let viewer = world.jwt(&viewer).await;
    assert_eq!(lines(&world, &viewer, "action=custom_role.create").await.len(), 2, "a partner's tenants");
}

#[actix_web::test]
async fn exports_hold_everything_in_three_forms() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let (tenant, now) = (world.tenant(), world.stack.now());
    let place = tenancy::place_of(&world.stack.store.read(), tenant).unwrap().unwrap();
    // More than three pieces, and a name that a spreadsheet would take for a formula.
    let fill = move |tx: &mut crate::store::WriteTx<'_>| {
        for n in 0..1600 {
            let actor = crate::tenancy::testkit::operator();
            let mut event = crate::audit::Event::by(&actor, now, place, Action::GroupCreate);
            // As an older version may have written it: a name that is no action any more.
            event.action = "test.fill".to_owned();
            crate::audit::append(tx, event.on("thing", format!("=n{n},\"x\"")));
        }
        Ok::<_, crate::base::Problem>(())
    };
    world.stack.store.write(fill).await.unwrap();
    let export = async |format: &str| {
        let got = world.get(&admin, &format!("/v1/audit-log/export?action=test.fill&format={format}")).await;
        assert_eq!(got.status, 200, "{}", got.text());
        (got.headers["content-type"].clone(), got.text())
    };
    let (kind, text) = export("json").await;
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!((kind.as_str(), rows.len()), ("application/json", 1600));
    assert_eq!((&rows[0]["resource_id"], &rows[0]["actor_type"]), (&json!("=n1599,\"x\""), &json!("service")));
    let (kind, text) = export("ndjson").await;
    let rows_again: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((kind.as_str(), &rows_again), ("application/x-ndjson", &rows));
    let (kind, text) = export("csv").await;
    assert_eq!(kind, "text/csv; charset=utf-8");
    assert_eq!(text.lines().count(), 1601);
    assert!(text.starts_with("id,timestamp,action,actor_id,"), "{}", &text[..80]);
    assert!(text.contains(",\"'=n1599,\"\"x\"\"\","), "{}", &text[..800]);
    let empty = world.get(&admin, "/v1/audit-log/export?action=nothing&format=json").await;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&empty.text()).unwrap(), Vec::<Value>::new());
    world.get(&admin, "/v1/audit-log/export?format=xml").await.invalid("format", "must be csv, json or ndjson");
    let taken = lines(&world, &admin, "action=audit.export&status=SUCCESS").await;
    assert_eq!(taken.len(), 4, "taking the log out stands in it");
    let plain = world.with_role("plain@acme.example", Role::TenantUser).await;
    world.get(&plain, "/v1/audit-log/export").await.refused(403, "AUTHZ_PERMISSION_DENIED", DENIED);
}
use crate::catalogue::Action;

#[actix_web::test]
async fn every_admin_call_leaves_a_row_of_its_action() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let call = async |method: Method, target: &str, body: Option<Value>, status: u16| {
        let got = world.call(method, target, Some(&admin), body.as_ref()).await;
        assert_eq!(got.status, status, "{target}: {}", got.text());
        (target.to_owned(), got.headers["x-request-id"].clone())
    };
    let users = "/api/v1/admin/users";
    let unknown = "/api/v1/admin/users/usr_99";
    let calls = [
        (call(Method::GET, users, None, 200).await, "user.list", "success", None),
        (call(Method::GET, unknown, None, 404).await, "user.read", "failure", Some("user_not_found")),
        (call(Method::GET, "/api/v1/admin/audit/actions", None, 200).await, "audit.describe", "success", None),
        (
            call(Method::POST, users, Some(json!({ "email": "no address" })), 422).await,
            "user.create",
            "failure",
            Some("validation_error"),
        ),
        (
            call(Method::PATCH, unknown, Some(json!({ "display_name": "A" })), 404).await,
            "user.update",
            "failure",
            Some("user_not_found"),
        ),
        (
            call(Method::DELETE, "/api/v1/admin/partners/prt_1", None, 403).await,
            "partner.delete",
            "denied",
            Some("access_denied"),
        ),
        (call(Method::DELETE, "/v1/users/usr_99", None, 404).await, "user.delete", "failure", Some("user_not_found")),
        (
            call(Method::PUT, "/v1/secrets/a/b", Some(json!({ "data": 7 })), 422).await,
            "secret.write",
            "failure",
            Some("validation_error"),
        ),
        (
            call(Method::DELETE, "/api/v1/organizations/org_99", None, 404).await,
            "tenant.delete",
            "failure",
            Some("tenant_not_found"),
        ),
    ];
    let models = world.get(&admin, "/v1/models").await.headers["x-request-id"].clone();
    world.settle().await;
    let log = world.get(&admin, "/api/v1/admin/audit?per_page=100").await.json();
    let log = log["data"].as_array().unwrap();
    let of = |request: &str| log.iter().filter(|row| row["request_id"] == request).collect::<Vec<_>>();
    for ((target, request), action, result, code) in &calls {
        let rows = of(request);
        assert_eq!(rows.len(), 1, "{target}: {rows:?}");
        assert_eq!((&rows[0]["action"], &rows[0]["result"]), (&json!(action), &json!(result)), "{target}");
        assert_eq!(rows[0]["details"]["code"], json!(code), "{target}");
        assert_eq!(rows[0]["actor_name"], "admin@acme.example", "{target}");
    }
    assert_eq!(of(&calls[4].0.1)[0]["resource_id"], "usr_99", "which one was meant");
    assert!(of(&models).is_empty(), "a call of the product itself leaves none");
    // ScaiGrid's own view keeps what was tried to change, and none of the reading.
    let shown = lines(&world, &admin, "limit=1000").await;
    let shows = |request: &str| shown.iter().find(|row| row["request_id"] == request).map(|row| row["status"].clone());
    assert_eq!((shows(&calls[0].0.1), shows(&calls[1].0.1)), (None, None));
    for call in &calls[3..] {
        assert_eq!(shows(&call.0.1), Some(json!("FAILURE")), "{}", call.1);
    }
}
