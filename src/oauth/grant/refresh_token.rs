//! The refresh token grant (RFC 6749 §6, RFC 9700 §4.14.2): each use gives a new refresh token; one that is used after its
//! successor was used ends the family.

use super::asked::{Asked, Drawn, Exchanged, ForPerson, Grant, Refusal, scope_param};
use crate::apps::GrantType;
use crate::base::{Scope, ScopeSet, Timestamp};
use crate::crypto::digest::MacKey;
use crate::oauth::approved::Approved;
use crate::oauth::client_auth::Client;
use crate::oauth::error::{OAuthError, quoted};
use crate::oauth::form::Params;
use crate::oauth::subject::subject;
use crate::oauth::user_tokens::{Issued, RefreshPart};
use crate::roles;
use crate::sessions;
use crate::store::{StoreError, WriteTx};
use crate::token_families::{self, EndReason, Presented, RefreshText, Turn};
use std::sync::Arc;

/// The parameters of this grant.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    token: String,
    /// What is asked for: the same or less. None: the same.
    scope: Option<ScopeSet>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Request([secret], {:?})", self.scope)
    }
}

impl Request {
    /// For our own endpoints, which are handed a refresh token of the built-in client.
    pub fn new(token: &str) -> Self {
        Self { token: token.to_owned(), scope: None }
    }
}

impl Grant for Request {
    const TYPE: GrantType = GrantType::RefreshToken;

    /// Every client: the token is bound to the one that it was issued to.
    fn admits(_: &Client) -> Result<(), OAuthError> {
        Ok(())
    }

    fn read(params: &Params<'_>) -> Result<Asked, OAuthError> {
        let token = params
            .get("refresh_token")
            .ok_or_else(|| OAuthError::invalid_request("The parameter refresh_token is missing"))?;
        Ok(Asked::ForPerson(Arc::new(Self { scope: scope_param(params)?, ..Self::new(token) })))
    }
}

impl ForPerson for Request {
    fn grant_type(&self) -> &'static str {
        Self::NAME
    }

    fn refresh_text(&self, pepper: &MacKey) -> Option<RefreshText> {
        RefreshText::read(pepper, &self.token)
    }

    fn exchange(
        &self,
        tx: &mut WriteTx<'_>,
        approved: &Approved,
        drawn: &Drawn,
        now: Timestamp,
    ) -> Result<Exchanged, StoreError> {
        let application = &approved.client.application;
        let refused = |text: &'static str| Ok(Refusal::plain(OAuthError::invalid_grant(text)));
        const OVER: &str = "The refresh token is unknown, has expired or was revoked";
        let Some(token) = &drawn.token else { return refused(OVER) };
        let (family, live) = match Presented::find(tx, token, now)? {
            Presented::Unknown => return refused(OVER),
            Presented::Over(family) => (family, false),
            Presented::Live(family) => (family, true),
        };
        // Another client holds it (RFC 6749 §6 binds it to the one it was issued to): that is for the log. The rightful one
        // keeps its tokens.
        if !approved.is_holder_of(&family) {
            return refused("The refresh token was issued to another client");
        }
        if !approved.is_issuer_of(&family) {
            return refused("The refresh token was issued by another issuer: use its own token endpoint");
        }
        // The application may have been given a shorter time since.
        if !live || now >= application.refreshed_until(family.created_at, drawn.lifetimes.refresh_max) {
            return refused(OVER);
        }
        // Copied tokens are caught before anything else is looked at.
        if token_families::judge(&family, token) != Turn::Replayed {
            let Some(subject) = subject(tx, &family, application, now, drawn.lifetimes.session_idle)? else {
                return refused("The sign-in that the refresh token is from has ended");
            };
            // One that there is not (any more) is left aside, as at the first request: the answer says what was granted.
            let wanted = roles::existing(tx, self.scope.as_ref().unwrap_or(&family.scope))?;
            let beyond: Vec<_> = wanted.beyond(&family.scope).map(Scope::as_str).collect();
            if !beyond.is_empty() {
                let words = format!("The scope {} was not granted at the sign-in", quoted(&beyond.join(" ")));
                return Ok(Refusal::plain(OAuthError::invalid_scope(words)));
            }
            if wanted.is_empty() && self.scope.is_some() {
                let words = "There is none of the scopes that are asked for";
                return Ok(Refusal::plain(OAuthError::invalid_scope(words)));
            }
            let scope = wanted.within(&application.allowed_scopes);
            if let Turn::Next { number, .. } = token_families::turn(tx, &family, token, now)? {
                // A refresh shows that somebody is there, unless it works without anybody.
                if subject.stale && !family.offline {
                    sessions::touch(tx, family.session, now)?;
                }
                let refresh = RefreshPart::Numbered(token.clone(), number);
                let issued = Issued::of(tx, (application.clone(), *family, subject), scope, refresh, now)?;
                return Ok(Exchanged::Issued(Box::new(issued)));
            }
        }
        token_families::turn(tx, &family, token, now)?;
        let ended = (family.id, family.user, EndReason::RefreshReplayed);
        Ok(Refusal::ending(OAuthError::invalid_grant(OVER), Some(ended)))
    }
}
