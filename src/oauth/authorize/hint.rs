//! ID tokens that come back as a hint (`id_token_hint`, OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2): they may have
//! expired, but they must be ours.

use crate::base::Id;
use crate::base::Timestamp;
use crate::base::id::{SessionId, UserId};
use crate::crypto::jwt::Expect;
use crate::oauth::keys::KeySet;
use crate::oauth::{Issuer, Issuers};
use serde::Deserialize;

/// The `typ` of our ID tokens.
const ID_TOKEN_TYPE: &str = "JWT";

/// What an ID token of ours says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Who.
    pub user: UserId,
    /// The client that it was given to.
    pub client_id: String,
    /// The session that it was made in.
    pub session: Option<SessionId>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: Audience,
    sid: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Reads a hint. None: it is not an ID token that this issuer signed.
pub fn id_token_hint(keys: &KeySet, issuers: &Issuers, issuer: Issuer, token: &str, now: Timestamp) -> Option<Hint> {
    let iss = issuers.text(issuer);
    let expected = [iss.as_str()];
    let expect = Expect { typ: Some(ID_TOKEN_TYPE), allow_expired: true, ..Expect::new(&expected, now) };
    let claims: Claims = keys.verifier().verify(token, &expect).ok()?;
    let client_id = match claims.aud {
        Audience::One(one) => one,
        Audience::Many(many) => <[String; 1]>::try_from(many).ok().map(|[one]| one)?,
    };
    let session = claims.sid.as_deref().and_then(SessionId::parse);
    Some(Hint { user: UserId::parse(&claims.sub)?, client_id, session })
}
