//! The first two steps: who it is, and a password.

use super::device::{KnownDevice, through, through_credential};
use super::refusal::{busy, failure, held, refused};
use super::token::{self, Sealed};
use super::{FLOW_SECS, Next, factor, table};
use crate::access::{Actor, Method, Origin, Place, Principal};
use crate::audit::{ActorStamp, Event, Outcome};
use crate::base::id::TenantId;
use crate::base::{Email, Problem, Secret, Timestamp};
use crate::catalogue::Action;
use crate::crypto::password::{PasswordRules, Verdict};
use crate::people::{self, User};
use crate::sessions::{Limits, Through};
use crate::stack::{Env, Stack};
use crate::store::{Read, StoreError, WriteTx};
use crate::telemetry::failures::authentication_failed;
use crate::tenancy::{self, Tenant};
use std::time::Duration;
use tokio::time::Instant;

/// The kind of token that [`identify`] gives.
const FLOW: &str = "flow";
/// Longer texts are no e-mail; so much is kept of one.
const MAX_EMAIL: usize = 254;
/// How long the answer to who somebody is takes, whatever it is: far longer than its look-ups.
const IDENTIFY_TIME: Duration = Duration::from_millis(10);

/// The first answer: the same shape whoever was named.
#[derive(Clone, Debug)]
pub struct Identified {
    /// For the next step.
    pub flow_token: String,
    /// The tenants to choose from, where the settings say that they are shown before the password.
    pub tenants: Vec<Tenant>,
}

/// Where somebody wants to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TenantChoice {
    /// To the home tenant, or to the oldest other one where the home is not open.
    Home,
    /// To this one, as a member.
    In(TenantId),
    /// To the only one; with several the refusal says `tenant_required` and names them, after the password was right.
    TheOnlyOne,
}

/// A try with a password.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// As it was typed.
    pub email: &'a str,
    /// As it was typed.
    pub password: Secret<String>,
    /// The tenant that they want to sign in to, if they named one.
    pub wish: TenantChoice,
    /// The request that the try came by.
    pub origin: &'a Origin,
    /// What is known of the browser.
    pub device: Option<&'a KnownDevice>,
    /// Whether administrators only may come in here. Others are told so when all factors were right, and not before.
    pub admins_only: bool,
}

fn cut(email: &str) -> String {
    email.trim().chars().take(MAX_EMAIL).collect()
}

/// Who it claims to be. Everybody gets a flow token. Where `auth.identify_shows_tenants` is on and there are several tenants, the
/// tenants that they can enter are named; a stranger, and whoever can enter none, sees the default one. The answer takes the
/// same time for all.
///
/// # Errors
/// `too_many_attempts` when the network has asked for too many; when the file cannot be read.
pub async fn identify(stack: &Stack, email: &str, origin: &Origin) -> Result<Identified, Problem> {
    let (email, now, until) = (cut(email), stack.now(), Instant::now() + IDENTIFY_TIME);
    let snapshot = stack.store.read();
    let flow_token = token::seal(&stack.keyring, FLOW, email.clone(), now, FLOW_SECS);
    if !stack.config.auth.identify_shows_tenants || tenancy::count_tenants(&snapshot)? < 2 {
        return Ok(Identified { flow_token, tenants: Vec::new() });
    }
    let limits = Limits::of_questions(&stack.config.auth);
    let counted = stack.identified.count(&email, Through::Network(origin.ip), limits, now);
    counted.map_err(|why| held(why, origin, ""))?;
    let user = by_email(&snapshot, &email)?;
    let mut tenants = match user.as_ref().filter(|user| people::may_use(user)) {
        Some(user) => choices(&snapshot, user, now)?,
        None => Vec::new(),
    };
    let told = !tenants.is_empty();
    if tenants.is_empty() {
        tenants.extend(tenancy::default_tenant(&snapshot)?);
    }
    let claimed = ActorStamp::anonymous(claim(user.as_ref(), &email));
    let event = Event::of(claimed, origin, now, Place::Platform, Action::AuthIdentify)
        .on("user", user.filter(|_| told).map(|user| user.id.to_string()).unwrap_or_default());
    if told {
        stack.audit_later(event.with("tenants", tenants.len()));
    } else {
        stack.audit_stranger(event.outcome(Outcome::Denied));
    }
    tokio::time::sleep_until(until).await;
    Ok(Identified { flow_token, tenants })
}

