//! The second factor, asked for or set up.

use super::device::{KnownDevice, through};
use super::refusal::{failure, held};
use super::token::{self, Sealed};
use super::{CODE_SECS, Challenge, ENROL_SECS, Next, Proven, table};
use crate::access::{Evidence, Method, Origin, Place};
use crate::base::id::{TenantId, UserId};
use crate::base::{Problem, Secret, Timestamp};
use crate::crypto::digest::sha256;
use crate::crypto::totp;
use crate::mfa::{self, Setup, Who};
use crate::people::{self, PasswordMark, User};
use crate::sessions::{Limits, Through, Try};
use crate::stack::{Env, Stack};
use crate::store::{Read, StoreError, WriteTx};
use crate::telemetry::failures::authentication_failed;
use crate::tenancy::{self, MfaPolicy};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The kinds of tokens.
const CODE: &str = "second factor";
const ENROL: &str = "enrolment";

/// Who has shown the first factor.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct FirstFactor {
    user: UserId,
    tenant: TenantId,
    method: Method,
    /// The password that was shown, or set.
    mark: PasswordMark,
    /// Whether only an administrator may come in.
    admins_only: bool,
}

/// The name under which wrong codes are counted. No e-mail has a blank in it.
pub(super) fn counted_as(user: UserId) -> String {
    format!("second factor of {user}")
}

/// Somebody who has shown all that was asked for, unless the door is for administrators and they are none.
fn proven(tx: &impl Read, user: User, half: FirstFactor, shown: &[Method], now: Timestamp) -> Result<Proven, Problem> {
    if half.admins_only && people::assignments(tx, &user, now)?.iter().all(|held| held.role.is_plain()) {
        return Err(Problem::forbidden("not_an_admin", "This account is no administrator's"));
    }
    Ok(Proven { user, tenant: half.tenant, evidence: Evidence::of(shown, now), mark: Some(half.mark) })
}

/// What is left to do for somebody who has shown the first factor.
pub(super) fn after_first(
    env: &Env,
    user: User,
    tenant: TenantId,
    method: Method,
    admins_only: bool,
) -> Result<Next, Problem> {
    let (snapshot, now) = (env.store.read(), env.now());
    let enrolled = mfa::factors(&snapshot, user.id)?.is_enrolled();
    let half = FirstFactor { user: user.id, tenant, method, mark: user.password_mark(), admins_only };
    if !enrolled && policy(&snapshot, &user, tenant, now)? < MfaPolicy::Required {
        return Ok(Next::Done(Box::new(proven(&snapshot, user, half, &[method], now)?)));
    }
    let (kind, secs) = if enrolled { (CODE, CODE_SECS) } else { (ENROL, ENROL_SECS) };
    let mfa_token = token::seal(&env.keyring, kind, half, now, secs);
    let challenge = Challenge { mfa_token, user: user.id, expires_in: secs };
    Ok(if enrolled { Next::SecondFactor(challenge) } else { Next::Enrol(challenge) })
}

/// The strictest of what the home says, the tenant that is signed in to, and the tenants of which the user was given a role.
pub(super) fn policy(tx: &impl Read, user: &User, tenant: TenantId, now: Timestamp) -> Result<MfaPolicy, StoreError> {
    let of =
        |id| Ok::<_, StoreError>(tenancy::tenant(tx, id)?.map_or(MfaPolicy::Optional, |tenant| MfaPolicy::of(&tenant)));
    let mut strictest = of(user.home_tenant)?.max(of(tenant)?);
    for held in user.admin_roles.iter().filter(|held| held.is_live(now)) {
        if let Some(tenant) = held.place.tenant() {
            strictest = strictest.max(of(tenant)?);
        }
    }
    Ok(strictest)
}

/// Whether a user must give a second factor to sign in to a tenant.
///
/// # Errors
/// When the file cannot be read.
pub fn wants_second_factor(tx: &impl Read, user: &User, tenant: TenantId, now: Timestamp) -> Result<bool, StoreError> {
    Ok(policy(tx, user, tenant, now)? == MfaPolicy::Required)
}

