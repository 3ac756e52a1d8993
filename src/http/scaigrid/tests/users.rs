//! Users, roles, custom roles, mappings, oneself.

use super::*;

#[actix_web::test]
async fn oneself_with_what_one_may_do() {
    let world = World::new();
    let alice = world.user("alice@acme.example", Role::TenantUser).await;
    let jwt = world.jwt(&alice).await;
    let me = world.get(&jwt, "/v1/me").await.data(200);
    let fields: Vec<_> = me.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        [
            "id",
            "email",
            "display_name",
            "tenant_id",
            "partner_id",
            "roles",
            "custom_role_ids",
            "permissions",
            "module_permissions",
            "status"
        ]
    );
    assert_eq!((&me["id"], &me["email"]), (&json!(alice.id), &json!("alice@acme.example")));
    assert_eq!(me["roles"], json!(["tenant_user"]));
    let user = ["models:list", "models:use", "accounting:view_own", "api_keys:manage", "modules:use"];
    assert_eq!((&me["permissions"], &me["module_permissions"]), (&json!(user), &json!([])));
    assert_eq!(me["status"], "active");
    assert_eq!(world.get(&jwt, "/v1/auth/me").await.data(200), me);
}

#[actix_web::test]
async fn users_are_listed_page_by_page() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    for n in 0..4 {
        world.user(&format!("user{n}@acme.example"), Role::TenantUser).await;
    }
    let elsewhere = world.other_tenant("elsewhere").await;
    world.user_in("stranger@else.example", elsewhere, Role::TenantAdmin).await;
    let mut seen = Vec::new();
    let mut target = "/v1/users?limit=2".to_owned();
    loop {
        let got = world.get(&admin, &target).await;
        let items = got.data(200)["items"].clone();
        seen.extend(items.as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap().to_owned()));
        let pagination = got.json()["pagination"].clone();
        match pagination["next_cursor"].as_str() {
            Some(cursor) => target = format!("/v1/users?limit=2&cursor={cursor}"),
            None => break assert_eq!(pagination["has_more"], false),
        }
    }
    let all = ["admin", "user0", "user1", "user2", "user3"].map(|name| format!("{name}@acme.example"));
    assert_eq!(seen, all, "nobody of another tenant");
    let got = world.get(&admin, "/v1/users?status=suspended").await;
    assert_eq!(got.data(200)["items"], json!([]));
    world
        .get(&admin, "/v1/users?status=asleep")
        .await
        .invalid("status", "must be active, invited, disabled or suspended");
    world.get(&admin, "/v1/users?limit=0").await.invalid("limit", "must be 1 to 1000");
    world.get(&admin, "/v1/users?cursor=x").await.invalid("cursor", "must be the next_cursor of the page before");
    let plain = world.with_role("plain@acme.example", Role::TenantUser).await;
    world.get(&plain, "/v1/users").await.refused(403, "AUTHZ_PERMISSION_DENIED", DENIED);
}

#[actix_web::test]
async fn one_user_is_seen_by_managers_and_by_oneself() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let bob = world.user("bob@acme.example", Role::TenantViewer).await;
    let jwt = world.jwt(&bob).await;
    let target = format!("/v1/users/{}", bob.id);
    let shown = world.get(&admin, &target).await.data(200);
    assert_eq!((&shown["roles"], &shown["custom_role_ids"]), (&json!(["tenant_viewer"]), &json!([])));
    assert_eq!(world.get(&jwt, &target).await.data(200)["id"], shown["id"]);
    let elsewhere = world.other_tenant("elsewhere").await;
    let stranger = world.user_in("stranger@else.example", elsewhere, Role::TenantUser).await;
    for nobody in [stranger.id.to_string(), "usr_1".to_owned(), "tnt_1".to_owned(), "x".to_owned()] {
        let target = format!("/v1/users/{nobody}");
        world.get(&admin, &target).await.refused(404, "USER_NOT_FOUND", "There is no such user");
        world.get(&jwt, &target).await.refused(403, "AUTHZ_PERMISSION_DENIED", DENIED);
    }
}

