//! Which roles people get when nothing else is said.

use super::super::operation::Call;
use super::super::proto::roles::{
    UpdateDefaultOrganizationRolesRequest, UpdateDefaultOrganizationRolesResponse, UpdateDefaultRole,
    UpdateDefaultRolesRequest, UpdateDefaultRolesResponse,
};
use super::places::{everywhere, there};
use super::read::{self, Include};
use super::render;
use crate::access::{Granted, permit};
use crate::base::id::CustomRoleId;
use crate::base::{Id, Problem};
use crate::roles::defaults::{self, Chosen, DefaultRoles};
use crate::roles::{RoleName, named};

/// A default role by name, or as older clients name it.
fn wanted(
    call: &Call,
    granted: &Granted<permit::ReadRoles>,
    (field, name): (&'static str, Option<String>),
    (old_field, old): (&'static str, Option<UpdateDefaultRole>),
) -> Result<Option<RoleName>, Problem> {
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        return read::role_name(field, &name).map(Some);
    }
    let Some(old) = old else { return Ok(None) };
    if let Some(name) = old.name.filter(|name| !name.is_empty()) {
        return read::role_name(&format!("{old_field}.name"), &name).map(Some);
    }
    if old.id.is_empty() {
        return Ok(None);
    }
    let unknown = || Problem::invalid(format!("{old_field}.id"), "names a role that is not there");
    let id = CustomRoleId::parse(&old.id).ok_or_else(unknown)?;
    let roles = named::list(&call.stack.store.read(), granted)?;
    Ok(Some(roles.into_iter().find(|role| role.id == id).ok_or_else(unknown)?.key))
}

async fn choose(call: &Call, granted: Granted<permit::WriteRoles>, chosen: Chosen) -> Result<DefaultRoles, Problem> {
    let now = call.stack.now();
    call.stack.store.write(move |tx| defaults::set(tx, &granted, &chosen, now)).await
}

/// `UpdateDefaultRoles`.
pub async fn update_defaults(
    call: Call,
    request: UpdateDefaultRolesRequest,
) -> Result<UpdateDefaultRolesResponse, Problem> {
    let (granted, look) = (everywhere(&call)?, everywhere::<permit::ReadRoles>(&call)?);
    #[allow(deprecated, reason = "older clients send them")]
    let (old_creator, old_member) = (request.default_creator, request.default_member);
    let creator = ("default_creator_role", request.default_creator_role);
    let member = ("default_member_role", request.default_member_role);
    let chosen = Chosen {
        creator: wanted(&call, &look, creator, ("default_creator", old_creator))?,
        member: wanted(&call, &look, member, ("default_member", old_member))?,
    };
    let roles = choose(&call, granted, chosen).await?;
    let snapshot = call.stack.store.read();
    Ok(UpdateDefaultRolesResponse {
        default_creator: Some(render::role(&snapshot, &look, &roles.creator, Include::Nothing)?),
        default_member: Some(render::role(&snapshot, &look, &roles.member, Include::Nothing)?),
    })
}

/// `UpdateDefaultOrganizationRoles`.
pub async fn update_organization_defaults(
    call: Call,
    request: UpdateDefaultOrganizationRolesRequest,
) -> Result<UpdateDefaultOrganizationRolesResponse, Problem> {
    let granted = there(&call, &request.org_id)?;
    let look = there::<permit::ReadRoles>(&call, &request.org_id)?;
    let member = read::role_name("default_member_role", &request.default_member_role)?;
    let roles = choose(&call, granted, Chosen { creator: None, member: Some(member) }).await?;
    let member = render::role(&call.stack.store.read(), &look, &roles.member, Include::Nothing)?;
    Ok(UpdateDefaultOrganizationRolesResponse { default_member: Some(member) })
}
