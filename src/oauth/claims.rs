//! What an access token says, written and read.

use crate::base::Id;
use crate::base::id::{FamilyId, PartnerId, SessionId, TenantId, UserId};
use serde::{Deserialize, Serialize};

/// The type in the header of an access token (RFC 9068 §2.1).
pub const ACCESS_TOKEN_TYPE: &str = "at+jwt";
/// The claim `token_type` of this grant, as ScaiKey's quickstart shows it.
pub(super) const CLIENT_CREDENTIALS: &str = "client_credentials";

/// The claims of a client's token as they are written: those of ScaiKey's quickstart in its order, then ours (RFC 9068
/// §2.2).
///
/// `aud` is the client itself, as the quickstart has it; RFC 9068 would have the resource there.
#[derive(Debug, Serialize)]
pub struct ClientClaims<'a> {
    /// The issuer that made the token.
    pub iss: &'a str,
    /// The client_id.
    pub aud: &'a str,
    /// The client_id.
    pub sub: &'a str,
    /// What was granted, with blanks between.
    pub scope: &'a str,
    /// `client_credentials`
    pub token_type: &'a str,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// Its id: 128 random bits.
    pub jti: &'a str,
    /// The client_id.
    pub client_id: &'a str,
    /// `GLOBAL`, `PARTNER` or `TENANT`
    pub app_scope: &'a str,
    /// True for a GLOBAL application, else absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform_token: Option<bool>,
    /// The tenant at whose endpoint it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<TenantId>,
    /// The partner, for a PARTNER application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_id: Option<PartnerId>,
}

/// The claims of an access token as they are read back. Unknown ones are left aside.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccessClaims {
    /// The issuer that made the token.
    pub iss: String,
    /// The client_id of the client that it was issued to.
    pub aud: String,
    /// Whose token it is: for a client's, the client_id.
    pub sub: String,
    /// What was granted, with blanks between.
    pub scope: String,
    /// `client_credentials`; none: a person's token.
    #[serde(default)]
    pub token_type: Option<String>,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// The token's id: 128 random bits.
    pub jti: String,
    /// The client_id of the client that it was issued to.
    pub client_id: String,
    /// `GLOBAL`, `PARTNER` or `TENANT`
    pub app_scope: String,
    /// Whether it is from a GLOBAL application.
    #[serde(default)]
    pub platform_token: bool,
    /// The tenant at whose endpoint it was given.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// The partner, for a PARTNER application.
    #[serde(default)]
    pub partner_id: Option<PartnerId>,
    /// The session that a person's token comes from.
    #[serde(default)]
    pub sid: Option<SessionId>,
    /// The family that a person's token belongs to.
    #[serde(default)]
    pub family: Option<FamilyId>,
}

impl AccessClaims {
    /// The person and the family, if it is a person's token.
    pub fn person(&self) -> Option<(UserId, FamilyId)> {
        match (&self.token_type, self.family, self.sid) {
            (None, Some(family), Some(_)) => UserId::parse(&self.sub).map(|user| (user, family)),
            _ => None,
        }
    }
}
