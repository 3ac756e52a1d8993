//! Reading claims back, of either flavour. What comes in has been found to be signed by us; whether it still holds is asked
//! elsewhere.

use super::environment::tenant_of;
use super::{CLIENT_CREDENTIALS, Claims, Kind};
use crate::apps::ScopeLevel;
use crate::base::Id;
use crate::base::id::{FamilyId, PartnerId, SessionId, TenantId, UserId};
use crate::oauth::issuer::{Issuer, Issuers};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// The claims that are read, in the words of both flavours. Unknown ones are left aside; one that stands twice is refused
/// (RFC 7519 §4).
#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
    #[serde(borrow)]
    sub: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "one_audience")]
    aud: Cow<'a, str>,
    exp: i64,
    iat: i64,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    jti: Option<String>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(borrow, default)]
    token_type: Option<Cow<'a, str>>,
    #[serde(default)]
    app_scope: Option<ScopeLevel>,
    #[serde(default)]
    platform_token: bool,
    #[serde(default)]
    tenant_id: Option<TenantId>,
    #[serde(default)]
    partner_id: Option<PartnerId>,
    #[serde(borrow, default)]
    oid: Option<Cow<'a, str>>,
    #[serde(default)]
    sid: Option<SessionId>,
    #[serde(default)]
    family: Option<FamilyId>,
}

/// Reads an `aud` that is one text, or a list of one (RFC 7519 §4.1.3). By a visitor, because serde would read an untagged choice
/// into memory first.
fn one_audience<'de, D: Deserializer<'de>>(from: D) -> Result<Cow<'de, str>, D::Error> {
    struct Reader;
    impl<'de> Visitor<'de> for Reader {
        type Value = Cow<'de, str>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text, or a list of one")
        }
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(text))
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text.to_owned()))
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let one = list.next_element::<String>()?.ok_or_else(|| A::Error::invalid_length(0, &self))?;
            match list.next_element::<String>()? {
                Some(_) => Err(A::Error::invalid_length(2, &self)),
                None => Ok(Cow::Owned(one)),
            }
        }
    }
    from.deserialize_any(Reader)
}

/// Reads an access token's claims: in the words of the issuer that they name, for the client that they name, and whole, for a
/// client or for a person. None: they are not so.
pub fn read_access_token(payload: &[u8], issuers: &Issuers) -> Option<Claims<'static>> {
    let read: Read<'_> = serde_json::from_slice(payload).ok()?;
    let in_environment = issuers.parse(&read.iss)? == Issuer::Environment;
    // An application of the environment is GLOBAL, and its tokens have no word for it.
    let app_scope = match read.app_scope {
        Some(level) if !in_environment => level,
        None if in_environment => ScopeLevel::Global,
        Some(_) | None => return None,
    };
    let is_person = if in_environment { read.family.is_some() } else { read.token_type.is_none() };
    let (user, sid, family) = if is_person {
        (Some(UserId::parse(&read.sub)?), Some(read.sid?), Some(read.family?))
    } else {
        (None, None, None)
    };
    let tenant = if in_environment { read.oid.as_deref().and_then(tenant_of) } else { read.tenant_id };
    let client_id = read.client_id?;
    let claims = Claims {
        jti: Cow::Owned(read.jti?),
        scope: Cow::Owned(read.scope?),
        app_scope: Some(app_scope),
        tenant,
        partner: read.partner_id,
        sid,
        family,
        aud: Cow::Owned(read.aud.into_owned()),
        iss: Cow::Owned(read.iss.into_owned()),
        client_id: Cow::Owned(client_id),
        ..Claims::new(Kind::Access, "", "", user, (read.iat, read.exp))
    };
    let of_client = read.sub == claims.client_id && (in_environment || read.token_type? == CLIENT_CREDENTIALS);
    let marked = in_environment || read.platform_token == claims.is_of_platform();
    (claims.aud == claims.client_id && (is_person || of_client) && marked).then_some(claims)
}

/// Reads an ID token's claims, as far as a hint needs them: who signed in, in which session, at which issuer, for which
/// client. None: they are not so.
pub fn read_id_token(payload: &[u8], issuers: &Issuers) -> Option<Claims<'static>> {
    let read: Read<'_> = serde_json::from_slice(payload).ok()?;
    issuers.parse(&read.iss)?;
    let client_id = read.aud.into_owned();
    Some(Claims {
        sid: Some(read.sid?),
        iss: Cow::Owned(read.iss.into_owned()),
        aud: Cow::Owned(client_id.clone()),
        client_id: Cow::Owned(client_id),
        ..Claims::new(Kind::Identity, "", "", Some(UserId::parse(&read.sub)?), (read.iat, read.exp))
    })
}
