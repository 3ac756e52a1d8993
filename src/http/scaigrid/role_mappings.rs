//! `/v1/role-mappings`: what the members of a group get.

use super::Services;
use super::envelope::{Made, Paging, Rows, created, cut, page};
use super::parts::{group_id, here, role_id};
use crate::access::Role;
use crate::base::id::{CustomRoleId, GroupId, RoleMappingId};
use crate::base::{Id, Problem, Timestamp};
use crate::http::extract::{Caller, Json, Query};
use crate::http::reply::{Moment, NoContent};
use crate::roles::{self, Given};
use actix_web::web;
use serde::{Deserialize, Serialize};

/// What the members of a group get: a built-in role, or a custom one.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RoleMapping {
    id: RoleMappingId,
    group_id: GroupId,
    /// The built-in role; null: it is a custom one.
    role: Option<Role>,
    /// The custom role; null: it is a built-in one.
    custom_role_id: Option<CustomRoleId>,
    /// Whether it goes when they leave the group. If not, who signed in as a member keeps it until the mapping is deleted.
    auto_revoke: bool,
    /// Who made it: a user's id, an application's client_id, `operator`.
    created_by: String,
    created_at: Moment,
}

impl From<roles::RoleMapping> for RoleMapping {
    fn from(mapping: roles::RoleMapping) -> Self {
        let (role, custom_role_id) = match mapping.gives {
            Given::Role(role) => (Some(role), None),
            Given::Custom(id) => (None, Some(id)),
        };
        Self {
            id: mapping.id,
            group_id: mapping.group,
            role,
            custom_role_id,
            auto_revoke: mapping.auto_revoke,
            created_by: mapping.created_by,
            created_at: Moment(mapping.created_at),
        }
    }
}

/// A mapping to make: of `role` and `custom_role_id`, one.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateRoleMapping {
    #[cfg_attr(test, schemars(with = "GroupId"))]
    group_id: String,
    #[cfg_attr(test, schemars(with = "Option<Role>"))]
    role: Option<String>,
    #[cfg_attr(test, schemars(with = "Option<CustomRoleId>"))]
    custom_role_id: Option<String>,
    /// Whether it goes when they leave the group.
    #[serde(default)]
    auto_revoke: bool,
}

impl CreateRoleMapping {
    fn read(&self) -> Result<(GroupId, Given, bool), Problem> {
        let group = group_id(&self.group_id)?;
        let gives = match (&self.role, &self.custom_role_id) {
            (Some(name), None) => {
                let role = Role::ALL.into_iter().find(|role| role.name() == name);
                Given::Role(role.ok_or_else(|| Problem::invalid("role", "is not a built-in role"))?)
            }
            (None, Some(id)) => Given::Custom(role_id(id)?),
            _ => return Err(Problem::invalid("role", "or custom_role_id is needed, and not both")),
        };
        Ok((group, gives, self.auto_revoke))
    }
}

/// `GET /v1/role-mappings`: what the members of groups get in the caller's tenant, the oldest mapping first.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(paging): Query<Paging>,
) -> Result<Rows<RoleMapping>, Problem> {
    let granted = here(&actor)?;
    let (limit, after) = (paging.limit()?, paging.after::<RoleMappingId>()?);
    let mut all = roles::list_mappings(&stack.store.read(), &granted)?;
    all.retain(|mapping| after.is_none_or(|after| mapping.id > after));
    let (rows, next) = cut(all, limit, |mapping| mapping.id);
    Ok(page(rows.into_iter().map(RoleMapping::from).collect(), next))
}

/// `POST /v1/role-mappings`: gives the members of a group a role.
pub async fn create(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<CreateRoleMapping>,
) -> Result<Made<RoleMapping>, Problem> {
    let (granted, new) = (here(&actor)?, body.read()?);
    let (id, now): (_, Timestamp) = (stack.new_id(), stack.now());
    let mapping = stack.store.write(move |tx| roles::create_mapping(tx, &granted, new, id, now)).await?;
    Ok(created(mapping.into()))
}

/// `DELETE /v1/role-mappings/{id}`: takes a mapping away, and with it what its members had by it alone.
pub async fn delete(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<NoContent, Problem> {
    let none = || Problem::not_found("role_mapping_not_found", "There is no such role mapping");
    let (granted, now) = (here(&actor)?, stack.now());
    let id = RoleMappingId::parse(&id).ok_or_else(none)?;
    stack.store.write(move |tx| roles::delete_mapping(tx, &granted, id, now)).await?;
    Ok(NoContent)
}
