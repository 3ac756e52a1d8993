//! The last step: a session.

use super::Proven;
use crate::access::Origin;
use crate::base::{Problem, Secret};
use crate::crypto::random;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::people;
use crate::roles;
use crate::sessions::{self, CsrfSecret, NewSession, Session};
use crate::stack::Stack;

/// A session that has just started.
#[derive(Debug)]
pub struct Started {
    /// What the browser's cookie holds; only its digest is kept.
    pub cookie: Secret<String>,
    /// The row.
    pub session: Session,
}

/// Starts a session with a new id, whatever the browser had before (R-I3).
///
/// # Errors
/// When the file cannot be written.
pub async fn start_session(stack: &Stack, proven: &Proven, origin: &Origin) -> Result<Started, Problem> {
    let (token, now) = (token::make(TokenKind::SessionId), stack.now());
    let user = proven.user();
    let new = NewSession {
        id: stack.new_id(),
        digest: TokenDigest::of(token.expose()),
        user: user.id,
        tenant: proven.tenant(),
        csrf_secret: CsrfSecret(random::bytes()),
        mfa_at: proven.mfa.then_some(now),
        life_secs: Some(i64::from(stack.config.sessions.absolute_secs)),
        email: user.email.clone(),
        method: proven.method,
        origin: origin.clone(),
    };
    let id = user.id;
    let session = stack
        .store
        .write(move |tx| {
            let session = sessions::create(tx, &new, now)?;
            people::record_login(tx, id, now)?;
            roles::remember_groups(tx, session.tenant, id)?;
            Ok::<_, Problem>(session)
        })
        .await?;
    Ok(Started { cookie: token, session })
}
