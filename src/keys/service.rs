//! Making, listing and revoking personal tokens.

use super::table::{self, TokensOf};
use super::{DEFAULT_LIFE_SECS, NewToken, Owner, PersonalToken};
use crate::access::{Actor, Granted, Permission, Place, Principal, Role, permit};
use crate::audit::{self, Event};
use crate::base::id::{TenantId, TokenId, UserId};
use crate::base::{Id, Problem, Timestamp};
use crate::catalogue::{Action, Holder, Scope};
use crate::endings::{Cause, Ending};
use crate::store::{Direction, Read, Slice, StoreError, Window, WriteTx};
use crate::{people, tenancy};

/// Where a list begins that shows all, the newest first.
const NEWEST: (Option<TokenId>, Direction) = (None, Direction::Backward);

fn no_token() -> Problem {
    Problem::not_found("token_not_found", "There is no such token")
}

/// Whom a token of the actor's own speaks for.
fn oneself(actor: &Actor) -> Result<Owner, Problem> {
    match &actor.principal {
        Principal::Operator => Ok(Owner::Operator),
        Principal::User { id, .. } => Ok(Owner::User(*id)),
        Principal::Application { .. } => {
            Err(Problem::forbidden("not_a_user", "An application has client credentials, not personal tokens"))
        }
    }
}

/// Makes a token for the actor itself: the user who asks, or the operator.
///
/// `max_life_secs` is the configured longest life, [`super::MAX_LIFE_SECS`] unless set.
///
/// # Errors
/// `validation_error` for `scopes` or `expires_in`; `tenant_not_found` outside the grant; `scope_not_held` when a narrowed
/// credential asks for more than it has; `not_a_user`.
pub fn create_own(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::MakeTokens>,
    new: &NewToken,
    max_life_secs: i64,
    id: TokenId,
    now: Timestamp,
) -> Result<PersonalToken, Problem> {
    let owner = oneself(granted.actor())?;
    insert(tx, granted, owner, new, max_life_secs, id, now)
}

/// Makes a token for a user. It acts as them, so only the operator and super_admins may.
///
/// # Errors
/// As [`create_own`]; `cannot_grant`; `user_not_found`, `user_inactive`; `validation_error` when the user has no role in the tenant.
pub fn create_for(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::MakeTokensForOthers>,
    user: UserId,
    new: &NewToken,
    max_life_secs: i64,
    id: TokenId,
    now: Timestamp,
) -> Result<PersonalToken, Problem> {
    if !people::may_hand_out(granted.actor(), Role::SuperAdmin, Place::Platform) {
        return Err(Problem::forbidden("cannot_grant", "Only a super_admin makes tokens for others"));
    }
    let owner = people::user(tx, user)?.ok_or_else(|| Problem::not_found("user_not_found", "There is no such user"))?;
    let place = tenancy::live_place(tx, new.tenant)?.ok_or_else(tenancy::no_tenant)?;
    people::check_active(tx, &owner, new.tenant)?;
    if !people::may_enter(&people::assignments_in(tx, &owner, place, now)?, place) {
        return Err(Problem::invalid("tenant", "is one in which the user has no role"));
    }
    insert(tx, granted, Owner::User(user), new, max_life_secs, id, now)
}

fn insert<P: Permission>(
    tx: &mut WriteTx<'_>,
    granted: &Granted<P>,
    owner: Owner,
    new: &NewToken,
    max_life_secs: i64,
    id: TokenId,
    now: Timestamp,
) -> Result<PersonalToken, Problem> {
    let place = tenancy::live_place(tx, new.tenant)?
        .filter(|place| granted.place().covers(*place))
        .ok_or_else(tenancy::no_tenant)?;
    check_scopes(granted.actor(), new)?;
    let life = new.life_secs.unwrap_or(DEFAULT_LIFE_SECS.min(max_life_secs));
    if life <= 0 || life > max_life_secs {
        let days = max_life_secs / 86_400;
        return Err(Problem::invalid("expires_in", format!("must be in the future and within {days} days")));
    }
    if table::by_digest(tx, &tx.keep(&new.digest))?.is_some() {
        return Err(Problem::conflict("already_exists", "There is already such a token"));
    }
    let token = PersonalToken {
        id,
        digest: tx.keep(&new.digest),
        hint: new.hint.clone(),
        name: new.name.clone(),
        owner,
        tenant: new.tenant,
        scopes: new.scopes.clone(),
        created_at: now,
        expires_at: now.plus_secs(life),
        last_used_at: None,
        revoked_at: None,
    };
    table::save(tx, &token)?;
    let event = Event::by(granted.actor(), now, place, Action::TokenCreate).on("token", id);
    let event = event.with("name", &token.name).with("scopes", &token.scopes).with("expires_at", token.expires_at);
    audit::append(tx, event.with("owner", owner_name(owner)));
    Ok(token)
}