/// The e-mail that a flow token was given for. The token stays good until [`use_flow`], so a mistyped password is no reason
/// to begin anew.
///
/// # Errors
/// `invalid_flow_token`.
pub fn open_flow(stack: &Stack, flow_token: &str) -> Result<String, Problem> {
    let sealed = flow(stack, flow_token)?;
    if table::is_used(&stack.store.read(), &sealed.nonce)? { Err(no_flow()) } else { Ok(sealed.value) }
}

/// Uses a flow token up: after the password was right.
///
/// # Errors
/// `invalid_flow_token`, also when it was used before.
pub async fn use_flow(stack: &Stack, flow_token: &str) -> Result<(), Problem> {
    let sealed = flow(stack, flow_token)?;
    let (nonce, until) = (sealed.nonce, sealed.until);
    let write = move |tx: &mut WriteTx<'_>| if table::use_up(tx, nonce, until)? { Ok(()) } else { Err(no_flow()) };
    stack.store.write(write).await
}

fn flow(env: &Env, text: &str) -> Result<Sealed<String>, Problem> {
    token::open(&env.keyring, FLOW, text, env.now()).ok_or_else(no_flow)
}

fn no_flow() -> Problem {
    Problem::unauthenticated("invalid_flow_token", "The sign-in took too long or was finished already; begin again")
}

fn by_email(tx: &impl Read, email: &str) -> Result<Option<User>, StoreError> {
    match Email::parse(email) {
        Ok(email) => people::by_email(tx, &email),
        Err(_) => Ok(None),
    }
}

/// The tenants that a user can sign in to.
fn choices(tx: &impl Read, user: &User, now: Timestamp) -> Result<Vec<Tenant>, StoreError> {
    let mut found = Vec::new();
    for id in people::tenants_open_to(tx, user, now)? {
        found.extend(tenancy::tenant(tx, id)?);
    }
    Ok(found)
}

/// Checks e-mail and password, and says what is left to do.
///
/// # Errors
/// `invalid_credentials` for whatever reason, with the same work done for each; `too_many_attempts`; busy;
/// `tenant_required` after a right password for somebody with several tenants who named none; `not_an_admin` where only
/// administrators may come in, for somebody who has no second factor to show.
pub async fn check_password(stack: &Stack, attempt: Attempt<'_>) -> Result<Next, Problem> {
    let Attempt { email, password, wish, origin, device, admins_only } = attempt;
    let user = verify(stack, &cut(email), password, origin, |user| through(device, user, origin)).await?;
    let snapshot = stack.store.read();
    let choices = choices(&snapshot, &user, stack.now())?;
    let tenant = match wish {
        // Who belongs nowhere gets the answer to a wrong password too.
        TenantChoice::Home => people::tenant_to_enter(&snapshot, &user, stack.now())?.ok_or_else(refused)?,
        TenantChoice::In(tenant) if choices.iter().any(|choice| choice.id == tenant) => tenant,
        // A stranger to the tenant gets the answer to a wrong password: the account is none there.
        TenantChoice::In(_) => return Err(refused()),
        TenantChoice::TheOnlyOne => match choices.as_slice() {
            [only] => only.id,
            [] => return Err(refused()),
            _ => return Err(choose(&choices)),
        },
    };
    factor::after_first(stack, user, tenant, Method::Password, admins_only)
}

fn choose(tenants: &[Tenant]) -> Problem {
    let list: Vec<serde_json::Value> = tenants
        .iter()
        .map(|tenant| serde_json::json!({ "id": tenant.id, "slug": tenant.slug, "name": tenant.name }))
        .collect();
    Problem::conflict("tenant_required", "The account is in several tenants; name one as tenant_id")
        .with("tenants", list)
}

