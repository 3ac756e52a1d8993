//! `/api/v1/admin/personal-tokens`: the `skt_` tokens of the instance.

use super::Services;
use super::list::{Page, PageQuery, pagination};
use super::wire::token::{CreatePersonalToken, NewPersonalToken, PersonalToken, PersonalTokenQuery, owner_email};
use super::wire::{id_in_path, tenant_named};
use crate::access::{Actor, Place, permit};
use crate::access::{over, widest};
use crate::base::id::{TenantId, TokenId, UserId};
use crate::base::{DisplayName, Id, Problem, Secret, Timestamp};
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::extract::{Caller, Json, Query};
use crate::http::reply::{Created, NoContent, Reply};
use crate::keys::{self, MAX_LIFE_SECS, NewToken, Owner};
use crate::people;
use crate::stack::Stack;
use crate::store::Paging;
use crate::tenancy;
use actix_web::{HttpRequest, web};
use std::sync::Arc;

/// How far into a list a page may lie; behind that nobody leafs.
const DEEPEST: usize = 20_000;

/// A page of tokens, the newest first: reads up to the end of the page and one more, behind a token if a cursor says so.
pub fn page_of(
    paging: Paging,
    stack: &Stack,
    request: &HttpRequest,
    read: impl FnOnce(Option<TokenId>, usize) -> Result<Vec<keys::PersonalToken>, Problem>,
) -> Result<Reply<Page<PersonalToken>>, Problem> {
    let (skip, size) = paging.window();
    if skip + size > DEEPEST {
        return Err(Problem::invalid_at(
            "query",
            "page",
            "is too far behind; narrow the list, or go on with next_cursor",
        ));
    }
    let found = read(paging.after().map(TokenId::from_raw), skip + size + 1)?;
    let (now, last) = (stack.now(), found.len() <= skip + size);
    let snapshot = stack.store.read();
    let row = |token| Ok(PersonalToken::new(token, owner_email(&snapshot, token)?, now));
    let data = found.iter().skip(skip).take(size).map(row).collect::<Result<Vec<_>, Problem>>()?;
    let total = (last && paging.after().is_none()).then_some(found.len() as u64);
    let next = found.get(skip + size - 1).filter(|_| !last).map(|token| token.id.raw());
    Ok(Page::new(data, pagination(paging, total, next), request))
}

/// `GET /personal-tokens`: the personal tokens of this instance, the newest first.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(query): Query<PageQuery>,
    Query(filter): Query<PersonalTokenQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<PersonalToken>>, Problem> {
    let granted = widest::<permit::ManageTokens>(&actor)?;
    let snapshot = stack.store.read();
    let owner = filter.read(&snapshot)?.filter().map(|user| user.map(Owner::User));
    let granted = match filter.tenant(&snapshot)?.filter() {
        None => None,
        Some(None) => Some(granted),
        // In one tenant the permission reaches what is there.
        Some(Some(tenant)) => {
            match tenancy::place_of(&snapshot, tenant)?.filter(|place| granted.place().covers(*place)) {
                Some(place) => Some(actor.grant::<permit::ManageTokens>(place)?),
                None => None,
            }
        }
    };
    page_of(query.paging()?, &stack, &request, |before, limit| match (owner, &granted) {
        (Some(owner), Some(granted)) => keys::list(&snapshot, granted, owner, before, limit),
        _ => Ok(Vec::new()),
    })
}

/// For whom a token is to be: the id, and the home, where it works if nothing else is said.
fn owner(stack: &Stack, body: &CreatePersonalToken) -> Result<Option<(UserId, TenantId)>, Problem> {
    let snapshot = stack.store.read();
    let user = match (&body.user_id, &body.user_email) {
        (None, None) => return Ok(None),
        (Some(id), None) => people::user(&snapshot, *id)?,
        (None, Some(email)) => people::by_email(&snapshot, email)?,
        (Some(_), Some(_)) => return Err(Problem::invalid("user_email", "is given beside user_id; one is enough")),
    };
    let user = user.ok_or_else(|| super::wire::missing("user_not_found"))?;
    Ok(Some((user.id, user.home_tenant)))
}

