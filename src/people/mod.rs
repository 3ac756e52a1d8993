//! People: users, their memberships of tenants, and the roles that they hold beyond one membership.
//!
//! There is one user per e-mail on an instance. Their *home tenant* owns the account: only its admins (and those above them)
//! change their data or password; another tenant's admins only give and take the membership of theirs.

mod access;
mod cards;
pub mod groups;
mod invitation;
mod password;
mod profile;
mod service;
mod table;
#[cfg(test)]
mod tests;

pub use access::{
    SecondFactor, assignments, assignments_in, check_active, check_hand_out, check_outranks_in, check_step_up,
    hold_to_second_factor, may_enter, may_hand_out, may_use, tenant_to_enter, tenants_open_to, works_in,
};
pub use invitation::{Invitation, MemberState};
pub use password::{PasswordMark, with_password};
pub use profile::{
    Address, AddressText, Birthdate, GroupName, Locale, MAX_GROUPS, PhoneNumber, Profile, ProfileChange, Username,
    WebUrl, ZoneInfo,
};
pub(crate) use service::install_admin;
use service::sight;
pub use service::{
    UserRef, accept_by_link, add_membership, belong_at_home, check_new, count_blocks, create, delete, deleted,
    deleted_with_email, find_by_external_id, fold_fully, forget_assigned, get, get_to_change, get_to_restore,
    get_to_secure, grant_role, invited, is_account_of, leave_home, list, list_behind, list_by_partner,
    list_role_holders, memberships_of, mismatches, name_by_link, named, prove_mailboxes, purge_deleted, record_login,
    rehash_password, relocated, remove_membership, renew_invitation, restore, revoke_role, set_membership_role,
    set_own_password, set_password, set_password_by_link, settle_home, slice, update, update_membership,
    update_own_profile, verify_email_by_link, waiting, within,
};
pub use table::{
    all_tenants_of, belonging, by_email, by_external_id, count_members_with, index_deleted, known_user, list_invited,
    members_count, membership, tenants_of, there_is_a_super_admin, user,
};

use crate::access::{Place, Role};
use crate::base::id::{TenantId, UserId};
use crate::base::{DisplayName, Email, ExternalId, JsonObject, Metadata, Timestamp};
use serde::{Deserialize, Serialize};

/// Whether a user may come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "UserStatus"))]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// They can sign in, and their credentials hold.
    #[default]
    Active,
    /// They have not yet accepted.
    Invited,
    /// An admin or a directory switched them off.
    Disabled,
    /// Stopped for a while.
    Suspended,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Active, Self::Invited, Self::Disabled, Self::Suspended];

    /// The name in answers: `ACTIVE`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Invited => "INVITED",
            Self::Disabled => "DISABLED",
            Self::Suspended => "SUSPENDED",
        }
    }

    /// Reads a name in either case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name().eq_ignore_ascii_case(text))
    }

    const fn number(self) -> u8 {
        match self {
            Self::Active => 1,
            Self::Invited => 2,
            Self::Disabled => 3,
            Self::Suspended => 4,
        }
    }
}

/// Where an account comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum IdentitySource {
    /// It was made here.
    #[default]
    Local,
    /// From a directory by SCIM.
    Scim,
    /// From a customer's OpenID provider.
    Oidc,
    /// From a customer's SAML provider.
    Saml,
    /// From LDAP.
    Ldap,
}

impl IdentitySource {
    /// The name in answers: `LOCAL`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "LOCAL",
            Self::Scim => "SCIM",
            Self::Oidc => "OIDC",
            Self::Saml => "SAML",
            Self::Ldap => "LDAP",
        }
    }
}

/// A role held by an assignment of its own, not through a membership.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminRole {
    /// The role that is held.
    pub role: Role,
    /// Where. Of a tenant only the tenant counts: its partner is looked up, for tenants move.
    pub place: Place,
    /// Until when; none: until it is taken.
    pub expires_at: Option<Timestamp>,
    /// Since when the role is held.
    pub granted_at: Timestamp,
}

