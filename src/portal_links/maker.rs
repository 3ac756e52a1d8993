//! Whether whoever made a link still may.

use super::Maker;
use crate::access::{Actor, Credential, Origin, Place, Principal, Proof, permit};
use crate::apps::{self, ApplicationStatus};
use crate::base::id::{RequestId, SessionId, TenantId, UserId};
use crate::base::{Id, Timestamp};
use crate::people;
use crate::roles;
use crate::store::{Read, StoreError};

impl Maker {
    /// The maker of a link that this principal asks for.
    pub(super) fn of(principal: &Principal) -> Self {
        match principal {
            Principal::Operator => Self::Operator,
            Principal::User { id, .. } => Self::User(*id),
            Principal::Application { id, .. } => Self::Application(*id),
        }
    }

    /// Whether they could make a link for this tenant now: a person by their roles, a program while it may be used.
    pub(super) fn still_may(self, tx: &impl Read, place: Place, now: Timestamp) -> Result<bool, StoreError> {
        match (self, place.tenant()) {
            (Self::Unknown | Self::Operator, _) => Ok(true),
            (Self::User(id), Some(tenant)) => person_may(tx, id, place, tenant, now),
            (Self::User(_), None) => Ok(false),
            (Self::Application(id), _) => {
                let application = apps::client(tx, &apps::client_id(id))?;
                Ok(application.is_some_and(|application| application.status == ApplicationStatus::Active))
            }
        }
    }
}

/// Asks as if they were here, signed in a moment ago in that tenant.
fn person_may(tx: &impl Read, id: UserId, place: Place, tenant: TenantId, now: Timestamp) -> Result<bool, StoreError> {
    let (Some(user), Some(partner)) = (people::user(tx, id)?, place.partner()) else { return Ok(false) };
    if !people::may_use(&user) {
        return Ok(false);
    }
    let held = people::assignments_in(tx, &user, place, now)?;
    let actor = Actor {
        principal: Principal::User { id, email: user.email.clone() },
        tenant,
        partner,
        credential: Credential::Session { id: SessionId::from_raw(0) },
        proof: Proof::Recent,
        custom: roles::custom_of(tx, &held, tenant, id)?,
        roles: held,
        scopes: None,
        expires_at: None,
        mfa_at: None,
        origin: Origin { request: RequestId::from_raw(0), ip: None, user_agent: None },
    };
    Ok(actor.may::<permit::ManagePortalLinks>(place))
}
