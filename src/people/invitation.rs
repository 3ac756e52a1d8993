//! Invitations to a tenant, and how somebody stands with it.

use crate::base::Timestamp;
use serde::{Deserialize, Serialize};

/// How somebody was asked to join a tenant. The link in the mail is a row of `mailed_links/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// When they were asked first.
    pub created_at: Timestamp,
    /// Until when the last link works.
    pub expires_at: Timestamp,
    /// When they said yes; none: they have not yet.
    pub accepted_at: Option<Timestamp>,
    /// When they were asked last, if more than once.
    pub resent_at: Option<Timestamp>,
    /// How often they were asked again.
    pub resent_count: u32,
}

impl Invitation {
    /// A first one.
    pub fn until(expires_at: Timestamp, now: Timestamp) -> Self {
        Self { created_at: now, expires_at, accepted_at: None, resent_at: None, resent_count: 0 }
    }

    /// When the last mail went out: the link in it is the one that works.
    pub fn sent_at(&self) -> Timestamp {
        self.resent_at.unwrap_or(self.created_at)
    }

    /// The same after another mail: somebody whom an administrator has put back to invited accepts once more.
    #[must_use]
    pub fn again(self, expires_at: Timestamp, now: Timestamp) -> Self {
        let resent_count = self.resent_count.saturating_add(1);
        Self { expires_at, accepted_at: None, resent_at: Some(now), resent_count, ..self }
    }
}

/// How somebody stands with a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberState {
    /// They are a member, and may come in.
    Active,
    /// They are a member whose account is switched off.
    Inactive,
    /// They were asked and have not accepted.
    Pending,
    /// They were asked and let the time pass.
    Expired,
}

impl MemberState {
    /// The name in answers: `PENDING_INVITE`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Pending => "PENDING_INVITE",
            Self::Expired => "INVITE_EXPIRED",
        }
    }
}
