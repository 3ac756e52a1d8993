//! How a client shows who it is (RFC 6749 §2.3): with one method, of those that have a file here.

mod basic;
mod post;

use super::{OAuthError, Params};
use crate::apps::{self, Application};
use crate::base::id::ClientSecretId;
use crate::base::{Secret, Timestamp};
use crate::crypto::token::TokenDigest;
use crate::store::Read;
use std::sync::Arc;

/// The methods, as discovery names them.
pub const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

/// The one answer to an unknown client and to a wrong secret, so that nobody learns which client_ids there are.
const FAILED: &str = "Client authentication failed: the client_id or the client_secret is wrong";

/// What a request says about its client. Nothing of it has been checked.
#[derive(Debug)]
pub struct Presented {
    /// Who it says it is.
    pub client_id: String,
    /// What it shows for it.
    pub secret: Option<Secret<String>>,
}

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
    let other_method = params.get("client_assertion").is_some() || params.get("client_assertion_type").is_some();
    let in_form = post::read(params);
    let Some(header) = authorization else {
        return match in_form {
            Some(presented) if other_method && presented.secret.is_some() => Err(OAuthError::invalid_request(TWICE)),
            _ if other_method => {
                Err(OAuthError::invalid_client("Client assertions are not supported; use the client_secret"))
            }
            Some(presented) => Ok(presented),
            None if params.get("client_secret").is_some() => {
                Err(OAuthError::invalid_request("There is a client_secret without a client_id"))
            }
            None => Err(OAuthError::invalid_client("Send client_id and client_secret, with HTTP Basic or in the form")),
        };
    };
    if other_method || params.get("client_secret").is_some() {
        return Err(OAuthError::invalid_request(TWICE));
    }
    let presented = basic::read(header)?;
    match in_form {
        Some(form) if form.client_id != presented.client_id => {
            Err(OAuthError::invalid_request("The client_id of the form is not that of the Authorization header"))
        }
        _ => Ok(presented),
    }
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
