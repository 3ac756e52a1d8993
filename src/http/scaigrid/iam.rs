//! `/v1/iam`: custom roles, and which permissions there are.

use super::Services;
use super::envelope::{Paging, created, cut, no_content, ok, page};
use super::parts::{here, role_id};
use super::users::module_set;
use crate::access::{CORE_PERMISSIONS, CoreSet, PERMISSIONS, Role, permit};
use crate::base::id::CustomRoleId;
use crate::base::{DisplayName, Problem, Slug, Timestamp};
use crate::catalogue::did_you_mean;
use crate::http::extract::{Caller, IfMatch, Json, Query, tagged};
use crate::roles::{self, CustomRole, CustomRolePatch, NewCustomRole};
use crate::store::WriteTx;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

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

fn render(role: &CustomRole) -> Value {
    json!({
        "id": role.id,
        "tenant_id": role.tenant,
        "name": role.name,
        "slug": role.slug,
        "description": role.description,
        "core_permissions": role.core.names().collect::<Vec<_>>(),
        "module_permissions": role.modules.iter().collect::<Vec<_>>(),
        "created_by": role.created_by,
        "created_at": role.created_at.iso_secs(),
        "updated_at": role.updated_at.iso_secs(),
    })
}

/// A custom role to make.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Create {
    name: DisplayName,
    slug: Option<Slug>,
    description: Option<String>,
    #[serde(default)]
    core_permissions: Vec<String>,
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
pub struct Update {
    name: Option<DisplayName>,
    slug: Option<Slug>,
    #[serde(default, deserialize_with = "nullable")]
    description: Option<Option<String>>,
    core_permissions: Option<Vec<String>>,
    module_permissions: Option<Vec<String>>,
}

/// `GET /v1/iam/custom-roles`, the oldest first.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(paging): Query<Paging>,
) -> Result<HttpResponse, Problem> {
    let granted = here(&actor)?;
    let (limit, after) = (paging.limit()?, paging.after::<CustomRoleId>()?);
    let mut all = roles::list(&stack.store.read(), &granted)?;
    all.retain(|role| after.is_none_or(|after| role.id > after));
    let (rows, next) = cut(all, limit, |role| role.id);
    Ok(page(&rows.iter().map(render).collect::<Vec<_>>(), next))
}

/// `POST /v1/iam/custom-roles`.
pub async fn create(stack: Services, Caller(actor): Caller, Json(body): Json<Create>) -> Result<HttpResponse, Problem> {
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
    Ok(created(&render(&role)))
}

/// `GET /v1/iam/custom-roles/{id}`.
pub async fn show(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let granted = here(&actor)?;
    let role = roles::get(&stack.store.read(), &granted, role_id(&id)?)?;
    Ok(tagged(ok(&render(&role)), &role))
}

/// `PUT` and `PATCH /v1/iam/custom-roles/{id}`.
pub async fn update(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
    Json(body): Json<Update>,
) -> Result<HttpResponse, Problem> {
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
    Ok(tagged(ok(&render(&role)), &role))
}

/// `DELETE /v1/iam/custom-roles/{id}`: nobody holds it any more.
pub async fn delete(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    IfMatch(seen): IfMatch,
) -> Result<HttpResponse, Problem> {
    let (granted, id, now) = (here(&actor)?, role_id(&id)?, stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&roles::get(tx, &granted, id)?))?;
        roles::delete(tx, &granted, id, now)
    };
    stack.store.write(write).await?;
    Ok(no_content())
}

/// `GET /v1/iam/permissions`: the core permissions, and the bundles of the built-in roles. Module permissions are the
/// modules' own and stand in no list here.
pub async fn permissions(Caller(actor): Caller) -> Result<HttpResponse, Problem> {
    here::<permit::ManageUsers>(&actor)?;
    let core: Vec<Value> = CORE_PERMISSIONS
        .into_iter()
        .map(|name| {
            let scopes = PERMISSIONS.iter().find(|rule| rule.name == name).map_or(&[][..], |rule| rule.scopes);
            let yours = PERMISSIONS.iter().any(|rule| rule.name == name && actor.may_rule(rule, actor.home()));
            json!({ "name": name, "scopes": scopes, "in_custom_roles": CoreSet::OF_A_TENANT.has(name), "yours": yours })
        })
        .collect();
    let bundles: Vec<Value> = Role::ALL
        .into_iter()
        .map(|role| {
            let all = matches!(role, Role::SuperAdmin | Role::PartnerAdmin | Role::TenantAdmin);
            json!({
                "name": role.name(),
                "core_permissions": CoreSet::bundle(role).names().collect::<Vec<_>>(),
                "module_permissions": if all { vec!["*"] } else { Vec::new() },
            })
        })
        .collect();
    Ok(ok(&json!({ "core_permissions": core, "roles": bundles })))
}
