//! Role mappings: what the members of a group get.

use super::super::{Given, Held, MAX_MAPPINGS, RoleMapping, table};
use super::{author, check_role, place_now, tenant_of};
use crate::access::{Actor, Granted, Place, Role, permit};
use crate::audit::{self, Event};
use crate::base::id::{GroupId, RoleMappingId, TenantId, UserId};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::people;
use crate::people::groups::{self, GroupType};
use crate::store::{Read, WriteTx};
use std::collections::BTreeSet;

fn no_mapping() -> Problem {
    Problem::not_found("role_mapping_not_found", "There is no such role mapping")
}

/// The actor may give this, and take it.
fn check(tx: &impl Read, granted: &Granted<permit::ManageUsers>, place: Place, gives: Given) -> Result<(), Problem> {
    match gives {
        Given::Role(role @ (Role::TenantAdmin | Role::TenantUser | Role::TenantViewer)) => {
            people::check_hand_out(granted.actor(), role, place)
        }
        Given::Role(_) => Err(Problem::invalid("role", "must be tenant_admin, tenant_user or tenant_viewer")),
        Given::Custom(id) => check_role(tx, granted.actor(), place, id),
    }
}

/// Whoever puts somebody into groups gives what mappings give these groups.
///
/// # Errors
/// `cannot_grant`.
pub fn check_groups(tx: &impl Read, actor: &Actor, place: Place, joined: &BTreeSet<GroupId>) -> Result<(), Problem> {
    let Some(tenant) = place.tenant() else { return Ok(()) };
    let mappings = table::mappings(tx, tenant)?;
    mappings.iter().filter(|mapping| joined.contains(&mapping.group)).try_for_each(|mapping| match mapping.gives {
        Given::Role(role) => people::check_hand_out(actor, role, place),
        Given::Custom(id) => check_role(tx, actor, place, id),
    })
}

fn event(
    granted: &Granted<permit::ManageUsers>,
    now: Timestamp,
    at: Place,
    verb: Action,
    mapping: &RoleMapping,
) -> Event {
    let event = Event::by(granted.actor(), now, at, verb).on("role_mapping", mapping.id).with("group", mapping.group);
    let event = match mapping.gives {
        Given::Role(role) => event.with("role", role.name()),
        Given::Custom(id) => event.with("custom_role", id),
    };
    event.with("auto_revoke", mapping.auto_revoke)
}

/// Makes a mapping: it counts at once, for all who are in the group.
///
/// # Errors
/// `group_not_found`, `role_not_found`, `validation_error`, `already_exists`, `quota_exceeded`, `cannot_grant`.
pub fn create_mapping(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageUsers>,
    (group, gives, auto_revoke): (GroupId, Given, bool),
    id: RoleMappingId,
    now: Timestamp,
) -> Result<RoleMapping, Problem> {
    let (tenant, place) = place_now(tx, granted)?;
    let group_row = groups::group(tx, group)?.filter(|group| group.tenant == tenant);
    let group_row = group_row.ok_or_else(|| Problem::not_found("group_not_found", "There is no such group"))?;
    if group_row.group_type != GroupType::Security {
        return Err(Problem::invalid("group_id", "must be a security group: a distribution list gives nothing"));
    }
    check(tx, granted, place, gives)?;
    let mut mappings = table::mappings(tx, tenant)?;
    if mappings.iter().any(|other| other.group == group && other.gives == gives) {
        return Err(Problem::conflict("already_exists", "There is already such a role mapping"));
    }
    if mappings.len() >= MAX_MAPPINGS {
        return Err(Problem::conflict("quota_exceeded", "The tenant has as many role mappings as it may have")
            .with("quota", "role_mappings")
            .with("limit", MAX_MAPPINGS));
    }
    let mapping = RoleMapping { id, group, gives, auto_revoke, created_by: author(granted.actor()), created_at: now };
    mappings.push(mapping.clone());
    table::save_mappings(tx, tenant, &mappings)?;
    audit::append(tx, event(granted, now, place, Action::RoleMappingCreate, &mapping));
    Ok(mapping)
}

/// The mappings of the tenant, the oldest first: 200 at most.
///
/// # Errors
/// When the file cannot be read.
pub fn list_mappings(tx: &impl Read, granted: &Granted<permit::ManageUsers>) -> Result<Vec<RoleMapping>, Problem> {
    Ok(table::mappings(tx, tenant_of(granted)?)?)
}

/// Deletes a mapping: what it gave is gone at once, remembered or not.
///
/// # Errors
/// `role_mapping_not_found`, `cannot_grant`.
pub fn delete_mapping(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageUsers>,
    id: RoleMappingId,
    now: Timestamp,
) -> Result<(), Problem> {
    let (tenant, place) = place_now(tx, granted)?;
    let mut mappings = table::mappings(tx, tenant)?;
    let at = mappings.iter().position(|mapping| mapping.id == id).ok_or_else(no_mapping)?;
    let mapping = mappings.remove(at);
    check(tx, granted, place, mapping.gives)?;
    table::save_mappings(tx, tenant, &mappings)?;
    audit::append(tx, event(granted, now, place, Action::RoleMappingDelete, &mapping));
    Ok(())
}

/// At a sign-in: notes which mappings without auto_revoke find the user in their group, so that leaving it takes nothing
/// away. Writes only when there is something new.
///
/// # Errors
/// When the file cannot be read or written.
pub fn remember_groups(tx: &mut WriteTx<'_>, tenant: TenantId, user: UserId) -> Result<(), Problem> {
    let mappings = table::mappings(tx, tenant)?;
    if mappings.iter().all(|mapping| mapping.auto_revoke) {
        return Ok(());
    }
    let member_of = groups::groups_of(tx, user, Some(tenant))?;
    let mut held = table::held(tx, tenant, user)?.unwrap_or_else(|| Held::nothing(tenant, user));
    let before = held.remembered.len();
    // What is no mapping any more need not be kept in mind.
    held.remembered.retain(|id| mappings.iter().any(|mapping| mapping.id == *id));
    let forgotten = held.remembered.len() < before;
    let new: Vec<_> = mappings
        .iter()
        .filter(|mapping| !mapping.auto_revoke && member_of.contains(&mapping.group))
        .map(|mapping| mapping.id)
        .filter(|id| !held.remembered.contains(id))
        .collect();
    if forgotten || !new.is_empty() {
        held.remembered.extend(new);
        table::save_held(tx, &held)?;
    }
    Ok(())
}
