//! Coming back from the provider: the code is redeemed, the person is asked where that is due, and our code goes out.

use super::flow::{asks, provider};
use super::{CODE_SECS, FLOW_SECS, Flow, KEEP_SECS, Stage, invalid, table};
use crate::access::{Origin, Place};
use crate::audit::{ActorStamp, Event, Outcome};
use crate::authentication::{self, Proven};
use crate::base::id::{LoginFlowId, SessionId, TenantId};
use crate::base::{DisplayName, Email, Kind, Problem, Timestamp};
use crate::catalogue::Action;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::oauth::code::{self, Redeemed};
use crate::oauth::first_party::{self, FIRST_PARTY};
use crate::people::{self, User};
use crate::sessions::{self, State};
use crate::sso;
use crate::stack::{Env, Stack};
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;
use url::Url;

/// What the provider sends the browser back with.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// `state`
    pub state: Option<String>,
    /// `code`
    pub code: Option<String>,
    /// `error`
    pub error: Option<String>,
    /// `iss` (RFC 9207)
    pub iss: Option<String>,
}

/// The browser that somebody comes back in.
#[derive(Clone, Copy, Debug)]
pub struct Browser {
    /// The digest of its visit.
    pub visit: [u8; 32],
    /// The session that it is signed in with.
    pub session: Option<SessionId>,
}

/// What a person is asked before a program at a loopback address gets the code.
#[derive(Clone, Debug)]
pub struct Question {
    /// The flow, for the answer.
    pub flow: LoginFlowId,
    /// What the program calls itself.
    pub program: Option<DisplayName>,
    /// The host and the port that it listens at.
    pub at: (String, u16),
    /// Where the browser goes afterwards.
    pub redirect_uri: String,
    /// As whom it will act.
    pub user: Email,
    /// In which tenant.
    pub tenant: String,
}

/// What comes next for somebody who is back.
#[derive(Clone, Debug)]
pub enum Returned {
    /// The client's address, with our code or with an error.
    To(String),
    /// The person is asked first.
    Ask(Box<Question>),
}

/// The browser is back from the provider.
///
/// # Errors
/// `auth_flow_invalid` when the answer belongs to no flow that waits for one in this browser: then there is nowhere to go.
pub async fn returned(stack: &Stack, answer: &Answer, browser: Browser, origin: &Origin) -> Result<Returned, Problem> {
    let now = stack.now();
    let state = TokenDigest::of(answer.state.as_deref().ok_or_else(invalid)?);
    let flow = table::by_state(&stack.store.read(), &state)?.ok_or_else(invalid)?;
    let late = now >= flow.created_at.plus_secs(FLOW_SECS);
    if let (Stage::Asked { session, tenant }, false) = (flow.stage, late) {
        return asked_again(stack, &flow, browser, session, tenant);
    }
    if flow.stage != Stage::Away || late {
        return Err(invalid());
    }
    let settings = provider(stack).await?;
    if settings.is_some() && flow.browser != Some(browser.visit) {
        return Err(invalid());
    }
    let right_issuer = answer.iss.as_deref().is_none_or(|iss| match &settings {
        Some(settings) => settings.issuer == iss,
        None => stack.issuers().parse(iss).is_some(),
    });
    if !right_issuer {
        return Err(invalid());
    }
    let went = match (&answer.code, &answer.error) {
        (Some(code), None) => match &settings {
            None => redeem_own(stack, flow.id, code, browser.session, now).await?,
            Some(settings) => redeem_elsewhere(stack, settings, &flow, code, origin).await?,
        },
        (_, Some(error)) => Err(known_error(error)),
        (None, None) => return Err(invalid()),
    };
    let asks = asks(stack, &flow.redirect_uri);
    let (next, stage) = match (went, asks) {
        (Ok((session, tenant)), Some(at)) => {
            let question = question(stack, &flow, session, tenant, at)?;
            (Returned::Ask(Box::new(question)), Stage::Asked { session, tenant })
        }
        (Ok((session, tenant)), None) => back_with_code(stack, &flow, session, tenant, now)?,
        (Err(error), _) => (Returned::To(back_to(&flow, Err(error))?), Stage::Dead),
    };
    let (id, visit) = (flow.id, browser.visit);
    let write = move |tx: &mut WriteTx<'_>| -> Result<(), Problem> {
        // Two answers with one state: the first one counts.
        let flow = table::by_id(tx, id)?.filter(|flow| flow.stage == Stage::Away).ok_or_else(invalid)?;
        Ok(tx.save(&Flow { stage, browser: Some(visit), ..flow })?)
    };
    stack.store.write(write).await?;
    Ok(next)
}