fn no_token() -> Problem {
    Problem::unauthenticated("invalid_mfa_token", "The sign-in took too long or was finished already; begin again")
}

/// Opens a token that still counts: not used, and of an account that may still come in with the same password.
fn open(env: &Env, kind: &str, text: &str) -> Result<(Sealed<FirstFactor>, User), Problem> {
    let sealed: Sealed<FirstFactor> = token::open(&env.keyring, kind, text, env.now()).ok_or_else(no_token)?;
    let snapshot = env.store.read();
    if table::is_used(&snapshot, &sealed.nonce)? {
        return Err(no_token());
    }
    let user = people::user(&snapshot, sealed.value.user)?.ok_or_else(no_token)?;
    let usable =
        people::may_use(&user) && people::tenants_open_to(&snapshot, &user, env.now())?.contains(&sealed.value.tenant);
    let same_password = user.password_mark() == sealed.value.mark;
    if usable && same_password { Ok((sealed, user)) } else { Err(no_token()) }
}

/// Whether a token of either kind belongs to the tenant and the user that a program names beside it.
///
/// # Errors
/// `invalid_mfa_token`.
pub fn check_challenge(
    stack: &Stack,
    mfa_token: &str,
    tenant: Option<TenantId>,
    user: Option<&str>,
) -> Result<(), Problem> {
    let (sealed, _) = open(stack, CODE, mfa_token).or_else(|_| open(stack, ENROL, mfa_token))?;
    let half = sealed.value;
    let same =
        tenant.is_none_or(|tenant| tenant == half.tenant) && user.is_none_or(|user| user == half.user.to_string());
    if same { Ok(()) } else { Err(no_token()) }
}

pub(super) fn who(tx: &impl Read, user: &User, origin: &Origin) -> Result<Who, StoreError> {
    let home = tenancy::place_of(tx, user.home_tenant)?.unwrap_or(Place::Platform);
    Ok(Who { user: user.id, email: user.email.clone(), home, origin: origin.clone() })
}

/// Counts a try with a code, before it is looked at. What can be no code is refused and is no try: an empty field, or the
/// password in the wrong place.
pub(super) async fn begin_code<'s>(
    stack: &'s Stack,
    user: &User,
    code: &Secret<String>,
    (through, origin): (Through, &Origin),
    now: Timestamp,
) -> Result<Try<'s>, Problem> {
    if !mfa::is_code(code.expose()) {
        return Err(mfa::no_code());
    }
    let limits = Limits::of_codes(&stack.config.auth);
    let begun = stack.attempts.begin(&counted_as(user.id), through, limits, now).await;
    begun.map_err(|why| held(why, origin, user.email.as_str()))
}

/// Notes a wrong code and words the refusal.
pub(super) fn wrong(stack: &Stack, user: &User, origin: &Origin, now: Timestamp) -> Problem {
    let refusal = mfa::wrong_code();
    authentication_failed(origin, user.email.as_str(), refusal.code);
    stack.audit_later(failure(user.email.as_str(), origin, "second_factor", now));
    refusal
}

/// Takes a code of the app or a recovery code. The token and the code are used up together.
///
/// # Errors
/// `invalid_mfa_token`; `invalid_code`, after which the token can be tried again; `too_many_attempts`.
pub async fn second_factor(
    stack: &Stack,
    mfa_token: &str,
    code: &Secret<String>,
    origin: &Origin,
    device: Option<&KnownDevice>,
) -> Result<Proven, Problem> {
    let (sealed, user) = open(stack, CODE, mfa_token)?;
    let (half, now) = (sealed.value, stack.now());
    let tried = begin_code(stack, &user, code, (through(device, Some(&user), origin), origin), now).await?;
    let snapshot = stack.store.read();
    let factors = mfa::factors(&snapshot, user.id)?;
    let Some(shown) = mfa::check(&stack.keyring, &factors, code.expose(), now)? else {
        return Err(wrong(stack, &user, origin, now));
    };
    let (who, nonce, until) = (who(&snapshot, &user, origin)?, sealed.nonce, sealed.until);
    let spend = move |tx: &mut WriteTx<'_>| {
        let same_password = people::with_password(tx, half.user, half.mark)?.is_some();
        if !same_password || !table::use_up(tx, nonce, until)? {
            return Err(no_token());
        }
        mfa::spend(tx, &who, shown, now)
    };
    stack.store.write(spend).await?;
    tried.succeeded();
    let second = match shown {
        mfa::CheckedCode::Totp(_) => Method::Totp,
        mfa::CheckedCode::Recovery(_) => Method::RecoveryCode,
    };
    proven(&snapshot, user, half, &[half.method, second], now)
}

