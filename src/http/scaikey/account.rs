//! One's own account: password, second factors, sessions, authorised applications.

use super::Services;
use super::list::{Enveloped, Page, PageQuery, cut};
use super::wire::account::{
    Again, AppRevoked, AuthorizedApp, BackupCodes, ChangePassword, Code, MfaDisabled, MfaEnabled, MfaFactors,
    OtherSessionsRevoked, OwnSession, PasswordChanged, TotpSetup,
};
use super::wire::id_in_path;
use crate::access::widest;
use crate::access::{Actor, Granted, Principal, permit};
use crate::apps;
use crate::base::id::{SessionId, UserId};
use crate::base::{Email, Kind, Problem, Secret};
use crate::http::extract::{Caller, Json, OptionalJson, Query};
use crate::http::reply::{NoContent, Reply};
use crate::oauth::consent;
use crate::people::PasswordMark;
use crate::stack::Stack;
use crate::{authentication, mfa, people, sessions};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use std::future::{Ready, ready};
use std::sync::Arc;

/// How many of one's own sessions are listed.
const MAX_SESSIONS: usize = 1000;

/// A person with the whole of the own rights, who asks: not an application that acts for one.
pub struct Oneself {
    actor: Arc<Actor>,
    id: UserId,
    email: Email,
}

#[cfg(test)]
impl crate::http::openapi::Part for Oneself {
    fn tell(_: &mut crate::http::openapi::Scribe<'_>) {}
}

impl FromRequest for Oneself {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Caller::from_request(request, payload).into_inner().and_then(|Caller(actor)| {
            widest::<permit::OwnAccount>(&actor)?;
            match &actor.principal {
                Principal::User { id, email } => Ok(Self { id: *id, email: email.clone(), actor: Arc::clone(&actor) }),
                Principal::Operator | Principal::Application { .. } => {
                    Err(Problem::forbidden("not_a_user", "Only a user has an account"))
                }
            }
        }))
    }
}

/// The permission over one's own factors: with the password, where it is sent; otherwise by a recent sign-in.
async fn is_still_there(
    stack: &Stack,
    actor: &Arc<Actor>,
    again: Option<Secret<String>>,
) -> Result<Granted<permit::OwnFactors>, Problem> {
    match (&actor.principal, again) {
        (Principal::User { .. }, Some(password)) => {
            confirm(stack, actor, "password", password).await?;
            widest(&Arc::new(actor.proven_now()))
        }
        _ => widest(actor),
    }
}

/// A wrong password of somebody who is signed in is a field that does not fit: the credential holds.
async fn confirm(
    stack: &Stack,
    actor: &Actor,
    field: &'static str,
    password: Secret<String>,
) -> Result<PasswordMark, Problem> {
    let confirmed = authentication::confirm_password(stack, actor, password).await;
    confirmed.map(|user| user.password_mark()).map_err(|problem| {
        if problem.kind == Kind::Unauthenticated { Problem::invalid(field, "is wrong") } else { problem }
    })
}

/// As is a wrong code.
fn code_field(problem: Problem) -> Problem {
    if problem.code == "invalid_code" { Problem::invalid("code", "is wrong or was used already") } else { problem }
}

