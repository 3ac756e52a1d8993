//! One's own second factors, while signed in a short while ago.

use super::device::{attempt_of, through_credential};
use super::factor::{begin_code, confirm, policy, setup, who, wrong};
use crate::access::{Actor, Granted, Principal, permit};
use crate::base::{Problem, Secret};
use crate::mfa::{self, CheckedCode, Setup, Who};
use crate::people::{self, User};
use crate::stack::{Env, Stack};
use crate::tenancy::MfaPolicy;

fn oneself(env: &Env, actor: &Actor) -> Result<(User, Who), Problem> {
    let Principal::User { id, .. } = &actor.principal else {
        return Err(Problem::forbidden("not_a_user", "Only a user has second factors"));
    };
    let snapshot = env.store.read();
    let user =
        people::user(&snapshot, *id)?.ok_or_else(|| Problem::not_found("user_not_found", "There is no such user"))?;
    let who = who(&snapshot, &user, &actor.origin)?;
    Ok((user, who))
}

/// What is asked of somebody who is signed in: the stricter of what the home says and what the tenant says.
///
/// # Errors
/// `not_a_user`; when the file cannot be read.
pub fn mfa_policy(stack: &Stack, actor: &Actor) -> Result<MfaPolicy, Problem> {
    let (user, _) = oneself(stack, actor)?;
    Ok(policy(&stack.store.read(), &user, actor.tenant, stack.now())?)
}

/// Begins to set an app up; the same is shown again in the same session until its first code.
///
/// # Errors
/// `totp_already_enabled`, `mfa_off` where the tenant wants none, `not_a_user`.
pub async fn begin_totp(stack: &Stack, granted: &Granted<permit::OwnFactors>) -> Result<Setup, Problem> {
    let actor = granted.actor();
    let (user, _) = oneself(stack, actor)?;
    if policy(&stack.store.read(), &user, actor.tenant, stack.now())? == MfaPolicy::Off {
        return Err(Problem::forbidden("mfa_off", "Your organisation does not use second factors here"));
    }
    setup(stack, &user, attempt_of(actor)).await
}

/// Takes the first code of a new app, and gives the recovery codes to show once.
///
/// # Errors
/// `invalid_code`, `totp_already_enabled`, `too_many_attempts`, `not_a_user`.
pub async fn confirm_totp(
    stack: &Stack,
    granted: &Granted<permit::OwnFactors>,
    code: &Secret<String>,
) -> Result<Vec<Secret<String>>, Problem> {
    let actor = granted.actor();
    let (user, who) = oneself(stack, actor)?;
    confirm(stack, &user, who, code, (through_credential(actor), attempt_of(actor)), None).await
}

/// What a code is. It is looked at once its try was counted.
fn shown(stack: &Stack, user: &User, who: &Who, code: &Secret<String>) -> Result<CheckedCode, Problem> {
    let now = stack.now();
    let factors = mfa::factors(&stack.store.read(), user.id)?;
    if !factors.is_enrolled() {
        return Err(Problem::conflict("totp_not_enabled", "There is no authenticator app to do this with"));
    }
    let shown = mfa::check(&stack.keyring, &factors, code.expose(), now)?;
    shown.ok_or_else(|| wrong(stack, user, &who.origin, now))
}

/// Removes the app and the recovery codes, for a code of either.
///
/// # Errors
/// `totp_not_enabled`, `invalid_code`, `mfa_required` where the tenant wants one, `too_many_attempts`, `not_a_user`.
pub async fn disable_totp(
    stack: &Stack,
    granted: &Granted<permit::OwnFactors>,
    code: &Secret<String>,
) -> Result<(), Problem> {
    let actor = granted.actor();
    let (user, who) = oneself(stack, actor)?;
    if policy(&stack.store.read(), &user, actor.tenant, stack.now())? == MfaPolicy::Required {
        return Err(Problem::forbidden(
            "mfa_required",
            "Your organisation wants a second factor; it cannot be removed",
        ));
    }
    let now = stack.now();
    let tried = begin_code(stack, &user, code, (through_credential(actor), &who.origin), now).await?;
    let shown = shown(stack, &user, &who, code)?;
    stack.store.write(move |tx| mfa::disable(tx, &who, shown, now)).await?;
    tried.succeeded();
    Ok(())
}

/// Replaces the recovery codes, for a code of the app. Gives the new ones to show once.
///
/// # Errors
/// `totp_not_enabled`, `invalid_code` also for a recovery code, `too_many_attempts`, `not_a_user`.
pub async fn regenerate_recovery_codes(
    stack: &Stack,
    granted: &Granted<permit::OwnFactors>,
    code: &Secret<String>,
) -> Result<Vec<Secret<String>>, Problem> {
    let actor = granted.actor();
    let (user, who) = oneself(stack, actor)?;
    let now = stack.now();
    let tried = begin_code(stack, &user, code, (through_credential(actor), &who.origin), now).await?;
    let shown = shown(stack, &user, &who, code)?;
    if matches!(shown, CheckedCode::Recovery(_)) {
        return Err(wrong(stack, &user, &who.origin, now));
    }
    let made = mfa::new_recovery_codes(&stack.keyring, user.id);
    let codes = made.codes.clone();
    stack.store.write(move |tx| mfa::regenerate(tx, &who, shown, &made, now)).await?;
    tried.succeeded();
    Ok(codes)
}