fn owner_name(owner: Owner) -> String {
    match owner {
        Owner::Operator => "operator".to_owned(),
        Owner::User(user) => user.to_string(),
    }
}

fn check_scopes(actor: &Actor, new: &NewToken) -> Result<(), Problem> {
    if new.scopes.is_empty() {
        return Err(Problem::invalid("scopes", "must name at least one scope"));
    }
    if let Some(rule) = Scope::fault(new.scopes.iter(), Holder::Token, &[]) {
        return Err(Problem::invalid("scopes", rule));
    }
    // A narrowed credential cannot widen itself by making another.
    if actor.scopes.as_ref().is_some_and(|held| new.scopes.beyond(held).next().is_some()) {
        return Err(Problem::forbidden(
            "scope_not_held",
            "A token cannot make a token with scopes that it lacks itself",
        ));
    }
    Ok(())
}

/// One's own tokens, the newest first, behind `before`; revoked and expired ones too.
///
/// # Errors
/// `not_a_user`.
pub fn list_own(
    tx: &impl Read,
    granted: &Granted<permit::OwnTokens>,
    before: Option<TokenId>,
    limit: usize,
) -> Result<Vec<PersonalToken>, Problem> {
    let owner = oneself(granted.actor())?;
    Ok(table::list(tx, TokensOf::Owner(owner), (before, Direction::Backward), limit, |_| Ok(true))?)
}

/// As [`list_own`], a stretch of it, in either order. They are not counted: the total is 0.
///
/// # Errors
/// `not_a_user`.
pub fn slice_own(
    tx: &impl Read,
    granted: &Granted<permit::OwnTokens>,
    window: Window,
) -> Result<Slice<PersonalToken>, Problem> {
    let owner = oneself(granted.actor())?;
    let read = |start: Option<u64>, way, limit| {
        table::list(tx, TokensOf::Owner(owner), (start.map(TokenId::from_raw), way), limit, |_| Ok(true))
    };
    Ok(window.over_rows(0, |token| token.id.raw(), read)?)
}

/// The tokens of the tenants that the grant reaches, the newest first, behind `before`; `owner` narrows it.
///
/// # Errors
/// When the file cannot be read.
pub fn list(
    tx: &impl Read,
    granted: &Granted<permit::ManageTokens>,
    owner: Option<Owner>,
    before: Option<TokenId>,
    limit: usize,
) -> Result<Vec<PersonalToken>, Problem> {
    Ok(behind(tx, granted, owner, (before, Direction::Backward), limit)?)
}

/// As [`list`], a stretch of it, in either order. They are not counted: the total is 0.
///
/// # Errors
/// When the file cannot be read.
pub fn slice(
    tx: &impl Read,
    granted: &Granted<permit::ManageTokens>,
    owner: Option<Owner>,
    window: Window,
) -> Result<Slice<PersonalToken>, Problem> {
    let read = |start: Option<u64>, way, limit| behind(tx, granted, owner, (start.map(TokenId::from_raw), way), limit);
    Ok(window.over_rows(0, |token| token.id.raw(), read)?)
}

fn behind(
    tx: &impl Read,
    granted: &Granted<permit::ManageTokens>,
    owner: Option<Owner>,
    from: (Option<TokenId>, Direction),
    limit: usize,
) -> Result<Vec<PersonalToken>, StoreError> {
    let place = granted.place();
    let which = match (owner, place) {
        (Some(owner), _) => TokensOf::Owner(owner),
        (None, Place::Tenant { tenant, .. }) => TokensOf::Tenant(tenant),
        (None, Place::Platform | Place::Partner(_)) => TokensOf::All,
    };
    table::list(tx, which, from, limit, |token| {
        Ok(place == Place::Platform || tenancy::place_of(tx, token.tenant)?.is_some_and(|there| place.covers(there)))
    })
}

