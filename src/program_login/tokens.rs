//! The end of a flow: our code for tokens; and what comes after: refresh and sign-out.

use super::{Flow, KEEP_SECS, Stage, invalid, table};
use crate::access::{Actor, Credential, Origin, Place, Principal};
use crate::audit::{self, ActorStamp, Event, Outcome};
use crate::base::id::{FamilyId, LoginFlowId, SessionId};
use crate::base::{Id, Kind, Problem, Timestamp};
use crate::catalogue::Action;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::oauth::first_party::{self, NewTokens};
use crate::oauth::pkce;
use crate::oauth::user_tokens::{Issued, sign};
use crate::oauth::{self, Mint, TokenResponse};
use crate::sessions;
use crate::stack::{Env, Stack};
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;
use crate::token_families::{self, EndReason, NewRefresh};
use std::sync::Arc;

/// What a client presents with our code.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The flow that the code belongs to.
    pub flow: LoginFlowId,
    /// The code that we sent to the client, not the provider's.
    pub code: String,
    /// The client's PKCE verifier.
    pub verifier: String,
    /// Where the code was sent.
    pub redirect_uri: String,
}

/// What became of a code: decided in a transaction that is committed in every case.
enum Exchanged {
    Issued(Box<Issued>),
    Refused,
}

/// Exchanges our code for tokens, once. A code that does not fit ends its flow; a second use ends what the first one led to.
///
/// # Errors
/// `auth_flow_invalid`.
pub async fn exchange(stack: &Stack, exchange: Exchange, origin: &Origin) -> Result<TokenResponse, Problem> {
    let now = stack.now();
    let well_formed = token::parse(TokenKind::GrantCode, &exchange.code).is_ok();
    if !well_formed || !pkce::is_verifier(&exchange.verifier) {
        return Err(invalid());
    }
    let (new, exchange) = (
        Arc::new(NewTokens {
            // Of the flow, once it is known.
            session: SessionId::from_raw(0),
            tenant: None,
            scope: None,
            family: FamilyId::from_raw(0),
            refresh: NewRefresh::draw(),
            jti: oauth::new_jti(oauth::Issuer::Platform),
            lifetimes: stack.lifetimes(),
            origin: origin.clone(),
        }),
        Arc::new(exchange),
    );
    let exchanged = {
        let new = Arc::clone(&new);
        stack.store.write(move |tx| redeem(tx, &exchange, &new, now)).await?
    };
    let Exchanged::Issued(issued) = exchanged else { return Err(invalid()) };
    let keys = stack.keys.current();
    let mint = Mint { keys: &keys, issuers: stack.issuers(), pepper: stack.keyring.pepper(), for_sdk: false };
    sign(mint, &issued, &new.jti, now).map_err(Problem::from)
}

fn redeem(tx: &mut WriteTx<'_>, exchange: &Exchange, new: &NewTokens, now: Timestamp) -> Result<Exchanged, Problem> {
    let Some(flow) = table::by_id(tx, exchange.flow)? else { return Ok(Exchanged::Refused) };
    let given = tx.keep(&TokenDigest::of(&exchange.code));
    match flow.stage {
        Stage::Done { code } if code.matches(&given) => {
            if let Some(family) = token_families::get(tx, flow.family)?
                && token_families::end(tx, &family, EndReason::CodeReplayed, now)?
            {
                audit::append(tx, replayed(tx, &flow, new, now)?);
            }
            Ok(Exchanged::Refused)
        }
        Stage::Back { code, until, session, tenant } if code.matches(&given) => {
            let fits =
                now < until && exchange.redirect_uri == flow.redirect_uri && flow.challenge.matches(&exchange.verifier);
            let stage = if fits { Stage::Done { code } } else { Stage::Dead };
            let keep_until = now.plus_secs(KEEP_SECS);
            tx.save(&Flow { stage, keep_until, ..flow.clone() })?;
            if !fits {
                return Ok(Exchanged::Refused);
            }
            let new = NewTokens { session, tenant: Some(tenant), family: flow.family, ..new.clone() };
            match first_party::issue(tx, &new, now) {
                Ok(issued) => Ok(Exchanged::Issued(Box::new(issued))),
                Err(problem) if problem.kind == Kind::NotFound => Ok(Exchanged::Refused),
                Err(problem) => Err(problem),
            }
        }
        Stage::Away | Stage::Asked { .. } | Stage::Back { .. } | Stage::Done { .. } | Stage::Dead => {
            Ok(Exchanged::Refused)
        }
    }
}

fn replayed(tx: &impl Read, flow: &Flow, new: &NewTokens, now: Timestamp) -> Result<Event, StoreError> {
    let place = match flow.tenant {
        Some(tenant) => tenancy::place_of(tx, tenant)?.unwrap_or(Place::Platform),
        None => Place::Platform,
    };
    let nobody = ActorStamp::anonymous("anonymous");
    let event = Event::of(nobody, &new.origin, now, place, Action::TokenCodeReplayed).outcome(Outcome::Denied);
    Ok(event.on("login_flow", flow.id).with("family", flow.family))
}

/// Uses a refresh token of a flow.
///
/// # Errors
/// `auth_token_invalid` for a text that is none of our refresh tokens, `session_expired` for one that holds no more.
pub async fn refresh(stack: &Stack, text: &str, origin: &Origin) -> Result<TokenResponse, Problem> {
    if token_families::RefreshText::read(stack.keyring.pepper(), text).is_none() {
        return Err(Problem::unauthenticated("auth_token_invalid", "The refresh token is not valid"));
    }
    stack.refresh_first_party(text, origin).await.map_err(|problem| match problem.kind {
        Kind::Unauthenticated => Problem::unauthenticated("session_expired", "The session has ended: sign in again"),
        _ => problem,
    })
}

/// Ends the session that the caller's token is of: all its tokens are dead at once.
///
/// # Errors
/// `not_a_session` for a credential that belongs to none, such as an API key; `insufficient_scope` for an application's token,
/// which ends with itself alone: the person's browser is not the application's to sign out.
pub async fn log_out(env: &Env, actor: &Arc<Actor>) -> Result<(), Problem> {
    if actor.is_application_for_user() {
        let message = "An application's token does not end the person's session: revoke the token instead";
        return Err(Problem::forbidden("insufficient_scope", message));
    }
    let session = match (&actor.credential, &actor.principal) {
        (Credential::Session { id, .. } | Credential::UserToken { session: id, .. }, Principal::User { .. }) => *id,
        _ => {
            let message = "This credential belongs to no session: revoke it instead";
            return Err(Problem::forbidden("not_a_session", message));
        }
    };
    let (actor, now) = (Arc::clone(actor), env.now());
    env.store.write(move |tx| sessions::end(tx, &actor, session, now)).await
}
