//! The rows of custom roles, of what users hold, and of mappings.

use super::{CustomRole, Held, MAX_ROLES, RoleMapping};
use crate::base::Slug;
use crate::base::id::{CustomRoleId, TenantId, UserId};
use crate::store::{Direction, Entity, IndexEntries, Read, Row, StoreError, Table, WriteTx};
use std::ops::ControlFlow;

const BY_SLUG: Table<(TenantId, Slug), CustomRoleId> = Table::new(0x0F01, "custom roles by slug");
const HOLDERS: Table<(TenantId, CustomRoleId, UserId), ()> = Table::new(0x0F03, "users by custom role");
/// All mappings of a tenant in one row: every request of its users asks for it, and mostly there is none.
const MAPPINGS: Table<(TenantId,), Vec<RoleMapping>> = Table::new(0x0F04, "role mappings").remembered();

impl Row for CustomRole {}
impl Row for Held {}
impl Row for Vec<RoleMapping> {}

impl Entity for CustomRole {
    type Key = (TenantId, CustomRoleId);
    const TABLE: Table<Self::Key, Self> = Table::new(0x0F00, "custom roles").remembered();
    fn key(&self) -> Self::Key {
        (self.tenant, self.id)
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.unique(&BY_SLUG, &(self.tenant, self.slug.clone()), &self.id);
    }
}

impl Entity for Held {
    type Key = (TenantId, UserId);
    const TABLE: Table<Self::Key, Self> =
        Table::new(0x0F02, "custom roles and module permissions of users").remembered();
    fn key(&self) -> Self::Key {
        (self.tenant, self.user)
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        for role in &self.custom {
            entries.many(&HOLDERS, &(self.tenant, *role, self.user));
        }
    }
}

pub(super) fn role(tx: &impl Read, tenant: TenantId, id: CustomRoleId) -> Result<Option<CustomRole>, StoreError> {
    tx.get(&CustomRole::TABLE, &(tenant, id))
}

/// The roles of a tenant, the oldest first.
pub(super) fn roles(tx: &impl Read, tenant: TenantId) -> Result<Vec<CustomRole>, StoreError> {
    Ok(tx.list(&CustomRole::TABLE, &(tenant,), MAX_ROLES)?.into_iter().map(|(_, role)| role).collect())
}

pub(super) fn held(tx: &impl Read, tenant: TenantId, user: UserId) -> Result<Option<Held>, StoreError> {
    tx.get(&Held::TABLE, &(tenant, user))
}

/// Saves what a user holds; a row of nothing is no row.
pub(super) fn save_held(tx: &mut WriteTx<'_>, held: &Held) -> Result<(), StoreError> {
    if *held == Held::nothing(held.tenant, held.user) { tx.remove::<Held>(&held.key()) } else { tx.save(held) }
}

/// Visits those who hold a custom role by an assignment of their own.
pub(super) fn each_holder(
    tx: &impl Read,
    tenant: TenantId,
    role: CustomRoleId,
    mut visit: impl FnMut(UserId),
) -> Result<(), StoreError> {
    tx.scan_front(&HOLDERS, &(tenant, role), Direction::Forward, |(_, _, user), ()| {
        visit(user);
        Ok(ControlFlow::Continue(()))
    })
}

pub(super) fn mappings(tx: &impl Read, tenant: TenantId) -> Result<Vec<RoleMapping>, StoreError> {
    Ok(tx.get(&MAPPINGS, &(tenant,))?.unwrap_or_default())
}

pub(super) fn save_mappings(
    tx: &mut WriteTx<'_>,
    tenant: TenantId,
    mappings: &Vec<RoleMapping>,
) -> Result<(), StoreError> {
    if mappings.is_empty() { tx.delete(&MAPPINGS, &(tenant,)) } else { tx.put(&MAPPINGS, &(tenant,), mappings) }
}
