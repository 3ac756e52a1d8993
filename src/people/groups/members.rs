//! Who is in a group.

use super::table::{self, located};
use super::walk::{check_nesting, effective_users, with_all_above};
use super::{Group, GroupMember, MAX_GROUPS_OF_ONE, MAX_MEMBERS, Member};
use crate::access::{Granted, Place, permit};
use crate::audit::{self, Event};
use crate::base::id::{GroupId, TenantId, UserId};
use crate::base::{Id, Problem, Timestamp};
use crate::catalogue::Action;
use crate::people::{self, sight};
use crate::roles;
use crate::store::{Entity, Listed, Paging, Read, Slice, StoreError, Window, WriteTx};
use std::ops::ControlFlow;

/// Which members to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemberFilter {
    /// Users and groups that are in it themselves.
    #[default]
    Direct,
    /// Users who are in it through groups in it only.
    Nested,
    /// Users who are in it either way.
    Effective,
}

/// One line of a list of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Members {
    /// A user; whether directly, and since when if so.
    User(Box<people::User>, bool, Option<Timestamp>),
    /// A group, directly.
    Group(Group, Timestamp),
}

/// Puts a user or a group into a group. A second time changes nothing.
///
/// # Errors
/// `group_not_found`; `member_not_found` for a user who does not belong to the tenant, or a group of another tenant;
/// `group_cycle`, `group_too_deep`, `group_type_mismatch`, `quota_exceeded`; `cannot_grant` for what mappings give the group.
pub fn add_member(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteGroups>,
    id: GroupId,
    member: Member,
    now: Timestamp,
) -> Result<GroupMember, Problem> {
    let (group, place) = located(tx, granted.place(), id)?;
    let none = || Problem::not_found("member_not_found", "There is no such user or group in the group's tenant");
    let name = match member {
        Member::User(user) => {
            let user = people::user(tx, user)?.ok_or_else(none)?;
            // Somebody who was invited may be put in already: it gives them nothing until they accept.
            if people::belonging(tx, group.tenant, user.id)?.is_none() {
                return Err(none());
            }
            user.email.to_string()
        }
        Member::Group(inner) => {
            let inner = table::group(tx, inner)?.filter(|inner| inner.tenant == group.tenant).ok_or_else(none)?;
            check_nesting(tx, &group, &inner)?;
            inner.name.to_string()
        }
    };
    if let Some(there) = table::member(tx, &group, member)? {
        return Ok(there);
    }
    let full = |what: &str, limit: u64| {
        Problem::conflict("quota_exceeded", format!("{what} as there may be")).with("limit", limit)
    };
    if group.members >= MAX_MEMBERS {
        return Err(full("The group has as many members", MAX_MEMBERS));
    }
    if table::groups_with(tx, member, Some(group.tenant))?.len() >= MAX_GROUPS_OF_ONE {
        return Err(full("The member is in as many groups", MAX_GROUPS_OF_ONE as u64));
    }
    // Who joins gets what mappings give the group, so it has to be the actor's to give.
    roles::check_groups(tx, granted.actor(), place, &with_all_above(tx, &group)?)?;
    let row = GroupMember { tenant: group.tenant, group: id, member, added_at: now };
    tx.save(&row)?;
    tx.save(&Group { members: group.members + 1, ..group })?;
    let event = Event::by(granted.actor(), now, place, Action::GroupAddMember).on("group", id);
    audit::append(tx, named(event, member).with("name", name));
    Ok(row)
}

fn named(event: Event, member: Member) -> Event {
    match member {
        Member::User(user) => event.with("user", user),
        Member::Group(group) => event.with("member_group", group),
    }
}

/// A direct member of a group as a list shows it.
///
/// # Errors
/// `group_not_found`, `member_not_found`.
pub fn direct_member(
    tx: &impl Read,
    granted: &Granted<permit::ReadGroups>,
    id: GroupId,
    member: Member,
) -> Result<Members, Problem> {
    let (group, place) = located(tx, granted.place(), id)?;
    let row = table::member(tx, &group, member)?;
    let shown = row.map(|row| line(tx, place, &row)).transpose()?.flatten();
    shown.ok_or_else(|| Problem::not_found("member_not_found", "There is no such member in the group"))
}

/// Takes a user or a group out of a group.
///
/// # Errors
/// `group_not_found`, `member_not_found`; `cannot_grant` for what mappings give the group.
pub fn remove_member(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteGroups>,
    id: GroupId,
    member: Member,
    now: Timestamp,
) -> Result<(), Problem> {
    let (group, place) = located(tx, granted.place(), id)?;
    let row = table::member(tx, &group, member)?
        .ok_or_else(|| Problem::not_found("member_not_found", "There is no such member in the group"))?;
    // Who leaves loses what mappings give the group, so it has to be the actor's to take.
    let left = with_all_above(tx, &group)?;
    roles::check_groups(tx, granted.actor(), place, &left)?;
    take_out(tx, &row)?;
    audit::append(tx, named(Event::by(granted.actor(), now, place, Action::GroupRemoveMember).on("group", id), member));
    Ok(())
}

/// Takes a member out and keeps the group's count.
fn take_out(tx: &mut WriteTx<'_>, row: &GroupMember) -> Result<(), StoreError> {
    table::remove(tx, row)?;
    if let Some(group) = tx.get(&Group::TABLE, &(row.tenant, row.group))? {
        tx.save(&Group { members: group.members.saturating_sub(1), ..group })?;
    }
    Ok(())
}