/// A token to make as a body asks for it, its text, and where it is to work.
fn read(
    stack: &Stack,
    body: CreatePersonalToken,
    tenant: TenantId,
) -> Result<(NewToken, Secret<String>, Option<Place>), Problem> {
    let snapshot = stack.store.read();
    let (tenant, place) = match &body.tenant_id {
        Some(name) => tenant_named(&snapshot, name).map(|row| (row.id, Some(row.place())))?,
        None => (tenant, tenancy::place_of(&snapshot, tenant)?),
    };
    let text = token::make(TokenKind::PersonalToken);
    let default_name = || DisplayName::parse(&format!("Token of {}", &stack.now().iso_secs()[..10]));
    let default_secs = i64::from(stack.config.tokens.personal_days) * 86_400;
    let new = NewToken {
        digest: TokenDigest::of(text.expose()),
        hint: token::hint(text.expose()).to_owned(),
        name: body.name.map_or_else(default_name, Ok).map_err(Problem::internal)?,
        tenant,
        scopes: body.scopes.0,
        life_secs: Some(body.expires_in_secs.unwrap_or(default_secs)),
    };
    Ok((new, text, place))
}

/// The longest life of a token: a year, or the settings' usual one if that is longer.
fn longest(stack: &Stack) -> i64 {
    MAX_LIFE_SECS.max(i64::from(stack.config.tokens.personal_days) * 86_400)
}

/// Makes a token for the caller himself.
pub async fn make_for_caller(
    stack: &Stack,
    actor: &Arc<Actor>,
    body: CreatePersonalToken,
) -> Result<Created<NewPersonalToken>, Problem> {
    widest::<permit::MakeTokens>(actor)?;
    let (new, text, place) = read(stack, body, actor.tenant)?;
    let granted = over::<permit::MakeTokens>(actor, place)?;
    let (id, now, max) = (stack.new_id(), stack.now(), longest(stack));
    let token = stack.store.write(move |tx| keys::create_own(tx, &granted, &new, max, id, now)).await?;
    made(stack, &token, text, now)
}

/// The answer that shows a token.
fn made(
    stack: &Stack,
    token: &keys::PersonalToken,
    text: Secret<String>,
    now: Timestamp,
) -> Result<Created<NewPersonalToken>, Problem> {
    let email = owner_email(&stack.store.read(), token)?;
    Ok(Reply(NewPersonalToken::new(PersonalToken::new(token, email, now), text)))
}

/// `POST /personal-tokens`: makes a token for a user, or for oneself. The answer shows the token, once.
pub async fn create(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<CreatePersonalToken>,
) -> Result<Created<NewPersonalToken>, Problem> {
    if body.user_id.is_none() && body.user_email.is_none() {
        return make_for_caller(&stack, &actor, body).await;
    }
    widest::<permit::MakeTokensForOthers>(&actor)?;
    let Some((user, home)) = owner(&stack, &body)? else {
        return make_for_caller(&stack, &actor, body).await;
    };
    let (new, text, place) = read(&stack, body, home)?;
    let granted = over::<permit::MakeTokensForOthers>(&actor, place)?;
    let (id, now, max) = (stack.new_id(), stack.now(), longest(&stack));
    let token = stack.store.write(move |tx| keys::create_for(tx, &granted, user, &new, max, id, now)).await?;
    made(&stack, &token, text, now)
}

/// `DELETE /personal-tokens/{id}`: revokes a token.
pub async fn revoke(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<NoContent, Problem> {
    let granted = widest::<permit::ManageTokens>(&actor)?;
    let id: TokenId = id_in_path(&id, "token_not_found")?;
    let now = stack.now();
    stack.store.write(move |tx| keys::revoke(tx, &granted, id, now)).await?;
    Ok(NoContent)
}
