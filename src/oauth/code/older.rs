//! Codes as older versions wrote them.

use super::{Code, State};
use crate::access::ClaimsOfEvidence;
use crate::base::id::{ApplicationId, SessionId, TenantId, UserId};
use crate::base::{ScopeSet, Timestamp};
use crate::crypto::token::KeptToken;
use crate::oauth::pkce::Challenge;
use serde::Deserialize;

/// A code as version 2 wrote it: with the claims of the sign-in, not with what they follow from.
#[derive(Debug, Deserialize)]
pub(super) struct Second {
    digest: KeptToken,
    application: ApplicationId,
    user: UserId,
    session: SessionId,
    tenant: TenantId,
    redirect_uri: String,
    redirect_uri_given: bool,
    scope: ScopeSet,
    nonce: Option<String>,
    challenge: Option<Challenge>,
    authentication: ClaimsOfEvidence,
    created_at: Timestamp,
    state: State,
    keep_until: Timestamp,
    environment: bool,
}

impl From<Second> for Code {
    fn from(old: Second) -> Self {
        Self {
            digest: old.digest,
            application: old.application,
            user: old.user,
            session: old.session,
            tenant: old.tenant,
            redirect_uri: old.redirect_uri,
            redirect_uri_given: old.redirect_uri_given,
            scope: old.scope,
            nonce: old.nonce,
            challenge: old.challenge,
            evidence: old.authentication.into(),
            created_at: old.created_at,
            state: old.state,
            keep_until: old.keep_until,
            environment: old.environment,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Id;
    use crate::store::Row;

    const AT: Timestamp = Timestamp::from_secs(1_800_000_000);

    #[test]
    fn codes_of_older_versions_are_read() {
        // A tuple is written as a row with these fields.
        let ids = (ApplicationId::from_raw(1), UserId::from_raw(2), SessionId::from_raw(3), TenantId::from_raw(4));
        let asked = ("https://app.example/cb", true, ScopeSet::parse("openid").unwrap(), Some("n"), None::<Challenge>);
        let authentication = (AT, "https://refeds.org/profile/mfa", ["pwd", "otp", "mfa"].as_slice());
        let first = (([7u8; 32], ids, asked, authentication), AT, State::Fresh, AT.plus_secs(60));
        let second = postcard::to_allocvec(&(&first, true)).unwrap();
        let first = postcard::to_allocvec(&first).unwrap();
        for (version, bytes, environment) in [(1, first, false), (2, second, true)] {
            let code = Code::upgrade(version, &bytes).unwrap();
            assert_eq!((code.digest.0, code.session, code.nonce.as_deref()), ([7; 32], Id::from_raw(3), Some("n")));
            assert_eq!((code.evidence.at(), code.evidence.second_factor_at()), (AT, Some(AT)));
            assert_eq!(serde_json::json!(code.evidence.amr()), serde_json::json!(["pwd", "otp", "mfa"]));
            assert_eq!((code.state, code.keep_until, code.environment), (State::Fresh, AT.plus_secs(60), environment));
        }
        assert!(Code::upgrade(3, &[]).is_err() && Code::upgrade(1, &[7; 9]).is_err());
    }
}
