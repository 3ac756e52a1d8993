//! The rows of users and memberships, and how they are found.

use super::{GroupName, IdentitySource, Invitation, Membership, Profile, User};
use crate::access::Role;
use crate::base::id::{TenantId, UserId};
use crate::base::{Email, EmailKey, ExternalId, Metadata, Timestamp};
use crate::store::{Direction, Entity, IndexEntries, Read, Row, StoreError, Table, with_last};
use crate::tenancy;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;

/// By what all spellings of an address have in common.
pub(super) const BY_EMAIL: Table<EmailKey, UserId> = Table::new(0x0401, "users by e-mail");
/// Live users who hold an admin role, by role.
const BY_ADMIN_ROLE: Table<(u8, UserId), ()> = Table::new(0x0405, "users by admin role");
/// Live users who do not come from here, by where they come from.
const NOT_LOCAL: Table<(u8, UserId), ()> = Table::new(0x0406, "users not local");
/// Live users, by what another program calls them.
pub(super) const BY_EXTERNAL_ID: Table<ExternalId, UserId> = Table::new(0x0407, "users by external id");
/// Users who were deleted and not yet purged, by when.
pub(super) const BY_DELETED: Table<(Timestamp, UserId), ()> = Table::new(0x0408, "deleted users by time");
/// Memberships that hold. Those that wait to be accepted stand in a table of their own, so that nothing takes them for one.
const BY_USER: Table<(UserId, TenantId), ()> = Table::new(0x0411, "memberships by user");
const WAITING: Table<(UserId, TenantId), ()> = Table::new(0x0412, "invitations by user");

/// What version 2 lacked behind the profile: two fields of it, then two of the user.
type BehindProfile = (Vec<GroupName>, Metadata, Option<ExternalId>, Metadata);

/// What version 1 of a membership lacked.
type BehindMembership = (Metadata, Option<Email>, Option<Invitation>);

impl Row for User {
    const VERSION: u8 = 4;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        let proven = None::<Timestamp>;
        match version {
            1 => with_last(1, &(Profile::default(), None::<ExternalId>, Metadata::default(), proven), version, bytes),
            2 => with_last(2, &(BehindProfile::default(), proven), version, bytes),
            // What the log tells about it is filled in by a step of the schema.
            _ => with_last(3, &proven, version, bytes),
        }
    }
}

impl Row for Membership {
    const VERSION: u8 = 2;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        with_last(1, &BehindMembership::default(), version, bytes)
    }
}

impl Entity for User {
    type Key = UserId;
    const TABLE: Table<UserId, Self> = Table::new(0x0400, "users").remembered();
    const SPARSE: &'static [u16] = &[BY_DELETED.number, BY_ADMIN_ROLE.number, NOT_LOCAL.number, BY_EXTERNAL_ID.number];
    fn key(&self) -> UserId {
        self.id
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.unique(&BY_EMAIL, &self.email.key(), &self.id);
        if let Some(at) = self.deleted_at {
            entries.many(&BY_DELETED, &(at, self.id));
        }
        if self.deleted_at.is_none() {
            let roles: BTreeSet<u8> = self.admin_roles.iter().map(|held| role_number(held.role)).collect();
            for role in roles {
                entries.many(&BY_ADMIN_ROLE, &(role, self.id));
            }
            if let Some(source) = source_number(self.identity_source) {
                entries.many(&NOT_LOCAL, &(source, self.id));
            }
            if let Some(external) = &self.external_id {
                entries.unique(&BY_EXTERNAL_ID, external, &self.id);
            }
        }
    }
}

impl Entity for Membership {
    type Key = (TenantId, UserId);
    const TABLE: Table<(TenantId, UserId), Self> = Table::new(0x0410, "memberships").remembered();
    const SPARSE: &'static [u16] = &[BY_USER.number, WAITING.number];
    fn key(&self) -> (TenantId, UserId) {
        (self.tenant, self.user)
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.many(if self.is_pending() { &WAITING } else { &BY_USER }, &(self.user, self.tenant));
    }
}

const fn role_number(role: Role) -> u8 {
    match role {
        Role::SuperAdmin => 1,
        Role::PartnerAdmin => 2,
        Role::PartnerViewer => 3,
        Role::TenantAdmin => 4,
        Role::TenantUser => 5,
        Role::TenantViewer => 6,
    }
}

/// Of a source that is not this instance.
const fn source_number(source: IdentitySource) -> Option<u8> {
    match source {
        IdentitySource::Local => None,
        IdentitySource::Scim => Some(1),
        IdentitySource::Oidc => Some(2),
        IdentitySource::Saml => Some(3),
        IdentitySource::Ldap => Some(4),
    }
}