#[actix_web::test]
async fn roles_are_set_and_count_at_once() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let bob = world.user("bob@acme.example", Role::TenantViewer).await;
    let jwt = world.jwt(&bob).await;
    let made = json!({ "name": "Night shift", "core_permissions": ["users:manage"] });
    let role = world.post(&admin, "/v1/iam/custom-roles", made).await.data(201)["id"].clone();
    world.get(&jwt, "/v1/users").await.refused(403, "AUTHZ_PERMISSION_DENIED", DENIED);
    let target = format!("/v1/users/{}/roles", bob.id);
    let body = json!({ "roles": ["tenant_user"], "custom_role_ids": [role] });
    let set = world.put(&admin, &target, body).await.data(200);
    assert_eq!((&set["roles"], &set["custom_role_ids"]), (&json!(["tenant_user"]), &json!([role])));
    world.get(&jwt, "/v1/users").await.data(200);
    let mine = world.get(&jwt, "/v1/me").await.data(200);
    assert!(mine["permissions"].as_array().unwrap().contains(&json!("users:manage")), "{mine}");
    assert_eq!(mine["custom_role_ids"], json!([role]));
    // Left out, the custom roles stay; and nobody makes themselves more.
    world.put(&admin, &target, json!({ "roles": ["tenant_viewer"] })).await.data(200);
    world.get(&jwt, "/v1/users").await.data(200);
    let up = json!({ "roles": ["tenant_viewer", "tenant_admin"] });
    let message = "You cannot give or take a role that you do not hold yourself";
    world.put(&jwt, &target, up).await.refused(403, "AUTHZ_PERMISSION_DENIED", message);
    world.put(&admin, &target, json!({ "roles": ["tenant_viewer"], "custom_role_ids": [] })).await.data(200);
    world.get(&jwt, "/v1/users").await.refused(403, "AUTHZ_PERMISSION_DENIED", DENIED);

    world.put(&admin, &target, json!({ "roles": ["boss"] })).await.invalid("roles.0", "is not a built-in role");
    world.put(&admin, &target, json!({})).await.invalid("roles", "is required");
    world
        .put(&admin, &target, json!({ "roles": [], "x": 1 }))
        .await
        .invalid("x", "is not a known field; known: roles, custom_role_ids");
    let rule = "must have one of tenant_admin, tenant_user and tenant_viewer: the least is tenant_viewer";
    world.put(&admin, &target, json!({ "roles": [] })).await.invalid("roles", rule);
    let unknown = json!({ "roles": ["tenant_user"], "custom_role_ids": ["role_1"] });
    world.put(&admin, &target, unknown).await.invalid("custom_role_ids", "names a custom role that is not there");
}

#[actix_web::test]
async fn custom_roles_are_made_changed_and_deleted() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let body = json!({
        "name": "Bot keepers", "description": "They keep bots",
        "core_permissions": ["models:use"], "module_permissions": ["scaibot:bots:read", "scailink:remote.use"],
    });
    let made = world.post(&admin, "/v1/iam/custom-roles", body.clone()).await.data(201);
    let fields: Vec<_> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        [
            "id",
            "tenant_id",
            "name",
            "slug",
            "description",
            "core_permissions",
            "module_permissions",
            "created_by",
            "created_at",
            "updated_at"
        ]
    );
    assert_eq!(made["slug"], "bot-keepers");
    let target = format!("/v1/iam/custom-roles/{}", made["id"].as_str().unwrap());
    assert_eq!(world.get(&admin, &target).await.data(200), made);
    assert_eq!(world.get(&admin, "/v1/iam/custom-roles").await.data(200)["items"], json!([made]));
    let message = "There is already a custom role with this slug";
    world.post(&admin, "/v1/iam/custom-roles", body).await.refused(409, "SLUG_CONFLICT", message);
    let changed = world.put(&admin, &target, json!({ "description": null, "core_permissions": [] })).await.data(200);
    assert_eq!((&changed["description"], &changed["core_permissions"]), (&json!(null), &json!([])));
    assert_eq!(changed["module_permissions"], made["module_permissions"]);
    let bad = json!({ "name": "X", "core_permissions": ["models:list", "models:eat"] });
    let got = world.post(&admin, "/v1/iam/custom-roles", bad).await;
    got.invalid("core_permissions.1", "is not a core permission");
    let bad = json!({ "name": "X", "module_permissions": ["nothing"] });
    let rule = "must be module:action or module:resource:action, of a-z, 0-9, ., _ and -";
    world.post(&admin, "/v1/iam/custom-roles", bad).await.invalid("module_permissions.0", rule);
    let beyond = json!({ "name": "X", "core_permissions": ["models:manage"] });
    let rule = "must concern one tenant only: models:manage reaches beyond it";
    world.post(&admin, "/v1/iam/custom-roles", beyond).await.invalid("core_permissions", rule);
    assert_eq!(world.delete(&admin, &target).await.status, 204);
    world.get(&admin, &target).await.refused(404, "ROLE_NOT_FOUND", "There is no such custom role");
    let known = world.get(&admin, "/v1/iam/permissions").await.data(200);
    assert_eq!(known["core_permissions"].as_array().unwrap().len(), 15);
    assert_eq!(known["roles"][0]["name"], "super_admin");
}

