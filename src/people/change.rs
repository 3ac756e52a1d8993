//! Users and memberships to make, changes to them, and which to list.

use super::{IdentitySource, Invitation, Membership, Profile, ProfileChange, Status};
use crate::access::Role;
use crate::base::id::{TenantId, UserId};
use crate::base::{DisplayName, Email, ExternalId, JsonObject, Metadata, Timestamp};

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
