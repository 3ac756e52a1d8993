//! What admins do with users, and users with themselves.

mod deleted;
mod guard;
mod home;
mod invitations;
mod lists;
mod meant;
mod members;
mod own;
mod proven;
mod roles;
pub(super) mod sight;
mod users;

pub use deleted::{deleted, deleted_with_email, get_to_restore, purge_deleted, restore, slice_deleted};
pub use home::{belong_at_home, leave_home, settle_home};
pub use invitations::{accept_by_handed_link, accept_by_link, invited, renew_invitation, waiting};
pub(super) use lists::scopes;
pub use lists::{count_blocks, find_by_external_id, fold_fully, list, list_by_partner, mismatches, relocated, slice};
pub use meant::{meant_user, search_users};
pub use members::{
    UserRef, add_membership, memberships_of, named, remove_membership, set_membership_role, update_membership,
};
pub(crate) use own::install_admin;
pub use own::{
    Mailbox, name_by_link, record_login, rehash_password, set_own_password, set_password_by_link, update_own_profile,
    verify_email_by_link,
};
pub use proven::prove_mailboxes;
pub use roles::{forget_assigned, grant_role, list_role_holders, revoke_role};
pub use users::{
    check_new, create, delete, get, get_to_change, get_to_secure, list_behind, set_password, update, within,
};

use self::sight::Sight;
use super::{Status, User, table};
use crate::access::{Place, Role};
use crate::base::id::{TenantId, UserId};
use crate::base::{Problem, Timestamp};
use crate::store::{Read, StoreError};
use crate::tenancy;

fn no_user() -> Problem {
    Problem::not_found("user_not_found", "There is no such user")
}

/// Where the user's home is; the platform when the home tenant was deleted, so that only super_admins reach them.
fn home_of(tx: &impl Read, user: &User) -> Result<Place, StoreError> {
    Ok(tenancy::place_of(tx, user.home_tenant)?.unwrap_or(Place::Platform))
}

/// A live user and their home, whoever asks.
fn anyone(tx: &impl Read, id: UserId) -> Result<(User, Place), Problem> {
    let user = table::user(tx, id)?.ok_or_else(no_user)?;
    let home = home_of(tx, &user)?;
    Ok((user, home))
}

/// A user of whom those who administer `place` know, or nobody. The whole row: for what changes it. What shows it goes
/// through [`sight`].
fn user_within(tx: &impl Read, place: Place, id: UserId) -> Result<User, Problem> {
    match table::user(tx, id)? {
        Some(user) if sight::of(tx, place, &user)? != Sight::Nothing => Ok(user),
        _ => Err(no_user()),
    }
}

/// As [`user_within`], as much of them as those who administer `place` may see.
fn seen_within(tx: &impl Read, place: Place, id: UserId) -> Result<User, Problem> {
    match table::user(tx, id)? {
        Some(user) => sight::shown(tx, place, user)?.ok_or_else(no_user),
        None => Err(no_user()),
    }
}

/// Refuses what takes somebody for one of `place` who was only invited there: an invitation shows an address, and is no
/// consent to anything else.
fn check_accepted(tx: &impl Read, place: Place, user: &User) -> Result<(), Problem> {
    match sight::of(tx, place, user)? {
        Sight::Whole => Ok(()),
        Sight::Invited(_) => {
            Err(Problem::conflict("invitation_pending", "The user has not accepted the invitation yet").at("user_id"))
        }
        Sight::Nothing => Err(no_user()),
    }
}

/// Whether the account of somebody is a tenant's alone, so that whoever ends their membership there may end the account: it
/// is their home, they belong to no other, and they have not only been asked to come back.
///
/// # Errors
/// When the file cannot be read.
pub fn is_account_of(tx: &impl Read, tenant: TenantId, id: UserId) -> Result<bool, StoreError> {
    // The row itself: what the tenant's administrators are shown of somebody whom they have invited has their tenant for a home.
    let (Some(place), Some(user)) = (tenancy::place_of(tx, tenant)?, table::user(tx, id)?) else { return Ok(false) };
    Ok(user.home_tenant == tenant
        && table::tenants_of(tx, id)?.iter().all(|other| *other == tenant)
        && sight::of(tx, place, &user)? == Sight::Whole)
}

/// The tenant may have one user more.
fn room_for_user(tx: &impl Read, place: Place) -> Result<(), Problem> {
    let (Some(tenant), Some(partner)) = (place.tenant(), place.partner()) else { return Ok(()) };
    let of_partner = tenancy::partner(tx, partner)?.and_then(|partner| partner.max_users_per_tenant);
    let own = tenancy::tenant(tx, tenant)?.and_then(|tenant| tenant.details.max_users);
    let quotas = [("max_users_per_tenant", of_partner), ("max_allowed_users", own)];
    let limits = quotas.into_iter().filter_map(|(quota, max)| max.map(|max| (max, quota)));
    let Some((max, quota)) = limits.min_by_key(|(max, _)| *max) else { return Ok(()) };
    if table::members_count(tx, tenant)? >= u64::from(max) {
        return Err(Problem::conflict("quota_exceeded", "The tenant has as many users as it may have")
            .with("quota", quota)
            .with("limit", max));
    }
    Ok(())
}

/// Refuses to take the last active super_admin away: the instance would be left to whoever has the machine.
fn keep_one_super_admin(tx: &impl Read, user: &User, now: Timestamp) -> Result<(), Problem> {
    let is_one = |user: &User| {
        user.status == Status::Active
            && user.admin_roles.iter().any(|held| held.role == Role::SuperAdmin && held.is_live(now))
    };
    if !is_one(user) {
        return Ok(());
    }
    for other in table::holders(tx, Role::SuperAdmin)? {
        if other != user.id && table::user(tx, other)?.is_some_and(|other| is_one(&other)) {
            return Ok(());
        }
    }
    Err(Problem::conflict("last_super_admin", "This is the last active super_admin; make another one first"))
}
