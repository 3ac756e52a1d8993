//! The built-in client: what our own sign-in endpoints, the pages and ScaiGrid's login get their tokens as. It asks for no
//! consent, and its users' tokens are narrowed by no scope.

pub use crate::apps::FIRST_PARTY;

use super::subject::subject;
use super::user_tokens::{Issued, Lifetimes, RefreshPart};
use super::{Approved, Issuers};
use crate::access::Origin;
use crate::audit::{self, ActorStamp, Event};
use crate::base::id::{ApplicationId, FamilyId, SessionId, TenantId};
use crate::base::{Problem, ScopeSet, Timestamp};
use crate::catalogue::Action;
use crate::sessions::{self, State};
use crate::store::{Read, WriteTx};
use crate::token_families::{self, Family, NewRefresh, Refresh};

/// Whether it is the built-in client.
pub fn is(application: ApplicationId) -> bool {
    application == FIRST_PARTY
}

/// The one redirect URI of the built-in client: `<public_url>/v1/auth/callback`. It depends on the public address, so it does
/// not stand in the application's row; the authorization endpoint takes it besides those of the row.
pub fn redirect_uri(issuers: &Issuers) -> String {
    format!("{}/v1/auth/callback", issuers.public_url())
}

/// Tokens to make for a session: everything random comes from outside.
#[derive(Clone, Debug)]
pub struct NewTokens {
    /// The session that the tokens belong to.
    pub session: SessionId,
    /// The tenant that they are for, of those that the person belongs to; none: the session's own.
    pub tenant: Option<TenantId>,
    /// What others may read of the person; none: `openid profile email`.
    pub scope: Option<ScopeSet>,
    /// The id of the family.
    pub family: FamilyId,
    /// The secret of the family, for its refresh tokens.
    pub refresh: NewRefresh,
    /// The id of the access token.
    pub jti: String,
    /// How long things hold.
    pub lifetimes: Lifetimes,
    /// The request in which they are made.
    pub origin: Origin,
}

/// Gives the built-in client a family for a session. The tokens are signed after the commit
/// ([`super::user_tokens::sign`]). `Stack::first_party_tokens` does both.
///
/// # Errors
/// `session_not_found` when the session or the account does not hold any more.
pub fn issue(tx: &mut WriteTx<'_>, new: &NewTokens, now: Timestamp) -> Result<Issued, Problem> {
    let none = || Problem::not_found("session_not_found", "There is no such session");
    let State::Live { session, .. } = sessions::resolve_id(tx, new.session, now, new.lifetimes.session_idle)? else {
        return Err(none());
    };
    let approved = Approved::first_party(tx)?;
    let application = approved.client.application;
    let scope = match &new.scope {
        Some(scope) => ScopeSet::from_texts(scope.iter().filter(|scope| application.allowed_scopes.has(scope))),
        None => ScopeSet::parse("openid profile email"),
    };
    let scope = scope.map_err(Problem::internal)?;
    let offline = scope.has("offline_access");
    let longest = now.plus_secs(new.lifetimes.refresh_max);
    let family = Family {
        id: new.family,
        application: application.id,
        user: session.user,
        session: session.id,
        tenant: new.tenant.unwrap_or(session.tenant),
        scope: scope.clone(),
        evidence: session.evidence(),
        offline,
        refresh: Some(Refresh {
            secret: tx.keep(&new.refresh.digest()),
            newest: 1,
            used_at: now,
            idle_secs: new.lifetimes.refresh_idle,
        }),
        created_at: now,
        expires_at: if offline { longest } else { longest.min(session.expires_at) },
        ended: None,
        forbidden: Vec::new(),
        environment: false,
    };
    let subject = subject(tx, &family, &application, now, new.lifetimes.session_idle)?.ok_or_else(none)?;
    token_families::create(tx, &family)?;
    let actor = ActorStamp::user(subject.user.id, &subject.user.email);
    audit::append(
        tx,
        Event::of(actor, &new.origin, now, subject.place, Action::TokenIssue)
            .on("application", application.id)
            .with("grant_type", "session")
            .with("scope", &scope)
            .with("jti", &new.jti)
            .with("user", family.user)
            .with("family", family.id),
    );
    let refresh = RefreshPart::First(new.refresh.clone());
    Ok(Issued::of(tx, (application, family, subject), scope, refresh, now)?)
}
