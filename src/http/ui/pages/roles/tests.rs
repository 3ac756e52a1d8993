//! The pages of roles, as a browser without a script sees them.

use crate::http::testkit::{browser, stack};
use crate::people::groups::{self, GroupType, NewGroup};
use crate::stack::Stack;
use crate::tenancy::{self, testkit};
use std::sync::Arc;

async fn group(stack: &Arc<Stack>, name: &str) -> String {
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let (id, now) = (stack.new_id(), stack.now());
    let new = NewGroup { tenant, name: testkit::name(name), description: None, group_type: GroupType::Security };
    stack.store.write(move |tx| groups::create(tx, &testkit::all(), &new, id, now)).await.unwrap().id.to_string()
}

#[actix_web::test]
async fn a_role_is_made_changed_mapped_and_deleted() {
    let stack = stack();
    let mut alice = browser(&stack).await;
    alice.set_up(&stack).await;
    let empty = alice.get("/admin/access/roles").await;
    assert!(empty.body.contains("No roles of your own yet") && empty.body.contains("super_admin"), "{}", empty.body);
    assert_eq!(alice.get("/admin/access/roles/create").await.status, 200);
    let create = "/admin/access/roles/create";
    let bad = alice.post(create, &[("name", "Night shift"), ("module_permissions", "no such")]).await;
    assert_eq!(bad.status, 422);
    assert!(bad.body.contains("each must be module:action") && bad.body.contains("Night shift"), "{}", bad.body);
    let beyond = alice.post(create, &[("name", "X"), ("core_permissions", "models:manage")]).await;
    assert_eq!(beyond.status, 422, "{}", beyond.body);
    let fields = [
        ("name", "Night shift"),
        ("description", "From ten to six"),
        ("core_permissions", "models:list"),
        ("core_permissions", "models:use"),
        ("module_permissions", "scaibot:bots:read\nscaimatrix:ingest"),
    ];
    let one = alice.post(create, &fields).await.location().to_owned();
    let shown = alice.get(&one).await;
    for text in
        ["Night shift is there.", "From ten to six", "night-shift", "models:use", "Call models", "scaibot:bots:read"]
    {
        assert!(shown.body.contains(text), "{text}: {}", shown.body);
    }
    let taken = alice.post(create, &fields).await;
    assert!(taken.status == 422 && taken.body.contains("is taken by another role"), "{}", taken.body);
    let edit = format!("{one}/edit");
    let form = alice.get(&edit).await;
    assert!(form.body.contains("scaimatrix:ingest") && form.body.contains("value=\"night-shift\""), "{}", form.body);
    let fields = [("name", "Late shift"), ("slug", "late"), ("core_permissions", "models:list")];
    assert_eq!(alice.post(&edit, &fields).await.location(), one);
    let shown = alice.get(&one).await;
    assert!(shown.body.contains("Late shift") && !shown.body.contains("models:use"), "{}", shown.body);

    let group = group(&stack, "Operators").await;
    let role = one.rsplit('/').next().unwrap().to_owned();
    let form = alice.get("/admin/access/roles/map").await;
    assert!(form.body.contains("Operators") && form.body.contains("Late shift"), "{}", form.body);
    let fields = [("group", group.as_str()), ("gives", role.as_str()), ("auto_revoke", "1")];
    assert_eq!(alice.post("/admin/access/roles/map", &fields).await.location(), "/admin/access/roles");
    let again = alice.post("/admin/access/roles/map", &fields).await;
    assert!(again.status == 422 && again.body.contains("has already"), "{}", again.body);
    let list = alice.get("/admin/access/roles").await;
    assert!(list.body.contains("Operators") && list.body.contains("They lose it"), "{}", list.body);
    let unmap = format!("/admin/access/roles/mappings/{}", list.between("roles/mappings/", "\""));
    assert!(alice.get(&unmap).await.body.contains("Delete this mapping?"));
    assert_eq!(alice.post(&unmap, &[]).await.location(), "/admin/access/roles");

    assert!(alice.get(&format!("{one}/delete")).await.body.contains("Delete this role?"));
    assert_eq!(alice.post(&format!("{one}/delete"), &[]).await.location(), "/admin/access/roles");
    assert_eq!(alice.get(&one).await.status, 404);
    assert_eq!(alice.get("/admin/access/roles/role_1").await.status, 404);
}

/// A permission that one administrator took away must not come back with the stale form of another.
#[actix_web::test]
async fn a_permission_that_was_taken_away_stays_away() {
    let stack = stack();
    let (mut one, mut other) = (browser(&stack).await, browser(&stack).await);
    one.set_up(&stack).await;
    one.get("/admin/access/roles/create").await;
    let both =
        [("name", "Desk"), ("slug", "desk"), ("core_permissions", "models:list"), ("core_permissions", "models:use")];
    let page = one.post("/admin/access/roles/create", &both).await.location().to_owned();
    let edit = format!("{page}/edit");
    other.sign_in("alice@acme.example", crate::http::testkit::PASSWORD).await;
    let seen = other.get(&edit).await.between("name=\"version\" value=\"", "\"").to_owned();
    one.get(&edit).await;
    let fewer = [("name", "Desk"), ("slug", "desk"), ("core_permissions", "models:list"), ("version", seen.as_str())];
    assert_eq!(one.post(&edit, &fewer).await.location(), page);
    // The other one changes the name only; their form still has the permission ticked.
    let stale = [
        ("name", "Front desk"),
        ("slug", "desk"),
        ("core_permissions", "models:list"),
        ("core_permissions", "models:use"),
        ("version", seen.as_str()),
    ];
    let met = other.post(&edit, &stale).await;
    assert!(met.status == 422 && met.body.contains("Somebody else has changed this"), "{}", met.body);
    let now = met.between("name=\"version\" value=\"", "\"").to_owned();
    let mine = [
        ("name", "Desk"),
        ("slug", "desk"),
        ("core_permissions", "models:list"),
        ("typed.name", "Front desk"),
        ("typed.core_permissions", "models:list"),
        ("typed.core_permissions", "models:use"),
        ("mine", "name"),
        ("version", now.as_str()),
    ];
    assert_eq!(other.post(&edit, &mine).await.location(), page);
    let shown = other.get(&edit).await.body;
    assert!(shown.contains("value=\"Front desk\""), "{shown}");
    let ticked = |name: &str| shown.contains(&format!("value=\"{name}\" checked"));
    assert!(ticked("models:list") && !ticked("models:use"), "{shown}");
}
