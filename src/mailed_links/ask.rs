//! Asking for a link: by its reader, or by an admin for somebody.

use super::{Link, Made, Purpose, table};
use crate::access::{Actor, Granted, Origin, Place, Principal, permit};
use crate::audit::{self, ActorStamp, Event, Outcome};
use crate::authentication;
use crate::base::id::{TenantId, UserId};
use crate::base::{Email, Kind, Problem, Timestamp};
use crate::catalogue::Action;
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::mail::{self, Envelope, Facts, NewMail};
use crate::people::{self, IdentitySource, PasswordMark, Status, User};
use crate::sessions::{Held, Limits, Through};
use crate::stack::{Env, Stack};
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy::{self, Tenant};

/// How many mails somebody can have sent to one address within the window of `[auth]`.
const MAILS_PER_ADDRESS: u32 = 5;

/// A link and the mail that carries it, made before the transaction.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) link: Link,
    mail: NewMail,
}

impl Prepared {
    /// Puts both into the store.
    pub(super) fn put(&self, tx: &mut WriteTx<'_>, now: Timestamp) -> Result<(), StoreError> {
        table::replace(tx, &self.link)?;
        mail::enqueue(tx, &self.mail, now)
    }
}

/// Whom a link is for.
pub(super) struct Reader<'a> {
    pub(super) user: UserId,
    pub(super) name: &'a str,
    pub(super) email: &'a Email,
    pub(super) tenant: TenantId,
    pub(super) tenant_name: &'a str,
    pub(super) made: Made,
}

/// A link, and the address that it opens at.
pub(super) fn link_for(
    stack: &Stack,
    purpose: Purpose,
    reader: &Reader<'_>,
    handed_over: bool,
    now: Timestamp,
) -> (Link, zeroize::Zeroizing<String>) {
    let token = token::make(TokenKind::MailLink);
    let address = format!("{}{}?token={}", stack.public_url(), purpose.path(), token.expose());
    let link = Link {
        digest: stack.store.read().keep(&TokenDigest::of(token.expose())),
        purpose,
        user: reader.user,
        tenant: reader.tenant,
        email: reader.email.clone(),
        created_at: now,
        expires_at: now.plus_secs(purpose.life_secs()),
        used_at: None,
        made: Some(reader.made),
        handed_over,
    };
    (link, zeroize::Zeroizing::new(address))
}

pub(super) fn prepare(stack: &Stack, purpose: Purpose, reader: &Reader<'_>, now: Timestamp) -> Prepared {
    let (link, address) = link_for(stack, purpose, reader, false, now);
    let facts = Facts {
        name: reader.name,
        tenant: reader.tenant_name,
        email: reader.email.as_str(),
        link: Some(&address),
        life: purpose.life(),
    };
    let envelope = Envelope { id: stack.new_id(), tenant: reader.tenant, user: reader.user, to: reader.email.clone() };
    let life = Some(purpose.life_secs());
    Prepared { link, mail: NewMail::compose(&stack.keyring, envelope, purpose.template(), &facts, life) }
}

pub(super) fn tenant_name(tx: &impl Read, id: TenantId) -> Result<String, Problem> {
    let tenant = tenancy::tenant(tx, id)?;
    Ok(tenant.map_or_else(|| "scaistack".to_owned(), |tenant| tenant.name.to_string()))
}

/// Prepares a link for a user, in the name of a tenant.
pub(super) fn prepare_for(
    stack: &Stack,
    purpose: Purpose,
    user: &User,
    tenant: TenantId,
    now: Timestamp,
) -> Result<Prepared, Problem> {
    let (name, tenant_name) = (user.called(), tenant_name(&stack.store.read(), tenant)?);
    let made = Made::now(purpose, user, now);
    let reader = Reader { user: user.id, name: &name, email: &user.email, tenant, tenant_name: &tenant_name, made };
    Ok(prepare(stack, purpose, &reader, now))
}

/// Puts a link and its audit row into the store.
async fn put(env: &Env, prepared: Option<Prepared>, event: Event, now: Timestamp) -> Result<(), Problem> {
    let write = move |tx: &mut WriteTx<'_>| -> Result<(), Problem> {
        if let Some(prepared) = &prepared {
            let Link { purpose, user, tenant, expires_at, .. } = prepared.link;
            // An invitation that was withdrawn meanwhile is not sent.
            let there = match purpose {
                Purpose::Invitation => people::renew_invitation(tx, user, tenant, expires_at, now)?.is_some(),
                Purpose::ResetPassword | Purpose::VerifyEmail => true,
            };
            if there {
                prepared.put(tx, now)?;
            }
        }
        audit::append(tx, event.clone());
        Ok(())
    };
    env.store.write(write).await
}

/// Counts a mail that somebody asks for, whether the address is known or not.
fn limit(stack: &Stack, email: &str, origin: &Origin, now: Timestamp) -> Result<(), Problem> {
    let limits = Limits::of_each(MAILS_PER_ADDRESS, &stack.config.auth);
    stack.mails_asked.count(email, Through::Network(origin.ip), limits, now).map_err(|held| {
        let retry_after_secs = match held {
            Held::Wait { secs, .. } => secs,
            Held::Busy => 1,
        };
        let words = "Too many mails were asked for; wait a while";
        Problem::new(Kind::RateLimited { retry_after_secs }, "too_many_attempts", words)
    })
}

