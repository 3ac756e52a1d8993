//! OAuth: client authentication, grants, tokens and the keys that sign them; nothing of HTTP.
//!
//! # The way of a request
//!
//! A token request goes [`TokenRequest::parse`] (the form and the header), [`approve`] (one snapshot: the client's row, and
//! its tenant's), [`issue`] (one signature, on no lock), and what the audit log is to know goes [`Approved::record`] or
//! [`Refused::event`] into a lazy write. Tokens for a person are decided in a transaction, [`grant::UserGrant::run`], and
//! signed after it, [`user_tokens::sign`]. Errors are RFC 6749's.
//!
//! # A token core
//!
//! **One model.** [`claims::Claims`] is everything that a token of ours says, access token or ID token, a client's or a
//! person's. Nobody else puts claims together or takes them apart.
//!
//! **Two writers, one reader.** [`claims::Platform`] writes it in ScaiKey's words, [`claims::Environment`] in Scalekit's;
//! `mint` picks the one of the issuer, and the key. [`claims::read_access_token`] and [`claims::read_id_token`] take both
//! back: what they give holds together, and whether it still counts is asked of the rows behind it, each time
//! ([`actor_for`], [`holder`]). What a token says of the sign-in follows from [`crate::access::Evidence`].
//!
//! **Lists, and what follows from them.** [`grant::GRANTS`] are the grants and [`client_auth::METHODS`] the ways in which a
//! client shows who it is. What the endpoints take, whom they refuse, what they say of anything else, and the discovery
//! documents of all flavours follow from these rows.
//!
//! **A grant** is a file in `grant/` (a type that reads the parameters and is a [`grant::Grant`]; for a person's tokens
//! a [`grant::ForPerson`] too) and a row in [`grant::GRANTS`]; `CONTRIBUTING.md` lists the rest. A way to authenticate a client is the same: a file in `client_auth/`, a row, and its case in `registry`. A claim is
//! a field of the model and a line in each writer that says it.
//!
//! **One direction.** A file here names only files below it, and no two know each other: errors, forms, issuers and claims at
//! the bottom; then keys, codes, consents and [`subject()`]; client authentication and `approved`; what is issued; the grants;
//! the endpoints on top. A test computes this from the sources.

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
