//! The grants that give tokens for a person, run in one transaction: authorization_code and refresh_token.

use super::{authorization_code, refresh_token};
use crate::access::{Origin, Place};
use crate::audit::{self, Outcome};
use crate::base::Timestamp;
use crate::base::id::{FamilyId, UserId};
use crate::catalogue::Action;
use crate::crypto::digest::MacKey;
use crate::families::{EndReason, NewRefresh, RefreshText};
use crate::oauth::user_tokens::{Issued, Lifetimes};
use crate::oauth::{Approved, Issuer, OAuthError, Refused, new_jti};
use crate::store::{StoreError, WriteTx};
use crate::tenancy;

/// Which of them, with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRequest {
    /// With a code.
    Code(authorization_code::Request),
    /// With a refresh token.
    Refresh(refresh_token::Request),
}

impl UserRequest {
    const fn name(&self) -> &'static str {
        match self {
            Self::Code(_) => authorization_code::NAME,
            Self::Refresh(_) => refresh_token::NAME,
        }
    }
}

/// A request with all that may not come into being inside a transaction.
#[derive(Clone, Debug)]
pub struct UserGrant {
    request: UserRequest,
    pub(super) lifetimes: Lifetimes,
    /// The id of the family, if one is made.
    family: FamilyId,
    /// The secret of that family.
    refresh: NewRefresh,
    /// The refresh token that was presented, if this instance has made it.
    token: Option<RefreshText>,
    /// The `jti` of the access token.
    jti: String,
}

/// What came of a request.
#[derive(Clone, Debug)]
pub(super) enum Exchanged {
    /// These tokens are to be signed.
    Issued(Box<Issued>),
    /// No tokens are made.
    Refused(Refusal),
}

/// Why there are no tokens, and which family has ended for it.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    error: OAuthError,
    ended: Option<(FamilyId, UserId, EndReason)>,
}

impl Refusal {
    pub(super) fn plain(error: OAuthError) -> Exchanged {
        Self::ending(error, None)
    }

    pub(super) fn ending(error: OAuthError, ended: Option<(FamilyId, UserId, EndReason)>) -> Exchanged {
        Exchanged::Refused(Self { error, ended })
    }
}

impl UserGrant {
    /// Draws what has to be random and reads the refresh token. `issuer` is that of the endpoint, `family` a new id.
    pub fn new(request: UserRequest, issuer: Issuer, lifetimes: Lifetimes, pepper: &MacKey, family: FamilyId) -> Self {
        let token = match &request {
            UserRequest::Code(_) => None,
            UserRequest::Refresh(request) => request.text(pepper),
        };
        Self { request, lifetimes, family, refresh: NewRefresh::draw(), token, jti: new_jti(issuer) }
    }

    /// The `jti` that [`super::super::user_tokens::sign`] is to write.
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// Decides, and writes what comes of it with its audit rows. A refusal is a result, not an error: what it has changed
    /// (a dead code, an ended family) is to be committed.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn run(
        &self,
        tx: &mut WriteTx<'_>,
        approved: &Approved,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Result<Box<Issued>, Box<Refused>>, StoreError> {
        let exchanged = match &self.request {
            UserRequest::Code(request) => {
                authorization_code::exchange(tx, approved, request, self, (self.family, &self.refresh), now)?
            }
            UserRequest::Refresh(request) => {
                refresh_token::exchange(tx, approved, (request, self.token.as_ref()), self, now)?
            }
        };
        match exchanged {
            Exchanged::Issued(issued) => {
                let place = tenancy::place_of(tx, issued.family.tenant)?.unwrap_or(Place::Platform);
                let event = approved
                    .event(place, origin, now, Outcome::Success)
                    .with("grant_type", self.request.name())
                    .with("scope", &issued.scope)
                    .with("jti", &self.jti)
                    .with("user", issued.family.user)
                    .with("family", issued.family.id);
                audit::append(tx, event);
                approved.used(tx, now)?;
                Ok(Ok(issued))
            }
            Exchanged::Refused(Refusal { error, ended }) => {
                if let Some((family, user, why)) = ended {
                    let mut event = approved.event(approved.place(), origin, now, Outcome::Denied);
                    event.action = Action::TokenFamilyEnd.name().to_owned();
                    let event = event.on("token_family", family).with("user", user).with("reason", why.name());
                    audit::append(tx, event.with("client_id", approved.client.application.client_id()));
                }
                Ok(Err(Box::new(approved.refuse(error))))
            }
        }
    }
}