/// `POST /me/password`: changes one's own password, and ends the other sessions.
pub async fn password(
    stack: Services,
    Oneself { actor, email, .. }: Oneself,
    Json(body): Json<ChangePassword>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<PasswordChanged>>, Problem> {
    let was = confirm(&stack, &actor, "current_password", body.current_password).await?;
    let phc = authentication::new_password(&stack, "new_password", body.new_password, &email).await?;
    let (keep, now) = (actor.session(), stack.now());
    stack.store.write(move |tx| people::set_own_password(tx, &actor, was, &phc, keep, now)).await?;
    Ok(Reply(Enveloped::new(PasswordChanged { changed: true }, &request)))
}

/// `GET /me/mfa`: one's own second factors.
pub async fn factors(
    stack: Services,
    Oneself { actor, id, .. }: Oneself,
    request: HttpRequest,
) -> Result<Reply<Enveloped<MfaFactors>>, Problem> {
    let factors = mfa::factors(&stack.store.read(), id)?;
    let policy = authentication::mfa_policy(&stack, &actor)?;
    Ok(Reply(Enveloped::new(MfaFactors::of(&factors, policy), &request)))
}

/// `POST /me/mfa/totp/setup`: begins to set up an authenticator app. The same is answered until the first code.
pub async fn setup(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    OptionalJson(body): OptionalJson<Again>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<TotpSetup>>, Problem> {
    let granted = is_still_there(&stack, &actor, body.and_then(|body| body.password)).await?;
    let setup = authentication::begin_totp(&stack, &granted).await?;
    Ok(Reply(Enveloped::new(TotpSetup::of(setup), &request)))
}

/// `POST /me/mfa/totp/confirm`: finishes the set-up of an app by its first code. The answer shows the backup codes, once.
pub async fn confirm_setup(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    Json(body): Json<Code>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<MfaEnabled>>, Problem> {
    let granted = is_still_there(&stack, &actor, body.password).await?;
    let backup_codes = authentication::confirm_totp(&stack, &granted, &body.code).await.map_err(code_field)?;
    Ok(Reply(Enveloped::new(MfaEnabled { enabled: true, backup_codes }, &request)))
}

/// `POST /me/mfa/totp/disable`: takes the app away, for a code of it or a backup code.
pub async fn disable(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    Json(body): Json<Code>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<MfaDisabled>>, Problem> {
    let granted = is_still_there(&stack, &actor, body.password).await?;
    authentication::disable_totp(&stack, &granted, &body.code).await.map_err(code_field)?;
    Ok(Reply(Enveloped::new(MfaDisabled { enabled: false }, &request)))
}

/// `POST /me/mfa/backup-codes/regenerate`: makes new backup codes, for a code of the app. The old ones are dead.
pub async fn regenerate(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    Json(body): Json<Code>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<BackupCodes>>, Problem> {
    let granted = is_still_there(&stack, &actor, body.password).await?;
    let backup_codes =
        authentication::regenerate_recovery_codes(&stack, &granted, &body.code).await.map_err(code_field)?;
    Ok(Reply(Enveloped::new(BackupCodes { backup_codes }, &request)))
}

/// `GET /me/sessions`: where one is signed in.
pub async fn list_sessions(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<OwnSession>>, Problem> {
    let found = sessions::list_own(&stack.store.read(), &actor, MAX_SESSIONS, stack.now())?;
    let row = |session: &sessions::Session| OwnSession::of(session, actor.session() == Some(session.id));
    Ok(Page::of(&cut(found, page.numbered()?), row, &request))
}

/// `DELETE /me/sessions/{id}`: ends one of one's own sessions.
pub async fn end_session(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    id: web::Path<String>,
) -> Result<NoContent, Problem> {
    let (id, now): (SessionId, _) = (id_in_path(&id, "session_not_found")?, stack.now());
    stack.store.write(move |tx| sessions::end(tx, &actor, id, now)).await?;
    Ok(NoContent)
}

/// `POST /me/sessions/revoke-others`: ends all of one's own sessions but the one that asks.
pub async fn end_other_sessions(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    request: HttpRequest,
) -> Result<Reply<Enveloped<OtherSessionsRevoked>>, Problem> {
    let (keep, now) = (actor.session(), stack.now());
    let revoked = stack.store.write(move |tx| sessions::end_own_others(tx, &actor, keep, now)).await?;
    Ok(Reply(Enveloped::new(OtherSessionsRevoked { revoked }, &request)))
}

/// `GET /me/authorized-apps`: the applications that one has authorised.
pub async fn authorized_apps(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<AuthorizedApp>>, Problem> {
    let found = consent::list_own(&stack.store.read(), &actor)?;
    Ok(Page::of(&cut(found, page.numbered()?), AuthorizedApp::of, &request))
}

/// `DELETE /me/authorized-apps/{client_id}`: takes back what one has authorised; the application's tokens are dead. It is
/// answered with an object, as ScaiKey documents it.
pub async fn revoke_app(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    client_id: web::Path<String>,
    request: HttpRequest,
) -> Result<Reply<Enveloped<AppRevoked>>, Problem> {
    let none = || Problem::not_found("authorized_app_not_found", "You have not authorised this application");
    let application = apps::client(&stack.store.read(), &client_id)?.ok_or_else(none)?;
    let (id, now) = (application.id, stack.now());
    let gone = stack.store.write(move |tx| consent::revoke_own(tx, &actor, id, now)).await;
    gone.map_err(|problem| if problem.kind == Kind::NotFound { none() } else { problem })?;
    Ok(Reply(Enveloped::new(AppRevoked { client_id: application.client_id(), revoked: true }, &request)))
}
