//! The rows of custom roles, of what users hold, of mappings, and of the permissions of applications.

use super::{AppPermission, CustomRole, Held, MAX_PERMISSIONS, MAX_ROLES, ModuleSet, RoleMapping};
use crate::access::CoreSet;
use crate::base::id::{AppPermissionId, CustomRoleId, TenantId, UserId};
use crate::base::{DisplayName, Slug, Timestamp};
use crate::store::{Direction, Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx, with_last};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

const BY_SLUG: Table<(TenantId, Slug), CustomRoleId> = Table::new(0x0F01, "custom roles by slug");
const HOLDERS: Table<(TenantId, CustomRoleId, UserId), ()> = Table::new(0x0F03, "users by custom role");
/// All mappings of a tenant in one row: every request of its users asks for it, and mostly there is none.
const MAPPINGS: Table<(TenantId,), Vec<RoleMapping>> = Table::new(0x0F04, "role mappings").remembered_with_absence();
const PERMISSION_BY_NAME: Table<String, AppPermissionId> = Table::new(0x0F06, "permissions of applications by name");
const BY_PERMISSION: Table<(AppPermissionId, TenantId, CustomRoleId), ()> =
    Table::new(0x0F07, "custom roles by permission");
const DEFAULTS: Table<(TenantId,), Defaults> = Table::new(0x0F08, "default roles").remembered();
const BY_BASE: Table<(CustomRoleId, TenantId, CustomRoleId), ()> = Table::new(0x0F09, "custom roles by base");
const INSTANCE_HOLDERS: Table<(CustomRoleId, TenantId, UserId), ()> =
    Table::new(0x0F0A, "users by role of the instance");

/// What stands in the place of the tenant in the keys of the instance's own roles. No tenant has this number.
const INSTANCE: TenantId = TenantId::built_in(0);

/// The roles that people get when nothing else is said: those of the instance, or what a tenant has chosen for itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Defaults {
    /// Of who makes an organisation.
    pub creator: Option<CustomRoleId>,
    /// Of who joins one.
    pub member: Option<CustomRoleId>,
}

impl Row for Vec<RoleMapping> {}
impl Row for AppPermission {}
impl Row for Defaults {}

impl Row for CustomRole {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        /// Version 1: ScaiGrid's alone.
        #[derive(Deserialize)]
        struct Before {
            id: CustomRoleId,
            tenant: TenantId,
            name: DisplayName,
            slug: Slug,
            description: Option<String>,
            core: CoreSet,
            modules: ModuleSet,
            created_by: String,
            created_at: Timestamp,
            updated_at: Timestamp,
        }
        if version != 1 {
            return Err(StoreError::Corrupt("a custom role of an unknown version"));
        }
        let old: Before =
            postcard::from_bytes(bytes).map_err(|_| StoreError::Corrupt("a custom role that cannot be read"))?;
        Ok(Self {
            key: super::built_in::key_from(&old.slug, old.id),
            permissions: BTreeSet::new(),
            extends: None,
            id: old.id,
            tenant: Some(old.tenant),
            name: old.name,
            slug: old.slug,
            description: old.description,
            core: old.core,
            modules: old.modules,
            created_by: old.created_by,
            created_at: old.created_at,
            updated_at: old.updated_at,
        })
    }
}

impl Row for Held {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        // Version 1 ended before `instance`, the last field.
        with_last(1, &Vec::<CustomRoleId>::new(), version, bytes)
    }
}

impl Entity for CustomRole {
    type Key = (TenantId, CustomRoleId);
    const TABLE: Table<Self::Key, Self> = Table::new(0x0F00, "custom roles").remembered();
    fn key(&self) -> Self::Key {
        (owner(self.tenant), self.id)
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        let owner = owner(self.tenant);
        entries.unique(&BY_SLUG, &(owner, self.slug.clone()), &self.id);
        for permission in &self.permissions {
            entries.many(&BY_PERMISSION, &(*permission, owner, self.id));
        }
        if let Some(base) = self.extends {
            entries.many(&BY_BASE, &(base, owner, self.id));
        }
    }
}

impl Entity for Held {
    type Key = (TenantId, UserId);
    const TABLE: Table<Self::Key, Self> =
        Table::new(0x0F02, "custom roles and module permissions of users").remembered_with_absence();
    fn key(&self) -> Self::Key {
        (self.tenant, self.user)
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        for role in &self.custom {
            entries.many(&HOLDERS, &(self.tenant, *role, self.user));
        }
        for role in &self.instance {
            entries.many(&INSTANCE_HOLDERS, &(*role, self.tenant, self.user));
        }
    }
}

impl Entity for AppPermission {
    type Key = AppPermissionId;
    const TABLE: Table<Self::Key, Self> = Table::new(0x0F05, "permissions of applications").remembered();
    fn key(&self) -> Self::Key {
        self.id
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.unique(&PERMISSION_BY_NAME, &self.name.to_string(), &self.id);
    }
}

fn owner(tenant: Option<TenantId>) -> TenantId {
    tenant.unwrap_or(INSTANCE)
}

