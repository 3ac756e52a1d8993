//! Families as older versions wrote them.

use super::{EndReason, Family, Refresh};
use crate::access::ClaimsOfEvidence;
use crate::base::id::{ApplicationId, FamilyId, SessionId, TenantId, UserId};
use crate::base::{ScopeSet, Timestamp};
use serde::Deserialize;

/// A family as version 2 wrote it: with the claims of the sign-in, not with what they follow from.
#[derive(Debug, Deserialize)]
pub(super) struct Second {
    id: FamilyId,
    application: ApplicationId,
    user: UserId,
    session: SessionId,
    tenant: TenantId,
    scope: ScopeSet,
    authentication: ClaimsOfEvidence,
    offline: bool,
    refresh: Option<Refresh>,
    created_at: Timestamp,
    expires_at: Timestamp,
    ended: Option<(Timestamp, EndReason)>,
    forbidden: Vec<(String, Timestamp)>,
    environment: bool,
}

impl From<Second> for Family {
    fn from(old: Second) -> Self {
        Self {
            id: old.id,
            application: old.application,
            user: old.user,
            session: old.session,
            tenant: old.tenant,
            scope: old.scope,
            evidence: old.authentication.into(),
            offline: old.offline,
            refresh: old.refresh,
            created_at: old.created_at,
            expires_at: old.expires_at,
            ended: old.ended,
            forbidden: old.forbidden,
            environment: old.environment,
        }
    }
}
