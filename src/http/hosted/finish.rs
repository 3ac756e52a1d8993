//! The end of an authorization request: what is due, the code, and the way back to the client.

use super::interaction::{Interaction, WayOn};
use super::visitor::{PAGES, Visitor};
use crate::apps::Application;
use crate::base::id::{TenantId, UserId};
use crate::base::{Kind, Problem};
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::extract::{SignedIn, origin};
use crate::http::kit::parts::{form_post, form_post_policy};
use crate::http::kit::{html, see_other};
use crate::mfa;
use crate::oauth::authorize::{
    Answer, ErrorCode, Facts, Fault, Request, ResponseMode, Return, Step, next_step, tenants_for,
};
use crate::oauth::code::{self, NewCode};
use crate::oauth::{Issuer, authorize, consent};
use crate::people;
use crate::sessions;
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy::{self, MfaPolicy};
use actix_web::http::header;
use actix_web::{HttpResponse, HttpResponseBuilder};
use std::borrow::Cow;

/// What the store knows about a request and a user.
struct Known<'a, R> {
    tx: &'a R,
    request: &'a Request,
    signed_in: Option<&'a SignedIn>,
}

impl<R: Read> Facts for Known<'_, R> {
    fn wants_second_factor(&self, tenant: TenantId) -> Result<bool, StoreError> {
        let tenant = tenancy::tenant(self.tx, tenant)?;
        Ok(tenant.is_some_and(|tenant| MfaPolicy::of(&tenant) == MfaPolicy::Required))
    }

    fn has_second_factor(&self, user: UserId) -> Result<bool, StoreError> {
        Ok(mfa::factors(self.tx, user)?.is_enrolled())
    }

    fn agreed(&self, tenant: TenantId) -> Result<bool, StoreError> {
        let Some(who) = self.signed_in else { return consent::is_first_party(self.tx, self.request.application) };
        consent::allows(self.tx, who.session.user, self.request.application, tenant, &self.request.scope)
    }
}

/// What has to happen next.
///
/// # Errors
/// When the file cannot be read.
pub fn step(visitor: &Visitor, interaction: &Interaction) -> Result<Step, Problem> {
    let (snapshot, now) = (visitor.stack.store.read(), visitor.stack.now());
    let mut request = interaction.request.clone();
    // Nobody is asked whether our own pages, or others of the same offer, may know who they are.
    request.prompt.consent &= !consent::is_first_party(&snapshot, request.application)?;
    let who = match &visitor.signed_in {
        Some(signed_in) if !interaction.other_account => {
            let session = &signed_in.session;
            match people::user(&snapshot, session.user)? {
                Some(user) => Some(authorize::SignedIn {
                    user: user.id,
                    tenant: session.tenant,
                    evidence: session.evidence(),
                    tenants: tenants_for(&snapshot, &request, &user, now)?,
                }),
                None => None,
            }
        }
        _ => None,
    };
    let known = Known { tx: &snapshot, request: &request, signed_in: visitor.signed_in.as_deref() };
    Ok(next_step(&request, interaction.progress, who.as_ref(), now, &known)?)
}

/// Answers the client, if nothing has to be asked any more.
///
/// # Errors
/// When the file cannot be read or written.
pub async fn if_done(visitor: &Visitor, interaction: &Interaction) -> Result<Option<HttpResponse>, Problem> {
    match step(visitor, interaction)? {
        Step::Issue(tenant) => issue(visitor, interaction, tenant, None).await.map(Some),
        Step::Fail(fault) => Ok(Some(refuse(visitor, &interaction.request.back, &fault))),
        Step::SignIn | Step::ChooseAccount | Step::StepUp(_) | Step::NoAccess | Step::Consent(_) => Ok(None),
    }
}