#[actix_web::test]
async fn module_permissions_are_given_to_single_users() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let bob = world.user("bob@acme.example", Role::TenantUser).await;
    let jwt = world.jwt(&bob).await;
    let target = format!("/v1/users/{}/module-permissions", bob.id);
    let given = json!({ "permissions": ["scaibot:bots:create", "scaimatrix:ingest"] });
    assert_eq!(world.put(&admin, &target, given.clone()).await.data(200), given);
    assert_eq!(world.get(&jwt, &target).await.data(200), given);
    assert_eq!(world.get(&jwt, "/v1/me").await.data(200)["module_permissions"], given["permissions"]);
    world.put(&jwt, &target, given).await.refused(403, "AUTHZ_PERMISSION_DENIED", DENIED);
    let manager = world.user("manager@acme.example", Role::TenantUser).await;
    let made = json!({ "name": "Managers", "core_permissions": ["users:manage"] });
    let role = world.post(&admin, "/v1/iam/custom-roles", made).await.data(201)["id"].clone();
    let body = json!({ "roles": ["tenant_user"], "custom_role_ids": [role] });
    world.put(&admin, &format!("/v1/users/{}/roles", manager.id), body).await.data(200);
    let jwt = world.jwt(&manager).await;
    let wider = json!({ "permissions": ["scaibot:bots:create", "scaimatrix:ingest", "a:b"] });
    world.put(&jwt, &target, wider).await.refused(403, "AUTHZ_PERMISSION_DENIED", CANNOT);
    world.put(&admin, &target, json!({ "permissions": [] })).await.data(200);
}

#[actix_web::test]
async fn a_deleted_user_is_out_at_once() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let bob = world.user("bob@acme.example", Role::TenantUser).await;
    let jwt = world.jwt(&bob).await;
    let key = world.post(&jwt, "/v1/api-keys", json!({ "name": "mine" })).await;
    let key = key.json()["data"]["key"].as_str().unwrap().to_owned();
    world.get(&key, "/v1/me").await.data(200);
    let target = format!("/v1/users/{}", bob.id);
    assert_eq!(world.delete(&admin, &target).await.status, 204);
    let message = "Invalid or expired authentication token";
    for credential in [&jwt, &key] {
        world.get(credential, "/v1/me").await.refused(401, "AUTH_TOKEN_INVALID", message);
    }
    world.delete(&admin, &target).await.refused(404, "USER_NOT_FOUND", "There is no such user");
}

