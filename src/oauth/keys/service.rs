//! Making, rotating and removing signing keys.

use super::set::place;
use super::{AHEAD_SECS, KEEP_RETIRED_SECS, KeyState, PUBLISH_SECS, SigningKeyRow};
use crate::access::{Granted, Place, Principal, permit};
use crate::audit::{self, ActorStamp, Event};
use crate::base::id::SigningKeyId;
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::crypto::jwt::{self, Signer, SigningAlg};
use crate::crypto::keyring::{Keyring, Purpose};
use crate::store::{Entity, Read, StoreError, WriteTx};

/// A key that was made and sealed, and is not stored yet.
#[derive(Clone, Debug)]
pub struct NewSigningKey {
    id: SigningKeyId,
    alg: SigningAlg,
    kid: String,
    sealed: Vec<u8>,
}

impl NewSigningKey {
    fn row(&self, state: KeyState, now: Timestamp) -> SigningKeyRow {
        let Self { id, alg, kid, sealed } = self.clone();
        SigningKeyRow { id, alg, kid, sealed, state, created_at: now }
    }
}

/// Makes a key, outside of a transaction. RS256 takes about 100 ms of a core, so call it on the blocking pool; the others
/// take microseconds.
///
/// # Errors
/// [`Problem`]: the library made no key.
pub fn generate(alg: SigningAlg, id: SigningKeyId, keyring: &Keyring) -> Result<NewSigningKey, Problem> {
    let der = jwt::generate(alg).map_err(Problem::internal)?;
    let kid = Signer::from_pkcs8(alg, &der).map_err(Problem::internal)?.kid().to_owned();
    let sealed = keyring.seal_key(Purpose::SigningKey).seal(&place(&kid), &der);
    Ok(NewSigningKey { id, alg, kid, sealed })
}

fn rows(tx: &impl Read) -> Result<Vec<SigningKeyRow>, StoreError> {
    Ok(tx.list(&SigningKeyRow::TABLE, &(), usize::MAX)?.into_iter().map(|(_, row)| row).collect())
}

fn active(rows: &[SigningKeyRow], alg: SigningAlg) -> Option<&SigningKeyRow> {
    rows.iter().find(|row| row.alg == alg && matches!(row.state, KeyState::Active { .. }))
}

/// The algorithms that have no key to sign with: those of which the first start has to make one.
///
/// # Errors
/// When the file cannot be read.
pub fn missing(tx: &impl Read) -> Result<Vec<SigningAlg>, Problem> {
    let rows = rows(tx)?;
    Ok(SigningAlg::ALL.into_iter().filter(|alg| active(&rows, *alg).is_none()).collect())
}

/// Stores a key as the one that signs, unless its algorithm has one already. True when it was stored: load the set anew.
///
/// # Errors
/// When the file cannot be read or written.
pub fn ensure(tx: &mut WriteTx<'_>, new: &NewSigningKey, now: Timestamp) -> Result<bool, Problem> {
    if active(&rows(tx)?, new.alg).is_some() {
        return Ok(false);
    }
    let row = new.row(KeyState::Active { from: now }, now);
    tx.save(&row)?;
    audit::append(tx, by_server(now, Action::SigningKeyCreate, &row));
    Ok(true)
}

/// When a rotation puts the next key to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// In two steps: the first call publishes a key, the next one, an hour later or more, puts it to use.
    Staged,
    /// At once. The old key stays in the key set, so that the tokens out there hold.
    AtOnce,
    /// At once with a fresh key, and every older key of the algorithm leaves the key set: the one that signed, the one that
    /// waits to sign, and those that are kept for their tokens. Whoever saw one of them in the file saw them all. The tokens
    /// that they signed fail from now on.
    Compromised,
}

/// Takes the next step of a rotation for the algorithm of `new`, and gives the key's row after it. If a published key is
/// waiting, that one is put to use and `new` is left aside, except after a compromise; the key that signed until now is
/// retired. Load the set anew.
///
/// # Errors
/// [`Problem`]: the waiting key was published less than an hour ago, and [`When::Staged`] was asked for.
pub fn rotate(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::Operate>,
    new: &NewSigningKey,
    when: When,
    now: Timestamp,
) -> Result<SigningKeyRow, Problem> {
    step(tx, Some(granted), new, when, now)
}