/// The page with the question was loaded anew: it is asked again, in the browser that it was asked in. What the provider sent is
/// used up already.
fn asked_again(
    stack: &Stack,
    flow: &Flow,
    browser: Browser,
    session: SessionId,
    tenant: TenantId,
) -> Result<Returned, Problem> {
    let (uri, same_browser) = (&flow.redirect_uri, flow.browser == Some(browser.visit));
    let at = asks(stack, uri).filter(|_| same_browser).ok_or_else(invalid)?;
    Ok(Returned::Ask(Box::new(question(stack, flow, session, tenant, at)?)))
}

/// The client's address with a code of ours, and the stage of a flow that has gone there.
fn back_with_code(
    env: &Env,
    flow: &Flow,
    session: SessionId,
    tenant: TenantId,
    now: Timestamp,
) -> Result<(Returned, Stage), Problem> {
    let code = token::make(TokenKind::GrantCode);
    let to = back_to(flow, Ok(code.expose()))?;
    let until = now.plus_secs(CODE_SECS);
    Ok((
        Returned::To(to),
        Stage::Back { code: env.store.read().keep(&TokenDigest::of(code.expose())), until, session, tenant },
    ))
}

fn question(
    stack: &Stack,
    flow: &Flow,
    session: SessionId,
    tenant: TenantId,
    at: (String, u16),
) -> Result<Question, Problem> {
    let snapshot = stack.store.read();
    let idle_secs = i64::from(stack.config.sessions.idle_secs);
    let State::Live { session, .. } = sessions::resolve_id(&snapshot, session, stack.now(), idle_secs)? else {
        return Err(invalid());
    };
    let user = people::user(&snapshot, session.user)?.ok_or_else(invalid)?;
    let tenant = tenancy::tenant(&snapshot, tenant)?.ok_or_else(invalid)?;
    Ok(Question {
        flow: flow.id,
        program: flow.program.clone(),
        at,
        redirect_uri: flow.redirect_uri.clone(),
        user: user.email,
        tenant: tenant.name.to_string(),
    })
}

/// The person has said whether the program may have the code: the client's address with it, or with an error. A session that
/// was started for this sign-in alone ends with a no: no browser has its cookie.
///
/// # Errors
/// `auth_flow_invalid` when nobody was asked about it in this browser, or too long ago.
pub async fn decided(
    stack: &Stack,
    flow: LoginFlowId,
    browser: Browser,
    yes: bool,
    origin: &Origin,
) -> Result<String, Problem> {
    let (now, origin) = (stack.now(), origin.clone());
    let asked = table::by_id(&stack.store.read(), flow)?.ok_or_else(invalid)?;
    let late = now >= asked.created_at.plus_secs(FLOW_SECS);
    let (Stage::Asked { session, tenant }, false, true) = (asked.stage, late, asked.browser == Some(browser.visit))
    else {
        return Err(invalid());
    };
    let (next, stage) = if yes {
        back_with_code(stack, &asked, session, tenant, now)?
    } else {
        (Returned::To(back_to(&asked, Err("access_denied"))?), Stage::Dead)
    };
    let (id, was, unwanted) = (asked.id, asked.stage, !yes && browser.session != Some(session));
    let write = move |tx: &mut WriteTx<'_>| -> Result<(), Problem> {
        let flow = table::by_id(tx, id)?.filter(|flow| flow.stage == was).ok_or_else(invalid)?;
        tx.save(&Flow { stage, ..flow })?;
        if unwanted {
            end_unwanted(tx, session, &origin, now)?;
        }
        Ok(())
    };
    stack.store.write(write).await?;
    match next {
        Returned::To(to) => Ok(to),
        Returned::Ask(_) => Err(invalid()),
    }
}

fn end_unwanted(tx: &mut WriteTx<'_>, session: SessionId, origin: &Origin, now: Timestamp) -> Result<(), StoreError> {
    let Some(whose) = sessions::user_of(tx, session)? else { return Ok(()) };
    let Some(user) = people::user(tx, whose)? else { return Ok(()) };
    sessions::end_named(tx, (user.id, &user.email), session, "refused", origin, now)
}

/// The errors that a client is told by name (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6); what else a provider says is
/// not passed on.
fn known_error(error: &str) -> &'static str {
    ["access_denied", "temporarily_unavailable", "login_required", "interaction_required", "consent_required"]
        .into_iter()
        .find(|known| *known == error)
        .unwrap_or("server_error")
}

/// The client's address with what it is to be told.
fn back_to(flow: &Flow, went: Result<&str, &'static str>) -> Result<String, Problem> {
    let mut url = Url::parse(&flow.redirect_uri).map_err(Problem::internal)?;
    match went {
        Ok(code) => url.query_pairs_mut().append_pair("code", code),
        Err(error) => url.query_pairs_mut().append_pair("error", error),
    };
    if let Some(state) = &flow.client_state {
        url.query_pairs_mut().append_pair("state", state);
    }
    Ok(url.into())
}

