//! Giving consent, looking at it, and taking it back.

use super::{Consent, table};
use crate::access::{Actor, Granted, Principal, permit};
use crate::apps::{self, Application};
use crate::audit::{self, Event, Outcome};
use crate::base::id::{ApplicationId, TenantId, UserId};
use crate::base::{Id, Problem, ScopeSet, Timestamp};
use crate::catalogue::Action;
use crate::endings::{self, Cause, Ending};
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy;
use std::sync::Arc;

/// Whether a user has agreed to all of these scopes before: one look-up.
///
/// # Errors
/// When the file cannot be read.
pub fn covers(
    tx: &impl Read,
    user: UserId,
    application: ApplicationId,
    tenant: TenantId,
    scopes: &ScopeSet,
) -> Result<bool, StoreError> {
    let kept = table::one(tx, &(user, application, tenant))?;
    Ok(kept.is_some_and(|kept| scopes.beyond(&kept.scopes).next().is_none()))
}

/// Whether an application may have these scopes of a user without asking: they have agreed, or it is our own, or a part of the
/// same offer ([`crate::apps::Application::first_party`]).
///
/// # Errors
/// When the file cannot be read.
pub fn allows(
    tx: &impl Read,
    user: UserId,
    application: ApplicationId,
    tenant: TenantId,
    scopes: &ScopeSet,
) -> Result<bool, StoreError> {
    Ok(is_first_party(tx, application)? || covers(tx, user, application, tenant, scopes)?)
}

/// Whether nobody is asked what an application may know of them.
///
/// # Errors
/// When the file cannot be read.
pub fn is_first_party(tx: &impl Read, application: ApplicationId) -> Result<bool, StoreError> {
    Ok(apps::client(tx, &apps::client_id(application))?.is_some_and(|application| application.first_party))
}

fn oneself(actor: &Actor) -> Result<UserId, Problem> {
    match &actor.principal {
        Principal::User { id, .. } => Ok(*id),
        Principal::Operator | Principal::Application { .. } => {
            Err(Problem::forbidden("not_a_user", "Only a user can agree to what an application may do"))
        }
    }
}

/// The audit row of what a user says about an application, in the tenant where it counts.
fn event(
    tx: &impl Read,
    actor: &Actor,
    now: Timestamp,
    tenant: TenantId,
    action: Action,
    application: ApplicationId,
) -> Result<Event, StoreError> {
    let place = tenancy::place_of(tx, tenant)?.unwrap_or(actor.home());
    Ok(Event::by(actor, now, place, action).on("application", application))
}

/// Remembers that the actor agrees. Scopes that they agreed to before stay.
///
/// # Errors
/// `not_a_user`; when the file cannot be read or written.
pub fn give(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    application: &Application,
    tenant: TenantId,
    scopes: &ScopeSet,
    now: Timestamp,
) -> Result<Consent, Problem> {
    let user = oneself(actor)?;
    let before = table::one(tx, &(user, application.id, tenant))?;
    let consent = match before {
        Some(before) => {
            let all = before.scopes.iter().chain(scopes.iter());
            let scopes = ScopeSet::from_texts(all).map_err(|rule| Problem::invalid("scope", rule))?;
            Consent { scopes, updated_at: now, ..before }
        }
        None => Consent {
            user,
            application: application.id,
            tenant,
            scopes: scopes.clone(),
            created_at: now,
            updated_at: now,
        },
    };
    tx.save(&consent)?;
    let event = event(tx, actor, now, tenant, Action::ConsentGrant, application.id)?;
    audit::append(tx, event.with("scope", scopes).with("name", &application.name));
    Ok(consent)
}

/// The audit row of a no: nothing is kept, the client is told.
///
/// # Errors
/// When the file cannot be read.
pub fn refused(
    tx: &impl Read,
    actor: &Actor,
    application: ApplicationId,
    tenant: TenantId,
    scopes: &ScopeSet,
    now: Timestamp,
) -> Result<Event, StoreError> {
    let event = event(tx, actor, now, tenant, Action::ConsentRefuse, application)?;
    Ok(event.with("scope", scopes).outcome(Outcome::Denied))
}

/// What the actor has agreed to, with the application where it still exists; the latest first.
///
/// # Errors
/// `not_a_user`; when the file cannot be read.
pub fn list_own(tx: &impl Read, actor: &Actor) -> Result<Vec<(Consent, Application)>, Problem> {
    listed(tx, oneself(actor)?)
}