/// The algorithms for which the schedule asks for the next step at `now`: a key that has signed for `rotation_secs` gets a
/// successor, which is shown [`AHEAD_SECS`] before it signs. Asked for every hour.
///
/// # Errors
/// When the file cannot be read.
pub fn due(tx: &impl Read, rotation_secs: i64, now: Timestamp) -> Result<Vec<SigningAlg>, StoreError> {
    let rows = rows(tx)?;
    let is_due = |alg: &SigningAlg| {
        let waiting = rows.iter().filter(|row| row.alg == *alg).find_map(|row| match row.state {
            KeyState::Published { at } => Some(at),
            KeyState::Active { .. } | KeyState::Retired { .. } => None,
        });
        match (waiting, active(&rows, *alg).map(|row| row.state)) {
            (Some(shown_since), _) => now >= shown_since.plus_secs(AHEAD_SECS),
            (None, Some(KeyState::Active { from })) => now >= from.plus_secs(rotation_secs - AHEAD_SECS),
            _ => false,
        }
    };
    Ok(SigningAlg::ALL.into_iter().filter(is_due).collect())
}

/// Takes the step that [`due`] asked for, in the server's own name. Load the set anew.
///
/// # Errors
/// As [`rotate`].
pub fn rotate_on_schedule(tx: &mut WriteTx<'_>, new: &NewSigningKey, now: Timestamp) -> Result<SigningKeyRow, Problem> {
    step(tx, None, new, When::Staged, now)
}

fn step(
    tx: &mut WriteTx<'_>,
    granted: Option<&Granted<permit::Operate>>,
    new: &NewSigningKey,
    when: When,
    now: Timestamp,
) -> Result<SigningKeyRow, Problem> {
    let event = |action: Action, row: &SigningKeyRow| match granted {
        Some(granted) => by(granted, now, action, row),
        None => by_server(now, action, row),
    };
    let rows = rows(tx)?;
    let old = active(&rows, new.alg);
    let waiting =
        rows.iter().filter(|row| row.alg == new.alg && when != When::Compromised).find_map(|row| match row.state {
            KeyState::Published { at } => Some((row, at.plus_secs(PUBLISH_SECS))),
            KeyState::Active { .. } | KeyState::Retired { .. } => None,
        });
    let next = match waiting {
        Some((_, usable_from)) if when == When::Staged && now < usable_from => {
            let message = "The next key was published less than an hour ago; verifiers may not know it yet";
            return Err(Problem::conflict("key_too_young", message).with("usable_from", usable_from.iso_secs()));
        }
        Some((waiting, _)) => waiting.clone(),
        None => new.row(KeyState::Published { at: now }, now),
    };
    // Without a key that signs there is nothing to wait for.
    if waiting.is_none() && when == When::Staged && old.is_some() {
        tx.save(&next)?;
        audit::append(tx, event(Action::SigningKeyPublish, &next));
        return Ok(next);
    }
    let (retired, remove_after): (Vec<_>, _) = match when {
        When::Compromised => {
            let shown = |row: &&SigningKeyRow| row.alg == new.alg && row.state.is_shown(now);
            (rows.iter().filter(shown).collect(), now)
        }
        When::Staged | When::AtOnce => (old.into_iter().collect(), now.plus_secs(KEEP_RETIRED_SECS)),
    };
    for row in retired {
        let row = SigningKeyRow { state: KeyState::Retired { at: now, remove_after }, ..row.clone() };
        tx.save(&row)?;
        audit::append(tx, event(Action::SigningKeyRetire, &row).with("remove_after", remove_after));
    }
    let next = SigningKeyRow { state: KeyState::Active { from: now }, ..next };
    tx.save(&next)?;
    audit::append(tx, event(Action::SigningKeyActivate, &next));
    Ok(next)
}

/// Removes the retired keys whose last token has ended, with their private halves. Gives how many.
///
/// # Errors
/// When the file cannot be read or written.
pub fn sweep(tx: &mut WriteTx<'_>, now: Timestamp) -> Result<usize, Problem> {
    let mut rows = rows(tx)?;
    rows.retain(|row| !row.state.is_shown(now));
    for row in &rows {
        tx.remove::<SigningKeyRow>(&row.id)?;
        audit::append(tx, by_server(now, Action::SigningKeyRemove, row));
    }
    Ok(rows.len())
}

fn by(granted: &Granted<permit::Operate>, now: Timestamp, action: Action, row: &SigningKeyRow) -> Event {
    about(Event::by(granted.actor(), now, Place::Platform, action), row)
}

/// What the server does by itself, in the operator's name.
fn by_server(now: Timestamp, action: Action, row: &SigningKeyRow) -> Event {
    about(Event::unasked(ActorStamp::of(&Principal::Operator), now, Place::Platform, action), row)
}

fn about(event: Event, row: &SigningKeyRow) -> Event {
    event.on("signing_key", row.id).with("kid", &row.kid).with("alg", row.alg)
}
