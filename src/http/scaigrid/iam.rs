//! `/v1/iam`: custom roles, and which permissions there are.

use super::Services;
use super::envelope::{Made, Paging, Rows, Seen, Success, created, cut, ok, page, tagged};
use super::parts::{here, role_id};
use super::users::module_set;
use crate::access::{CORE_PERMISSIONS, CoreSet, PERMISSIONS, Role, permit};
use crate::base::id::{CustomRoleId, TenantId};
use crate::base::{DisplayName, Problem, Slug, Timestamp};
use crate::catalogue::did_you_mean;
use crate::http::extract::{Caller, IfMatch, Json, Query};
use crate::http::reply::{Moment, NoContent};
use crate::roles::{self, CustomRolePatch, NewCustomRole};
use crate::store::WriteTx;
use actix_web::web;
use serde::{Deserialize, Deserializer, Serialize};

fn core_set(texts: &[String]) -> Result<CoreSet, Problem> {
    texts.iter().enumerate().try_fold(CoreSet::default(), |set, (at, name)| {
        let unknown = || {
            let rule = match did_you_mean(name, CORE_PERMISSIONS) {
                Some(meant) => format!("is not a core permission: did you mean {meant}?"),
                None => "is not a core permission".to_owned(),
            };
            Problem::invalid(format!("core_permissions.{at}"), rule)
        };
        Ok(set.and(CoreSet::named(name).ok_or_else(unknown)?))
    })
}

/// A role that a tenant has made for itself.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CustomRole {
    id: CustomRoleId,
    /// The tenant that it belongs to; null: the instance's own, to be held in any tenant.
    tenant_id: Option<TenantId>,
    /// What people call it.
    name: DisplayName,
    /// Its name in scripts, unique in the tenant.
    slug: Slug,
    /// What it is for.
    description: Option<String>,
    /// The core permissions of those who hold it.
    core_permissions: Vec<&'static str>,
    /// The module permissions of those who hold it.
    module_permissions: Vec<String>,
    /// Who made it: a user's id, an application's client_id, `operator`.
    created_by: String,
    created_at: Moment,
    updated_at: Moment,
}

impl From<&roles::CustomRole> for CustomRole {
    fn from(role: &roles::CustomRole) -> Self {
        Self {
            id: role.id,
            tenant_id: role.tenant,
            name: role.name.clone(),
            slug: role.slug.clone(),
            description: role.description.clone(),
            core_permissions: role.core.names().collect(),
            module_permissions: role.modules.iter().map(str::to_owned).collect(),
            created_by: role.created_by.clone(),
            created_at: Moment(role.created_at),
            updated_at: Moment(role.updated_at),
        }
    }
}

/// A custom role to make.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateCustomRole {
    name: DisplayName,
    /// Made from the name if not said.
    slug: Option<Slug>,
    /// What it is for.
    description: Option<String>,
    /// What those may do who hold it: of the core permissions, those that a custom role can have.
    #[serde(default)]
    core_permissions: Vec<String>,
    /// The modules' permissions of those who hold it, such as `module:action`.
    #[serde(default)]
    module_permissions: Vec<String>,
}

/// Reads a field that may be left out, or be `null` to empty it.
fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Changes to a custom role: what is left out stays.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateCustomRole {
    name: Option<DisplayName>,
    slug: Option<Slug>,
    /// `null`: there is none any more.
    #[serde(default, deserialize_with = "nullable")]
    description: Option<Option<String>>,
    core_permissions: Option<Vec<String>>,
    module_permissions: Option<Vec<String>>,
}

/// `GET /v1/iam/custom-roles`: the custom roles of the caller's tenant, the oldest first.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(paging): Query<Paging>,
) -> Result<Rows<CustomRole>, Problem> {
    let granted = here(&actor)?;
    let (limit, after) = (paging.limit()?, paging.after::<CustomRoleId>()?);
    let mut all = roles::list(&stack.store.read(), &granted)?;
    all.retain(|role| after.is_none_or(|after| role.id > after));
    let (rows, next) = cut(all, limit, |role| role.id);
    Ok(page(rows.iter().map(CustomRole::from).collect(), next))
}

