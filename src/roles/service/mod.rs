//! Making custom roles, and giving them.

mod assign;
mod custom;
mod mapping;

pub use assign::{assign, assign_named, assigned, delete_user, forget, module_permissions, set_module_permissions};
pub(super) use custom::forget_mappings;
pub use custom::{create, delete, get, holders, list, update};
pub use mapping::{check_groups, create_mapping, delete_mapping, list_mappings, remember_groups};

use super::effective::{mapped, of_actor};
use super::{CustomRole, Given, ModuleSet, app, table};
use crate::access::{Actor, CoreSet, Granted, Place, Principal, Role, permit};
use crate::base::Problem;
use crate::base::id::{AppPermissionId, CustomRoleId, TenantId, UserId};
use crate::people;
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;
use std::collections::BTreeSet;

/// The scope that a narrowed credential needs to give rights away.
const ADMIN_SCOPE: &str = "admin:write";

fn no_role() -> Problem {
    Problem::not_found("role_not_found", "There is no such custom role")
}

pub(super) fn cannot_grant() -> Problem {
    Problem::forbidden("cannot_grant", "You cannot give or take a permission that you do not hold yourself")
}

/// The tenant that a grant is for.
fn tenant_of<P>(granted: &Granted<P>) -> Result<TenantId, Problem> {
    granted.place().tenant().ok_or_else(|| Problem::internal("custom roles are asked for outside of a tenant"))
}

/// The tenant that a grant is for, and where it is now: tenants move.
fn place_now<P>(tx: &WriteTx<'_>, granted: &Granted<P>) -> Result<(TenantId, Place), Problem> {
    let tenant = tenant_of(granted)?;
    Ok((tenant, tenancy::place_of(tx, tenant)?.ok_or_else(tenancy::no_tenant)?))
}

/// Nobody gives or takes what they lack. Who may make a tenant_admin may give whatever a tenant's role can hold: they could
/// take the role themselves.
fn could_give(
    tx: &impl Read,
    actor: &Actor,
    place: Place,
    core: CoreSet,
    modules: &ModuleSet,
) -> Result<bool, StoreError> {
    if core.is_empty() && modules.is_empty() {
        return Ok(true);
    }
    if actor.scopes.as_ref().is_some_and(|scopes| !scopes.has(ADMIN_SCOPE)) {
        return Ok(false);
    }
    let may_all = CoreSet::OF_A_TENANT.holds(core) && people::may_hand_out(actor, Role::TenantAdmin, place);
    Ok(may_all || of_actor(tx, actor, place)?.hold(core, modules))
}

/// As [`could_give`], and gives it: that wants a recent sign-in.
fn check_hand_out(
    tx: &impl Read,
    actor: &Actor,
    place: Place,
    core: CoreSet,
    modules: &ModuleSet,
) -> Result<(), Problem> {
    if core.is_empty() && modules.is_empty() {
        return Ok(());
    }
    if !could_give(tx, actor, place, core, modules)? {
        return Err(cannot_grant());
    }
    Ok(actor.check::<permit::AssignCustomRoles>(place)?)
}

/// As [`check_hand_out`], for a whole custom role of the tenant or of the instance.
pub(super) fn check_role(tx: &impl Read, actor: &Actor, place: Place, id: CustomRoleId) -> Result<(), Problem> {
    check_given(tx, actor, place, &role_in(tx, place, id)?.ok_or_else(no_role)?)
}

/// A custom role of the tenant, or of the instance.
fn role_in(tx: &impl Read, place: Place, id: CustomRoleId) -> Result<Option<CustomRole>, StoreError> {
    let Some(tenant) = place.tenant() else { return Ok(None) };
    match table::role(tx, Some(tenant), id)? {
        Some(own) => Ok(Some(own)),
        None => table::role(tx, None, id),
    }
}

/// As [`check_role`], for a role that was found.
pub(super) fn check_given(tx: &impl Read, actor: &Actor, place: Place, role: &CustomRole) -> Result<(), Problem> {
    check_hand_out(tx, actor, place, role.core, &role.modules)?;
    check_app(tx, actor, place, &app::gives(tx, role)?)
}

/// What a member of a tenant holds there beyond the built-in roles of their own: the custom roles, also by groups, and the
/// module permissions; and the built-in roles by groups.
fn held_in(tx: &impl Read, user: UserId, place: Place) -> Result<(Vec<CustomRole>, ModuleSet, Vec<Role>), StoreError> {
    let Some(tenant) = place.tenant() else { return Ok(Default::default()) };
    let held = table::held(tx, tenant, user)?;
    let by_group = mapped(tx, tenant, user, held.as_ref())?;
    let (own, modules) = match held {
        Some(held) => (held.custom.into_iter().chain(held.instance).collect(), held.modules),
        None => (Vec::new(), ModuleSet::default()),
    };
    let mut custom = Vec::new();
    for id in own.into_iter().chain(by_group.iter().filter_map(|given| given.custom())) {
        custom.extend(role_in(tx, place, id)?);
    }
    Ok((custom, modules, by_group.into_iter().filter_map(Given::role).collect()))
}

/// Whether an actor could give all that custom roles and module permissions open here to a member of a tenant: if not, the
/// member stands above them. Usually two look-ups that find nothing.
///
/// # Errors
/// When the file cannot be read.
pub fn could_give_held(tx: &impl Read, actor: &Actor, user: UserId, place: Place) -> Result<bool, StoreError> {
    let (custom, modules, _) = held_in(tx, user, place)?;
    for role in custom {
        if !could_give(tx, actor, place, role.core, &role.modules)? {
            return Ok(false);
        }
    }
    could_give(tx, actor, place, CoreSet::default(), &modules)
}

/// Refuses to take from a member of a tenant what is not the actor's to take, with the membership: what custom roles, module
/// permissions and groups open here.
///
/// # Errors
/// `cannot_grant`, `step_up_required`.
pub fn check_held(tx: &impl Read, actor: &Actor, user: UserId, place: Place) -> Result<(), Problem> {
    let (custom, modules, built_in) = held_in(tx, user, place)?;
    for role in custom {
        check_hand_out(tx, actor, place, role.core, &role.modules)?;
    }
    check_hand_out(tx, actor, place, CoreSet::default(), &modules)?;
    built_in.into_iter().try_for_each(|role| people::check_hand_out(actor, role, place))
}

/// Nobody gives or takes what they lack in applications either, but for those who administer the tenant.
fn check_app(tx: &impl Read, actor: &Actor, place: Place, given: &BTreeSet<AppPermissionId>) -> Result<(), Problem> {
    let administers =
        [Role::SuperAdmin, Role::PartnerAdmin, Role::TenantAdmin].iter().any(|role| actor.has_role(*role, place));
    if given.is_empty() {
        return Ok(());
    }
    if administers || actor.principal == Principal::Operator {
        return Ok(actor.check::<permit::AssignCustomRoles>(place)?);
    }
    let (Principal::User { id, .. }, Some(tenant)) = (&actor.principal, place.tenant()) else {
        return Err(cannot_grant());
    };
    if !app::held_by(tx, tenant, *id)?.is_superset(given) {
        return Err(cannot_grant());
    }
    Ok(actor.check::<permit::AssignCustomRoles>(place)?)
}

/// Who did it, as rows keep it.
pub(super) fn author(actor: &Actor) -> String {
    match &actor.principal {
        Principal::Operator => "operator".to_owned(),
        Principal::User { id, .. } => id.to_string(),
        Principal::Application { client_id, .. } => client_id.clone(),
    }
}