/// Revokes one of one's own tokens; a second time changes nothing.
///
/// # Errors
/// `token_not_found`.
pub fn revoke_own(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::OwnTokens>,
    id: TokenId,
    now: Timestamp,
) -> Result<PersonalToken, Problem> {
    let owner = oneself(granted.actor())?;
    let token = table::by_id(tx, id)?.filter(|token| token.owner == owner).ok_or_else(no_token)?;
    end(tx, granted.actor(), token, now)
}

/// Revokes a token of a tenant that the grant reaches; a second time changes nothing.
///
/// # Errors
/// `token_not_found`.
pub fn revoke(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageTokens>,
    id: TokenId,
    now: Timestamp,
) -> Result<PersonalToken, Problem> {
    let token = table::by_id(tx, id)?.ok_or_else(no_token)?;
    let there = tenancy::place_of(tx, token.tenant)?.unwrap_or(Place::Platform);
    if !granted.place().covers(there) {
        return Err(no_token());
    }
    end(tx, granted.actor(), token, now)
}

fn end(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    mut token: PersonalToken,
    now: Timestamp,
) -> Result<PersonalToken, Problem> {
    if token.revoked_at.is_some() {
        return Ok(token);
    }
    token.revoked_at = Some(now);
    table::save(tx, &token)?;
    let place = tenancy::place_of(tx, token.tenant)?.unwrap_or(Place::Platform);
    let event = Event::by(actor, now, place, Action::TokenRevoke).on("token", token.id);
    audit::append(tx, event.with("name", &token.name).with("owner", owner_name(token.owner)));
    Ok(token)
}

/// Revokes the personal tokens of a user, all or those of a tenant, because of something that has ended. How many there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn revoke_all_of(
    tx: &mut WriteTx<'_>,
    user: UserId,
    tenant: Option<TenantId>,
    ending: &Ending,
    cause: &Cause,
) -> Result<u64, StoreError> {
    let wanted =
        |token: &PersonalToken| Ok(token.revoked_at.is_none() && tenant.is_none_or(|tenant| tenant == token.tenant));
    let tokens = table::list(tx, TokensOf::Owner(Owner::User(user)), NEWEST, usize::MAX, wanted)?;
    revoke_each(tx, tokens, ending, cause)
}

/// Revokes the personal tokens of everybody, because of something that has ended. How many there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn revoke_everywhere(tx: &mut WriteTx<'_>, ending: &Ending, cause: &Cause) -> Result<u64, StoreError> {
    let wanted = |token: &PersonalToken| Ok(token.revoked_at.is_none());
    let tokens = table::list(tx, TokensOf::All, NEWEST, usize::MAX, wanted)?;
    revoke_each(tx, tokens, ending, cause)
}

fn revoke_each(
    tx: &mut WriteTx<'_>,
    mut tokens: Vec<PersonalToken>,
    ending: &Ending,
    cause: &Cause,
) -> Result<u64, StoreError> {
    for token in &mut tokens {
        token.revoked_at = Some(cause.at());
        table::save(tx, token)?;
        let place = tenancy::place_of(tx, token.tenant)?.unwrap_or(Place::Platform);
        let event = cause.event(place, Action::TokenRevoke).on("token", token.id).with("name", &token.name);
        audit::append(tx, event.with("owner", owner_name(token.owner)).with("because", ending.kind().name()));
    }
    Ok(tokens.len() as u64)
}

/// Whether a user has tokens or API keys that work.
///
/// # Errors
/// When the file cannot be read.
pub fn any_of(tx: &impl Read, user: UserId, now: Timestamp) -> Result<bool, StoreError> {
    let works = |token: &PersonalToken| Ok(token.revoked_at.is_none() && now < token.expires_at);
    let tokens = table::list(tx, TokensOf::Owner(Owner::User(user)), NEWEST, 1, works)?;
    Ok(!tokens.is_empty() || super::api_keys::any_of(tx, user, now)?)
}
