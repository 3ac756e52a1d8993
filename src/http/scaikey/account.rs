//! One's own account: password, second factors, sessions, authorised applications.

use super::list::{PageQuery, cut, enveloped, render};
use super::wire::login::{self as wire, Again, ChangePassword, Code};
use super::wire::{at, id_in_path};
use super::{Services, gone, ok};
use crate::access::widest;
use crate::access::{Actor, Granted, Principal, permit};
use crate::apps;
use crate::base::id::{SessionId, UserId};
use crate::base::{Email, Kind, Problem, Secret};
use crate::http::extract::{Caller, Json, OptionalJson, Query};
use crate::oauth::consent;
use crate::people::PasswordMark;
use crate::stack::Stack;
use crate::{mfa, people, sessions, signin};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde_json::json;
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
    let confirmed = signin::confirm_password(stack, actor, password).await;
    confirmed.map(|user| user.password_mark()).map_err(|problem| {
        if problem.kind == Kind::Unauthenticated { Problem::invalid(field, "is wrong") } else { problem }
    })
}

/// As is a wrong code.
fn code_field(problem: Problem) -> Problem {
    if problem.code == "invalid_code" { Problem::invalid("code", "is wrong or was used already") } else { problem }
}

/// `POST /me/password`. Ends the other sessions.
pub async fn password(
    stack: Services,
    Oneself { actor, email, .. }: Oneself,
    Json(body): Json<ChangePassword>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let was = confirm(&stack, &actor, "current_password", body.current_password).await?;
    let phc = signin::new_password(&stack, "new_password", body.new_password, &email).await?;
    let (keep, now) = (actor.session(), stack.now());
    stack.store.write(move |tx| people::set_own_password(tx, &actor, was, &phc, keep, now)).await?;
    Ok(ok(&enveloped(json!({ "changed": true }), &request)))
}

/// `GET /me/mfa`.
pub async fn factors(
    stack: Services,
    Oneself { actor, id, .. }: Oneself,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let factors = mfa::factors(&stack.store.read(), id)?;
    let policy = signin::mfa_policy(&stack, &actor)?;
    Ok(ok(&enveloped(wire::factors(&factors, policy.name()), &request)))
}

/// `POST /me/mfa/totp/setup`. The same is answered until the first code.
pub async fn setup(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    OptionalJson(body): OptionalJson<Again>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let granted = is_still_there(&stack, &actor, body.and_then(|body| body.password)).await?;
    let setup = signin::begin_totp(&stack, &granted).await?;
    Ok(ok(&enveloped(wire::totp(&setup), &request)))
}

/// `POST /me/mfa/totp/confirm`: the first code. The answer shows the backup codes, once.
pub async fn confirm_setup(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    Json(body): Json<Code>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let granted = is_still_there(&stack, &actor, body.password).await?;
    let codes = signin::confirm_totp(&stack, &granted, &body.code).await.map_err(code_field)?;
    Ok(ok(&enveloped(json!({ "enabled": true, "backup_codes": wire::codes(&codes) }), &request)))
}

/// `POST /me/mfa/totp/disable`.
pub async fn disable(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    Json(body): Json<Code>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let granted = is_still_there(&stack, &actor, body.password).await?;
    signin::disable_totp(&stack, &granted, &body.code).await.map_err(code_field)?;
    Ok(ok(&enveloped(json!({ "enabled": false }), &request)))
}

/// `POST /me/mfa/backup-codes/regenerate`, for a code of the app.
pub async fn regenerate(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    Json(body): Json<Code>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let granted = is_still_there(&stack, &actor, body.password).await?;
    let codes = signin::regenerate_recovery_codes(&stack, &granted, &body.code).await.map_err(code_field)?;
    Ok(ok(&enveloped(json!({ "backup_codes": wire::codes(&codes) }), &request)))
}

/// `GET /me/sessions`.
pub async fn list_sessions(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let found = sessions::list_own(&stack.store.read(), &actor, MAX_SESSIONS, stack.now())?;
    let row = |session: &sessions::Session| wire::session(session, actor.session() == Some(session.id));
    Ok(render(&cut(found, page.numbered()?), row, &request))
}

/// `DELETE /me/sessions/{id}`.
pub async fn end_session(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, now): (SessionId, _) = (id_in_path(&id, "session_not_found")?, stack.now());
    stack.store.write(move |tx| sessions::end(tx, &actor, id, now)).await?;
    Ok(gone())
}

/// `POST /me/sessions/revoke-others`.
pub async fn end_other_sessions(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (keep, now) = (actor.session(), stack.now());
    let ended = stack.store.write(move |tx| sessions::end_own_others(tx, &actor, keep, now)).await?;
    Ok(ok(&enveloped(json!({ "revoked": ended }), &request)))
}

/// `GET /me/authorized-apps`.
pub async fn authorized_apps(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let found = consent::list_own(&stack.store.read(), &actor)?;
    let row = |(consent, application): &(consent::Consent, apps::Application)| {
        json!({
            "client_id": application.client_id(),
            "name": application.name,
            "tenant_id": consent.tenant,
            "scopes": consent.scopes,
            "authorized_at": at(Some(consent.created_at)),
            "updated_at": at(Some(consent.updated_at)),
        })
    };
    Ok(render(&cut(found, page.numbered()?), row, &request))
}

/// `DELETE /me/authorized-apps/{client_id}`: answered with an object, as ScaiKey documents it. Its tokens are dead.
pub async fn revoke_app(
    stack: Services,
    Oneself { actor, .. }: Oneself,
    client_id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let none = || Problem::not_found("authorized_app_not_found", "You have not authorised this application");
    let application = apps::client(&stack.store.read(), &client_id)?.ok_or_else(none)?;
    let (id, now) = (application.id, stack.now());
    let gone = stack.store.write(move |tx| consent::revoke_own(tx, &actor, id, now)).await;
    gone.map_err(|problem| if problem.kind == Kind::NotFound { none() } else { problem })?;
    Ok(ok(&enveloped(json!({ "client_id": application.client_id(), "revoked": true }), &request)))
}