/// What coming back led to: the session and the tenant, or an error for the client.
type RedeemedCode = Result<(SessionId, TenantId), &'static str>;

/// Redeems a code of our own provider, in process. It is for the browser that is signed in with the session of the code: a
/// code that somebody has taken from their own sign-in is worth nothing in the browser of another.
async fn redeem_own(
    stack: &Stack,
    id: LoginFlowId,
    code: &str,
    signed_in: Option<SessionId>,
    now: Timestamp,
) -> Result<RedeemedCode, Problem> {
    let (digest, redirect_uri) = (TokenDigest::of(code), first_party::redirect_uri(stack.issuers()));
    let redeemed = stack
        .store
        .write(move |tx| {
            let Some(flow) = table::by_id(tx, id)?.filter(|flow| flow.stage == Stage::Away) else { return Ok(None) };
            let exchange = code::Exchange {
                digest,
                application: FIRST_PARTY,
                tenant: None,
                environment: false,
                redirect_uri: Some(redirect_uri.clone()),
                verifier: Some(flow.verifier.clone()),
                family: flow.family,
            };
            let redeemed = code::redeem(tx, &exchange, now.plus_secs(KEEP_SECS), now)?;
            Ok::<_, StoreError>(Some((flow, redeemed)))
        })
        .await?;
    Ok(match redeemed {
        Some((flow, Redeemed::Granted(grant))) => {
            let fits = grant.nonce.as_deref() == Some(flow.nonce.as_str())
                && flow.tenant.is_none_or(|tenant| tenant == grant.tenant);
            let same_browser = signed_in == Some(grant.session);
            if fits && same_browser { Ok((grant.session, grant.tenant)) } else { Err("access_denied") }
        }
        _ => Err("access_denied"),
    })
}

/// Redeems a code of another provider, finds the user whose e-mail it vouches for, and starts a session.
async fn redeem_elsewhere(
    stack: &Stack,
    settings: &sso::Settings,
    flow: &Flow,
    code: &str,
    origin: &Origin,
) -> Result<RedeemedCode, Problem> {
    let redirect_uri = first_party::redirect_uri(stack.issuers());
    let claims = match stack.sso.redeem(settings, (code, &flow.verifier, &redirect_uri), &flow.nonce, stack.now()).await
    {
        Ok(claims) => claims,
        Err(problem) if matches!(problem.kind, Kind::Busy { .. }) => return Ok(Err("temporarily_unavailable")),
        Err(problem) => {
            tracing::warn!(cause = problem.internal.as_deref(), "a sign-in at the other provider was refused");
            return Ok(Err("access_denied"));
        }
    };
    let proven = match claims.verified_email() {
        Some(email) => {
            let snapshot = stack.store.read();
            match people::by_email(&snapshot, &email)? {
                // Another spelling of the address is another mailbox, of which the provider said nothing.
                Some(user) if user.email.is_same_mailbox(&email) => {
                    vouched(&snapshot, user, flow.tenant, claims.second_factor(), stack.now())?
                }
                Some(_) | None => None,
            }
        }
        None => None,
    };
    let Some(proven) = proven else {
        stack.audit_stranger(refused_event(origin, stack.now(), &claims.sub));
        return Ok(Err("access_denied"));
    };
    let started = authentication::start_session(stack, &proven, origin).await?;
    Ok(Ok((started.session.id, started.session.tenant)))
}

/// Somebody whom the provider vouches for, if they may sign in to the tenant.
fn vouched(
    tx: &impl Read,
    user: User,
    tenant: Option<TenantId>,
    mfa: bool,
    now: Timestamp,
) -> Result<Option<Proven>, StoreError> {
    let open = people::tenants_open_to(tx, &user, now)?;
    let tenant = match tenant {
        Some(tenant) => open.contains(&tenant).then_some(tenant),
        None => people::tenant_to_enter(tx, &user, now)?,
    };
    let Some(tenant) = tenant.filter(|_| people::may_use(&user)) else { return Ok(None) };
    // Where a second factor is wanted, the provider must say that it asked for one.
    let enough = mfa || !authentication::wants_second_factor(tx, &user, tenant, now)?;
    Ok(enough.then(|| Proven::by_provider(user, tenant, mfa, now)))
}

fn refused_event(origin: &Origin, now: Timestamp, subject: &str) -> Event {
    let subject: String = subject.chars().take(200).collect();
    Event::of(ActorStamp::anonymous("anonymous"), origin, now, Place::Platform, Action::Login)
        .on("session", "")
        .with("method", "oidc")
        .with("subject", subject)
        .outcome(Outcome::Denied)
}
