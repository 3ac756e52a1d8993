//! What is done with second factors.

use super::code::{CheckedCode, RecoveryCodes, check_pending};
use super::{Factors, Pending, RecoveryCode, SETUP_SECS, Setting, Totp, Who, table};
use crate::access::{Granted, permit};
use crate::audit::{self, Event};
use crate::base::id::UserId;
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::crypto::keyring::Keyring;
use crate::endings::{self, Cause, Ending};
use crate::people;
use crate::store::{StoreError, WriteTx};

fn no_app() -> Problem {
    Problem::conflict("totp_not_enabled", "There is no authenticator app to do this with")
}

/// What is said of a text that can be no code.
pub(crate) fn no_code() -> Problem {
    Problem::unauthenticated(
        "invalid_code",
        "This is no code: it has six digits, a recovery code ten letters and digits",
    )
}

/// What is said of a code that is wrong, or was used before.
pub(crate) fn wrong_code() -> Problem {
    Problem::unauthenticated("invalid_code", "The code is wrong or was used already")
}

/// Keeps a sealed secret until its first code. One that waits already stays for the same attempt, so that a page shown twice
/// shows the same; another attempt gets a secret of its own, for who has seen the first one may be somebody else. Gives the
/// sealed secret that waits now.
///
/// # Errors
/// `totp_already_enabled`.
pub fn begin(
    tx: &mut WriteTx<'_>,
    user: UserId,
    attempt: Setting,
    sealed: &[u8],
    now: Timestamp,
) -> Result<Vec<u8>, Problem> {
    let mut factors = table::factors(tx, user)?;
    if factors.totp.is_some() {
        return Err(Problem::conflict(
            "totp_already_enabled",
            "There is an authenticator app already; remove it first",
        ));
    }
    let waits = factors.pending.as_ref().filter(|pending| now < pending.until);
    if let Some(pending) = waits.filter(|_| factors.pending_for == Some(attempt)) {
        return Ok(pending.sealed.clone());
    }
    factors.pending_for = Some(attempt);
    factors.pending = Some(Pending { sealed: sealed.to_vec(), until: now.plus_secs(SETUP_SECS) });
    table::save(tx, &factors)?;
    Ok(sealed.to_vec())
}

/// Takes the first code: the app counts from now on, and these recovery codes do. The code is spent.
///
/// # Errors
/// `invalid_code`, `totp_already_enabled`.
pub fn confirm(
    tx: &mut WriteTx<'_>,
    keyring: &Keyring,
    who: &Who,
    attempt: Setting,
    code: &str,
    recovery: &RecoveryCodes,
    now: Timestamp,
) -> Result<Factors, Problem> {
    let mut factors = table::factors(tx, who.user)?;
    if factors.totp.is_some() {
        return Err(Problem::conflict(
            "totp_already_enabled",
            "There is an authenticator app already; remove it first",
        ));
    }
    if factors.pending_for.take() != Some(attempt) {
        return Err(wrong_code());
    }
    let step = check_pending(keyring, &factors, code, now)?.ok_or_else(wrong_code)?;
    let pending = factors.pending.take().ok_or_else(wrong_code)?;
    factors.totp = Some(Totp { sealed: pending.sealed, confirmed_at: now, last_step: step });
    put_recovery(&mut factors, recovery, now);
    table::save(tx, &factors)?;
    audit::append(tx, who.event(Action::MfaEnable, now).with("factor", "totp"));
    Ok(factors)
}

fn put_recovery(factors: &mut Factors, recovery: &RecoveryCodes, now: Timestamp) {
    factors.recovery = recovery.macs.iter().map(|mac| RecoveryCode { mac: *mac, used_at: None }).collect();
    factors.recovery_made_at = Some(now);
}

/// Spends what was shown: no step up to this one is taken again (RFC 6238 §5.2), and this recovery code is used
/// up.
///
/// # Errors
/// `invalid_code` when it was spent meanwhile.
pub fn spend(tx: &mut WriteTx<'_>, who: &Who, shown: CheckedCode, now: Timestamp) -> Result<Factors, Problem> {
    let mut factors = table::factors(tx, who.user)?;
    match shown {
        CheckedCode::Totp(step) => {
            let app = factors.totp.as_mut().filter(|app| step > app.last_step).ok_or_else(wrong_code)?;
            app.last_step = step;
        }
        CheckedCode::Recovery(mac) => {
            let code = factors.recovery.iter_mut().find(|code| code.mac == mac && code.used_at.is_none());
            code.ok_or_else(wrong_code)?.used_at = Some(now);
            let left = factors.recovery_left();
            audit::append(tx, who.event(Action::MfaRecoveryCodeUsed, now).with("left", left));
        }
    }
    table::save(tx, &factors)?;
    Ok(factors)
}

/// Removes the app and the recovery codes, for a code that is spent thereby.
///
/// # Errors
/// `totp_not_enabled`, `invalid_code`.
pub fn disable(tx: &mut WriteTx<'_>, who: &Who, shown: CheckedCode, now: Timestamp) -> Result<(), Problem> {
    if !table::factors(tx, who.user)?.is_enrolled() {
        return Err(no_app());
    }
    spend(tx, who, shown, now)?;
    table::save(tx, &Factors::none(who.user))?;
    audit::append(tx, who.event(Action::MfaDisable, now).with("factor", "totp"));
    Ok(())
}

/// Replaces the recovery codes, for a code that is spent thereby. The old ones are dead.
///
/// # Errors
/// `totp_not_enabled`, `invalid_code`.
pub fn regenerate(
    tx: &mut WriteTx<'_>,
    who: &Who,
    shown: CheckedCode,
    recovery: &RecoveryCodes,
    now: Timestamp,
) -> Result<Factors, Problem> {
    if !table::factors(tx, who.user)?.is_enrolled() {
        return Err(no_app());
    }
    let mut factors = spend(tx, who, shown, now)?;
    put_recovery(&mut factors, recovery, now);
    table::save(tx, &factors)?;
    audit::append(tx, who.event(Action::MfaRegenerateRecoveryCodes, now));
    Ok(factors)
}

/// Takes all second factors from a user who has lost them, and ends the sessions. Whether a new one is asked for is the
/// tenant's policy.
///
/// # Errors
/// `user_not_found`, `not_home_tenant`, `member_elsewhere`, `outranked`.
pub fn reset(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManageCredentials>,
    id: UserId,
    now: Timestamp,
) -> Result<(), Problem> {
    let (user, home) = people::get_to_secure(tx, granted, id, now)?;
    let had = table::factors(tx, id)?;
    table::save(tx, &Factors::none(id))?;
    let effects = endings::raise(tx, &Ending::FactorsReset { user: id }, &Cause::by(granted.actor(), now))?;
    let event = Event::by(granted.actor(), now, home, Action::MfaReset).on("user", id).with("email", &user.email);
    audit::append(tx, effects.told(event.with("had", had.is_enrolled())));
    Ok(())
}

/// Takes all second factors from somebody who has shown by a setup link to have the machine, who was deleted, or whose account
/// was taken over by its mailbox. Part of something that has an audit row of its own; gives whether there were any.
///
/// # Errors
/// When the file cannot be read or written.
pub(crate) fn clear(tx: &mut WriteTx<'_>, user: UserId) -> Result<bool, StoreError> {
    let had = table::factors(tx, user)?.is_enrolled();
    table::save(tx, &Factors::none(user))?;
    Ok(had)
}