#[actix_web::test]
async fn groups_go_on_behind_the_last_one_whatever_goes_before_it() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let mut groups = Vec::new();
    for name in ["One", "Two", "Three", "Four", "Five"] {
        groups.push(world.group(name).await);
    }
    let page = async |cursor: &str| {
        let got = world.get(&admin, &format!("/v1/groups?limit=2{cursor}")).await;
        let items = got.data(200)["items"].clone();
        let names: Vec<_> = items.as_array().unwrap().iter().map(|group| group["name"].as_str().unwrap()).collect();
        let next = got.json()["pagination"]["next_cursor"].as_str().map(|next| format!("&cursor={next}"));
        (names.join(" "), next)
    };
    let (first, next) = page("").await;
    assert_eq!(first, "One Two");
    let (gone, now) = (groups[0], world.stack.now());
    world.stack.store.write(move |tx| people::groups::delete(tx, &all(), gone, now)).await.unwrap();
    let (second, next) = page(&next.unwrap()).await;
    assert_eq!(second, "Three Four");
    assert_eq!(page(&next.unwrap()).await, ("Five".to_owned(), None));
    let rule = "must be the next_cursor of the page before";
    for wrong in ["x", "2.2", "%2B7"] {
        world.get(&admin, &format!("/v1/groups?cursor={wrong}")).await.invalid("cursor", rule);
    }
}

#[actix_web::test]
async fn groups_are_seen_and_mapped_to_roles() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let bob = world.user("bob@acme.example", Role::TenantViewer).await;
    let (tenant, now) = (world.tenant(), world.stack.now());
    let id: crate::base::id::GroupId = world.stack.new_id();
    let member = people::groups::Member::User(bob.id);
    let new = people::groups::NewGroup {
        tenant,
        name: DisplayName::parse("Operators").unwrap(),
        description: None,
        group_type: people::groups::GroupType::Security,
    };
    let write = move |tx: &mut crate::store::WriteTx<'_>| {
        people::groups::create(tx, &all(), &new, id, now)?;
        people::groups::add_member(tx, &all(), id, member, now)
    };
    world.stack.store.write(write).await.unwrap();
    let listed = world.get(&admin, "/v1/groups").await.data(200);
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["member_count"]), (&json!(id), &json!(1)));
    let shown = world.get(&admin, &format!("/v1/groups/{id}")).await.data(200);
    assert_eq!(shown["members"][0]["email"], "bob@acme.example");
    world.get(&admin, "/v1/groups/grp_1").await.refused(404, "GROUP_NOT_FOUND", "There is no such group");
    world.get(&admin, "/v1/groups?limit=201").await.invalid("limit", "must be 1 to 200");

    let jwt = world.jwt(&bob).await;
    assert_eq!(world.get(&jwt, "/v1/me").await.data(200)["roles"], json!(["tenant_viewer"]));
    let body = json!({ "group_id": id, "role": "tenant_user", "custom_role_id": null, "auto_revoke": true });
    let made = world.post(&admin, "/v1/role-mappings", body.clone()).await.data(201);
    assert_eq!(
        (&made["group_id"], &made["role"], &made["auto_revoke"]),
        (&json!(id), &json!("tenant_user"), &json!(true))
    );
    assert_eq!(world.get(&admin, "/v1/role-mappings").await.data(200)["items"], json!([made]));
    assert_eq!(world.get(&jwt, "/v1/me").await.data(200)["roles"], json!(["tenant_user", "tenant_viewer"]));
    let message = "There is already such a role mapping";
    world.post(&admin, "/v1/role-mappings", body).await.refused(409, "ALREADY_EXISTS", message);
    let both = json!({ "group_id": id, "role": "tenant_user", "custom_role_id": "role_1" });
    let rule = "or custom_role_id is needed, and not both";
    world.post(&admin, "/v1/role-mappings", both).await.invalid("role", rule);
    let target = format!("/v1/role-mappings/{}", made["id"].as_str().unwrap());
    assert_eq!(world.delete(&admin, &target).await.status, 204);
    assert_eq!(world.get(&jwt, "/v1/me").await.data(200)["roles"], json!(["tenant_viewer"]));
    world.delete(&admin, &target).await.refused(404, "ROLE_MAPPING_NOT_FOUND", "There is no such role mapping");
    world.get(&jwt, "/v1/role-mappings").await.refused(403, "AUTHZ_PERMISSION_DENIED", DENIED);
}

