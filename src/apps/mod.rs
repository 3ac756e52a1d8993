//! Applications: the OAuth clients. What they are, where they belong, and what they may ask for.
//!
//! An application's type says whether it can keep a secret, its scope says whose tenants it acts on. Both are fixed when
//! it is registered, as ScaiKey's tutorial "Service-to-service integration" says.

mod first_party;
mod kind;
#[cfg(test)]
mod scope_tests;
#[cfg(test)]
mod secret_tests;
mod service;
mod table;
#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod tests;
mod uri;

pub use first_party::FIRST_PARTY;
pub use kind::{AppScope, ApplicationStatus, ApplicationType, GrantType, ScopeLevel};
pub use service::{
    ListApplications, NewApplication, NewSecret, USED_EVERY_SECS, UpdateApplication, create, delete, get, list,
    may_hand_on, note_revoked, place_of, revoke_secret, rotate_secret, slice, update, used, within,
};
pub use table::{check_rows, keep_tokens};
pub use table::{client, find_by_origin, is_registered_origin};
pub use uri::{LogoUri, RedirectUri, UriKind, WebOrigin};

use crate::base::id::{ApplicationId, ClientSecretId};
use crate::base::{DisplayName, Id, ScopeSet, Timestamp};
use crate::crypto::jwt::SigningAlg;
use crate::crypto::token::KeptToken;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The prefix of a client_id in front of the application's number.
const CLIENT_ID: &str = "skc";
/// The default lifetime of a token in seconds: that of ScaiKey's quickstart.
pub const DEFAULT_TOKEN_LIFETIME: u32 = 3600;
/// The longest lifetime of a token in seconds: a day. Retired signing keys are kept as long.
pub const MAX_TOKEN_LIFETIME: u32 = 86_400;
/// The shortest lifetime of a token in seconds.
pub const MIN_TOKEN_LIFETIME: u32 = 60;
/// The longest time in seconds after a sign-in that an application may be given to refresh its tokens: ten years. The settings
/// of the server go before it.
pub const MAX_REFRESH_LIFETIME: u32 = 3650 * 86_400;
/// The most secrets that hold at the same time.
pub const MAX_SECRETS: usize = 2;

/// A secret of a confidential application: what is kept of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecret {
    /// The secret's id, by which it is revoked.
    pub id: ClientSecretId,
    /// What is kept of it: the secret is random, so nothing slower is needed.
    pub digest: KeptToken,
    /// Its last four characters, by which people tell two of them apart.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops to hold, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to within [`USED_EVERY_SECS`] seconds.
    pub last_used: Option<Timestamp>,
}

impl ClientSecret {
    /// Whether it holds at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// An OAuth client. Its secrets are part of the row, so that a token request reads one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Its id, `app_<n>`.
    pub id: ApplicationId,
    /// What people call it; audit views show it.
    pub name: DisplayName,
    /// What it is for.
    pub description: Option<String>,
    /// What kind of program it is.
    pub application_type: ApplicationType,
    /// Where it belongs.
    pub scope: AppScope,
    /// What a token of it may carry at most.
    pub allowed_scopes: ScopeSet,
    /// Where browsers may be sent after a sign-in.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where browsers may be sent after a sign-out.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Which pages may call from a browser (CORS).
    pub allowed_origins: Vec<WebOrigin>,
    /// How long its tokens hold, in seconds.
    pub token_lifetime: u32,
    /// How its tokens are signed.
    pub signing_alg: SigningAlg,
    /// Whether a code request needs PKCE; always for types without a secret.
    pub require_pkce: bool,
    /// Whether it may be used.
    pub status: ApplicationStatus,
    /// The address of the picture that pages of a sign-in show.
    pub logo_uri: Option<LogoUri>,
    /// Its secrets, the newest last; expired ones stay until the next rotation.
    pub secrets: Vec<ClientSecret>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted. The row stays, so that audit rows can be read.
    pub deleted_at: Option<Timestamp>,
    /// Until when one of its own tokens that was revoked by itself would have held. Before that, its tokens are looked up
    /// one by one; usually there is none, and a token costs no look-up of its own. It and what follows stand last, so that
    /// rows from before them can be read.
    pub tokens_revoked_until: Option<Timestamp>,
    /// Whether introspection tells it about the access tokens of every application at its issuer, not of its own alone: for a
    /// gateway or a resource server that checks tokens of others (RFC 7662 §4: who may ask is the server's to say).
    pub introspect_any_token: bool,
    /// Whether it is a part of the same offer as this server, so that its users are not asked what it may know of them.
    pub first_party: bool,
    /// Whether the claim `groups` names groups as people do, instead of by their ids. A name can change: the next token and the
    /// next answer of userinfo have the new one.
    pub groups_by_name: bool,
    /// The grants that it may use.
    pub grant_types: BTreeSet<GrantType>,
    /// How long after a sign-in its tokens can be refreshed at most, in seconds. None: as long as the server's settings allow,
    /// which go before a longer time here too.
    pub refresh_token_lifetime: Option<u32>,
}

impl Application {
    /// What it signs in with: `skc_<n>`, where n is the number of its id. So a look-up needs no index, and it can never
    /// equal the subject of a user, which begins with `usr_` (RFC 9700 §4.15).
    pub fn client_id(&self) -> String {
        client_id(self.id)
    }

    /// Whether it may use a grant.
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// When a sign-in of `at` cannot be refreshed any more; `longest` is what the server's settings allow, in seconds.
    pub fn refreshed_until(&self, at: Timestamp, longest: i64) -> Timestamp {
        at.plus_secs(self.refresh_token_lifetime.map_or(longest, |own| i64::from(own).min(longest)))
    }

    /// The secret that `given` is kept as, whether it still holds or not ([`ClientSecret::is_live`]). Every secret is
    /// compared, in constant time.
    pub fn secret_with(&self, given: &KeptToken) -> Option<&ClientSecret> {
        self.secrets.iter().fold(None, |found, secret| if secret.digest.matches(given) { Some(secret) } else { found })
    }
}

/// The client_id of an application.
pub fn client_id(id: ApplicationId) -> String {
    id.display_as(CLIENT_ID)
}

/// Reads a client_id in its one canonical form. None: no application can have it.
pub fn parse_client_id(text: &str) -> Option<ApplicationId> {
    ApplicationId::parse_as(CLIENT_ID, text)
}

impl crate::store::Versioned for Application {
    fn version(&self) -> crate::store::Version {
        // Its secrets have operations of their own.
        let updated_at = Timestamp::from_millis(0);
        crate::store::Version::of(&Self { secrets: Vec::new(), tokens_revoked_until: None, updated_at, ..self.clone() })
    }
}
