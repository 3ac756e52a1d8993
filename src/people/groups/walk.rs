//! Up and down through nested groups. Groups have no cycles, so every walk ends; it is bounded all the same.

use super::table::{each_member, groups_in, groups_with};
use super::{Group, GroupType, MAX_DEPTH, Member};
use crate::base::Problem;
use crate::base::id::{GroupId, TenantId, UserId};
use crate::store::{Entity, Read, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// The security groups that a user is in, directly or through others, in order of their ids: what tokens say under the
/// scope `groups`, and what roles are given to. With a tenant only those of that tenant.
///
/// Reads one index entry and one row for each group; a user is in [`MAX_GROUPS_OF_ONE`](super::MAX_GROUPS_OF_ONE) directly
/// at most.
///
/// # Errors
/// When the file cannot be read.
pub fn groups_of(tx: &impl Read, user: UserId, tenant: Option<TenantId>) -> Result<Vec<GroupId>, StoreError> {
    let mut found = BTreeSet::new();
    let mut level = groups_with(tx, Member::User(user), tenant)?;
    for _ in 0..MAX_DEPTH {
        let mut next = Vec::new();
        for (tenant, id) in level {
            // What contains a distribution list is none but a distribution list, so the walk need not go on from one.
            let counts = tx
                .get(&Group::TABLE, &(tenant, id))?
                .is_some_and(|group| group.deleted_at.is_none() && group.group_type == GroupType::Security);
            if counts && found.insert(id) {
                next.extend(groups_with(tx, Member::Group(id), Some(tenant))?);
            }
        }
        level = next;
    }
    Ok(found.into_iter().collect())
}

/// The users of a group, directly (true) or through groups in it only (false), in order of their ids.
///
/// # Errors
/// When the file cannot be read.
pub fn effective_users(tx: &impl Read, group: &Group) -> Result<BTreeMap<UserId, bool>, StoreError> {
    let mut users = BTreeMap::new();
    let (mut seen, mut level) = (BTreeSet::from([group.id]), vec![group.id]);
    for depth in 0..=MAX_DEPTH {
        let mut next = Vec::new();
        for id in level {
            each_member(tx, group.tenant, id, None, |row| {
                match row.member {
                    Member::User(user) => {
                        users.entry(user).or_insert(depth == 0);
                    }
                    Member::Group(inner) if seen.insert(inner) => next.push(inner),
                    Member::Group(_) => {}
                }
                ControlFlow::Continue(())
            })?;
        }
        level = next;
    }
    Ok(users)
}

/// The groups above (or below) one, level by level, as far as [`MAX_DEPTH`] levels.
fn levels(
    from: &Group,
    step: impl Fn(GroupId) -> Result<Vec<GroupId>, StoreError>,
) -> Result<Vec<BTreeSet<GroupId>>, StoreError> {
    let mut all = Vec::new();
    let mut level = BTreeSet::from([from.id]);
    for _ in 0..=MAX_DEPTH {
        let mut next = BTreeSet::new();
        for id in level {
            next.extend(step(id)?);
        }
        if next.is_empty() {
            break;
        }
        all.push(next.clone());
        level = next;
    }
    Ok(all)
}

/// A group and all groups that it is in: what who joins it is in then.
pub(super) fn with_all_above(tx: &impl Read, group: &Group) -> Result<BTreeSet<GroupId>, StoreError> {
    let above = levels(group, |id| {
        let with = groups_with(tx, Member::Group(id), Some(group.tenant))?;
        Ok(with.into_iter().map(|(_, group)| group).collect())
    })?;
    Ok(above.into_iter().flatten().chain([group.id]).collect())
}

/// Refuses a group as a member of another where that makes a circle, or a chain that is too long.
pub(super) fn check_nesting(tx: &impl Read, outer: &Group, inner: &Group) -> Result<(), Problem> {
    let above = levels(outer, |id| {
        let with = groups_with(tx, Member::Group(id), Some(outer.tenant))?;
        Ok(with.into_iter().map(|(_, group)| group).collect())
    })?;
    if outer.id == inner.id || above.iter().any(|level| level.contains(&inner.id)) {
        return Err(Problem::conflict("group_cycle", "The group would be in itself"));
    }
    let below = levels(inner, |id| groups_in(tx, inner.tenant, id))?;
    // The two themselves, and what stands above and below them.
    if above.len() + below.len() + 2 > MAX_DEPTH {
        return Err(Problem::conflict("group_too_deep", "Groups may be nested eight levels deep at most")
            .with("limit", MAX_DEPTH as u64));
    }
    if outer.group_type == GroupType::Security && inner.group_type == GroupType::DistributionList {
        return Err(Problem::conflict(
            "group_type_mismatch",
            "A distribution list gives nothing, so it cannot be a member of a security group",
        ));
    }
    Ok(())
}
