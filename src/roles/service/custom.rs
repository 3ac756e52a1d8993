//! Custom roles: `/v1/iam/custom-roles`.

use super::super::built_in::key_from;
use super::super::defaults::check_unneeded;
use super::super::{CustomRole, CustomRolePatch, Given, MAX_DESCRIPTION, MAX_ROLES, NewCustomRole, RoleName, table};
use super::{author, check_hand_out, check_role, no_role, place_now, tenant_of};
use crate::access::{CoreSet, Granted, Place, permit};
use crate::audit::{self, Event};
use crate::base::id::{CustomRoleId, TenantId, UserId};
use crate::base::{Problem, Slug, Timestamp};
use crate::catalogue::Action;
use crate::store::{Read, StoreError, WriteTx};
use std::collections::BTreeSet;

/// The most characters that a name gives a slug.
const MAX_SLUG: usize = 63;

fn check(role: &CustomRole) -> Result<(), Problem> {
    if role.description.as_ref().is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        return Err(Problem::invalid("description", "must be at most 1000 characters long"));
    }
    if !CoreSet::OF_A_TENANT.holds(role.core) {
        let beyond: Vec<_> = role.core.names().filter(|name| !CoreSet::OF_A_TENANT.has(name)).collect();
        let message = format!("must concern one tenant only: {} reaches beyond it", beyond.join(", "));
        return Err(Problem::invalid("core_permissions", message));
    }
    Ok(())
}

fn save(tx: &mut WriteTx<'_>, role: &CustomRole) -> Result<(), Problem> {
    tx.save(role).map_err(|error| match error {
        StoreError::Taken(_) => Problem::conflict("slug_conflict", "There is already a custom role with this slug"),
        other => other.into(),
    })
}

/// Scalekit's name for a role that is made with a slug: the like of it that no other role of the tenant has.
fn free_key(slug: &Slug, id: CustomRoleId, others: &[CustomRole]) -> RoleName {
    let wanted = key_from(slug, id);
    let is_free = |name: &RoleName| others.iter().all(|other| other.key != *name);
    if is_free(&wanted) {
        return wanted;
    }
    // One more number than there are others, so one of them is free.
    let numbers = 2..others.len() + 3;
    numbers.map(|number| wanted.numbered(number)).find(is_free).unwrap_or(wanted)
}

fn event(granted: &Granted<permit::ManageUsers>, now: Timestamp, at: Place, verb: Action, role: &CustomRole) -> Event {
    let core: Vec<_> = role.core.names().collect();
    Event::by(granted.actor(), now, at, verb)
        .on("custom_role", role.id)
        .with("name", &role.name)
        .with("slug", &role.slug)
        .with("core_permissions", core.join(" "))
        .with("module_permissions", &role.modules)
}

/// Makes a custom role.
///
/// # Errors
/// `slug_conflict`, `validation_error`, `quota_exceeded`, `cannot_grant`.
pub fn create(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageUsers>,
    new: &NewCustomRole,
    id: CustomRoleId,
    now: Timestamp,
) -> Result<CustomRole, Problem> {
    let (tenant, place) = place_now(tx, granted)?;
    let others = table::roles(tx, Some(tenant))?;
    let slug = new.slug.clone().or_else(|| Slug::from_name(&new.name, MAX_SLUG));
    let slug = slug.ok_or_else(|| Problem::invalid("slug", "is required: the name gives none"))?;
    let role = CustomRole {
        id,
        tenant: Some(tenant),
        name: new.name.clone(),
        key: free_key(&slug, id, &others),
        permissions: BTreeSet::new(),
        extends: None,
        slug,
        description: new.description.clone(),
        core: new.core,
        modules: new.modules.clone(),
        created_by: author(granted.actor()),
        created_at: now,
        updated_at: now,
    };
    check(&role)?;
    check_hand_out(tx, granted.actor(), place, role.core, &role.modules)?;
    if others.len() >= MAX_ROLES {
        return Err(Problem::conflict("quota_exceeded", "The tenant has as many custom roles as it may have")
            .with("quota", "custom_roles")
            .with("limit", MAX_ROLES));
    }
    save(tx, &role)?;
    audit::append(tx, event(granted, now, place, Action::CustomRoleCreate, &role));
    Ok(role)
}

