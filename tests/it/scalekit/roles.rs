//! Roles and permissions from outside, on both wires.

use super::super::server::{Server, unique};
use super::same::{Case, operation, over_grpc, over_rest};
use super::{environment, organization, told};
use serde_json::{Value, json};

/// What both wires are asked about roles, in this order.
pub fn cases() -> Vec<Case> {
    vec![
        ("CreatePermission", json!({ "permission": { "name": "p:{x}", "description": "Reads" } }), &[]),
        ("GetPermission", json!({ "permission_name": "p:{x}" }), &[]),
        (
            "UpdatePermission",
            json!({ "permission_name": "p:{x}", "permission": { "name": "p:{x}", "description": "Reads on" } }),
            &[],
        ),
        ("ListPermissions", json!({ "page_size": 1 }), &[]),
        ("ListPermissions", json!({ "type": "SCALEKIT" }), &[]),
        (
            "CreateRole",
            json!({ "role": { "name": "base_{x}", "display_name": "Base", "description": "To build on",
                "permissions": ["p:{x}"] } }),
            &[],
        ),
        ("CreateRole", json!({ "role": { "name": "top_{x}", "display_name": "Top", "extends": "base_{x}" } }), &[]),
        ("GetRole", json!({ "role_name": "top_{x}", "include": "permissions:all" }), &[]),
        ("ListRoles", json!({ "include": "permissions" }), &[]),
        (
            "UpdateRole",
            json!({ "role_name": "top_{x}", "role": { "display_name": "Top two", "description": "More" } }),
            &[],
        ),
        ("ListRolePermissions", json!({ "role_name": "base_{x}" }), &[]),
        ("ListEffectiveRolePermissions", json!({ "role_name": "top_{x}" }), &[]),
        ("AddPermissionsToRole", json!({ "role_name": "top_{x}", "permission_names": ["p:{x}"] }), &[]),
        ("RemovePermissionFromRole", json!({ "role_name": "top_{x}", "permission_name": "p:{x}" }), &[]),
        ("ListDependentRoles", json!({ "role_name": "base_{x}" }), &[]),
        ("GetRoleUsersCount", json!({ "role_name": "base_{x}" }), &[]),
        ("UpdateDefaultRoles", json!({ "default_member_role": "base_{x}" }), &[]),
        ("UpdateDefaultRoles", json!({ "default_member_role": "member", "default_creator_role": "admin" }), &[]),
        (
            "CreateOrganization",
            json!({ "organization": { "display_name": "Club {x}" } }),
            &[("club", "/organization/id")],
        ),
        (
            "CreateOrganizationRole",
            json!({ "org_id": "{club}", "role": { "name": "own_{x}", "display_name": "Own", "extends": "base_{x}" } }),
            &[],
        ),
        (
            "GetOrganizationRole",
            json!({ "org_id": "{club}", "role_name": "own_{x}", "include": "permissions:all" }),
            &[],
        ),
        ("ListOrganizationRoles", json!({ "org_id": "{club}" }), &[]),
        (
            "UpdateOrganizationRole",
            json!({ "org_id": "{club}", "role_name": "own_{x}", "role": { "permissions": ["p:{x}"] } }),
            &[],
        ),
        ("GetOrganizationRoleUsersCount", json!({ "org_id": "{club}", "role_name": "own_{x}" }), &[]),
        ("UpdateDefaultOrganizationRoles", json!({ "org_id": "{club}", "default_member_role": "own_{x}" }), &[]),
        ("UpdateDefaultOrganizationRoles", json!({ "org_id": "{club}", "default_member_role": "member" }), &[]),
        ("DeleteOrganizationRoleBase", json!({ "org_id": "{club}", "role_name": "own_{x}" }), &[]),
        ("DeleteOrganizationRole", json!({ "org_id": "{club}", "role_name": "own_{x}" }), &[]),
        ("DeleteRoleBase", json!({ "role_name": "top_{x}" }), &[]),
        ("DeleteRole", json!({ "role_name": "top_{x}" }), &[]),
        ("DeleteRole", json!({ "role_name": "base_{x}", "reassign_role_name": "member" }), &[]),
        ("DeletePermission", json!({ "permission_name": "p:{x}" }), &[]),
        ("DeleteOrganization", json!({ "id": "{club}" }), &[]),
    ]
}

/// A name that no other test has.
fn fresh(front: &str) -> String {
    unique(front).replace('-', "_")
}

/// The one answer of both wires, refused: code of gRPC, message, fields.
fn refused(server: &Server, token: &str, rpc: &str, request: &Value) -> (u16, i64, String, Vec<String>) {
    let (status, rest) = over_rest(server, token, operation(rpc), request);
    let (code, grpc) = over_grpc(server, token, operation(rpc), request);
    assert_eq!(told(&rest), told(&grpc), "{rpc} {request}");
    let (number, message, fields) = told(&rest);
    assert_eq!(number, i64::from(code), "{rpc} {request}");
    (status, number, message, fields)
}