/// Checks the password of somebody who is signed in already: for a step-up, and before a change of it. Wrong tries are counted
/// for their session or credential only, which no stranger has.
///
/// # Errors
/// As [`check_password`]; `not_a_user`.
pub async fn confirm_password(stack: &Stack, actor: &Actor, password: Secret<String>) -> Result<User, Problem> {
    let Principal::User { email, .. } = &actor.principal else {
        return Err(Problem::forbidden("not_a_user", "Only a user has a password"));
    };
    verify(stack, email.as_str(), password, &actor.origin, |_| through_credential(actor)).await
}

async fn verify(
    stack: &Stack,
    email: &str,
    password: Secret<String>,
    from: &Origin,
    through: impl FnOnce(Option<&User>) -> Through,
) -> Result<User, Problem> {
    let now = stack.now();
    let claimed = by_email(&stack.store.read(), email)?;
    let account = claimed.as_ref().map_or(email, |user| user.email.as_str());
    let limits = Limits::of_passwords(&stack.config.auth);
    let begun = stack.attempts.begin(account, through(claimed.as_ref()), limits, now).await;
    let tried = begun.map_err(|why| held(why, from, &claim(claimed.as_ref(), email)))?;
    // It may have waited for its turn.
    let user = by_email(&stack.store.read(), email)?;
    let phc = user.as_ref().and_then(|user| user.password_hash.clone());
    let Ok(verdict) = stack.passwords.verify(password.clone(), phc).await else {
        tried.not_made();
        return Err(busy());
    };
    match user.filter(|_| verdict.is_right()).map(|user| unchanged(stack, &user)).transpose()?.flatten() {
        Some(user) => {
            tried.succeeded();
            if verdict == (Verdict::Right { needs_rehash: true }) {
                renew(stack, &user, password).await;
            }
            Ok(user)
        }
        None => {
            drop(tried);
            let (claimed, refusal) = (claim(claimed.as_ref(), email), refused());
            authentication_failed(from, &claimed, refusal.code);
            stack.audit_stranger(failure(&claimed, from, "password", now));
            Err(refusal)
        }
    }
}

/// The user of a right password as they are now, if it still is the password and they may come in: others may have waited for
/// the hash meanwhile, and one of them for a reset.
fn unchanged(env: &Env, user: &User) -> Result<Option<User>, StoreError> {
    let snapshot = env.store.read();
    let Some(user) = people::with_password(&snapshot, user.id, user.password_mark())? else { return Ok(None) };
    Ok(people::may_use(&user).then_some(user))
}

/// What stands in the log for who somebody claims to be: a known address, or one that looks like one. What else people type
/// there is a password as often as not.
pub(crate) fn claim(known: Option<&User>, typed: &str) -> String {
    match (known, Email::parse(typed)) {
        (Some(user), _) => user.email.to_string(),
        (None, Ok(email)) if looks_like_an_address(email.as_str()) => email.to_string(),
        (None, _) => "(not an e-mail address)".to_owned(),
    }
}

/// Whether a text that can be an e-mail address looks like one: a domain of several parts, of which the last has letters only
/// (RFC 3696 §2). `hunter2@work` and `p@55.w0rd` do not.
fn looks_like_an_address(text: &str) -> bool {
    let domain = text.rsplit_once('@').map_or("", |(_, domain)| domain);
    domain.rsplit_once('.').is_some_and(|(name, top)| {
        let letters = top.chars().count() >= 2 && top.chars().all(char::is_alphabetic);
        !name.is_empty() && (letters || top.starts_with("xn--"))
    })
}

/// The password is at hand now: keep it under today's cost. What goes wrong here is tried again at the next sign-in.
async fn renew(stack: &Stack, user: &User, password: Secret<String>) {
    let (Some(old), Ok(phc)) = (user.password_hash.clone(), stack.passwords.hash(password).await) else { return };
    let id = user.id;
    let _ = stack.store.write_later(move |tx| people::rehash_password(tx, id, &old, &phc));
}

/// Holds a new password to the rules and hashes it, off the workers. `field` is what the caller calls it.
///
/// # Errors
/// Invalid, with the rule; busy.
pub async fn new_password(
    stack: &Stack,
    field: &'static str,
    password: Secret<String>,
    email: &Email,
) -> Result<String, Problem> {
    PasswordRules::check_for(password.expose(), email.as_str()).map_err(|rule| Problem::invalid(field, rule))?;
    stack.passwords.hash(password).await.map_err(|_| busy())
}
