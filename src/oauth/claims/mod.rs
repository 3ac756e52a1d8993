//! What a token says: one model, [`Claims`], which each flavour's writer puts into its own words ([`Platform`],
//! [`Environment`]) and one reader takes back ([`read_access_token`], [`read_id_token`]).

mod environment;
mod platform;
mod read;

pub use environment::Environment;
pub(super) use environment::{SDK_ALG, new_jti};
pub use platform::Platform;
pub use read::{read_access_token, read_id_token};

use crate::access::{Evidence, Role};
use crate::apps::ScopeLevel;
use crate::base::id::{FamilyId, PartnerId, SessionId, TenantId, UserId};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::fmt;

/// The claim `token_type` of a client's own token, as ScaiKey's quickstart shows it: the grant that it comes from.
pub(super) const CLIENT_CREDENTIALS: &str = "client_credentials";

/// Which kind of token it is. The header says it, so none passes as the other (RFC 8725 §3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An access token (RFC 9068).
    Access,
    /// An ID token (OpenID Connect Core §2).
    Identity,
}

impl Kind {
    /// The type in the header: `at+jwt` (RFC 9068 §2.1) or `JWT`.
    pub const fn typ(self) -> &'static str {
        match self {
            Self::Access => "at+jwt",
            Self::Identity => "JWT",
        }
    }
}

/// Everything that a token of ours says, of either kind, in either flavour, and for a client or a person. To be written it
/// borrows; what was read back owns its texts.
///
/// None: the token does not say it. What is only there for others (how somebody signed in, their roles) is written and not
/// read back, for here the rows behind the token count.
///
/// A claim more is a field here, its line in [`Claims::new`] and in each writer that says it, and, if this server is to heed
/// it, one in the reader. So will be `cnf` (RFC 7800), the key that a token is bound to, and `act` (RFC 8693 §4.1), who acts
/// for the person. A token for an API of its own says that in [`Claims::aud`]; then the reader has to stop asking for the
/// client there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims<'a> {
    /// Which kind of token says it.
    pub kind: Kind,
    /// `iss`: the issuer, one of ours.
    pub iss: Cow<'a, str>,
    /// Whose token it is, in `sub`. None: the client's own, and `sub` is its client_id.
    pub user: Option<UserId>,
    /// `aud`: for whom it is. The client itself, as ScaiKey's quickstart has it; RFC 9068 would have the resource there. The
    /// environment writes it as a list of one (RFC 7519 §4.1.3).
    pub aud: Cow<'a, str>,
    /// `client_id`: the client that it was issued to.
    pub client_id: Cow<'a, str>,
    /// `exp`: when it ends, in seconds since 1970.
    pub exp: i64,
    /// `iat`: when it was made, in seconds since 1970; in the environment `nbf` too.
    pub iat: i64,
    /// `jti`: the id of an access token, 128 random bits. Empty in an ID token.
    pub jti: Cow<'a, str>,
    /// `scope`: what an access token grants, with blanks between; in the environment as the list `scopes` too. Empty in an ID
    /// token.
    pub scope: Cow<'a, str>,
    /// `app_scope`: how far the client reaches. In an access token.
    pub app_scope: Option<ScopeLevel>,
    /// `tenant_id`, in the environment `oid`: the tenant that it is for.
    pub tenant: Option<TenantId>,
    /// `partner_id`: of a PARTNER client's own token, or of a partner's admin.
    pub partner: Option<PartnerId>,
    /// `role`: a person's highest admin role.
    pub role: Option<Role>,
    /// `sid`: the session that a person's token comes from.
    pub sid: Option<SessionId>,
    /// `family`: what ends all tokens of one sign-in together. In a person's access token.
    pub family: Option<FamilyId>,
    /// How the person signed in: `auth_time`, `acr`, `amr`. Written only.
    pub evidence: Option<Evidence>,
    /// The person's groups. In an access token, and written only.
    pub groups: Option<&'a [String]>,
    /// What the person is in the organisation, for the environment. Written only.
    pub standing: Option<&'a OrganizationClaims>,
    /// `nonce`: from the authorization request. In an ID token, and written only.
    pub nonce: Option<&'a str>,
    /// `at_hash`: of the access token beside an ID token. Written only.
    pub at_hash: Option<String>,
    /// `c_hash`: of the code that an ID token was given for. Written only.
    pub c_hash: Option<String>,
    /// What an ID token tells about the person ([`super::user_claims::about`]). Written only.
    pub about: Map<String, Value>,
}

impl<'a> Claims<'a> {
    /// What every token says: `iat` and `exp` in seconds since 1970. The rest is absent.
    pub fn new(kind: Kind, iss: &'a str, client_id: &'a str, user: Option<UserId>, (iat, exp): (i64, i64)) -> Self {
        Self {
            kind,
            iss: Cow::Borrowed(iss),
            user,
            aud: Cow::Borrowed(client_id),
            client_id: Cow::Borrowed(client_id),
            exp,
            iat,
            jti: Cow::Borrowed(""),
            scope: Cow::Borrowed(""),
            app_scope: None,
            tenant: None,
            partner: None,
            role: None,
            sid: None,
            family: None,
            evidence: None,
            groups: None,
            standing: None,
            nonce: None,
            at_hash: None,
            c_hash: None,
            about: Map::new(),
        }
    }

    /// Whose token it is, as `sub` says it.
    pub fn sub(&self) -> Sub<'_> {
        self.user.map_or(Sub::Client(&self.client_id), Sub::User)
    }

    /// Whether it is a GLOBAL client's own token, of the platform or the environment.
    pub fn is_of_platform(&self) -> bool {
        self.user.is_none() && self.tenant.is_none()
    }

    /// The person and the family, of a person's access token.
    pub fn person(&self) -> Option<(UserId, FamilyId)> {
        self.user.zip(self.family)
    }
}

/// The value of `sub`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sub<'a> {
    /// A client, by its client_id.
    Client(&'a str),
    /// A person.
    User(UserId),
}

impl fmt::Display for Sub<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(client_id) => f.write_str(client_id),
            Self::User(user) => user.fmt(f),
        }
    }
}

impl Serialize for Sub<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Client(client_id) => serializer.serialize_str(client_id),
            Self::User(user) => user.serialize(serializer),
        }
    }
}

/// What a person is in the organisation that a token is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrganizationClaims {
    /// The names of their roles.
    pub roles: Vec<String>,
    /// The names of what these permit.
    pub permissions: Vec<String>,
    /// The organisation's id in the customer's own system.
    pub external_organization: Option<String>,
    /// The person's id in the customer's own system.
    pub external_user: Option<String>,
}

/// Writes claims in the words of a flavour, which are others in either kind of token.
fn written<S: Serializer>(
    serializer: S,
    claims: &Claims<'_>,
    access: impl FnOnce(&mut S::SerializeMap, &Claims<'_>) -> Result<(), S::Error>,
    identity: impl FnOnce(&mut S::SerializeMap, &Claims<'_>) -> Result<(), S::Error>,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    match claims.kind {
        Kind::Access => access(&mut map, claims)?,
        Kind::Identity => identity(&mut map, claims)?,
    }
    map.end()
}

/// Writes a claim that may be absent.
fn optional<M: SerializeMap>(map: &mut M, name: &'static str, value: Option<impl Serialize>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, &value))
}

/// Writes what an ID token tells about the person.
fn about<M: SerializeMap>(map: &mut M, claims: &Claims<'_>) -> Result<(), M::Error> {
    claims.about.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))
}