impl AdminRole {
    /// Whether it still holds.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The user's id, `sub` in tokens.
    pub id: UserId,
    /// The name to sign in with, unique on the instance.
    pub email: Email,
    /// The tenant that owns the account.
    pub home_tenant: TenantId,
    /// Given name.
    pub first_name: Option<DisplayName>,
    /// Family name.
    pub last_name: Option<DisplayName>,
    /// What to call them.
    pub display_name: Option<DisplayName>,
    /// Whether they may come in.
    pub status: Status,
    /// The argon2id hash as a PHC string; none: no password was ever set.
    pub password_hash: Option<String>,
    /// When the password was last set.
    pub password_changed_at: Option<Timestamp>,
    /// Whether they have shown that the address is theirs.
    pub email_verified: bool,
    /// Roles beyond memberships. They stand in this row, so that a credential's owner and their roles are one look-up.
    pub admin_roles: Vec<AdminRole>,
    /// What admins and directories keep about them.
    pub custom_attributes: JsonObject,
    /// Where the account comes from.
    pub identity_source: IdentitySource,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When they last signed in.
    pub last_login_at: Option<Timestamp>,
    /// What they tell about themselves. New fields go behind it, and behind its last: rows of older versions end there.
    pub profile: Profile,
    /// What another program calls them, unique on the instance among live users.
    pub external_id: Option<ExternalId>,
    /// What a program keeps about them.
    pub metadata: Metadata,
    /// When whoever reads the mailbox last set the password, by a link that was mailed there. None: nobody has, or an
    /// administrator has set another one since, or the address is another one. `email_verified` says less: an administrator
    /// may assert it, and a link confirms it without a look at who else knows the password.
    pub mailbox_proven_at: Option<Timestamp>,
}

impl User {
    /// What to call them: display name, else first and last name, else the e-mail.
    pub fn called(&self) -> String {
        self.own_name().unwrap_or_else(|| self.email.to_string())
    }

    /// Display name, else first and last name; none: they have told neither.
    pub fn own_name(&self) -> Option<String> {
        match (&self.display_name, &self.first_name, &self.last_name) {
            (Some(name), ..) => Some(name.to_string()),
            (None, Some(first), Some(last)) => Some(format!("{first} {last}")),
            (None, Some(name), None) | (None, None, Some(name)) => Some(name.to_string()),
            (None, None, None) => None,
        }
    }
}

/// That a user belongs to a tenant, or is invited to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The tenant that the user belongs to.
    pub tenant: TenantId,
    /// The user who belongs to it.
    pub user: UserId,
    /// As what: a tenant role.
    pub role: Role,
    /// Since when; of somebody who has not accepted yet, when they were invited.
    pub joined_at: Timestamp,
    /// What a program keeps about it.
    pub metadata: Metadata,
    /// Who is named as having invited them.
    pub inviter: Option<Email>,
    /// How they were invited; none: they were made a member without being asked.
    pub invitation: Option<Invitation>,
}

/// A membership to make.
#[derive(Clone, Debug)]
pub struct NewMembership {
    /// As what: a tenant role.
    pub role: Role,
    /// What to keep about it.
    pub metadata: Metadata,
    /// Who is named as having invited them.
    pub inviter: Option<Email>,
    /// Until when they may accept; none: they are a member at once.
    pub invited_until: Option<Timestamp>,
}

impl NewMembership {
    /// A membership at once, with nothing kept about it.
    pub fn at_once(role: Role) -> Self {
        Self { role, metadata: Metadata::default(), inviter: None, invited_until: None }
    }

    /// The row of it.
    pub(crate) fn of(&self, tenant: TenantId, user: UserId, now: Timestamp) -> Membership {
        Membership {
            tenant,
            user,
            role: self.role,
            joined_at: now,
            metadata: self.metadata.clone(),
            inviter: self.inviter.clone(),
            invitation: self.invited_until.map(|end| Invitation::until(end, now)),
        }
    }
}

/// Changes to a membership: what is None stays. Roles have operations of their own.
#[derive(Clone, Debug, Default)]
pub struct MembershipPatch {
    /// What a program keeps about it, all of it.
    pub metadata: Option<Metadata>,
}