fn done(server: &Server, token: &str, rpc: &str, request: &Value) -> Value {
    let (status, answer) = over_rest(server, token, operation(rpc), request);
    assert_eq!(status, 200, "{rpc} {request}: {answer}");
    answer
}

#[test]
fn what_breaks_a_rule_of_roles_is_named() {
    let server = Server::shared();
    let (_, token) = environment(&server, "admin:read admin:write");
    let (base, top, permission) = (fresh("base"), fresh("top"), fresh("p"));
    let role = |role: Value| json!({ "role": role });
    done(&server, &token, "CreatePermission", &json!({ "permission": { "name": permission } }));
    done(&server, &token, "CreateRole", &role(json!({ "name": base, "display_name": "Base" })));
    done(&server, &token, "CreateRole", &role(json!({ "name": top, "display_name": "Top", "extends": base })));
    let long = "x".repeat(101);
    const NAME: &str = "must be 1 to 64 of the characters A-Z, a-z, 0-9 and _";
    for (rpc, request, code, message, field) in [
        ("CreateRole", json!({}), 3, "role is required", "role"),
        ("CreateRole", role(json!({ "display_name": "A" })), 3, "role.name is required", "role.name"),
        (
            "CreateRole",
            role(json!({ "name": "a-b", "display_name": "A" })),
            3,
            &format!("role.name {NAME}"),
            "role.name",
        ),
        ("CreateRole", role(json!({ "name": "a" })), 3, "role.display_name is required", "role.display_name"),
        (
            "CreateRole",
            role(json!({ "name": "a", "display_name": long })),
            3,
            "role.display_name must be 1 to 100 characters",
            "role.display_name",
        ),
        (
            "CreateRole",
            role(json!({ "name": "default", "display_name": "A" })),
            3,
            "role.name is the address of the default roles: choose another one",
            "role.name",
        ),
        (
            "CreateRole",
            role(json!({ "name": base, "display_name": "Again" })),
            6,
            "There is already a role with this name",
            "role.name",
        ),
        (
            "CreateRole",
            role(json!({ "name": "admin", "display_name": "Mine" })),
            6,
            "There is already a role with this name",
            "role.name",
        ),
        (
            "CreateRole",
            role(json!({ "name": "a", "display_name": "A", "permissions": ["no:such"] })),
            3,
            "role.permissions[0] names a permission that is not there",
            "role.permissions[0]",
        ),
        (
            "CreateRole",
            role(json!({ "name": "a", "display_name": "A", "extends": "nobody" })),
            3,
            "role.extends names a role that is not there",
            "role.extends",
        ),
        (
            "UpdateRole",
            json!({ "role_name": base, "role": { "extends": top } }),
            3,
            "role.extends must not lead back to the role itself",
            "role.extends",
        ),
        (
            "CreatePermission",
            json!({ "permission": { "name": "a b" } }),
            3,
            "permission.name must be 1 to 64 of the characters A-Z, a-z, 0-9, _ and :",
            "permission.name",
        ),
        (
            "CreatePermission",
            json!({ "permission": { "name": permission } }),
            6,
            "There is already a permission with this name",
            "permission.name",
        ),
        ("ListPermissions", json!({ "page_size": 101 }), 3, "page_size must be at most 100", "page_size"),
        (
            "GetRole",
            json!({ "role_name": base, "include": "all" }),
            3,
            "include must be permissions, permissions:all, or left out",
            "include",
        ),
        (
            "DeleteRole",
            json!({ "role_name": top, "reassign_role_name": top }),
            3,
            "reassign_role_name must be another role",
            "reassign_role_name",
        ),
        (
            "UpdateDefaultRoles",
            json!({ "default_member_role": "nobody" }),
            3,
            "default_member_role names a role that is not there",
            "default_member_role",
        ),
    ] {
        let (status, number, words, fields) = refused(&server, &token, rpc, &request);
        assert_eq!((number, status), (code, if code == 3 { 400 } else { 409 }), "{rpc} {request}: {words}");
        assert_eq!(fields, [field], "{rpc} {request}");
        assert!(words.contains(message) || message.ends_with(&words), "{rpc} {request}: {words}");
    }
    for (rpc, request, code, message) in [
        ("GetRole", json!({ "role_name": "nobody" }), 5, "There is no such role"),
        ("GetPermission", json!({ "permission_name": "no:such" }), 5, "There is no such permission"),
        ("DeleteRole", json!({ "role_name": "admin" }), 6, "This role is built in: it cannot be deleted"),
        ("DeleteRole", json!({ "role_name": base }), 6, "Other roles extend this one: change them first"),
        ("DeleteRoleBase", json!({ "role_name": base }), 5, "This role extends no other"),
        (
            "RemovePermissionFromRole",
            json!({ "role_name": base, "permission_name": permission }),
            5,
            "There is no such permission",
        ),
    ] {
        let (status, number, words, _) = refused(&server, &token, rpc, &request);
        assert_eq!((number, status), (code, if code == 5 { 404 } else { 409 }), "{rpc} {request}");
        assert_eq!(words, message, "{rpc} {request}");
    }
}

