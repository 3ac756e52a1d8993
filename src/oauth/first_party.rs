//! The built-in client: what our own sign-in endpoints, the pages and ScaiGrid's login get their tokens as. It asks for no
//! consent, and its users' tokens are narrowed by no scope.

pub use crate::apps::FIRST_PARTY;

use super::Issuers;
use crate::base::id::ApplicationId;

/// Whether it is the built-in client.
pub fn is(application: ApplicationId) -> bool {
    application == FIRST_PARTY
}

/// The one redirect URI of the built-in client: `<public_url>/v1/auth/callback`. It depends on the public address, so it does
/// not stand in the application's row; the authorization endpoint takes it besides those of the row.
pub fn redirect_uri(issuers: &Issuers) -> String {
    format!("{}/v1/auth/callback", issuers.public_url())
}
