//! That somebody belongs to a tenant, and how they stand with it.

use super::{Invitation, MemberState, Status, User};
use crate::access::Role;
use crate::base::id::{TenantId, UserId};
use crate::base::{Email, Metadata, Timestamp};
use serde::{Deserialize, Serialize};

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

impl crate::store::Versioned for Membership {
    fn version(&self) -> crate::store::Version {
        // An invitation that is sent again is no edit; that it was accepted is one.
        crate::store::Version::of(&(self.role, &self.metadata, self.is_pending()))
    }
}

impl Membership {
    /// Whether they still have to accept: until then it gives no right.
    pub fn is_pending(&self) -> bool {
        self.invitation.as_ref().is_some_and(|invitation| invitation.accepted_at.is_none())
    }

    /// How the user stands with the tenant now.
    pub fn standing(&self, user: &User, now: Timestamp) -> MemberState {
        let waits = self.invitation.as_ref().filter(|invitation| invitation.accepted_at.is_none());
        match (user.status, waits) {
            (Status::Disabled | Status::Suspended, _) => MemberState::Inactive,
            (_, Some(invitation)) if now >= invitation.expires_at => MemberState::Expired,
            (_, Some(_)) | (Status::Invited, None) => MemberState::Pending,
            (Status::Active, None) => MemberState::Active,
        }
    }

    /// How it came about, as answers name it.
    pub const fn provisioning(&self) -> &'static str {
        if self.invitation.is_some() { "invitation" } else { "direct_provision" }
    }
}
