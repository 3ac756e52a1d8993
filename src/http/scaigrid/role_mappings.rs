//! `/v1/role-mappings`: what the members of a group get.

use super::Services;
use super::envelope::{Paging, created, cut, no_content, page};
use super::parts::{group_id, here, role_id};
use crate::access::Role;
use crate::base::id::{GroupId, RoleMappingId};
use crate::base::{Id, Problem, Timestamp};
use crate::http::extract::{Caller, Json, Query};
use crate::roles::{self, Given, RoleMapping};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

fn render(mapping: &RoleMapping) -> Value {
    let (role, custom) = match mapping.gives {
        Given::Role(role) => (Some(role.name()), None),
        Given::Custom(id) => (None, Some(id)),
    };
    json!({
        "id": mapping.id,
        "group_id": mapping.group,
        "role": role,
        "custom_role_id": custom,
        "auto_revoke": mapping.auto_revoke,
        "created_by": mapping.created_by,
        "created_at": mapping.created_at.iso_secs(),
    })
}

/// A mapping to make: of `role` and `custom_role_id`, one.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Create {
    group_id: String,
    role: Option<String>,
    custom_role_id: Option<String>,
    #[serde(default)]
    auto_revoke: bool,
}

impl Create {
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

/// `GET /v1/role-mappings`, the oldest first.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(paging): Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let granted = here(&actor)?;
    let (limit, after) = (paging.limit()?, paging.after::<RoleMappingId>()?);
    let mut all = roles::list_mappings(&stack.store.read(), &granted)?;
    all.retain(|mapping| after.is_none_or(|after| mapping.id > after));
    let (rows, next) = cut(all, limit, |mapping| mapping.id);
    Ok(page(&rows.iter().map(render).collect::<Vec<_>>(), next))
}

/// `POST /v1/role-mappings`.
pub async fn create(stack: Services, Caller(actor): Caller, Json(body): Json<Create>) -> Result<HttpResponse, Problem> {
    let (granted, new) = (here(&actor)?, body.read()?);
    let (id, now): (_, Timestamp) = (stack.new_id(), stack.now());
    let mapping = stack.store.write(move |tx| roles::create_mapping(tx, &granted, new, id, now)).await?;
    Ok(created(&render(&mapping)))
}

/// `DELETE /v1/role-mappings/{id}`.
pub async fn delete(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let none = || Problem::not_found("role_mapping_not_found", "There is no such role mapping");
    let (granted, now) = (here(&actor)?, stack.now());
    let id = RoleMappingId::parse(&id).ok_or_else(none)?;
    stack.store.write(move |tx| roles::delete_mapping(tx, &granted, id, now)).await?;
    Ok(no_content())
}
