//! Users: the row, and what other programs know of where it comes from.

use super::Profile;
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

    pub(super) const fn number(self) -> u8 {
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
