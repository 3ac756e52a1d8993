//! `client_secret_post`: the credentials in the form (RFC 6749 §2.3.1).

use super::presented::{Method, Presented, Sent};
use crate::base::Secret;
use crate::oauth::error::OAuthError;

/// The method.
#[derive(Clone, Copy, Debug)]
pub struct Post;

impl Method for Post {
    const NAME: &'static str = "client_secret_post";
    const PROVES: bool = true;

    fn is_used(sent: &Sent<'_>) -> bool {
        sent.params.get("client_secret").is_some()
    }

    fn read(sent: &Sent<'_>) -> Result<Presented, OAuthError> {
        let Some(client_id) = sent.params.get("client_id") else {
            return Err(OAuthError::invalid_request("There is a client_secret without a client_id"));
        };
        let secret = sent.params.get("client_secret").map(|secret| Secret::new(secret.to_owned()));
        Ok(Presented { client_id: client_id.to_owned(), secret })
    }
}
