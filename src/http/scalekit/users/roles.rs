//! Roles of the people of an organisation, and what they permit.

use super::super::operation::Call;
use super::super::proto::commons::Role;
use super::super::proto::users::{
    AssignUserRolesRequest, AssignUserRolesResponse, ListUserPermissionsRequest, ListUserPermissionsResponse,
    ListUserRolesRequest, ListUserRolesResponse, Permission, RemoveUserRoleRequest,
};
use super::super::rules;
use super::{organization, render};
use crate::access::{Granted, Place, permit};
use crate::base::id::{TenantId, UserId};
use crate::base::{Kind, Problem, Timestamp};
use crate::people::{self, User};
use crate::roles::{self, CustomRole, RoleNames};
use crate::store::{Read, WriteTx};
use crate::tenancy;

fn no_member() -> Problem {
    Problem::not_found("membership_not_found", "The user is not a member of this organization")
}

/// A member of an organisation, accepted or not, and where that is.
fn member(tx: &impl Read, place: Place, tenant: TenantId, id: UserId) -> Result<(User, Place), Problem> {
    let there = tenancy::place_of(tx, tenant)?.ok_or_else(rules::no_organization)?;
    let user = people::within(tx, place, id)?;
    people::belonging(tx, tenant, id)?.map(|_| (user, there)).ok_or_else(no_member)
}

/// The roles of the member that a request names.
fn held(call: &Call, organization_id: &str, user_id: &str) -> Result<Vec<CustomRole>, Problem> {
    let (tenant, granted) = organization::<permit::ReadUsers>(call, organization_id)?;
    let id = rules::user_id("user_id", user_id)?;
    let snapshot = call.stack.store.read();
    let (user, there) = member(&snapshot, granted.place(), tenant, id)?;
    Ok(roles::roles_given(&snapshot, &user, there, call.stack.now())?)
}

fn messages(roles: &[CustomRole]) -> Vec<Role> {
    roles.iter().map(render::role).collect()
}

/// `ListUserRoles`.
pub async fn list_roles(call: Call, request: ListUserRolesRequest) -> Result<ListUserRolesResponse, Problem> {
    Ok(ListUserRolesResponse { roles: messages(&held(&call, &request.organization_id, &request.user_id)?) })
}

/// `ListUserPermissions`: what their roles let them do in applications.
pub async fn list_permissions(
    call: Call,
    request: ListUserPermissionsRequest,
) -> Result<ListUserPermissionsResponse, Problem> {
    let roles = held(&call, &request.organization_id, &request.user_id)?;
    let found = roles::app_permissions(&call.stack.store.read(), &roles)?;
    let permissions = found.iter().map(|permission| Permission {
        id: permission.id.to_string(),
        name: permission.name.to_string(),
        description: permission.description.clone(),
        tags: Vec::new(),
    });
    Ok(ListUserPermissionsResponse { permissions: permissions.collect() })
}

/// `AssignUserRoles`: beside those that the member has.
pub async fn assign_roles(call: Call, request: AssignUserRolesRequest) -> Result<AssignUserRolesResponse, Problem> {
    let (tenant, granted) = organization::<permit::WriteUsers>(&call, &request.organization_id)?;
    let id = rules::user_id("user_id", &request.user_id)?;
    let names = names(&request.roles.iter().map(|role| role.role_name.as_str()).collect::<Vec<_>>())?;
    let now = call.stack.now();
    let write = move |tx: &mut WriteTx<'_>| -> Result<Vec<CustomRole>, Problem> {
        let (user, there) = member(tx, granted.place(), tenant, id)?;
        let mut wanted = roles::own_roles(tx, &user, there, now)?;
        for role in roles::resolve(tx, tenant, &names)? {
            if !wanted.contains(&role) {
                wanted.push(role);
            }
        }
        change(tx, &granted, (&user, there, tenant), &wanted, now)
    };
    Ok(AssignUserRolesResponse { roles: messages(&call.stack.store.write(write).await?) })
}

fn names(texts: &[&str]) -> Result<RoleNames, Problem> {
    if texts.is_empty() {
        return Err(Problem::invalid("roles", "is required"));
    }
    if texts.iter().any(|text| text.is_empty()) {
        return Err(Problem::invalid("roles.role_name", "is required"));
    }
    RoleNames::parse(texts.iter().copied()).map_err(|rule| Problem::invalid("roles.role_name", rule))
}

fn change(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    (user, there, tenant): (&User, Place, TenantId),
    wanted: &[crate::base::id::CustomRoleId],
    now: Timestamp,
) -> Result<Vec<CustomRole>, Problem> {
    roles::set_roles(tx, granted, user.id, tenant, wanted, now)?;
    let user = people::within(tx, there, user.id)?;
    Ok(roles::roles_given(tx, &user, there, now)?)
}

/// `RemoveUserRole`. Who has no role left has the least, `viewer`; that one cannot be taken.
pub async fn remove_role(call: Call, request: RemoveUserRoleRequest) -> Result<(), Problem> {
    let (tenant, granted) = organization::<permit::WriteUsers>(&call, &request.organization_id)?;
    let id = rules::user_id("user_id", &request.user_id)?;
    rules::length("role_name", &request.role_name, 1..=100)?;
    let not_held = || Problem::not_found("role_not_found", "The user does not have this role");
    let names = RoleNames::parse([request.role_name.as_str()]).map_err(|_| not_held())?;
    let now = call.stack.now();
    let write = move |tx: &mut WriteTx<'_>| -> Result<(), Problem> {
        let (user, there) = member(tx, granted.place(), tenant, id)?;
        let mut wanted = roles::own_roles(tx, &user, there, now)?;
        let gone = roles::resolve(tx, tenant, &names)
            .map_err(|problem| if problem.kind == Kind::Invalid { not_held() } else { problem })?;
        let before = wanted.len();
        wanted.retain(|role| !gone.contains(role));
        if wanted.len() == before {
            return Err(not_held());
        }
        let least = |role| roles::is_built_in(role) == Some(crate::access::Role::TenantViewer);
        if wanted.is_empty() && gone.iter().copied().all(least) {
            return Err(Problem::conflict("last_role", "A member has at least this role").at("role_name"));
        }
        change(tx, &granted, (&user, there, tenant), &wanted, now).map(drop)
    };
    call.stack.store.write(write).await
}