fn tenant_of(owner: TenantId) -> Option<TenantId> {
    (owner != INSTANCE).then_some(owner)
}

/// A role of a tenant, or, without one, of the instance.
pub(super) fn role(
    tx: &impl Read,
    tenant: Option<TenantId>,
    id: CustomRoleId,
) -> Result<Option<CustomRole>, StoreError> {
    tx.get(&CustomRole::TABLE, &(owner(tenant), id))
}

/// The roles of a tenant, or, without one, of the instance; the oldest first.
pub(super) fn roles(tx: &impl Read, tenant: Option<TenantId>) -> Result<Vec<CustomRole>, StoreError> {
    // The built-in ones stand among the instance's once they have been changed.
    let most = MAX_ROLES + 8;
    Ok(tx.list(&CustomRole::TABLE, &(owner(tenant),), most)?.into_iter().map(|(_, role)| role).collect())
}

/// The roles that have a permission, whosever they are.
pub(super) fn with_permission(tx: &impl Read, permission: AppPermissionId) -> Result<Vec<CustomRole>, StoreError> {
    let mut keys = Vec::new();
    tx.scan_front(&BY_PERMISSION, &(permission,), Direction::Forward, |(_, owner, id), ()| {
        keys.push((owner, id));
        Ok(ControlFlow::Continue(()))
    })?;
    rows_of(tx, &keys)
}

/// The roles that extend a role, whosever they are.
pub(super) fn extending(tx: &impl Read, base: CustomRoleId) -> Result<Vec<CustomRole>, StoreError> {
    let mut keys = Vec::new();
    tx.scan_front(&BY_BASE, &(base,), Direction::Forward, |(_, owner, id), ()| {
        keys.push((owner, id));
        Ok(ControlFlow::Continue(()))
    })?;
    rows_of(tx, &keys)
}

fn rows_of(tx: &impl Read, keys: &[(TenantId, CustomRoleId)]) -> Result<Vec<CustomRole>, StoreError> {
    let row = |(owner, id): &(TenantId, CustomRoleId)| {
        role(tx, tenant_of(*owner), *id)?.ok_or(StoreError::Corrupt("an index entry without its row"))
    };
    keys.iter().map(row).collect()
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

/// Who holds a role of the instance, and in which tenant.
pub(super) fn instance_holders(tx: &impl Read, role: CustomRoleId) -> Result<Vec<(TenantId, UserId)>, StoreError> {
    let mut found = Vec::new();
    tx.scan_front(&INSTANCE_HOLDERS, &(role,), Direction::Forward, |(_, tenant, user), ()| {
        found.push((tenant, user));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

pub(super) fn mappings(tx: &impl Read, tenant: TenantId) -> Result<Vec<RoleMapping>, StoreError> {
    Ok(tx.get(&MAPPINGS, &(tenant,))?.unwrap_or_default())
}

/// The mappings of a tenant as requests ask for them; none at all, mostly.
pub(super) fn known_mappings(tx: &impl Read, tenant: TenantId) -> Result<Option<Arc<Vec<RoleMapping>>>, StoreError> {
    Ok(tx.recall(&MAPPINGS, &(tenant,))?.filter(|mappings| !mappings.is_empty()))
}

pub(super) fn save_mappings(
    tx: &mut WriteTx<'_>,
    tenant: TenantId,
    mappings: &Vec<RoleMapping>,
) -> Result<(), StoreError> {
    if mappings.is_empty() { tx.delete(&MAPPINGS, &(tenant,)) } else { tx.put(&MAPPINGS, &(tenant,), mappings) }
}

pub(super) fn permission(tx: &impl Read, id: AppPermissionId) -> Result<Option<AppPermission>, StoreError> {
    tx.get(&AppPermission::TABLE, &id)
}

pub(super) fn permission_named(tx: &impl Read, name: &str) -> Result<Option<AppPermission>, StoreError> {
    tx.find(&PERMISSION_BY_NAME, &name.to_owned())
}

/// All permissions of applications, the oldest first: 1000 at most.
pub(super) fn all_permissions(tx: &impl Read) -> Result<Vec<AppPermission>, StoreError> {
    Ok(tx.list(&AppPermission::TABLE, &(), MAX_PERMISSIONS)?.into_iter().map(|(_, row)| row).collect())
}

pub(super) fn defaults(tx: &impl Read, tenant: Option<TenantId>) -> Result<Defaults, StoreError> {
    Ok(tx.get(&DEFAULTS, &(owner(tenant),))?.unwrap_or_default())
}

pub(super) fn save_defaults(
    tx: &mut WriteTx<'_>,
    tenant: Option<TenantId>,
    defaults: &Defaults,
) -> Result<(), StoreError> {
    tx.put(&DEFAULTS, &(owner(tenant),), defaults)
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<CustomRole>(tx)?;
    report.entity::<Held>(tx)?;
    report.entity::<AppPermission>(tx)?;
    report.table(tx, &MAPPINGS)?;
    report.table(tx, &DEFAULTS)
}
