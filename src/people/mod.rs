//! People: users, their memberships of tenants, and the roles that they hold beyond one membership.
//!
//! There is one user per e-mail on an instance. Their *home tenant* owns the account: only its admins (and those above them)
//! change their data or password; another tenant's admins only give and take the membership of theirs.

mod access;
mod cards;
mod change;
pub mod groups;
mod invitation;
mod membership;
mod password;
mod profile;
mod rows;
mod service;
mod table;
#[cfg(test)]
mod tests;
mod user;

pub use access::{
    SecondFactor, assignments, assignments_in, check_active, check_hand_out, check_outranks_in, check_step_up,
    hold_to_second_factor, may_enter, may_hand_out, may_use, tenant_to_enter, tenants_open_to, works_in,
};
pub use change::{MembershipPatch, NewMembership, NewUser, ProfilePatch, UserFilter, UserPatch};
pub use invitation::{Invitation, MemberState};
pub use membership::Membership;
pub use password::{PasswordMark, with_password};
pub use profile::{
    Address, AddressText, Birthdate, GroupName, Locale, MAX_GROUPS, PhoneNumber, Profile, ProfileChange, Username,
    WebUrl, ZoneInfo,
};
pub use rows::{
    all_tenants_of, belonging, by_email, by_external_id, count_members_with, known_user, membership, tenants_of,
    there_is_a_super_admin, user,
};
pub(crate) use service::install_admin;
use service::sight;
pub use service::{
    Mailbox, UserRef, accept_by_handed_link, accept_by_link, add_membership, belong_at_home, check_new, count_blocks,
    create, delete, deleted, deleted_with_email, find_by_external_id, fold_fully, forget_assigned, get, get_to_change,
    get_to_restore, get_to_secure, grant_role, invited, is_account_of, leave_home, list, list_behind, list_by_partner,
    list_role_holders, meant_user, memberships_of, mismatches, name_by_link, named, prove_mailboxes, purge_deleted,
    record_login, rehash_password, relocated, remove_membership, renew_invitation, restore, revoke_role, search_users,
    set_membership_role, set_own_password, set_password, set_password_by_link, settle_home, slice, slice_deleted,
    update, update_membership, update_own_profile, verify_email_by_link, waiting, within,
};
pub use table::{index_deleted, list_invited, members_count};
pub use user::{AdminRole, IdentitySource, Status, User};

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(
    tx: &impl crate::store::Read,
    report: &mut crate::store::Report,
) -> Result<(), crate::store::StoreError> {
    table::check_rows(tx, report)?;
    groups::check_rows(tx, report)
}
