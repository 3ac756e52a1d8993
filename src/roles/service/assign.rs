//! What single users are given: `/v1/users/{id}/roles` and `/v1/users/{id}/module-permissions`.

use super::super::app::built_in_assigned;
use super::super::{Held, ModuleSet, Wanted, is_built_in, table};
use super::{check_hand_out, check_role, place_now};
use crate::access::{Granted, Place, Role, permit};
use crate::audit::{self, Event};
use crate::base::id::{CustomRoleId, TenantId, UserId};
use crate::base::{Kind, Problem, Timestamp};
use crate::catalogue::Action;
use crate::people::{self, User};
use crate::store::{Read, StoreError, WriteTx};
use std::collections::BTreeSet;

/// The roles of a tenant, the widest first: the widest one of a member stands in the membership.
const OF_A_TENANT: [Role; 3] = [Role::TenantAdmin, Role::TenantUser, Role::TenantViewer];

/// The roles that a user was given and that reach a tenant, built-in and custom, without those by mappings.
///
/// # Errors
/// When the file cannot be read.
pub fn assigned(tx: &impl Read, user: &User, place: Place, now: Timestamp) -> Result<Wanted, StoreError> {
    let Some(tenant) = place.tenant() else { return Ok(Wanted::default()) };
    let roles = built_in_assigned(tx, user, (tenant, place), now)?;
    let (custom, instance) =
        table::held(tx, tenant, user.id)?.map(|held| (held.custom, held.instance)).unwrap_or_default();
    Ok(Wanted { roles, custom, instance: Some(instance) })
}

/// Where a role is held that is to reach a tenant.
fn place_for(role: Role, tenant: Place) -> Result<Place, Problem> {
    match role {
        Role::SuperAdmin => Ok(Place::Platform),
        Role::PartnerAdmin | Role::PartnerViewer => {
            tenant.partner().map(Place::Partner).ok_or_else(|| Problem::internal("a tenant without a partner"))
        }
        Role::TenantAdmin | Role::TenantUser | Role::TenantViewer => Ok(tenant),
    }
}

/// Gives a user these roles in the tenant, and no others. Only the differences have to be the actor's to give and to take.
///
/// # Errors
/// `user_not_found`, `validation_error`, `cannot_grant`, `last_super_admin`, `quota_exceeded`.
pub fn assign(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageUsers>,
    id: UserId,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Wanted, Problem> {
    let (tenant, place) = place_now(tx, granted)?;
    let user = people::within(tx, place, id)?;
    let has = assigned(tx, &user, place, now)?;
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| wanted.roles.contains(role)).collect();
    let Some(widest) = OF_A_TENANT.into_iter().find(|role| roles.contains(role)) else {
        let rule = "must have one of tenant_admin, tenant_user and tenant_viewer: the least is tenant_viewer";
        return Err(Problem::invalid("roles", rule));
    };
    let changes = |a: &[Role], b: &[Role]| a.iter().copied().filter(|role| !b.contains(role)).collect::<Vec<_>>();
    let (more, less) = (changes(&roles, &has.roles), changes(&has.roles, &roles));
    for role in more.iter().chain(&less) {
        people::check_hand_out(granted.actor(), *role, place_for(*role, place)?)?;
    }
    let (custom, instance) = change_custom(tx, granted, place, (tenant, id), wanted)?;
    if people::belonging(tx, tenant, id)?.is_some_and(|membership| membership.role != widest) {
        people::set_membership_role(tx, &granted.to_give_roles(), id, tenant, widest, now)?;
    }
    // The widest one of the tenant stands in the membership; what stood there has been changed by now.
    let extra = |role: &Role| *role != widest;
    for role in roles.iter().copied().filter(extra) {
        if !is_given(&user, role, place_for(role, place)?, now) {
            let (at, granted) = (place_for(role, place)?, wider(granted, role, place)?);
            people::grant_role(tx, &granted.to_give_roles(), id, role, at, None, now)?;
        }
    }
    for role in less.into_iter().chain([widest]) {
        let at = place_for(role, place)?;
        if is_given(&user, role, at, now) {
            people::revoke_role(tx, &wider(granted, role, place)?.to_give_roles(), id, role, at, now)?;
        }
    }
    let names: Vec<_> = roles.iter().map(|role| role.name()).collect();
    let ids: Vec<_> = instance.iter().chain(&custom).map(ToString::to_string).collect();
    let event =
        Event::by(granted.actor(), now, place, Action::UserRoleUpdate).on("user", id).with("email", &user.email);
    audit::append(tx, event.with("roles", names.join(" ")).with("custom_roles", ids.join(" ")));
    Ok(Wanted { roles, custom, instance: Some(instance) })
}

/// Whether a role is held there by an assignment of its own.
fn is_given(user: &User, role: Role, at: Place, now: Timestamp) -> bool {
    user.admin_roles.iter().any(|held| {
        let same = match (held.place.tenant(), at.tenant()) {
            (Some(a), Some(b)) => a == b,
            _ => held.place == at,
        };
        held.role == role && same && held.is_live(now)
    })
}

/// The permission where a role is held: beyond the tenant for those of the partner and the platform.
fn wider(
    granted: &Granted<permit::ManageUsers>,
    role: Role,
    tenant: Place,
) -> Result<Granted<permit::ManageUsers>, Problem> {
    let at = place_for(role, tenant)?;
    if at == tenant { Ok(granted.clone()) } else { Ok(granted.actor().grant::<permit::ManageUsers>(at)?) }
}

