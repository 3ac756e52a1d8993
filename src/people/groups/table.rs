//! The rows of groups and of their members.

use super::{Group, GroupMember, Member};
use crate::access::Place;
use crate::base::id::{GroupId, PartnerId, TenantId};
use crate::base::{Id, Problem, text};
use crate::people::cards::partner_scope;
use crate::store::{Card, Direction, Entity, IndexEntries, Listing, Read, Report, Row, StoreError, Table, WriteTx};
use crate::tenancy;
use std::ops::ControlFlow;

/// Live groups, by tenant and by partner; numbers 0x0421 to 0x0423.
pub(super) const LISTING: Listing<GroupId> = Listing::new(0x0421, "groups listed");
/// Which groups somebody is in: the kind of member, its number, the tenant, the group.
const BY_MEMBER: Table<(u8, u64, TenantId, GroupId), ()> = Table::new(0x0425, "groups by member");
/// Live groups by their names without differences of case.
const BY_NAME: Table<(TenantId, String), GroupId> = Table::new(0x0426, "groups by name");
/// The tenant of a group: an address names the group alone.
const BY_ID: Table<GroupId, TenantId> = Table::new(0x0427, "tenants by group");

impl Row for Group {}
impl Row for GroupMember {}

impl Entity for Group {
    type Key = (TenantId, GroupId);
    const TABLE: Table<(TenantId, GroupId), Self> = Table::new(0x0420, "groups");
    const SPARSE: &'static [u16] = &[BY_NAME.number];
    fn key(&self) -> (TenantId, GroupId) {
        (self.tenant, self.id)
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.unique(&BY_ID, &self.id, &self.tenant);
        if self.deleted_at.is_none() {
            entries.unique(&BY_NAME, &(self.tenant, text::caseless(self.name.as_str())), &self.id);
        }
    }
}

/// In keys, users come first.
const USER: u8 = 1;
const GROUP: u8 = 2;

/// The kind of a member and its number, as keys have them.
fn member_key(member: Member) -> (u8, u64) {
    match member {
        Member::User(id) => (USER, id.raw()),
        Member::Group(id) => (GROUP, id.raw()),
    }
}

impl Entity for GroupMember {
    type Key = (TenantId, GroupId, u8, u64);
    const TABLE: Table<(TenantId, GroupId, u8, u64), Self> = Table::new(0x0424, "members of groups");
    fn key(&self) -> (TenantId, GroupId, u8, u64) {
        let (kind, number) = member_key(self.member);
        (self.tenant, self.group, kind, number)
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        let (kind, number) = member_key(self.member);
        entries.many(&BY_MEMBER, &(kind, number, self.tenant, self.group));
    }
}

fn card(tx: &impl Read, group: &Group) -> Result<Option<Card<GroupId>>, StoreError> {
    Ok(card_of(group, tenancy::place_of(tx, group.tenant)?.and_then(Place::partner)))
}

fn card_of(group: &Group, partner: Option<PartnerId>) -> Option<Card<GroupId>> {
    let scopes = [group.tenant.raw()].into_iter().chain(partner.map(partner_scope)).collect();
    group.deleted_at.is_none().then(|| Card {
        id: group.id,
        scopes,
        status: group.group_type.number(),
        texts: texts(group),
        partly: None,
    })
}

fn texts(group: &Group) -> Vec<String> {
    vec![group.name.to_string()]
}

/// What a listed group is found by.
pub(super) fn texts_of(tx: &impl Read, id: GroupId) -> Result<Option<Vec<String>>, StoreError> {
    Ok(group(tx, id)?.as_ref().map(texts))
}

/// The cards of all groups whose rows can be read.
pub(in crate::people) fn cards(tx: &impl Read) -> Result<Vec<Card<GroupId>>, StoreError> {
    tx.readable_rows(&Group::TABLE)?.iter().filter_map(|group| card(tx, group).transpose()).collect()
}

/// Lists all groups anew, and finds them by what their names are now compared by.
pub(in crate::people) fn relist_all(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    let cards = cards(tx)?;
    LISTING.rebuild(tx, &cards)?;
    tx.reindex::<Group, _, _>(&BY_NAME)
}

/// Saves a group with its place in the lists.
pub(super) fn save(tx: &mut WriteTx<'_>, group: &Group) -> Result<(), Problem> {
    let before = match tx.get(&Group::TABLE, &group.key())? {
        Some(old) => card(tx, &old)?,
        None => None,
    };
    tx.save(group).map_err(|error| match error {
        StoreError::Taken(_) => {
            Problem::conflict("name_taken", "There is already a group with this name in the tenant")
        }
        other => other.into(),
    })?;
    LISTING.update(tx, before.as_ref(), card(tx, group)?.as_ref())?;
    Ok(())
}