/// Takes everybody out of a group, and the group out of others. Gives how many members it had.
pub(super) fn empty(tx: &mut WriteTx<'_>, group: &Group) -> Result<u64, StoreError> {
    let mut rows = Vec::new();
    table::each_member(tx, group.tenant, group.id, None, |row| {
        rows.push(row);
        ControlFlow::Continue(())
    })?;
    for row in &rows {
        table::remove(tx, row)?;
    }
    forget_member(tx, Member::Group(group.id), Some(group.tenant))?;
    Ok(rows.len() as u64)
}

fn forget_member(tx: &mut WriteTx<'_>, member: Member, tenant: Option<TenantId>) -> Result<u64, StoreError> {
    let groups = table::groups_with(tx, member, tenant)?;
    for (tenant, group) in &groups {
        take_out(tx, &GroupMember { tenant: *tenant, group: *group, member, added_at: Timestamp::default() })?;
    }
    Ok(groups.len() as u64)
}

/// Takes a user out of all groups, or of those of a tenant, as part of something that has an audit row of its own. Gives how
/// many there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn forget(tx: &mut WriteTx<'_>, user: UserId, tenant: Option<TenantId>) -> Result<u64, StoreError> {
    forget_member(tx, Member::User(user), tenant)
}

/// A direct member as a list shows it; none when it is gone. Of somebody who was only invited, the address and that it waits.
///
/// # Errors
/// When the file cannot be read.
pub fn line(tx: &impl Read, place: Place, row: &GroupMember) -> Result<Option<Members>, StoreError> {
    Ok(match row.member {
        Member::User(user) => {
            shown(tx, place, user)?.map(|user| Members::User(Box::new(user), true, Some(row.added_at)))
        }
        Member::Group(inner) => table::group(tx, inner)?.map(|inner| Members::Group(inner, row.added_at)),
    })
}

/// A user as those who administer `place` may see them.
fn shown(tx: &impl Read, place: Place, user: UserId) -> Result<Option<people::User>, StoreError> {
    match people::user(tx, user)? {
        Some(user) => sight::shown(tx, place, user),
        None => Ok(None),
    }
}

/// Members of a group, users first, the oldest first.
///
/// Direct members are read up to the page's end; the others come from a walk through the groups in it.
///
/// # Errors
/// `group_not_found`.
pub fn list_members(
    tx: &impl Read,
    granted: &Granted<permit::ReadGroups>,
    id: GroupId,
    filter: MemberFilter,
    paging: Paging,
) -> Result<Listed<Members>, Problem> {
    let (group, _) = located(tx, granted.place(), id)?;
    let place = granted.place();
    let (skip, size) = paging.window();
    if filter == MemberFilter::Direct {
        let (mut at, mut rows) = (0, Vec::new());
        table::each_member(tx, group.tenant, id, paging.after().map(member_at), |row| {
            if at >= skip {
                rows.push(row);
            }
            at += 1;
            if rows.len() > size { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        let page = Listed::of(rows, group.members, paging, |row| place_of(row.member));
        let mut items = Vec::new();
        for row in &page.items {
            items.extend(line(tx, place, row)?);
        }
        return Ok(page.with(items));
    }
    let mut users = effective_users(tx, &group)?;
    if filter == MemberFilter::Nested {
        users.retain(|_, direct| !*direct);
    }
    let page = Listed::cut(users.into_iter().collect(), paging, |(user, _)| user.raw());
    let mut items = Vec::new();
    for &(user, direct) in &page.items {
        let since = table::member(tx, &group, Member::User(user))?.map(|row| row.added_at);
        items.extend(shown(tx, place, user)?.map(|user| Members::User(Box::new(user), direct, since)));
    }
    Ok(page.with(items))
}

/// As [`list_members`], a stretch of them.
///
/// # Errors
/// `group_not_found`.
pub fn slice_members(
    tx: &impl Read,
    granted: &Granted<permit::ReadGroups>,
    id: GroupId,
    filter: MemberFilter,
    window: Window,
) -> Result<Slice<Members>, Problem> {
    let (group, _) = located(tx, granted.place(), id)?;
    let place = granted.place();
    if filter == MemberFilter::Direct {
        let read = |start: Option<u64>, way, limit: usize| {
            let mut rows = Vec::new();
            table::members_behind(tx, (group.tenant, id), start.map(member_at), way, |row| {
                rows.push(row);
                if rows.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            Ok::<_, StoreError>(rows)
        };
        let rows = window.over_rows(group.members, |row| place_of(row.member), read)?;
        return Ok(rows.try_filter_map(|row| line(tx, place, &row))?);
    }
    let mut users = effective_users(tx, &group)?;
    if filter == MemberFilter::Nested {
        users.retain(|_, direct| !*direct);
    }
    let shown_ones = window.within(&users.keys().copied().collect());
    Ok(shown_ones.try_filter_map(|user| {
        let since = table::member(tx, &group, Member::User(user))?.map(|row| row.added_at);
        let direct = users.get(&user).copied().unwrap_or_default();
        Ok::<_, StoreError>(shown(tx, place, user)?.map(|user| Members::User(Box::new(user), direct, since)))
    })?)
}

/// Tells a group's place among the members from a user's: ids never have this bit, and groups come behind users.
const GROUP_BIT: u64 = 1 << 63;

fn place_of(member: Member) -> u64 {
    match member {
        Member::User(id) => id.raw(),
        Member::Group(id) => id.raw() | GROUP_BIT,
    }
}

fn member_at(place: u64) -> Member {
    if place & GROUP_BIT == 0 {
        Member::User(UserId::from_raw(place))
    } else {
        Member::Group(GroupId::from_raw(place & !GROUP_BIT))
    }
}