#[actix_web::test]
async fn what_opens_something_is_given_after_a_recent_sign_in_and_never_by_a_key() {
    let world = World::new();
    let admin = world.with_role("admin@acme.example", Role::TenantAdmin).await;
    let bob = world.user("bob@acme.example", Role::TenantViewer).await;
    let role = json!({ "name": "Night shift", "core_permissions": ["users:manage"] });
    let made = world.post(&admin, "/v1/iam/custom-roles", role).await.data(201);
    let custom = format!("/v1/iam/custom-roles/{}", made["id"].as_str().unwrap());
    let group = world.group("Operators").await;
    let mapping = json!({ "group_id": group, "role": "tenant_admin" });
    let kept = world.post(&admin, "/v1/role-mappings", mapping.clone()).await.data(201);
    let kept = format!("/v1/role-mappings/{}", kept["id"].as_str().unwrap());
    let (roles, modules) = (format!("/v1/users/{}/roles", bob.id), format!("/v1/users/{}/module-permissions", bob.id));
    let core = ["models:use"];
    let gives = [
        (Method::POST, "/v1/iam/custom-roles", json!({ "name": "Day shift", "core_permissions": core })),
        (Method::PUT, &custom, json!({ "name": "Evening shift" })),
        (Method::DELETE, &custom, json!(null)),
        (Method::POST, "/v1/role-mappings", json!({ "group_id": group, "custom_role_id": made["id"] })),
        (Method::DELETE, &kept, json!(null)),
        (Method::PUT, &roles, json!({ "roles": ["tenant_admin"] })),
        (Method::PUT, &roles, json!({ "roles": ["tenant_viewer"], "custom_role_ids": [made["id"]] })),
        (Method::PUT, &modules, json!({ "permissions": ["scaibot:bots:read"] })),
        (Method::POST, "/v1/api-keys", json!({ "name": "automation" })),
    ];
    let key = json!({ "name": "automation", "scopes": ["users:manage", "api_keys:manage"] });
    let key = world.post(&admin, "/v1/api-keys", key).await.data(201);
    let reroll = format!("/v1/api-keys/{}/reroll", key["id"].as_str().unwrap());
    let key = key["key"].as_str().unwrap().to_owned();
    world.wait(i64::from(world.stack.config.sessions.step_up_secs));
    for (method, target, body) in &gives {
        let body = Some(body).filter(|body| !body.is_null());
        let got = world.call(method.clone(), target, Some(&admin), body).await;
        got.refused(403, "STEP_UP_REQUIRED", "This needs a recent sign-in: give the password again");
    }
    // A key never answers for its user, however new it is. What opens something needs a wider scope than it can have.
    let never = "A personal token or an API key cannot do this: sign in, or use the command line on the server";
    for (target, body) in [("/v1/api-keys", json!({ "name": "more" })), (reroll.as_str(), json!({}))] {
        world.post(&key, target, body).await.refused(403, "STEP_UP_REQUIRED", never);
    }
    let admins = json!({ "roles": ["tenant_admin"] });
    assert_eq!(world.put(&key, &roles, admins).await.status, 403);
    assert_eq!(world.get(&admin, &roles.replace("/roles", "")).await.data(200)["roles"], json!(["tenant_viewer"]));
    // The plain roles and reading ask for nothing.
    world.get(&admin, "/v1/iam/custom-roles").await.data(200);
    world.put(&admin, &roles, json!({ "roles": ["tenant_user"] })).await.data(200);
    world.put(&key, &roles, json!({ "roles": ["tenant_viewer"] })).await.data(200);
    // A fresh sign-in is enough.
    let again = people::by_email(&world.stack.store.read(), &Email::parse("admin@acme.example").unwrap()).unwrap();
    let fresh = world.jwt(&again.unwrap()).await;
    world.put(&fresh, &roles, json!({ "roles": ["tenant_admin"] })).await.data(200);
    world.put(&fresh, &modules, json!({ "permissions": ["scaibot:bots:read"] })).await.data(200);
    world.post(&fresh, &reroll, json!({})).await.data(201);
}