/// `POST /v1/iam/custom-roles`: makes a custom role. It cannot have what its maker lacks.
pub async fn create(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<CreateCustomRole>,
) -> Result<Made<CustomRole>, Problem> {
    let granted = here(&actor)?;
    let new = NewCustomRole {
        core: core_set(&body.core_permissions)?,
        modules: module_set("module_permissions", &body.module_permissions)?,
        name: body.name,
        slug: body.slug,
        description: body.description,
    };
    let (id, now): (_, Timestamp) = (stack.new_id(), stack.now());
    let role = stack.store.write(move |tx| roles::create(tx, &granted, &new, id, now)).await?;
    Ok(created(CustomRole::from(&role)))
}

/// `GET /v1/iam/custom-roles/{id}`: one custom role.
pub async fn show(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<Seen<CustomRole>, Problem> {
    let granted = here(&actor)?;
    let role = roles::get(&stack.store.read(), &granted, role_id(&id)?)?;
    Ok(tagged(CustomRole::from(&role), &role))
}

/// `PATCH /v1/iam/custom-roles/{id}`: changes a custom role; `PUT` does the same. What is left out stays as it is.
pub async fn update(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<UpdateCustomRole>,
) -> Result<Seen<CustomRole>, Problem> {
    let (granted, id, now) = (here(&actor)?, role_id(&id)?, stack.now());
    let modules = body.module_permissions.as_deref().map(|texts| module_set("module_permissions", texts));
    let patch = CustomRolePatch {
        name: body.name,
        slug: body.slug,
        description: body.description,
        core: body.core_permissions.as_deref().map(core_set).transpose()?,
        modules: modules.transpose()?,
    };
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&roles::get(tx, &granted, id)?))?;
        roles::update(tx, &granted, id, &patch, now)
    };
    let role = stack.store.write(write).await?;
    Ok(tagged(CustomRole::from(&role), &role))
}

/// `DELETE /v1/iam/custom-roles/{id}`: deletes a custom role. Nobody holds it any more.
pub async fn delete(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
) -> Result<NoContent, Problem> {
    let (granted, id, now) = (here(&actor)?, role_id(&id)?, stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&roles::get(tx, &granted, id)?))?;
        roles::delete(tx, &granted, id, now)
    };
    stack.store.write(write).await?;
    Ok(NoContent)
}

/// What can be given to people.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Permissions {
    core_permissions: Vec<CorePermission>,
    /// The built-in roles.
    roles: Vec<BuiltInRole>,
}

/// A permission of ScaiGrid's own.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CorePermission {
    name: &'static str,
    /// The scopes that let a narrowed credential make use of it: any one of them.
    scopes: &'static [&'static str],
    /// Whether a custom role of a tenant can have it.
    in_custom_roles: bool,
    /// Whether the caller has it.
    yours: bool,
}

/// A built-in role, and what those have who hold it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BuiltInRole {
    name: Role,
    core_permissions: Vec<&'static str>,
    /// `*` are all of them.
    module_permissions: &'static [&'static str],
}

/// `GET /v1/iam/permissions`: the core permissions, and the bundles of the built-in roles. Module permissions are the
/// modules' own and stand in no list here.
pub async fn permissions(Caller(actor): Caller) -> Result<Success<Permissions>, Problem> {
    here::<permit::ManageUsers>(&actor)?;
    let core = CORE_PERMISSIONS.into_iter().map(|name| CorePermission {
        name,
        scopes: PERMISSIONS.iter().find(|rule| rule.name == name).map_or(&[], |rule| rule.scopes),
        in_custom_roles: CoreSet::OF_A_TENANT.has(name),
        yours: PERMISSIONS.iter().any(|rule| rule.name == name && actor.may_rule(rule, actor.home())),
    });
    let bundles = Role::ALL.into_iter().map(|role| BuiltInRole {
        name: role,
        core_permissions: CoreSet::bundle(role).names().collect(),
        module_permissions: match role {
            Role::SuperAdmin | Role::PartnerAdmin | Role::TenantAdmin => &["*"],
            Role::PartnerViewer | Role::TenantUser | Role::TenantViewer => &[],
        },
    });
    Ok(ok(Permissions { core_permissions: core.collect(), roles: bundles.collect() }))
}
