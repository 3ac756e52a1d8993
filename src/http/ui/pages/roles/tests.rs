//! The pages of roles, as a browser without a script sees them.

use crate::http::ui::testing::{browser, stack};
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