/// The custom roles of the tenant, the oldest first: 200 at most.
///
/// # Errors
/// When the file cannot be read.
pub fn list(tx: &impl Read, granted: &Granted<permit::ManageUsers>) -> Result<Vec<CustomRole>, Problem> {
    Ok(table::roles(tx, Some(tenant_of(granted)?))?)
}

/// One custom role of the tenant.
///
/// # Errors
/// `role_not_found`.
pub fn get(tx: &impl Read, granted: &Granted<permit::ManageUsers>, id: CustomRoleId) -> Result<CustomRole, Problem> {
    table::role(tx, Some(tenant_of(granted)?), id)?.ok_or_else(no_role)
}

/// Who holds a custom role by an assignment of their own: mappings not counted.
///
/// # Errors
/// `role_not_found`.
pub fn holders(
    tx: &impl Read,
    granted: &Granted<permit::ManageUsers>,
    id: CustomRoleId,
) -> Result<Vec<UserId>, Problem> {
    get(tx, granted, id)?;
    let mut users = Vec::new();
    table::each_holder(tx, tenant_of(granted)?, id, |user| users.push(user))?;
    Ok(users)
}

/// Changes a custom role: for all who hold it, from the next request on.
///
/// # Errors
/// `role_not_found`, `slug_conflict`, `validation_error`; `cannot_grant` for what it holds now or is to hold.
pub fn update(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageUsers>,
    id: CustomRoleId,
    patch: &CustomRolePatch,
    now: Timestamp,
) -> Result<CustomRole, Problem> {
    let (tenant, place) = place_now(tx, granted)?;
    let old = table::role(tx, Some(tenant), id)?.ok_or_else(no_role)?;
    let CustomRolePatch { name, slug, description, core, modules } = patch.clone();
    let role = CustomRole {
        name: name.unwrap_or_else(|| old.name.clone()),
        slug: slug.unwrap_or_else(|| old.slug.clone()),
        description: description.unwrap_or_else(|| old.description.clone()),
        core: core.unwrap_or(old.core),
        modules: modules.unwrap_or_else(|| old.modules.clone()),
        updated_at: now,
        ..old.clone()
    };
    check(&role)?;
    check_hand_out(tx, granted.actor(), place, old.core, &old.modules)?;
    check_hand_out(tx, granted.actor(), place, role.core, &role.modules)?;
    save(tx, &role)?;
    audit::append(tx, event(granted, now, place, Action::CustomRoleUpdate, &role));
    Ok(role)
}

/// Deletes a custom role: whoever held it holds it no more, and the mappings that gave it are gone.
///
/// # Errors
/// `role_not_found`, `cannot_grant`, `role_is_default`, `role_has_dependents`.
pub fn delete(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageUsers>,
    id: CustomRoleId,
    now: Timestamp,
) -> Result<(), Problem> {
    let (tenant, place) = place_now(tx, granted)?;
    let role = table::role(tx, Some(tenant), id)?.ok_or_else(no_role)?;
    check_role(tx, granted.actor(), place, id)?;
    check_unneeded(tx, &role)?;
    let mut users = Vec::new();
    table::each_holder(tx, tenant, id, |user| users.push(user))?;
    for user in &users {
        if let Some(mut held) = table::held(tx, tenant, *user)? {
            held.custom.retain(|held| *held != id);
            table::save_held(tx, &held)?;
        }
    }
    let gone = forget_mappings(tx, tenant, id)?;
    tx.remove::<CustomRole>(&(tenant, id))?;
    let event = event(granted, now, place, Action::CustomRoleDelete, &role);
    audit::append(tx, event.with("taken_from", users.len()).with("mappings_deleted", gone));
    Ok(())
}

/// Deletes the mappings that give a role. Gives how many.
pub(in crate::roles) fn forget_mappings(
    tx: &mut WriteTx<'_>,
    tenant: TenantId,
    id: CustomRoleId,
) -> Result<usize, StoreError> {
    let mut mappings = table::mappings(tx, tenant)?;
    let before = mappings.len();
    mappings.retain(|mapping| mapping.gives != Given::Custom(id));
    let gone = before - mappings.len();
    if gone > 0 {
        table::save_mappings(tx, tenant, &mappings)?;
    }
    Ok(gone)
}
