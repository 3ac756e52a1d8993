//! Putting a new key in the place of one: it inherits everything, and the old one works on for a grace time only.

use super::create::{check_assignable, save_new};
use super::read::reached;
use super::{ApiKey, Fingerprint, KeyState, Reach, check_not_wider, no_key};
use crate::audit::{self, Event};
use crate::base::id::ApiKeyId;
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::store::{Read, WriteTx};

/// The longest grace: 30 days.
pub const MAX_GRACE_SECS: u32 = 30 * 86_400;

/// Makes a key in the place of another, with its name, scopes, limit, count of requests and end. The old one works for
/// `grace_secs` seconds more, never beyond its own end; without grace it is revoked at once.
///
/// # Errors
/// `api_key_not_found`; `api_key_not_active` for a key that does not work; `api_key_replaced` for one that has been rerolled
/// before; `step_up_required`; `scope_not_held`, `outranked`; `validation_error` for `grace_seconds`.
pub fn reroll(
    tx: &mut WriteTx<'_>,
    reach: &Reach,
    id: ApiKeyId,
    fingerprint: &Fingerprint,
    grace_secs: u32,
    new_id: ApiKeyId,
    now: Timestamp,
) -> Result<ApiKey, Problem> {
    let actor = reach.actor().cloned().ok_or_else(no_key)?;
    let (mut old, there) = reached(tx, reach, id)?;
    reach.check_reroll(&old, there)?;
    if grace_secs > MAX_GRACE_SECS {
        return Err(Problem::invalid("grace_seconds", "must be 0 to 2592000, which is 30 days"));
    }
    if old.state(now) != KeyState::Active {
        return Err(Problem::conflict("api_key_not_active", "Only a key that works can be rerolled"));
    }
    if old.replaced_by.is_some() {
        return Err(Problem::conflict("api_key_replaced", "The API key has been rerolled already"));
    }
    if !reach.is_own(&old) {
        check_assignable(tx, &actor, old.user, there, now)?;
    }
    check_not_wider(&actor, &old.scopes)?;
    let new = ApiKey {
        id: new_id,
        digest: tx.keep(&fingerprint.digest),
        hint: fingerprint.hint.clone(),
        created_at: now,
        last_used_at: None,
        ..old.clone()
    };
    save_new(tx, &new)?;
    old.replaced_by = Some(new_id);
    if grace_secs == 0 {
        old.revoked_at = Some(now);
    } else {
        let grace = now.plus_secs(i64::from(grace_secs));
        old.expires_at = Some(old.expires_at.map_or(grace, |end| end.min(grace)));
    }
    tx.save(&old)?;
    let event = Event::by(&actor, now, there, Action::ApiKeyReroll).on("api_key", id).with("name", &old.name);
    audit::append(tx, event.with("new_key", new_id).with("grace_seconds", grace_secs).with("user", old.user));
    Ok(new)
}
