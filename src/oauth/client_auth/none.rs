//! `none`: a public client says who it is and shows nothing for it (RFC 6749 §2.1). Whether it may, its type says.

use super::presented::{Method, Presented, Sent};
use crate::oauth::error::OAuthError;

/// The method.
#[derive(Clone, Copy, Debug)]
pub struct None;

impl Method for None {
    const NAME: &'static str = "none";
    const PROVES: bool = false;

    fn is_used(sent: &Sent<'_>) -> bool {
        sent.authorization.is_none() && sent.params.get("client_secret").is_none()
    }

    fn read(sent: &Sent<'_>) -> Result<Presented, OAuthError> {
        match sent.params.get("client_id") {
            Some(client_id) => Ok(Presented { client_id: client_id.to_owned(), secret: Option::None }),
            Option::None => {
                Err(OAuthError::invalid_client("Send client_id and client_secret, with HTTP Basic or in the form"))
            }
        }
    }
}
