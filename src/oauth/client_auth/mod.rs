//! How a client shows who it is (RFC 6749 §2.3): with one of the methods that have a file here, and no more than one.
//!
//! From [`METHODS`] follow what the endpoints take and what discovery says of each of them.

mod basic;
mod none;
mod post;
mod presented;

pub use presented::{Method, Presented, Sent};

use super::error::OAuthError;
use super::form::Params;
use crate::apps::{self, Application};
use crate::base::Timestamp;
use crate::base::id::ClientSecretId;
use crate::crypto::token::TokenDigest;
use crate::store::Read;
use std::sync::Arc;

/// The methods, as discovery names them.
pub static METHODS: [Row; 3] = [Row::of::<basic::Basic>(), Row::of::<post::Post>(), Row::of::<none::None>()];

/// A [`Method`] in the list.
#[derive(Debug)]
pub struct Row {
    /// Its name in discovery.
    pub name: &'static str,
    /// Whether a client that uses it shows that it is who it says. Introspection wants that.
    pub proves: bool,
    is_used: fn(&Sent<'_>) -> bool,
    read: fn(&Sent<'_>) -> Result<Presented, OAuthError>,
}

impl Row {
    const fn of<M: Method>() -> Self {
        Self { name: M::NAME, proves: M::PROVES, is_used: M::is_used, read: M::read }
    }
}

/// The names of all methods: of the endpoints for tokens and for their revocation.
pub fn names() -> Vec<&'static str> {
    METHODS.iter().map(|row| row.name).collect()
}

/// The names of those by which a client shows that it is who it says: of introspection.
pub fn proving_names() -> Vec<&'static str> {
    METHODS.iter().filter(|row| row.proves).map(|row| row.name).collect()
}

/// The one answer to an unknown client and to a wrong secret, so that nobody learns which client_ids there are.
const FAILED: &str = "Client authentication failed: the client_id or the client_secret is wrong";

/// A client that is known, and authenticated if it can be.
#[derive(Clone, Debug)]
pub struct Client {
    /// The client. It may be disabled.
    pub application: Arc<Application>,
    /// The secret that it has shown. None: it is of a type without one, and anybody may say to be it.
    pub secret: Option<ClientSecretId>,
}

/// The refusal of an unknown client and of a wrong secret.
pub(super) fn failed() -> OAuthError {
    OAuthError::invalid_client(FAILED)
}

/// Reads who the client says it is from the `Authorization` header and the form.
///
/// # Errors
/// `invalid_request` for two methods at once or two client_ids; `invalid_client` for none, for a header that cannot be read,
/// and for a method that we do not have.
pub fn read(authorization: Option<&str>, params: &Params<'_>) -> Result<Presented, OAuthError> {
    const TWICE: &str = "Use one way to authenticate the client: the Authorization header or the form, not both";
    let sent = Sent { authorization, params };
    let mut used = METHODS.iter().filter(|row| (row.is_used)(&sent));
    let (Some(method), other) = (used.next(), used.next()) else {
        return Err(OAuthError::invalid_client("There is no such way to authenticate the client"));
    };
    let client_id = params.get("client_id");
    // A method that we do not have (RFC 7521 §4.2).
    if params.get("client_assertion").is_some() || params.get("client_assertion_type").is_some() {
        return Err(if method.proves && (authorization.is_some() || client_id.is_some()) {
            OAuthError::invalid_request(TWICE)
        } else {
            OAuthError::invalid_client("Client assertions are not supported; use the client_secret")
        });
    }
    if other.is_some() {
        return Err(OAuthError::invalid_request(TWICE));
    }
    let presented = (method.read)(&sent)?;
    if client_id.is_some_and(|client_id| client_id != presented.client_id) {
        let text = "The client_id of the form is not that of the Authorization header";
        return Err(OAuthError::invalid_request(text));
    }
    Ok(presented)
}

/// Checks who the client says it is. A secret is compared by its SHA-256, in constant time; that of an unknown client is
/// hashed all the same.
///
/// # Errors
/// `invalid_client`: there is no such client, the secret is wrong or has ended, or there is none where one is needed, or one
/// where there is none.
pub fn authenticate(tx: &impl Read, presented: &Presented, now: Timestamp) -> Result<Client, OAuthError> {
    let given = presented.secret.as_ref().map(|secret| tx.keep(&TokenDigest::of(secret.expose())));
    let Some(application) = apps::client(tx, &presented.client_id)? else {
        return Err(failed());
    };
    if !application.application_type.is_confidential() {
        // It has no secret, so whatever was sent is wrong (RFC 6749 §5.2): a client that believes to be confidential, or
        // somebody who tries.
        return match given {
            None => Ok(Client { application, secret: None }),
            Some(_) => Err(OAuthError::invalid_client("The application has no secret: leave the client_secret out")),
        };
    }
    let Some(given) = given else {
        return Err(OAuthError::invalid_client("The client_secret is missing"));
    };
    match application.secret_with(&given) {
        Some(secret) if secret.is_live(now) => {
            let secret = Some(secret.id);
            Ok(Client { application, secret })
        }
        // Whoever gets here holds the secret, so this tells nothing to anybody else.
        Some(_) => Err(OAuthError::invalid_client("This client_secret has ended; use the newer one")),
        None => Err(failed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::ErrorCode;

    fn try_read(header: Option<&str>, body: &str) -> Result<(String, Option<String>), ErrorCode> {
        read(header, &Params::parse(body.as_bytes()).unwrap())
            .map(|presented| (presented.client_id.clone(), presented.secret.map(|secret| secret.expose().clone())))
            .map_err(|error| error.code)
    }

    // "a:b" in base64
    const BASIC: Option<&str> = Some("Basic YTpi");

    #[test]
    fn two_methods_are_refused() {
        for (header, body) in [
            (BASIC, "client_id=a&client_secret=b"),
            (BASIC, "client_secret=b"),
            (BASIC, "client_assertion=x"),
            (BASIC, "client_assertion_type=x"),
            (BASIC, "client_id=other"),
            (None, "client_id=a&client_secret=b&client_assertion=x"),
            (None, "client_secret=b"),
        ] {
            assert_eq!(try_read(header, body), Err(ErrorCode::InvalidRequest), "{header:?} {body}");
        }
    }

    #[test]
    fn one_method_is_read() {
        let both = || Ok(("a".to_owned(), Some("b".to_owned())));
        assert_eq!(try_read(BASIC, ""), both());
        assert_eq!(try_read(BASIC, "client_id=a"), both(), "naming oneself twice is not authenticating twice");
        assert_eq!(try_read(BASIC, "client_id=a&client_secret="), both(), "an empty parameter was not sent");
        assert_eq!(try_read(None, "client_id=a&client_secret=b"), both());
        assert_eq!(try_read(None, "client_id=a"), Ok(("a".to_owned(), None)));
        for (header, body) in [(None, ""), (None, "client_id=a&client_assertion=x"), (Some("Bearer x"), "client_id=a")]
        {
            assert_eq!(try_read(header, body), Err(ErrorCode::InvalidClient), "{header:?} {body}");
        }
    }
}
