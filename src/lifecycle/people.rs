//! Groups, roles, memberships, and what stays whoever goes.

use super::Part;
use crate::endings::{Cause, Effects, Ending, Kind};
use crate::people::{self, groups};
use crate::roles;
use crate::store::{StoreError, WriteTx};

/// Who is in which group.
pub(super) const GROUPS: Part = Part {
    name: "Groups",
    tables: &["groups", "members of groups"],
    says: |kind| match kind {
        Kind::UserDeleted => "the user leaves all groups",
        Kind::MemberLeft | Kind::InvitationWithdrawn => "the user leaves the groups of that tenant",
        Kind::TenantMoved => "listed under the new partner",
        Kind::TenantDeleted => "out of reach; there again when the tenant is restored",
        Kind::UserSuspended
        | Kind::PasswordChanged
        | Kind::FactorsReset
        | Kind::AccountTakenOver
        | Kind::TenantSuspended
        | Kind::ConsentWithdrawn
        | Kind::SessionEnded
        | Kind::SignedOutElsewhere
        | Kind::SignedOutByAdmin
        | Kind::TenantSignedOut
        | Kind::ApplicationStopped
        | Kind::ClientSecretEnded
        | Kind::KeySlotRemoved => "",
    },
    does: Some(leave_groups),
};

fn leave_groups(tx: &mut WriteTx<'_>, ending: &Ending, _: &Cause) -> Result<Effects, StoreError> {
    let groups = match ending {
        Ending::UserDeleted { user } => groups::forget(tx, *user, None)?,
        Ending::MemberLeft { tenant, user } | Ending::InvitationWithdrawn { tenant, user } => {
            groups::forget(tx, *user, Some(*tenant))?
        }
        Ending::TenantMoved { tenant, from, .. } => {
            groups::relocated(tx, *tenant, *from)?;
            0
        }
        Ending::TenantDeleted { tenant, partner } => {
            groups::relocated(tx, *tenant, Some(*partner))?;
            0
        }
        Ending::UserSuspended { .. }
        | Ending::PasswordChanged { .. }
        | Ending::FactorsReset { .. }
        | Ending::AccountTakenOver { .. }
        | Ending::TenantSuspended { .. }
        | Ending::ConsentWithdrawn { .. }
        | Ending::SessionEnded { .. }
        | Ending::SignedOutElsewhere { .. }
        | Ending::SignedOutByAdmin { .. }
        | Ending::TenantSignedOut { .. }
        | Ending::ApplicationStopped { .. }
        | Ending::ClientSecretEnded { .. }
        | Ending::KeySlotRemoved { .. } => 0,
    };
    Ok(Effects { groups, ..Effects::default() })
}

/// Custom roles and permissions of modules that were given to somebody in a tenant.
pub(super) const ROLES: Part = Part {
    name: "Custom roles and module permissions of a user",
    tables: &["custom roles and module permissions of users"],
    says: |kind| match kind {
        Kind::UserDeleted => "all are taken",
        Kind::MemberLeft | Kind::InvitationWithdrawn => "those of that tenant are taken",
        Kind::UserSuspended
        | Kind::PasswordChanged
        | Kind::FactorsReset
        | Kind::AccountTakenOver
        | Kind::TenantSuspended
        | Kind::TenantMoved
        | Kind::TenantDeleted
        | Kind::ConsentWithdrawn
        | Kind::SessionEnded
        | Kind::SignedOutElsewhere
        | Kind::SignedOutByAdmin
        | Kind::TenantSignedOut
        | Kind::ApplicationStopped
        | Kind::ClientSecretEnded
        | Kind::KeySlotRemoved => "",
    },
    does: Some(take_roles),
};

fn take_roles(tx: &mut WriteTx<'_>, ending: &Ending, _: &Cause) -> Result<Effects, StoreError> {
    match ending {
        Ending::UserDeleted { user } => {
            for tenant in people::all_tenants_of(tx, *user)? {
                roles::forget(tx, tenant, *user)?;
            }
        }
        Ending::MemberLeft { tenant, user } | Ending::InvitationWithdrawn { tenant, user } => {
            roles::forget(tx, *tenant, *user)?;
        }
        Ending::UserSuspended { .. }
        | Ending::PasswordChanged { .. }
        | Ending::FactorsReset { .. }
        | Ending::AccountTakenOver { .. }
        | Ending::TenantSuspended { .. }
        | Ending::TenantMoved { .. }
        | Ending::TenantDeleted { .. }
        | Ending::ConsentWithdrawn { .. }
        | Ending::SessionEnded { .. }
        | Ending::SignedOutElsewhere { .. }
        | Ending::SignedOutByAdmin { .. }
        | Ending::TenantSignedOut { .. }
        | Ending::ApplicationStopped { .. }
        | Ending::ClientSecretEnded { .. }
        | Ending::KeySlotRemoved { .. } => {}
    }
    Ok(Effects::default())
}

