//! Groups, as admins handle them.

use super::table::{self, LISTING, located};
use super::walk::with_all_above;
use super::{Group, GroupFilter, GroupPatch, GroupType, NewGroup, members};
use crate::access::{Granted, Place, permit};
use crate::audit::{self, Event};
use crate::base::id::GroupId;
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::people::service::scopes;
use crate::roles;
use crate::store::{Listed, Paging, Read, Slice, Window, WriteTx};
use crate::tenancy;

/// Makes a group.
///
/// # Errors
/// `tenant_not_found`, `name_taken`.
pub fn create(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteGroups>,
    new: &NewGroup,
    id: GroupId,
    now: Timestamp,
) -> Result<Group, Problem> {
    let place = tenancy::place_within(tx, granted.place(), new.tenant)?;
    let group = Group {
        id,
        tenant: new.tenant,
        name: new.name.clone(),
        description: new.description.clone(),
        group_type: new.group_type,
        members: 0,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    table::save(tx, &group)?;
    let event = Event::by(granted.actor(), now, place, Action::GroupCreate).on("group", id);
    audit::append(tx, event.with("name", &group.name).with("group_type", group.group_type.name()));
    Ok(group)
}

/// One group.
///
/// # Errors
/// `group_not_found`, also when it is outside the grant.
pub fn get(tx: &impl Read, granted: &Granted<permit::ReadGroups>, id: GroupId) -> Result<Group, Problem> {
    within(tx, granted.place(), id)
}

/// A group of a tenant within `place`, for a caller whose permission was asked for before.
///
/// # Errors
/// `group_not_found`.
pub fn within(tx: &impl Read, place: Place, id: GroupId) -> Result<Group, Problem> {
    Ok(located(tx, place, id)?.0)
}

/// Groups of the tenants that the grant reaches, the oldest first.
///
/// # Errors
/// `tenant_not_found` for a tenant outside the grant.
pub fn list(
    tx: &impl Read,
    granted: &Granted<permit::ReadGroups>,
    filter: &GroupFilter,
    paging: Paging,
) -> Result<Listed<Group>, Problem> {
    let Some(scope) = scopes(tx, granted.place(), filter.tenant, filter.partner)? else {
        return Ok(Listed::empty(paging));
    };
    let kind = filter.group_type.map(GroupType::number);
    let texts = |id| table::texts_of(tx, id);
    let listed = LISTING.page(tx, scope, kind, filter.search.as_deref(), paging, texts)?;
    Ok(listed.rows("group", |id| table::group(tx, id))?)
}

/// As [`list`], a stretch of it.
///
/// # Errors
/// `tenant_not_found` for a tenant outside the grant.
pub fn slice(
    tx: &impl Read,
    granted: &Granted<permit::ReadGroups>,
    filter: &GroupFilter,
    window: Window,
) -> Result<Slice<Group>, Problem> {
    let Some(scope) = scopes(tx, granted.place(), filter.tenant, filter.partner)? else { return Ok(Slice::empty()) };
    let kind = filter.group_type.map(GroupType::number);
    let texts = |id| table::texts_of(tx, id);
    let found = LISTING.slice(tx, scope, kind, filter.search.as_deref(), window, texts)?;
    Ok(found.rows("group", |id| table::group(tx, id))?)
}

/// Changes a group.
///
/// # Errors
/// `group_not_found`, `name_taken`.
pub fn update(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteGroups>,
    id: GroupId,
    patch: &GroupPatch,
    now: Timestamp,
) -> Result<Group, Problem> {
    let (old, place) = located(tx, granted.place(), id)?;
    let group = Group {
        name: patch.name.clone().unwrap_or_else(|| old.name.clone()),
        description: patch.description.clone().unwrap_or_else(|| old.description.clone()),
        updated_at: now,
        ..old
    };
    table::save(tx, &group)?;
    let event = Event::by(granted.actor(), now, place, Action::GroupUpdate).on("group", id);
    audit::append(tx, event.with("name", &group.name));
    Ok(group)
}

/// Deletes a group: nobody is in it any more, and it is in no other. Its name is free again.
///
/// # Errors
/// `group_not_found`; `cannot_grant` for what mappings give its members.
pub fn delete(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteGroups>,
    id: GroupId,
    now: Timestamp,
) -> Result<(), Problem> {
    let (group, place) = located(tx, granted.place(), id)?;
    if group.members > 0 {
        roles::check_groups(tx, granted.actor(), place, &with_all_above(tx, &group)?)?;
    }
    let left = members::empty(tx, &group)?;
    table::save(tx, &Group { deleted_at: Some(now), members: 0, ..group.clone() })?;
    let event = Event::by(granted.actor(), now, place, Action::GroupDelete).on("group", id);
    audit::append(tx, event.with("name", &group.name).with("members_left", left));
    Ok(())
}
