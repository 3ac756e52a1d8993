//! `/api/v1/me`: who the credential is, and what is one's own.

use super::Services;
use super::list::{Page, PageQuery};
use super::tokens::{make_for_caller, page_of};
use super::wire::id_in_path;
use super::wire::me::{Me, OwnChange};
use super::wire::token::{CreatePersonalToken, NewPersonalToken, PersonalToken};
use crate::access::widest;
use crate::access::{Principal, permit};
use crate::base::Problem;
use crate::base::id::TokenId;
use crate::http::extract::{Caller, IfMatch, Json, Query};
use crate::http::reply::{Created, NoContent, Reply, Tagged};
use crate::keys;
use crate::people::{self, ProfilePatch};
use crate::store::WriteTx;
use actix_web::{HttpRequest, web};
use std::sync::Arc;

/// `GET /me`: who the credential is, as far as it may be told, and what it may do. For a user with the version of their row.
pub async fn show(stack: Services, Caller(actor): Caller) -> Result<Tagged<Me>, Problem> {
    let seen = actor.read_own_data()?;
    let user = match &actor.principal {
        Principal::User { id, .. } => people::user(&stack.store.read(), *id)?,
        Principal::Application { .. } | Principal::Operator => None,
    };
    Ok(Tagged::maybe(Me::of(&actor, user.as_ref(), seen), user.as_ref()))
}

/// `PATCH /me`: changes one's own name and profile.
pub async fn update(
    stack: Services,
    Caller(actor): Caller,
    IfMatch(seen): IfMatch,
    Json(body): Json<OwnChange>,
) -> Result<Tagged<Me>, Problem> {
    widest::<permit::OwnTokens>(&actor)?;
    let (patch, now, me) = (ProfilePatch::from(body), stack.now(), Arc::clone(&actor));
    let write = move |tx: &mut WriteTx<'_>| {
        if let Principal::User { id, .. } = &me.principal {
            seen.check(people::user(tx, *id)?.as_ref())?;
        }
        people::update_own_profile(tx, &me, &patch, now)
    };
    let user = stack.store.write(write).await?;
    Ok(Tagged::new(Me::of(&actor, Some(&user), actor.read_own_data()?), &user))
}

/// `GET /me/personal-tokens`.
pub async fn tokens(
    stack: Services,
    Caller(actor): Caller,
    Query(query): Query<PageQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<PersonalToken>>, Problem> {
    let granted = widest::<permit::OwnTokens>(&actor)?;
    let snapshot = stack.store.read();
    page_of(query.paging()?, &stack, &request, |before, limit| keys::list_own(&snapshot, &granted, before, limit))
}

/// `POST /me/personal-tokens`. The answer shows the token, once.
pub async fn make_token(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<CreatePersonalToken>,
) -> Result<Created<NewPersonalToken>, Problem> {
    if body.user_id.is_some() || body.user_email.is_some() {
        return Err(Problem::invalid("user_id", "is not for this address: a token made here is one's own"));
    }
    make_for_caller(&stack, &actor, body).await
}

/// `DELETE /me/personal-tokens/{id}`: ends one of one's own tokens.
pub async fn revoke_token(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<NoContent, Problem> {
    let granted = widest::<permit::OwnTokens>(&actor)?;
    let id: TokenId = id_in_path(&id, "token_not_found")?;
    let now = stack.now();
    stack.store.write(move |tx| keys::revoke_own(tx, &granted, id, now)).await?;
    Ok(NoContent)
}