/// Users and what they belong to.
pub(super) const MEMBERSHIPS: Part = Part {
    name: "Users and memberships",
    tables: &["users", "memberships", "partners", "tenants", "tenants' standing"],
    says: |kind| match kind {
        Kind::UserDeleted => {
            "the password is gone; the address stays taken and memberships are kept until the retention is over"
        }
        Kind::AccountTakenOver => "memberships stay",
        Kind::MemberLeft => "the membership is gone; a home there moves to the oldest other membership",
        Kind::InvitationWithdrawn => "the invitation is gone",
        Kind::TenantMoved => "listed under the new partner",
        Kind::TenantDeleted => "kept; homes there move to the oldest other membership",
        Kind::UserSuspended
        | Kind::PasswordChanged
        | Kind::FactorsReset
        | Kind::TenantSuspended
        | Kind::ConsentWithdrawn
        | Kind::SessionEnded
        | Kind::SignedOutElsewhere
        | Kind::SignedOutByAdmin
        | Kind::TenantSignedOut
        | Kind::ApplicationStopped
        | Kind::ClientSecretEnded
        | Kind::KeySlotRemoved => "",
    },
    does: Some(move_people),
};

fn move_people(tx: &mut WriteTx<'_>, ending: &Ending, cause: &Cause) -> Result<Effects, StoreError> {
    let homes = match ending {
        Ending::TenantMoved { tenant, from, .. } => {
            people::relocated(tx, *tenant, *from)?;
            0
        }
        Ending::TenantDeleted { tenant, partner } => {
            people::relocated(tx, *tenant, Some(*partner))?;
            people::leave_home(tx, *tenant, cause)?
        }
        Ending::MemberLeft { user, .. } => u64::from(people::settle_home(tx, *user, cause)?),
        Ending::UserDeleted { .. }
        | Ending::UserSuspended { .. }
        | Ending::PasswordChanged { .. }
        | Ending::FactorsReset { .. }
        | Ending::AccountTakenOver { .. }
        | Ending::InvitationWithdrawn { .. }
        | Ending::TenantSuspended { .. }
        | Ending::ConsentWithdrawn { .. }
        | Ending::SessionEnded { .. }
        | Ending::SignedOutElsewhere { .. }
        | Ending::SignedOutByAdmin { .. }
        | Ending::TenantSignedOut { .. }
        | Ending::ApplicationStopped { .. }
        | Ending::ClientSecretEnded { .. }
        | Ending::KeySlotRemoved { .. } => 0,
    };
    Ok(Effects { homes, ..Effects::default() })
}

/// Links to a tenant's portal.
pub(super) const PORTAL_LINKS: Part = Part {
    name: "Links to a tenant's portal",
    tables: &["portal links"],
    says: |kind| match kind {
        Kind::TenantSuspended => "refused until the tenant is active again",
        Kind::TenantDeleted => "refused",
        Kind::UserDeleted
        | Kind::UserSuspended
        | Kind::PasswordChanged
        | Kind::FactorsReset
        | Kind::AccountTakenOver
        | Kind::MemberLeft
        | Kind::InvitationWithdrawn
        | Kind::TenantMoved
        | Kind::ConsentWithdrawn
        | Kind::SessionEnded
        | Kind::SignedOutElsewhere
        | Kind::SignedOutByAdmin
        | Kind::TenantSignedOut
        | Kind::ApplicationStopped
        | Kind::ClientSecretEnded
        | Kind::KeySlotRemoved => "",
    },
    does: None,
};

/// What belongs to a tenant or to the instance, not to a person.
pub(super) const KEPT: Part = Part {
    name: "Secrets, applications, custom roles, limits, the audit log and the instance's own rows",
    tables: &[
        "applications",
        "audit checkpoint",
        "audit log",
        "custom roles",
        "default roles",
        "limits of partners",
        "limits of tenants",
        "login flows",
        "permissions of applications",
        "requests let through",
        "role mappings",
        "schema",
        "setup link",
        "signing keys",
        "vault secrets",
        "vault tenant keys",
        "vault trash",
        "vault versions",
    ],
    says: |kind| match kind {
        Kind::TenantDeleted => "those of the tenant are out of reach; there again when it is restored",
        Kind::TenantSuspended => "those of the tenant are out of reach until it is active again",
        Kind::ApplicationStopped => {
            "its own tokens by client credentials are refused while it is stopped; deleted, its secrets are gone"
        }
        Kind::ClientSecretEnded => "tokens that were given for the secret hold until they expire",
        Kind::KeySlotRemoved => "the file no longer opens with that key; backups and copies from before still do",
        Kind::UserDeleted
        | Kind::UserSuspended
        | Kind::PasswordChanged
        | Kind::FactorsReset
        | Kind::AccountTakenOver
        | Kind::MemberLeft
        | Kind::InvitationWithdrawn
        | Kind::TenantMoved
        | Kind::ConsentWithdrawn
        | Kind::SessionEnded
        | Kind::SignedOutElsewhere
        | Kind::SignedOutByAdmin
        | Kind::TenantSignedOut => "",
    },
    does: None,
};