/// Sets the custom roles of a user, those of the tenant and those of the instance, each once.
fn change_custom(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageUsers>,
    place: Place,
    (tenant, user): (TenantId, UserId),
    wanted: &Wanted,
) -> Result<(Vec<CustomRoleId>, Vec<CustomRoleId>), Problem> {
    let mut held = table::held(tx, tenant, user)?.unwrap_or_else(|| Held::nothing(tenant, user));
    let as_set = |ids: &[CustomRoleId]| ids.iter().copied().collect::<BTreeSet<_>>();
    let (before, after) = (as_set(&held.custom), as_set(&wanted.custom));
    let instance_before = as_set(&held.instance);
    let instance_after = wanted.instance.as_deref().map_or_else(|| instance_before.clone(), as_set);
    let mut changed = before.symmetric_difference(&after).chain(instance_before.symmetric_difference(&instance_after));
    changed.try_for_each(|id| check_role(tx, granted.actor(), place, *id)).map_err(|problem| match problem.kind {
        Kind::NotFound => Problem::invalid("custom_role_ids", "names a custom role that is not there"),
        _ => problem,
    })?;
    if before != after || instance_before != instance_after {
        held.custom = after.into_iter().collect();
        held.instance = instance_after.into_iter().collect();
        table::save_held(tx, &held)?;
    }
    Ok((held.custom, held.instance))
}

/// Gives a user these roles in the tenant, by the ids that [`super::super::by_name`] finds, and no others: Scalekit's way.
/// What they hold beyond the tenant stays; who is to have no built-in role has the least one, tenant_viewer.
///
/// # Errors
/// As [`assign`].
pub fn assign_named(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    id: UserId,
    roles: &[CustomRoleId],
    now: Timestamp,
) -> Result<(), Problem> {
    let granted = granted.to_assign();
    let (tenant, place) = place_now(tx, &granted)?;
    let user = people::within(tx, place, id)?;
    let has = assigned(tx, &user, place, now)?;
    let mut wanted = Wanted {
        roles: has.roles.into_iter().filter(|role| !OF_A_TENANT.contains(role)).collect(),
        custom: Vec::new(),
        instance: Some(Vec::new()),
    };
    for role in roles {
        match (is_built_in(*role), table::role(tx, Some(tenant), *role)?) {
            (Some(built_in), _) => wanted.roles.push(built_in),
            (None, Some(own)) => wanted.custom.push(own.id),
            (None, None) => wanted.instance.get_or_insert_default().push(*role),
        }
    }
    if !wanted.roles.iter().any(|role| OF_A_TENANT.contains(role)) {
        wanted.roles.push(Role::TenantViewer);
    }
    assign(tx, &granted, id, &wanted, now)?;
    Ok(())
}

/// The module permissions that a user of the tenant was given alone, not through roles.
///
/// # Errors
/// `user_not_found`.
pub fn module_permissions(tx: &impl Read, place: Place, user: UserId) -> Result<ModuleSet, Problem> {
    people::within(tx, place, user)?;
    let Some(tenant) = place.tenant() else { return Ok(ModuleSet::default()) };
    Ok(table::held(tx, tenant, user)?.map(|held| held.modules).unwrap_or_default())
}

/// Gives a user these module permissions alone, and no others.
///
/// # Errors
/// `user_not_found`, also for somebody who is no member; `cannot_grant`.
pub fn set_module_permissions(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageUsers>,
    id: UserId,
    modules: &ModuleSet,
    now: Timestamp,
) -> Result<ModuleSet, Problem> {
    let (tenant, place) = place_now(tx, granted)?;
    let user = people::within(tx, place, id)?;
    let mut held = table::held(tx, tenant, id)?.unwrap_or_else(|| Held::nothing(tenant, id));
    let change = held.modules.difference(modules);
    check_hand_out(tx, granted.actor(), place, crate::access::CoreSet::default(), &change)?;
    held.modules = modules.clone();
    table::save_held(tx, &held)?;
    let event = Event::by(granted.actor(), now, place, Action::UserModulePermissionsUpdate).on("user", id);
    audit::append(tx, event.with("email", &user.email).with("module_permissions", modules));
    Ok(held.modules)
}

/// Deletes a user of the tenant, with sessions and keys. Of somebody who belongs to other tenants too, the membership ends.
///
/// # Errors
/// `user_not_found`; `cannot_grant` or `outranked` for somebody who may do more than the actor; `last_super_admin`.
pub fn delete_user(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageUsers>,
    id: UserId,
    now: Timestamp,
) -> Result<(), Problem> {
    let (tenant, place) = place_now(tx, granted)?;
    people::within(tx, place, id)?;
    // What they hold is compared with what the actor holds in `people`.
    if people::is_account_of(tx, tenant, id)? {
        people::delete(tx, &granted.to_remove(), id, now)
    } else {
        people::remove_membership(tx, &granted.to_remove(), id, tenant, now)
    }
}

/// Forgets what a user was given in a tenant: the membership is over.
///
/// # Errors
/// When the file cannot be read or written.
pub fn forget(tx: &mut WriteTx<'_>, tenant: TenantId, user: UserId) -> Result<(), StoreError> {
    table::save_held(tx, &Held::nothing(tenant, user))
}
