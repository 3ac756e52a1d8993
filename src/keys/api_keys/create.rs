//! Making keys.

use super::{ApiKey, MAX_LIMIT, NewApiKey, check_not_wider, may_hand_on, table};
use crate::access::{Actor, CORE_PERMISSIONS, Granted, Permission, Place, Principal, permit};
use crate::audit::{self, Event};
use crate::base::id::{ApiKeyId, UserId};
use crate::base::{Problem, ScopeSet, Timestamp};
use crate::catalogue::{Action, Holder, Scope};
use crate::store::{Read, WriteTx};
use crate::{people, tenancy};

/// The furthest end that can be set: 100 years.
const FURTHEST_SECS: i64 = 100 * 366 * 86_400;

/// Makes a key for the user who asks, in the tenant of the grant. `most` is the highest limit of its own that the caller may
/// give it.
///
/// # Errors
/// `not_a_user`; `tenant_not_found`; `validation_error` for `scopes`, `expires_at` or `rate_limit`; `scope_not_held` when a
/// narrowed credential asks for more than it has.
pub fn create(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::MakeApiKeys>,
    new: &NewApiKey,
    most: u32,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<ApiKey, Problem> {
    let Principal::User { id: user, .. } = granted.actor().principal else {
        let message = "A key belongs to a user: say for whom in assigned_user_id";
        return Err(Problem::forbidden("not_a_user", message));
    };
    insert(tx, granted, user, new, most, id, now)
}

/// Makes a key for another user of the tenant of the grant. It acts as that user, so every role that they hold there must be
/// the caller's to give.
///
/// # Errors
/// As [`create`]; `user_not_found`, `outranked`; `user_inactive` for somebody who was only invited, or is switched off.
pub fn create_for(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::MakeApiKeysForOthers>,
    user: UserId,
    new: &NewApiKey,
    most: u32,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<ApiKey, Problem> {
    check_assignable(tx, granted.actor(), user, granted.place(), now)?;
    insert(tx, granted, user, new, most, id, now)
}

/// A key in somebody's name is a way to all that they may do.
pub(super) fn check_assignable(
    tx: &impl Read,
    actor: &Actor,
    user: UserId,
    place: Place,
    now: Timestamp,
) -> Result<(), Problem> {
    let no_user = || Problem::not_found("user_not_found", "There is no such user");
    let user = people::user(tx, user)?.filter(|user| user.deleted_at.is_none()).ok_or_else(no_user)?;
    let tenant = place.tenant().ok_or_else(tenancy::no_tenant)?;
    let roles = people::assignments_in(tx, &user, place, now)?;
    if !people::may_enter(&roles, place) && people::belonging(tx, tenant, user.id)?.is_none() {
        return Err(no_user());
    }
    people::check_active(tx, &user, tenant)?;
    people::check_outranks_in(tx, actor, &user, place, now)
}

fn insert<P: Permission>(
    tx: &mut WriteTx<'_>,
    granted: &Granted<P>,
    user: UserId,
    new: &NewApiKey,
    most: u32,
    id: ApiKeyId,
    now: Timestamp,
) -> Result<ApiKey, Problem> {
    let tenant = granted.place().tenant().ok_or_else(tenancy::no_tenant)?;
    let place = tenancy::live_place(tx, tenant)?
        .filter(|there| granted.place().covers(*there))
        .ok_or_else(tenancy::no_tenant)?;
    let scopes = scopes(granted.actor(), &new.scopes)?;
    check_end(new.expires_at, now)?;
    check_limit(new.limit, most)?;
    let key = ApiKey {
        id,
        digest: tx.keep(&new.fingerprint.digest),
        hint: new.fingerprint.hint.clone(),
        name: new.name.clone(),
        user,
        tenant,
        scopes,
        limit: new.limit,
        line: id,
        created_at: now,
        expires_at: new.expires_at,
        disabled_at: None,
        revoked_at: None,
        replaced_by: None,
        last_used_at: None,
    };
    save_new(tx, &key)?;
    let mut event = Event::by(granted.actor(), now, place, Action::ApiKeyCreate).on("api_key", id);
    event = event.with("name", &key.name).with("user", user).with("scopes", &key.scopes);
    if let Some(end) = key.expires_at {
        event = event.with("expires_at", end);
    }
    audit::append(tx, event);
    Ok(key)
}

/// Saves a key that must not be there yet.
pub(super) fn save_new(tx: &mut WriteTx<'_>, key: &ApiKey) -> Result<(), Problem> {
    if table::by_digest(tx, &key.digest)?.is_some() {
        return Err(Problem::conflict("already_exists", "There is already such a key"));
    }
    Ok(tx.save(key)?)
}

/// A key's own limit, within what the caller may give.
pub(super) fn check_limit(limit: Option<u32>, most: u32) -> Result<(), Problem> {
    let most = most.min(MAX_LIMIT);
    match limit {
        Some(limit) if !(1..=most).contains(&limit) => {
            Err(Problem::invalid("rate_limit", format!("must be 1 to {most} requests a window")))
        }
        _ => Ok(()),
    }
}

/// What the key is to be narrowed to. A narrowed credential that names no scopes hands on its own.
fn scopes(actor: &Actor, wanted: &ScopeSet) -> Result<ScopeSet, Problem> {
    if let Some(rule) = Scope::fault(wanted.iter(), Holder::Key, &[]) {
        return Err(Problem::invalid("scopes", rule));
    }
    let known = |scope: &str| Scope::named(scope).is_some_and(|scope| scope.is_for(Holder::Key));
    match &actor.scopes {
        Some(held) if wanted.is_empty() && !CORE_PERMISSIONS.iter().all(|scope| may_hand_on(held, scope)) => {
            ScopeSet::from_texts(held.iter().filter(|scope| known(scope))).map_err(Problem::internal)
        }
        _ => check_not_wider(actor, wanted).map(|()| wanted.clone()),
    }
}

/// When the key is to end: in the future.
fn check_end(wanted: Option<Timestamp>, now: Timestamp) -> Result<(), Problem> {
    match wanted {
        Some(end) if end <= now || end > now.plus_secs(FURTHEST_SECS) => {
            Err(Problem::invalid("expires_at", "must be in the future and within 100 years"))
        }
        _ => Ok(()),
    }
}