/// What somebody gets who has forgotten the password, and in whose name; with a tenant only its people. Who belongs to a tenant
/// gets a link for a new password, an invited user the invitation once more, as long as it waits; an account that belongs
/// nowhere and is not invited gets nothing.
fn due(
    tx: &impl Read,
    user: &User,
    tenant: Option<&Tenant>,
    now: Timestamp,
) -> Result<Option<(Purpose, TenantId)>, StoreError> {
    // To those who sign in elsewhere a password would be of no use.
    if user.identity_source != IdentitySource::Local || !matches!(user.status, Status::Active | Status::Invited) {
        return Ok(None);
    }
    let open = if people::may_use(user) { people::tenants_open_to(tx, user, now)? } else { Vec::new() };
    let invited: Vec<_> = people::waiting(tx, user, now)?.iter().map(|waits| waits.tenant).collect();
    let pick = |from: &[TenantId]| match tenant {
        Some(tenant) => from.contains(&tenant.id).then_some(tenant.id),
        None => from.iter().find(|id| **id == user.home_tenant).or(from.first()).copied(),
    };
    let at = pick(&open).or_else(|| pick(&invited));
    let purpose = if people::may_use(user) { Purpose::ResetPassword } else { Purpose::Invitation };
    Ok(at.map(|tenant| (purpose, tenant)))
}

/// Mails a link for a new password to whoever has this address, if somebody has; with a tenant only to its people. The
/// answer says nothing about it, and the work is the same: a mail is composed and sealed, and one transaction waits for the
/// disk.
///
/// # Errors
/// `too_many_attempts`, the same for known and unknown addresses; when the store fails.
pub async fn forgot_password(
    stack: &Stack,
    tenant: Option<&Tenant>,
    email: &str,
    origin: &Origin,
) -> Result<(), Problem> {
    let now = stack.now();
    let claimed: String = email.trim().chars().take(254).collect();
    limit(stack, &claimed, origin, now)?;
    let found = somebody(stack, tenant, &claimed)?;
    let user = found.as_ref().map(|(user, ..)| user.id);
    let prepared = match &found {
        Some((user, purpose, tenant)) => prepare_for(stack, *purpose, user, *tenant, now)?,
        None => {
            let nobody = Email::parse("nobody@example.com").map_err(Problem::internal)?;
            let home = match tenant {
                Some(tenant) => tenant.id,
                None => tenancy::default_tenant(&stack.store.read())?.map_or_else(|| stack.new_id(), |home| home.id),
            };
            let tenant_name = tenant_name(&stack.store.read(), home)?;
            let (id, name) = (stack.new_id(), nobody.as_str());
            let made = Made { status: Status::Active, password: PasswordMark::NONE, invited_at: None };
            let reader = Reader { user: id, name, email: &nobody, tenant: home, tenant_name: &tenant_name, made };
            prepare(stack, Purpose::ResetPassword, &reader, now)
        }
    };
    let place = tenant.map_or(Place::Platform, Tenant::place);
    let outcome = if user.is_some() { Outcome::Success } else { Outcome::Denied };
    let claimed = authentication::claim(found.as_ref().map(|(user, ..)| user), &claimed);
    let event = Event::of(ActorStamp::anonymous(claimed), origin, now, place, Action::UserForgotPassword)
        .on("user", user.map(|id| id.to_string()).unwrap_or_default())
        .outcome(outcome);
    put(stack, user.map(|_| prepared), event, now).await
}

fn somebody(env: &Env, tenant: Option<&Tenant>, claimed: &str) -> Result<Option<(User, Purpose, TenantId)>, Problem> {
    let snapshot = env.store.read();
    let Ok(email) = Email::parse(claimed) else { return Ok(None) };
    let Some(user) = people::by_email(&snapshot, &email)? else { return Ok(None) };
    let due = due(&snapshot, &user, tenant, env.now())?;
    Ok(due.map(|(purpose, tenant)| (user, purpose, tenant)))
}

/// Mails a link that shows that one's own address is one's own. False: it is known already, and nothing was sent.
///
/// # Errors
/// `not_a_user`, `user_not_found`, `too_many_attempts`.
pub async fn ask_to_verify(stack: &Stack, actor: &Actor) -> Result<bool, Problem> {
    let Principal::User { id, .. } = &actor.principal else {
        return Err(Problem::forbidden("not_a_user", "Only a user has an address of their own"));
    };
    let now = stack.now();
    let user = people::user(&stack.store.read(), *id)?
        .ok_or_else(|| Problem::not_found("user_not_found", "There is no such user"))?;
    if user.email_verified {
        return Ok(false);
    }
    limit(stack, user.email.as_str(), &actor.origin, now)?;
    let prepared = prepare_for(stack, Purpose::VerifyEmail, &user, user.home_tenant, now)?;
    let event = Event::by(actor, now, actor.home(), Action::UserAskToVerify).on("user", user.id);
    put(stack, Some(prepared), event, now).await?;
    Ok(true)
}

/// Mails a user a link for a new password, as an admin. The password stays as it is until they use it.
///
/// # Errors
/// `user_not_found`, `not_home_tenant`, `outranked`; `user_inactive` for somebody whom a password would not help.
pub async fn send_reset(stack: &Stack, granted: Granted<permit::SendResetLinks>, id: UserId) -> Result<User, Problem> {
    let now = stack.now();
    let (user, home) = people::get_to_secure(&stack.store.read(), &granted, id, now)?;
    if user.identity_source != IdentitySource::Local || user.status != Status::Active {
        return Err(Problem::conflict("user_inactive", "The user is not active, or signs in elsewhere"));
    }
    let prepared = prepare_for(stack, Purpose::ResetPassword, &user, user.home_tenant, now)?;
    let event = Event::by(granted.actor(), now, home, Action::UserSendReset).on("user", id).with("email", &user.email);
    put(stack, Some(prepared), event, now).await?;
    Ok(user)
}