fn listed(tx: &impl Read, user: UserId) -> Result<Vec<(Consent, Application)>, Problem> {
    let mut found = Vec::new();
    for consent in table::of_user(tx, user, None)? {
        if let Some(application) = apps::client(tx, &apps::client_id(consent.application))? {
            found.push((consent, Arc::unwrap_or_clone(application)));
        }
    }
    found.sort_by_key(|(consent, _)| std::cmp::Reverse((consent.updated_at, consent.application.raw())));
    Ok(found)
}

/// What a user has agreed to in the tenants that the grant reaches, as [`list_own`].
///
/// # Errors
/// When the file cannot be read.
pub fn list_of(
    tx: &impl Read,
    granted: &Granted<permit::ReadUsers>,
    user: UserId,
) -> Result<Vec<(Consent, Application)>, Problem> {
    let mut found = listed(tx, user)?;
    let mut here = Vec::with_capacity(found.len());
    for (consent, _) in &found {
        let place = tenancy::place_of(tx, consent.tenant)?;
        here.push(place.is_some_and(|place| granted.place().covers(place)));
    }
    let mut here = here.into_iter();
    found.retain(|_| here.next() == Some(true));
    Ok(found)
}

/// Withdraws what a user has agreed to for an application in the tenants that the grant reaches, and ends the tokens that it
/// holds for them there. It asks again at the next sign-in.
///
/// # Errors
/// `consent_not_found`.
pub fn withdraw(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::WriteUsers>,
    user: UserId,
    application: ApplicationId,
    now: Timestamp,
) -> Result<(), Problem> {
    let mut here = Vec::new();
    for consent in table::of_user(tx, user, Some(application))? {
        if let Some(place) = tenancy::place_of(tx, consent.tenant)?.filter(|place| granted.place().covers(*place)) {
            here.push((consent, place));
        }
    }
    if here.is_empty() {
        return Err(Problem::not_found("consent_not_found", "The user has not authorised this application here"));
    }
    for (consent, place) in here {
        let ended = end(tx, &consent, &Cause::by(granted.actor(), now))?;
        let event = Event::by(granted.actor(), now, place, Action::ConsentWithdraw).on("application", application);
        let event = event.with("user", user).with("scope", &consent.scopes);
        audit::append(tx, event.with("families_ended", ended));
    }
    Ok(())
}

/// Takes back all that the actor has agreed to for an application, in every tenant, and ends the tokens that it holds for
/// them.
///
/// # Errors
/// `not_a_user`; `consent_not_found`.
pub fn revoke_own(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    application: ApplicationId,
    now: Timestamp,
) -> Result<(), Problem> {
    let user = oneself(actor)?;
    let consents = table::of_user(tx, user, Some(application))?;
    if consents.is_empty() {
        return Err(Problem::not_found("consent_not_found", "You have not authorised this application"));
    }
    for consent in consents {
        let ended = end(tx, &consent, &Cause::by(actor, now))?;
        let event = event(tx, actor, now, consent.tenant, Action::ConsentRevoke, application)?;
        audit::append(tx, event.with("scope", &consent.scopes).with("families_ended", ended));
    }
    Ok(())
}

/// Takes a consent away, with what the application holds by it. Gives how many token families ended.
fn end(tx: &mut WriteTx<'_>, consent: &Consent, cause: &Cause) -> Result<u64, StoreError> {
    let (user, application, tenant) = (consent.user, consent.application, consent.tenant);
    tx.remove::<Consent>(&(user, application, tenant))?;
    Ok(endings::raise(tx, &Ending::ConsentWithdrawn { user, application, tenant }, cause)?.families)
}

/// Forgets what a user has agreed to, everywhere or in a tenant, as part of something that has an audit row of its own.
/// Gives how many consents there were.
///
/// # Errors
/// When the file cannot be read or written.
pub fn forget(tx: &mut WriteTx<'_>, user: UserId, tenant: Option<TenantId>) -> Result<u64, StoreError> {
    let mut consents = table::of_user(tx, user, None)?;
    consents.retain(|consent| tenant.is_none_or(|tenant| tenant == consent.tenant));
    for consent in &consents {
        tx.remove::<Consent>(&(consent.user, consent.application, consent.tenant))?;
    }
    Ok(consents.len() as u64)
}
