//! Tokens for people, from the assembled services: what the token endpoint and our own sign-in endpoints call.

use super::Stack;
use crate::access::Origin;
use crate::base::id::FamilyId;
use crate::base::{Problem, ScopeSet};
use crate::oauth::grant::{ForPerson, UserGrant, refresh_token};
use crate::oauth::user_tokens::{Lifetimes, sign};
use crate::oauth::{self, Approved, Mint, Refused, TokenResponse, first_party};
use crate::sessions::Session;
use crate::store::StoreError;
use crate::token_families::NewRefresh;
use std::sync::Arc;

/// The length of a day, in seconds.
const DAY: i64 = 86_400;

impl Stack {
    /// How long sessions and refresh tokens hold, from the settings.
    pub fn lifetimes(&self) -> Lifetimes {
        let tokens = &self.config.tokens;
        Lifetimes {
            session_idle: i64::from(self.config.sessions.idle_secs),
            refresh_idle: i64::from(tokens.refresh_idle_days) * DAY,
            refresh_max: i64::from(tokens.refresh_max_days) * DAY,
        }
    }

    /// Runs a grant for a person: one durable transaction, then one or two signatures.
    ///
    /// # Errors
    /// [`Refused`], to be recorded by the caller.
    pub async fn grant_user_tokens(
        &self,
        approved: Approved,
        request: Arc<dyn ForPerson>,
        origin: &Origin,
    ) -> Result<TokenResponse, Box<Refused>> {
        let (now, approved) = (self.now(), Arc::new(approved));
        let (lifetimes, pepper) = (self.lifetimes(), self.keyring.pepper());
        let grant = UserGrant::new(request, approved.issuer, lifetimes, pepper, self.new_id::<FamilyId>());
        let grant = Arc::new(grant);
        let issued = {
            let (approved, grant, origin) = (Arc::clone(&approved), Arc::clone(&grant), origin.clone());
            self.store.write(move |tx| grant.run(tx, &approved, &origin, now)).await
        };
        let issued = issued.map_err(|error: StoreError| Box::new(approved.refuse(error.into())))??;
        sign(Mint { for_sdk: approved.for_sdk, ..self.mint(&self.keys.current()) }, &issued, grant.jti(), now)
            .map_err(|error| Box::new(approved.refuse(error)))
    }

    /// Tokens of the built-in client for a session that has just started, or goes on: `scope` is what an application
    /// outside may read in the ID token and at userinfo; the access token itself is narrowed by no scope here. None:
    /// `openid profile email`.
    ///
    /// # Errors
    /// When the file cannot be written; `session_not_found` when the session has ended meanwhile.
    pub async fn first_party_tokens(
        &self,
        session: &Session,
        scope: Option<&ScopeSet>,
        origin: &Origin,
    ) -> Result<TokenResponse, Problem> {
        let now = self.now();
        let new = Arc::new(first_party::NewTokens {
            session: session.id,
            tenant: None,
            scope: scope.cloned(),
            family: self.new_id(),
            refresh: NewRefresh::draw(),
            jti: oauth::new_jti(oauth::Issuer::Platform),
            lifetimes: self.lifetimes(),
            origin: origin.clone(),
        });
        let issued = {
            let new = Arc::clone(&new);
            self.store.write(move |tx| first_party::issue(tx, &new, now)).await?
        };
        sign(self.mint(&self.keys.current()), &issued, &new.jti, now).map_err(Problem::from)
    }

    /// Uses a refresh token of the built-in client. The answer has a new one; see [`crate::token_families`] for the rule.
    ///
    /// # Errors
    /// `invalid_grant` as an unauthenticated problem; what the store fails with.
    pub async fn refresh_first_party(&self, token: &str, origin: &Origin) -> Result<TokenResponse, Problem> {
        let approved = Approved::first_party(&self.store.read())?;
        let request = Arc::new(refresh_token::Request::new(token));
        self.grant_user_tokens(approved, request, origin).await.map_err(|refused| {
            self.audit_stranger(refused.event(origin, self.now()));
            Problem::from(refused.error)
        })
    }

    fn mint<'a>(&'a self, keys: &'a oauth::keys::KeySet) -> Mint<'a> {
        Mint { keys, issuers: self.issuers(), pepper: self.keyring.pepper(), for_sdk: false }
    }
}