#[test]
fn an_organizations_roles_are_its_own_and_scaigrids() {
    let server = Server::shared();
    let (_, token) =
        environment(&server, "app_authorization:read app_authorization:write organizations:read organizations:write");
    let (one, two) = (organization(&server, &token), organization(&server, &token));
    let name = fresh("clerk");
    let made = done(
        &server,
        &token,
        "CreateOrganizationRole",
        &json!({ "org_id": one, "role": { "name": name, "display_name": "Clerk" } }),
    );
    assert_eq!(made["role"]["is_org_role"], true);
    let get = |org: &str| json!({ "org_id": org, "role_name": name });
    let (_, code, words, _) = refused(&server, &token, "GetOrganizationRole", &get(&two));
    assert_eq!((code, words.as_str()), (5, "There is no such role"));
    assert_eq!(refused(&server, &token, "GetRole", &json!({ "role_name": name })).1, 5, "not the environment's");
    // The environment's can be held in an organisation, and are not changed there.
    let listed = done(&server, &token, "ListOrganizationRoles", &json!({ "org_id": two }));
    let names: Vec<_> = listed["roles"].as_array().unwrap().iter().map(|role| role["name"].clone()).collect();
    assert_eq!(names[..3], [json!("admin"), json!("member"), json!("viewer")]);
    let change = json!({ "org_id": two, "role_name": "admin", "role": { "display_name": "Boss" } });
    let (status, code, _, _) = refused(&server, &token, "UpdateOrganizationRole", &change);
    assert_eq!((status, code), (403, 7));
    // ScaiGrid shows the same role, by its id.
    let tenant = one.replace("org_", "tnt_");
    let app = server.app("SERVICE", "admin:read admin:write", &["--scope", "TENANT", "--tenant", &tenant]);
    let slug = server.get_as(&server.token("admin:read admin:write"), &format!("/api/v1/admin/tenants/{tenant}"));
    let slug = slug.expect(200)["slug"].as_str().unwrap().to_owned();
    let here = server.access_token(&app, Some(&slug), "admin:read admin:write");
    let seen = server.get_as(&here, "/v1/iam/custom-roles").expect(200);
    assert!(seen.to_string().contains(made["role"]["id"].as_str().unwrap()), "{seen}");
}

#[test]
fn a_role_is_reached_with_its_scopes_alone() {
    let server = Server::shared();
    let (_, reader) = environment(&server, "app_authorization:read");
    done(&server, &reader, "ListRoles", &json!({}));
    let (status, code, words, _) =
        refused(&server, &reader, "CreateRole", &json!({ "role": { "name": fresh("no"), "display_name": "No" } }));
    assert_eq!((status, code), (403, 7));
    assert_eq!(words, "The credential lacks the scope for this: it needs app_authorization:write or admin:write");
    for path in ["/api/v1/admin/users", "/api/v1/organizations", "/v1/iam/custom-roles"] {
        assert_eq!(server.get_as(&reader, path).status, 403, "{path}");
    }
}

#[test]
fn the_address_of_the_default_roles_is_no_role() {
    let server = Server::start();
    let (_, token) = environment(&server, "admin:read admin:write");
    let name = fresh("newcomer");
    done(&server, &token, "CreateRole", &json!({ "role": { "name": name, "display_name": "Newcomer" } }));
    let body = json!({ "default_member_role": name });
    for path in ["/api/v1/roles/default", "/api/v1/roles:set_defaults"] {
        let set = server.call("PATCH", path).bearer(&token).json(&body).send().expect(200);
        assert_eq!((&set["default_creator"]["name"], &set["default_member"]["name"]), (&json!("admin"), &json!(name)));
    }
    let role = done(&server, &token, "GetRole", &json!({ "role_name": name }));
    assert_eq!((&role["role"]["default_member"], &role["role"]["default_creator"]), (&json!(true), &json!(false)));
    let (_, code, words, _) = refused(&server, &token, "DeleteRole", &json!({ "role_name": name }));
    assert_eq!((code, words.as_str()), (6, "New users get this role by default: choose another default role first"));
}