/// Makes a code and sends it; with an application, remembers the consent in the same transaction.
///
/// # Errors
/// When nobody is signed in any more, or the file cannot be written.
pub async fn issue(
    visitor: &Visitor,
    interaction: &Interaction,
    tenant: TenantId,
    agreed: Option<Application>,
) -> Result<HttpResponse, Problem> {
    let (stack, request) = (&visitor.stack, &interaction.request);
    let signed_in = visitor.signed_in.clone().ok_or_else(|| Problem::unauthenticated("no_session", "Sign in first"))?;
    let session = &signed_in.session;
    let user = people::user(&stack.store.read(), session.user)?
        .ok_or_else(|| Problem::unauthenticated("no_session", "Sign in first"))?;
    let (text, now) = (token::make(TokenKind::GrantCode), stack.now());
    let new = NewCode {
        digest: TokenDigest::of(text.expose()),
        application: request.application,
        user: user.id,
        email: user.email,
        session: session.id,
        tenant,
        redirect_uri: request.back.redirect_uri.clone(),
        redirect_uri_given: request.names_redirect_uri,
        scope: request.scope.clone(),
        nonce: request.nonce.clone(),
        challenge: request.code_challenge,
        evidence: session.evidence(),
        environment: request.back.issuer == Issuer::Environment,
        origin: origin(&visitor.http, stack),
    };
    let (actor, scope) = (signed_in.actor.clone(), request.scope.clone());
    let (session, idle_secs) = (session.id, i64::from(stack.config.sessions.idle_secs));
    let write = move |tx: &mut WriteTx<'_>| {
        // They may have been signed out since they were asked: what they say now is said by nobody.
        if !matches!(sessions::resolve_id(tx, session, now, idle_secs)?, sessions::State::Live { .. }) {
            return Err(Problem::unauthenticated("no_session", "Sign in first"));
        }
        if let Some(application) = &agreed {
            consent::give(tx, &actor, application, tenant, &scope, now)?;
        }
        code::create(tx, &new, now)
    };
    match stack.store.write(write).await {
        Ok(()) => Ok(deliver(visitor, &Answer::code(&request.back, stack.issuers(), &text))),
        // Signed out meanwhile: the sign-in is what comes next.
        Err(problem) if problem.code == "no_session" => lead_on(visitor, &interaction.clone().signed_out(), |_| Ok(())),
        // The client knows what to do then, and can be told.
        Err(problem) if matches!(problem.kind, Kind::Busy { .. }) => {
            let words = "The server is busy; try again in a moment";
            Ok(refuse(visitor, &request.back, &Fault::new(ErrorCode::TemporarilyUnavailable, words)))
        }
        Err(problem) => Err(problem),
    }
}

/// Leads to the page that comes next, with what `add` puts into the answer: a cookie.
///
/// # Errors
/// Those of `add`.
pub fn lead_on(
    visitor: &Visitor,
    interaction: &Interaction,
    add: impl FnOnce(&mut HttpResponseBuilder) -> Result<(), Problem>,
) -> Result<HttpResponse, Problem> {
    let Some(way) = interaction.way_on(visitor) else {
        let fault = Fault::new(ErrorCode::InvalidRequest, "The request is too long");
        return Ok(refuse(visitor, &interaction.request.back, &fault));
    };
    let (mut answer, body) = match way {
        WayOn::Address(address) => (see_other(&address), None),
        WayOn::Form(sealed) => {
            let mut page = HttpResponse::Ok();
            page.insert_header((header::CONTENT_SECURITY_POLICY, form_post_policy(Some("'self'"))));
            let fields = [("request", Cow::Owned(sealed))];
            (page, Some(form_post(PAGES, "One moment.", fields)))
        }
    };
    visitor.keep_visit(&mut answer);
    add(&mut answer)?;
    Ok(match body {
        Some(body) => html(&mut answer, &body),
        None => answer.finish(),
    })
}

/// Tells the client that it does not work.
pub fn refuse(visitor: &Visitor, back: &Return, fault: &Fault) -> HttpResponse {
    tracing::debug!(error = fault.code.as_str(), "an authorization request was answered with an error");
    deliver(visitor, &Answer::error(back, visitor.stack.issuers(), fault))
}

/// Tells the client that the user does not want to.
pub fn cancel(visitor: &Visitor, back: &Return) -> HttpResponse {
    refuse(visitor, back, &Fault::new(ErrorCode::AccessDenied, "The user did not agree"))
}

/// 303, so that no form is sent on with a password in it (RFC 9700 §4.12), or the page that posts the answer.
fn deliver(visitor: &Visitor, answer: &Answer) -> HttpResponse {
    match answer.mode {
        ResponseMode::Query => visitor.leave_for(&answer.url()),
        ResponseMode::FormPost => {
            let mut page = HttpResponse::Ok();
            visitor.keep_visit(&mut page);
            // One script, named by its hash, so that nothing else on the page can run or send. The target cannot be named: where
            // the client leads on to from there is its own affair, and a policy would hold it to that as well.
            page.insert_header((header::CONTENT_SECURITY_POLICY, form_post_policy(None)));
            html(
                &mut page,
                &form_post(&answer.redirect_uri, "You are on the way back to the application.", answer.fields()),
            )
        }
    }
}
