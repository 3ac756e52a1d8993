//! What a grant is, and what a request of one asks for.

use crate::apps::GrantType;
use crate::base::id::{FamilyId, UserId};
use crate::base::{ScopeSet, Timestamp};
use crate::crypto::digest::MacKey;
use crate::oauth::approved::Approved;
use crate::oauth::client_auth::Client;
use crate::oauth::error::OAuthError;
use crate::oauth::form::Params;
use crate::oauth::user_tokens::{Issued, Lifetimes};
use crate::store::{StoreError, WriteTx};
use crate::token_families::{EndReason, NewRefresh, RefreshText};
use std::fmt;
use std::sync::Arc;

/// A way to tokens, by the value of `grant_type` (RFC 6749 §1.3). Each has a file and a row in [`super::GRANTS`].
pub trait Grant {
    /// Which of the grants that an application may be allowed.
    const TYPE: GrantType;
    /// The value of `grant_type` that asks for it.
    const NAME: &'static str = Self::TYPE.name();

    /// Whether a client, authenticated if it can be, can use it at all. What its administrator allows it is looked at besides.
    ///
    /// # Errors
    /// `unauthorized_client` (RFC 6749 §5.2).
    fn admits(client: &Client) -> Result<(), OAuthError>;

    /// Reads its own parameters.
    ///
    /// # Errors
    /// `invalid_request` or `invalid_scope`: what can be seen without the store.
    fn read(params: &Params<'_>) -> Result<Asked, OAuthError>;
}

/// What a request asks for, by what has to happen for it.
#[derive(Clone, Debug)]
pub enum Asked {
    /// A token for the client itself: signed from one snapshot, and noted in the log without anybody waiting.
    ForClient(ForClient),
    /// Tokens for a person: decided in a transaction that is on the disk before the answer.
    ForPerson(Arc<dyn ForPerson>),
}

/// What a client asks for on its own behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForClient {
    /// The scope. None: all that the application may have.
    pub scope: Option<ScopeSet>,
}

/// A grant's request for a person's tokens, read and to be exchanged for them.
pub trait ForPerson: fmt::Debug + Send + Sync {
    /// The value of `grant_type`, for the log.
    fn grant_type(&self) -> &'static str;

    /// The refresh token that it presents, if this instance has made it: read before the transaction. `pepper` is the key of
    /// the codes in refresh tokens.
    fn refresh_text(&self, pepper: &MacKey) -> Option<RefreshText>;

    /// Decides, in one transaction. What is refused is committed too: a code that was presented wrongly is dead, a copied token
    /// ends its family.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    fn exchange(
        &self,
        tx: &mut WriteTx<'_>,
        approved: &Approved,
        drawn: &Drawn,
        now: Timestamp,
    ) -> Result<Exchanged, StoreError>;
}

/// What may not come into being inside a transaction.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// How long things hold.
    pub lifetimes: Lifetimes,
    /// The id of the family, if one is made.
    pub family: FamilyId,
    /// The secret of that family.
    pub refresh: NewRefresh,
    /// What [`ForPerson::refresh_text`] gave.
    pub token: Option<RefreshText>,
}

/// What came of a request.
#[derive(Clone, Debug)]
pub enum Exchanged {
    /// These tokens are to be signed.
    Issued(Box<Issued>),
    /// No tokens are made.
    Refused(Refusal),
}

/// Why there are no tokens, and which family has ended for it.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub(super) error: OAuthError,
    pub(super) ended: Option<(FamilyId, UserId, EndReason)>,
}

impl Refusal {
    /// That alone.
    pub(super) fn plain(error: OAuthError) -> Exchanged {
        Self::ending(error, None)
    }

    /// With the family that has ended, if there is one.
    pub(super) fn ending(error: OAuthError, ended: Option<(FamilyId, UserId, EndReason)>) -> Exchanged {
        Exchanged::Refused(Self { error, ended })
    }
}

/// The parameter `scope`. None: it was not sent, or is blank, which asks for the default.
pub(super) fn scope_param(params: &Params<'_>) -> Result<Option<ScopeSet>, OAuthError> {
    let malformed = |_| OAuthError::invalid_scope("The scope is malformed: write scopes with one blank between them");
    let scope = params.get("scope").map(ScopeSet::parse).transpose().map_err(malformed)?;
    Ok(scope.filter(|scope| !scope.is_empty()))
}
