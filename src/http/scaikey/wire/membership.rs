//! Memberships: that a user belongs to a tenant.

use super::role::RoleName;
use super::{at, given};
use crate::access::Role;
use crate::base::id::{TenantId, UserId};
use crate::base::{Email, Metadata};
use crate::http::reply::Moment;
use crate::people;
use serde::{Deserialize, Serialize};

/// The body of `POST /users/{id}/memberships`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddMembership {
    /// An id or a slug. `tenant` is the same.
    #[serde(alias = "tenant")]
    pub tenant_id: String,
    /// `tenant_user` if not said.
    pub role: Option<RoleName>,
    /// What to keep about it.
    #[serde(default)]
    pub metadata: Metadata,
}

/// The body of `PATCH /users/{id}/memberships/{tenant}`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateMembership {
    /// The new role; none: as it was.
    pub role: Option<RoleName>,
    /// All that is to be kept about it; none: as it was.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Metadata"))]
    pub metadata: Option<Metadata>,
}

/// That a user belongs to a tenant, or is invited to.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Membership {
    user_id: UserId,
    tenant_id: TenantId,
    /// As what: a tenant role.
    role: Role,
    /// Since when; of somebody who has not accepted yet, when they were invited.
    joined_at: Moment,
    /// What a program keeps about it: texts by name.
    metadata: Metadata,
    /// Who is named as having invited them.
    inviter_email: Option<Email>,
    /// How they were invited; null: they were made a member without being asked.
    invitation: Option<Invitation>,
}

/// How somebody was invited.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Invitation {
    /// When they were asked first.
    created_at: Moment,
    /// Until when the last link works.
    expires_at: Moment,
    /// When they accepted; null: they have not yet.
    accepted_at: Option<Moment>,
    /// When they were asked last, if more than once.
    resent_at: Option<Moment>,
    /// How often they were asked again.
    resent_count: u32,
}

impl Membership {
    /// All of it.
    pub fn of(row: &people::Membership) -> Self {
        Self {
            user_id: row.user,
            tenant_id: row.tenant,
            role: row.role,
            joined_at: Moment(row.joined_at),
            metadata: row.metadata.clone(),
            inviter_email: row.inviter.clone(),
            invitation: row.invitation.as_ref().map(|invitation| Invitation {
                created_at: Moment(invitation.created_at),
                expires_at: Moment(invitation.expires_at),
                accepted_at: at(invitation.accepted_at),
                resent_at: at(invitation.resent_at),
                resent_count: invitation.resent_count,
            }),
        }
    }
}