/// A user to make, with a first membership of their home tenant.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The name to sign in with.
    pub email: Email,
    /// The home tenant.
    pub tenant: TenantId,
    /// The membership of it.
    pub membership: NewMembership,
    /// Given name.
    pub first_name: Option<DisplayName>,
    /// Family name.
    pub last_name: Option<DisplayName>,
    /// What to call them.
    pub display_name: Option<DisplayName>,
    /// A PHC string, hashed before the transaction. None with [`Status::Active`] is a user who signs in otherwise.
    pub password_hash: Option<String>,
    /// [`Status::Invited`] for somebody who still has to accept.
    pub status: Status,
    /// Whether the address is known to be theirs.
    pub email_verified: bool,
    /// What to keep about them.
    pub custom_attributes: JsonObject,
    /// Where the account comes from.
    pub identity_source: IdentitySource,
    /// What they tell about themselves.
    pub profile: Profile,
    /// What another program calls them.
    pub external_id: Option<ExternalId>,
    /// What a program keeps about them.
    pub metadata: Metadata,
}

impl NewUser {
    /// A local, active user without a password or a name.
    pub fn local(email: Email, tenant: TenantId, role: Role) -> Self {
        Self {
            email,
            tenant,
            membership: NewMembership::at_once(role),
            first_name: None,
            last_name: None,
            display_name: None,
            password_hash: None,
            status: Status::Active,
            email_verified: false,
            custom_attributes: JsonObject::default(),
            identity_source: IdentitySource::Local,
            profile: Profile::default(),
            external_id: None,
            metadata: Metadata::default(),
        }
    }
}

/// Changes to a user: what is None stays; an inner None empties the field. The password has an operation of its own.
#[derive(Clone, Debug, Default)]
pub struct UserPatch {
    /// A new name to sign in with; it is unverified then, unless the patch says otherwise.
    pub email: Option<Email>,
    /// Given name.
    pub first_name: Option<Option<DisplayName>>,
    /// Family name.
    pub last_name: Option<Option<DisplayName>>,
    /// What to call them.
    pub display_name: Option<Option<DisplayName>>,
    /// Whether they may come in. Anything but active ends their sessions.
    pub status: Option<Status>,
    /// Whether the address is known to be theirs.
    pub email_verified: Option<bool>,
    /// A merge patch (RFC 7396).
    pub custom_attributes: Option<serde_json::Value>,
    /// All custom attributes, by a surface that knows texts only: see [`JsonObject::with_texts`].
    pub custom_texts: Option<Metadata>,
    /// Where the account comes from.
    pub identity_source: Option<IdentitySource>,
    /// What they tell about themselves.
    pub profile: ProfileChange,
    /// What another program calls them.
    pub external_id: Option<Option<ExternalId>>,
    /// What a program keeps about them, all of it.
    pub metadata: Option<Metadata>,
}

/// Changes that a user makes to themselves.
#[derive(Clone, Debug, Default)]
pub struct ProfilePatch {
    /// Given name.
    pub first_name: Option<Option<DisplayName>>,
    /// Family name.
    pub last_name: Option<Option<DisplayName>>,
    /// What to call them.
    pub display_name: Option<Option<DisplayName>>,
    /// What they tell about themselves. That a number was checked is not for themselves to say.
    pub profile: ProfileChange,
}

/// Which users to list.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// The front of the e-mail, of a name, of the external id or of a word in them.
    pub search: Option<String>,
    /// Only users of this status.
    pub status: Option<Status>,
    /// Only the members of this tenant, and those whom it has invited.
    pub tenant: Option<TenantId>,
    /// Only those who belong to a tenant of this partner.
    pub partner: Option<crate::base::id::PartnerId>,
}

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

impl crate::store::Versioned for User {
    fn version(&self) -> crate::store::Version {
        // What the server notes, and what has operations of its own, is no part of what is edited.
        crate::store::Version::of(&Self {
            password_hash: None,
            password_changed_at: None,
            admin_roles: Vec::new(),
            last_login_at: None,
            mailbox_proven_at: None,
            updated_at: Timestamp::from_millis(0),
            ..self.clone()
        })
    }
}

impl crate::store::Versioned for Membership {
    fn version(&self) -> crate::store::Version {
        // An invitation that is sent again is no edit; that it was accepted is one.
        crate::store::Version::of(&(self.role, &self.metadata, self.is_pending()))
    }
}
