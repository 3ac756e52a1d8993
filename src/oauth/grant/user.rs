//! A grant for a person, run: one transaction, and what the log keeps of it.

use super::asked::{Drawn, Exchanged, ForPerson, Refusal};
use crate::access::{Origin, Place};
use crate::audit::{self, Outcome};
use crate::base::Timestamp;
use crate::base::id::FamilyId;
use crate::catalogue::Action;
use crate::crypto::digest::MacKey;
use crate::oauth::approved::{Approved, Refused};
use crate::oauth::issuer::Issuer;
use crate::oauth::mint::new_jti;
use crate::oauth::user_tokens::{Issued, Lifetimes};
use crate::store::{StoreError, WriteTx};
use crate::tenancy;
use crate::token_families::NewRefresh;
use std::sync::Arc;

/// A request with all that may not come into being inside a transaction.
#[derive(Clone, Debug)]
pub struct UserGrant {
    request: Arc<dyn ForPerson>,
    drawn: Drawn,
    /// The `jti` of the access token.
    jti: String,
}

impl UserGrant {
    /// Draws what has to be random and reads the refresh token. `issuer` is that of the endpoint, `family` a new id.
    pub fn new(
        request: Arc<dyn ForPerson>,
        issuer: Issuer,
        lifetimes: Lifetimes,
        pepper: &MacKey,
        family: FamilyId,
    ) -> Self {
        let token = request.refresh_text(pepper);
        let drawn = Drawn { lifetimes, family, refresh: NewRefresh::draw(), token };
        Self { request, drawn, jti: new_jti(issuer) }
    }

    /// The `jti` that [`crate::oauth::user_tokens::sign`] is to write.
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
        let exchanged = self.request.exchange(tx, approved, &self.drawn, now)?;
        match exchanged {
            Exchanged::Issued(issued) => {
                let place = tenancy::place_of(tx, issued.family.tenant)?.unwrap_or(Place::Platform);
                let event = approved
                    .event(place, origin, now, Outcome::Success)
                    .with("grant_type", self.request.grant_type())
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
