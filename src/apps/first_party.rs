//! The client that the instance itself is: our own sign-in endpoints, pages and command line get tokens as this one.

use super::{AppScope, Application, ApplicationStatus, ApplicationType, DEFAULT_TOKEN_LIFETIME};
use crate::base::id::ApplicationId;
use crate::base::{DisplayName, ScopeSet, Timestamp};
use crate::catalogue::{Group, Scope};
use crate::crypto::jwt::SigningAlg;
use crate::store::StoreError;

/// The id of the built-in client; it signs in as `skc_1`. No row has such a small number: ids carry their time.
pub const FIRST_PARTY: ApplicationId = ApplicationId::built_in(1);

/// The built-in client. It is in every instance, stands in no table, and so can be neither changed nor deleted. A NATIVE
/// application: it keeps no secret and always proves with PKCE. Its redirect URI depends on the public address
/// (`oauth::first_party`).
pub(super) fn first_party() -> Result<Application, StoreError> {
    const WRONG: StoreError = StoreError::Corrupt("a built-in application that breaks a rule");
    let start = Timestamp::from_secs(0);
    Ok(Application {
        id: FIRST_PARTY,
        name: DisplayName::parse("ScaiStack").map_err(|_| WRONG)?,
        description: None,
        application_type: ApplicationType::Native,
        scope: AppScope::Global,
        // What others may read of a person in its tokens; it is narrowed by nothing here.
        allowed_scopes: ScopeSet::from_texts(Scope::in_group(Group::Identity).map(|scope| scope.name))
            .map_err(|_| WRONG)?,
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        allowed_origins: Vec::new(),
        token_lifetime: DEFAULT_TOKEN_LIFETIME,
        signing_alg: SigningAlg::default(),
        require_pkce: true,
        status: ApplicationStatus::Active,
        logo_uri: None,
        secrets: Vec::new(),
        created_at: start,
        updated_at: start,
        deleted_at: None,
        tokens_revoked_until: None,
        introspect_any_token: false,
        first_party: true,
        groups_by_name: false,
        grant_types: ApplicationType::Native.usual_grants(),
        refresh_token_lifetime: None,
    })
}