/// Brings the list up to date of the groups of a tenant that has gone from a partner to another, away, or come back (`from`
/// none).
///
/// # Errors
/// When the file cannot be read or written.
pub fn relocated(tx: &mut WriteTx<'_>, tenant: TenantId, from: Option<PartnerId>) -> Result<(), StoreError> {
    let partner = tenancy::place_of(tx, tenant)?.and_then(Place::partner);
    for id in LISTING.ids(tx, tenant.raw(), None)? {
        if let Some(group) = tx.get(&Group::TABLE, &(tenant, id))? {
            let (before, now) = (card_of(&group, from), card_of(&group, partner));
            LISTING.update(tx, before.as_ref(), now.as_ref())?;
        }
    }
    Ok(())
}

/// A group; none when it was deleted or never was.
///
/// # Errors
/// When the file cannot be read.
pub fn group(tx: &impl Read, id: GroupId) -> Result<Option<Group>, StoreError> {
    let Some(tenant) = tx.get(&BY_ID, &id)? else { return Ok(None) };
    Ok(tx.get(&Group::TABLE, &(tenant, id))?.filter(|group: &Group| group.deleted_at.is_none()))
}

/// That somebody is directly in a group.
pub(super) fn member(tx: &impl Read, group: &Group, member: Member) -> Result<Option<GroupMember>, StoreError> {
    let (kind, number) = member_key(member);
    tx.get(&GroupMember::TABLE, &(group.tenant, group.id, kind, number))
}

/// Takes somebody out of a group.
pub(super) fn remove(tx: &mut WriteTx<'_>, member: &GroupMember) -> Result<(), StoreError> {
    tx.remove::<GroupMember>(&member.key())
}

/// Visits the direct members of a group, those behind `after` if it is given: users first, the oldest of them first, then groups.
pub(super) fn each_member(
    tx: &impl Read,
    tenant: TenantId,
    group: GroupId,
    after: Option<Member>,
    visit: impl FnMut(GroupMember) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    members_behind(tx, (tenant, group), after, Direction::Forward, visit)
}

/// As [`each_member`], in a direction.
pub(super) fn members_behind(
    tx: &impl Read,
    (tenant, group): (TenantId, GroupId),
    start: Option<Member>,
    way: Direction,
    mut visit: impl FnMut(GroupMember) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let start = start.map(|member| {
        let (kind, number) = member_key(member);
        (tenant, group, kind, number)
    });
    tx.scan_after(&GroupMember::TABLE, &(tenant, group), start.as_ref(), way, |_, row| Ok(visit(row)))
}

/// The groups that are directly in a group.
pub(super) fn groups_in(tx: &impl Read, tenant: TenantId, group: GroupId) -> Result<Vec<GroupId>, StoreError> {
    let mut found = Vec::new();
    tx.scan_front(&GroupMember::TABLE, &(tenant, group, GROUP), Direction::Forward, |_, row: GroupMember| {
        if let Member::Group(id) = row.member {
            found.push(id);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// The groups that somebody is directly in, in one tenant or in all.
pub(super) fn groups_with(
    tx: &impl Read,
    member: Member,
    tenant: Option<TenantId>,
) -> Result<Vec<(TenantId, GroupId)>, StoreError> {
    let (kind, number) = member_key(member);
    let mut found = Vec::new();
    let mut take = |(_, _, tenant, group): (u8, u64, TenantId, GroupId), ()| {
        found.push((tenant, group));
        Ok(ControlFlow::Continue(()))
    };
    match tenant {
        Some(tenant) => tx.scan_front(&BY_MEMBER, &(kind, number, tenant), Direction::Forward, &mut take)?,
        None => tx.scan_front(&BY_MEMBER, &(kind, number), Direction::Forward, &mut take)?,
    }
    Ok(found)
}

/// A step of the schema: the lists of groups are counted in blocks.
///
/// # Errors
/// When the file cannot be read or written.
pub fn count_blocks(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    LISTING.build_blocks(tx)
}

fn no_group() -> Problem {
    Problem::not_found("group_not_found", "There is no such group")
}

/// A group within `place`, and where it is.
pub(super) fn located(tx: &impl Read, place: Place, id: GroupId) -> Result<(Group, Place), Problem> {
    let group = group(tx, id)?.ok_or_else(no_group)?;
    let there = tenancy::place_of(tx, group.tenant)?.filter(|there| place.covers(*there)).ok_or_else(no_group)?;
    Ok((group, there))
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Group>(tx)?;
    report.entity::<GroupMember>(tx)?;
    report.listing(tx, &LISTING, cards(tx), |tx| {
        let cards = cards(tx)?;
        LISTING.rebuild(tx, &cards)
    })
}
