//! `client_secret_post`: the credentials in the form (RFC 6749 §2.3.1).

use super::Presented;
use crate::base::Secret;
use crate::oauth::Params;

/// The client that the form names, with the secret if there is one. None when the form names none.
pub(super) fn read(params: &Params<'_>) -> Option<Presented> {
    let client_id = params.get("client_id")?.to_owned();
    let secret = params.get("client_secret").map(|secret| Secret::new(secret.to_owned()));
    Some(Presented { client_id, secret })
}