/// What somebody who has to set a second factor up is shown: the same until the first code for the same token, so a page may be
/// loaded again.
///
/// # Errors
/// `invalid_mfa_token`.
pub async fn enrolment(stack: &Stack, mfa_token: &str) -> Result<Setup, Problem> {
    let (sealed, user) = open(stack, ENROL, mfa_token)?;
    setup(stack, &user, sha256(&sealed.nonce)).await
}

pub(super) async fn setup(stack: &Stack, user: &User, attempt: mfa::Setting) -> Result<Setup, Problem> {
    let (id, now) = (user.id, stack.now());
    let sealed = mfa::seal_secret(&stack.keyring, id, &totp::new_secret());
    let kept = stack.store.write(move |tx| mfa::begin(tx, id, attempt, &sealed, now)).await?;
    mfa::setup_of(&stack.keyring, id, &kept, issuer(stack), &user.email)
}

/// What apps list the account under: the host.
fn issuer(stack: &Stack) -> &str {
    let url = stack.public_url();
    url.split_once("://").map_or(url, |(_, host)| host)
}

/// Takes the first code of a new app, and gives the recovery codes to show once.
///
/// # Errors
/// As [`second_factor`].
pub async fn confirm_enrolment(
    stack: &Stack,
    mfa_token: &str,
    code: &Secret<String>,
    origin: &Origin,
    device: Option<&KnownDevice>,
) -> Result<(Proven, Vec<Secret<String>>), Problem> {
    let (sealed, user) = open(stack, ENROL, mfa_token)?;
    let (half, snapshot) = (sealed.value, stack.store.read());
    let who = who(&snapshot, &user, origin)?;
    let through = through(device, Some(&user), origin);
    let attempt = sha256(&sealed.nonce);
    let codes = confirm(stack, &user, who, code, (through, attempt), Some(sealed)).await?;
    Ok((proven(&snapshot, user, half, &[half.method, Method::Totp], stack.now())?, codes))
}

/// Takes the first code, and uses a token up with it if there is one.
pub(super) async fn confirm(
    stack: &Stack,
    user: &User,
    who: Who,
    code: &Secret<String>,
    (through, attempt): (Through, mfa::Setting),
    used: Option<Sealed<FirstFactor>>,
) -> Result<Vec<Secret<String>>, Problem> {
    let now = stack.now();
    let tried = begin_code(stack, user, code, (through, &who.origin), now).await?;
    let made = mfa::new_recovery_codes(&stack.keyring, user.id);
    let (codes, keyring, origin) = (made.codes.clone(), Arc::clone(&stack.keyring), who.origin.clone());
    let code = code.clone();
    let write = move |tx: &mut WriteTx<'_>| {
        mfa::confirm(tx, &keyring, &who, attempt, code.expose(), &made, now)?;
        let Some(used) = &used else { return Ok(()) };
        let same_password = people::with_password(tx, used.value.user, used.value.mark)?.is_some();
        if same_password && table::use_up(tx, used.nonce, used.until)? { Ok(()) } else { Err(no_token()) }
    };
    match stack.store.write(write).await {
        Err(problem) if problem.code == "invalid_code" => Err(wrong(stack, user, &origin, now)),
        done => done.map(|()| {
            tried.succeeded();
            codes
        }),
    }
}
