//! OAuth: client authentication, grants, tokens and the keys that sign them; nothing of HTTP.
//!
//! A token request goes [`TokenRequest::parse`] (the form and the header), [`approve`] (one snapshot: the client's row, and
//! its tenant's), [`issue`] (one signature, on no lock), and what the audit log is to know goes [`Approved::record`] or
//! [`Refused::event`] into a lazy write. Errors are RFC 6749's.

mod access_token;
mod approved;
pub mod authorize;
pub mod claims;
pub mod client_auth;
pub mod code;
pub mod consent;
mod discovery;
pub mod end_session;
mod error;
pub mod first_party;
mod form;
pub mod grant;
mod id_token;
mod introspect;
mod issuer;
pub mod keys;
mod mint;
pub mod pkce;
pub mod revoke;
mod revoked;
mod standing;
mod subject;
#[cfg(test)]
mod tests;
mod token;
pub mod user_claims;
pub mod user_tokens;
mod userinfo;

pub use access_token::{Holder, SignInSecs, actor_for, holder, verify_access_token};
pub use approved::{Approved, IssueRecord, Refused, admit};
pub use claims::Claims;
pub use discovery::Metadata;
pub use error::{ErrorCode, OAuthError};
pub use form::Params;
pub use id_token::verify_hint;
pub use introspect::{Introspection, introspect};
pub use issuer::{Flavour, Issuer, Issuers};
pub use mint::{Mint, TokenResponse, new_jti};
pub use revoked::sweep as sweep_revoked;
pub use subject::{Subject, subject};
pub use token::{TokenRequest, approve, issue};
pub use userinfo::{UserInfo, userinfo};

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(
    tx: &impl crate::store::Read,
    report: &mut crate::store::Report,
) -> Result<(), crate::store::StoreError> {
    code::check_rows(tx, report)?;
    consent::check_rows(tx, report)?;
    keys::check_rows(tx, report)?;
    revoked::check_rows(tx, report)
}
