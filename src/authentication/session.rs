//! The last step: a session.

use super::Proven;
use super::refusal::refused;
use crate::access::{Actor, Evidence, Origin, Principal};
use crate::base::id::SessionId;
use crate::base::{Problem, Secret, Timestamp};
use crate::crypto::random;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::people::{self, PasswordMark};
use crate::roles;
use crate::sessions::{self, CsrfSecret, NewSession, Session};
use crate::stack::{Env, Stack};
use crate::store::{Read, WriteTx};
use std::sync::Arc;

/// A session that has just started.
#[derive(Debug)]
pub struct Started {
    /// What the browser's cookie holds; only its digest is kept.
    pub cookie: Secret<String>,
    /// The session as the store keeps it.
    pub session: Session,
}

/// What was proven holds at this moment: the account may come in and belongs to the tenant, with the password that was given.
fn still_holds(tx: &impl Read, proven: &Proven, now: Timestamp) -> Result<(), Problem> {
    let user = match proven.mark {
        Some(mark) => people::with_password(tx, proven.user.id, mark)?,
        None => people::user(tx, proven.user.id)?,
    };
    let user = user.filter(people::may_use).ok_or_else(refused)?;
    let open = people::tenants_open_to(tx, &user, now)?.contains(&proven.tenant);
    if open { Ok(()) } else { Err(refused()) }
}

/// Starts a session with a new id, whatever the browser had before: an id that somebody else put there opens nothing.
///
/// # Errors
/// `invalid_credentials` when the password is another one by now, or the account was switched off meanwhile.
pub async fn start_session(stack: &Stack, proven: &Proven, origin: &Origin) -> Result<Started, Problem> {
    let (token, now) = (token::make(TokenKind::SessionId), stack.now());
    let user = proven.user();
    let new = NewSession {
        id: stack.new_id(),
        digest: TokenDigest::of(token.expose()),
        user: user.id,
        tenant: proven.tenant(),
        csrf_secret: CsrfSecret(random::bytes()),
        life_secs: Some(i64::from(stack.config.sessions.absolute_secs)),
        email: user.email.clone(),
        evidence: proven.evidence,
        origin: origin.clone(),
    };
    let (id, proven) = (user.id, proven.clone());
    let session = stack
        .store
        .write(move |tx| {
            still_holds(tx, &proven, now)?;
            let session = sessions::create(tx, &new, now)?;
            people::record_login(tx, id, now)?;
            roles::remember_groups(tx, session.tenant, id)?;
            Ok::<_, Problem>(session)
        })
        .await?;
    Ok(Started { cookie: token, session })
}

/// Lets the session of somebody who signed in once more go on under a new cookie and a new CSRF secret; the old ones are
/// dead.
///
/// # Errors
/// `session_not_found` when it has ended meanwhile, or is another user's; `invalid_credentials` as [`start_session`].
pub async fn renew_session(
    stack: &Stack,
    proven: &Proven,
    actor: &Arc<Actor>,
    session: SessionId,
) -> Result<Started, Problem> {
    if !matches!(&actor.principal, Principal::User { id, .. } if *id == proven.user().id) {
        return Err(Problem::not_found("session_not_found", "There is no such session"));
    }
    renew(stack, actor, session, proven.evidence, proven.mark).await
}

/// As [`renew_session`], once the caller has seen that it is the actor.
pub(super) async fn renew(
    env: &Env,
    actor: &Arc<Actor>,
    session: SessionId,
    shown: Evidence,
    mark: Option<PasswordMark>,
) -> Result<Started, Problem> {
    let (cookie, now) = (token::make(TokenKind::SessionId), env.now());
    let renewed = (TokenDigest::of(cookie.expose()), CsrfSecret(random::bytes()));
    let actor = Arc::clone(actor);
    let write = move |tx: &mut WriteTx<'_>| -> Result<Session, Problem> {
        if let (Principal::User { id, .. }, Some(mark)) = (&actor.principal, mark) {
            people::with_password(tx, *id, mark)?.ok_or_else(refused)?;
        }
        sessions::reauthenticate(tx, &actor, session, renewed.clone(), shown, now)
    };
    Ok(Started { session: env.store.write(write).await?, cookie })
}