/// The live users who do not come from here.
pub(super) fn not_local(tx: &impl Read) -> Result<Vec<UserId>, StoreError> {
    let mut found = Vec::new();
    tx.scan_front(&NOT_LOCAL, &(), Direction::Forward, |(_, id), ()| {
        found.push(id);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// A user; none when they were deleted or never was.
///
/// # Errors
/// When the file cannot be read.
pub fn user(tx: &impl Read, id: UserId) -> Result<Option<User>, StoreError> {
    Ok(tx.get(&User::TABLE, &id)?.filter(|row| row.deleted_at.is_none()))
}

/// As [`user`], shared with the other readers of a snapshot: for what is asked with every request.
///
/// # Errors
/// When the file cannot be read.
pub fn known_user(tx: &impl Read, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
    Ok(tx.recall(&User::TABLE, &id)?.filter(|row| row.deleted_at.is_none()))
}

/// A user by the name that they sign in with, however it is spelt. Whoever vouches for an address that is spelt otherwise than
/// theirs vouches for another mailbox: compare it with [`User::email`].
///
/// # Errors
/// When the file cannot be read.
pub fn by_email(tx: &impl Read, email: &Email) -> Result<Option<User>, StoreError> {
    Ok(tx.find(&BY_EMAIL, &email.key())?.filter(|row: &User| row.deleted_at.is_none()))
}

/// Who has an address, also somebody who was deleted.
pub(super) fn holder_of_email(tx: &impl Read, email: &Email) -> Result<Option<UserId>, StoreError> {
    tx.get(&BY_EMAIL, &email.key())
}

/// A live user by what another program calls them.
///
/// # Errors
/// When the file cannot be read.
pub fn by_external_id(tx: &impl Read, external: &ExternalId) -> Result<Option<User>, StoreError> {
    Ok(tx.find(&BY_EXTERNAL_ID, external)?.filter(|row: &User| row.deleted_at.is_none()))
}

fn tenants_in(
    tx: &impl Read,
    index: &Table<(UserId, TenantId), ()>,
    user: UserId,
) -> Result<Vec<TenantId>, StoreError> {
    let mut tenants = Vec::new();
    tx.scan_front(index, &(user,), Direction::Forward, |(_, tenant), ()| {
        tenants.push(tenant);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(tenants)
}

/// The tenants that a user is a member of, the oldest first: accepted memberships only. The home tenant is usually one of
/// them, and never by itself.
///
/// # Errors
/// When the file cannot be read.
pub fn tenants_of(tx: &impl Read, user: UserId) -> Result<Vec<TenantId>, StoreError> {
    tenants_in(tx, &BY_USER, user)
}

/// As [`tenants_of`], with the tenants that wait for them to accept.
///
/// # Errors
/// When the file cannot be read.
pub fn all_tenants_of(tx: &impl Read, user: UserId) -> Result<Vec<TenantId>, StoreError> {
    let mut tenants = tenants_in(tx, &BY_USER, user)?;
    tenants.extend(tenants_in(tx, &WAITING, user)?);
    tenants.sort_unstable();
    Ok(tenants)
}

/// One membership that holds; an invitation that waits is none.
///
/// # Errors
/// When the file cannot be read.
pub fn membership(tx: &impl Read, tenant: TenantId, user: UserId) -> Result<Option<Membership>, StoreError> {
    Ok(belonging(tx, tenant, user)?.filter(|membership| !membership.is_pending()))
}

/// One membership, accepted or not: for what shows and manages them. It gives no right.
///
/// # Errors
/// When the file cannot be read.
pub fn belonging(tx: &impl Read, tenant: TenantId, user: UserId) -> Result<Option<Membership>, StoreError> {
    tx.get(&Membership::TABLE, &(tenant, user))
}

/// How many live users have this role by a membership, of a tenant or of all that are there. It walks the memberships: for a
/// question of an administrator.
///
/// # Errors
/// When the file cannot be read.
pub fn count_members_with(tx: &impl Read, tenant: Option<TenantId>, role: Role) -> Result<u64, StoreError> {
    let mut found = Vec::new();
    let mut look = |membership: Membership| {
        if membership.role == role {
            found.push((membership.tenant, membership.user));
        }
        Ok(ControlFlow::Continue(()))
    };
    match tenant {
        Some(tenant) => tx.scan_front(&Membership::TABLE, &(tenant,), Direction::Forward, |_, row| look(row))?,
        None => tx.scan_front(&Membership::TABLE, &(), Direction::Forward, |_, row| look(row))?,
    }
    let mut count = 0;
    for (tenant, id) in found {
        // Rows of memberships outlive a user and a tenant that were deleted.
        count += u64::from(tenancy::place_of(tx, tenant)?.is_some() && user(tx, id)?.is_some());
    }
    Ok(count)
}

/// The live users who hold this role by an assignment of its own.
pub(super) fn holders(tx: &impl Read, role: Role) -> Result<Vec<UserId>, StoreError> {
    let mut holders = Vec::new();
    tx.scan_front(&BY_ADMIN_ROLE, &(role_number(role),), Direction::Forward, |(_, user), ()| {
        holders.push(user);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(holders)
}

/// Whether anybody is super_admin: false until the first administrator has claimed the setup link.
///
/// # Errors
/// When the file cannot be read.
pub fn there_is_a_super_admin(tx: &impl Read) -> Result<bool, StoreError> {
    Ok(!holders(tx, Role::SuperAdmin)?.is_empty())
}
