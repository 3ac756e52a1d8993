//! What the first start does, and how its link is claimed.

use super::{Link, Purpose, RECOVERY_SECS, table};
use crate::access::{Origin, Place, Principal};
use crate::audit::{self, ActorStamp, Event};
use crate::base::id::{PartnerId, TenantId, UserId};
use crate::base::{DisplayName, Email, JsonObject, Problem, Slug, Timestamp};
use crate::catalogue::Action;
use crate::crypto::token::TokenDigest;
use crate::endings::{self, Cause, Ending};
use crate::mfa;
use crate::people::{self, User};
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy::{self, DEFAULT_SLUG, NewPartner, NewTenant, Tenant};

/// Ids for what the first start makes.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// Of the partner `default`.
    pub partner_id: PartnerId,
    /// Of the tenant `default`.
    pub tenant_id: TenantId,
}

/// The administrator that a link is claimed for.
#[derive(Clone, Debug)]
pub struct NewAdmin {
    /// The name to sign in with.
    pub email: Email,
    /// What to call them.
    pub name: Option<DisplayName>,
    /// Their password as a PHC string.
    pub password_hash: String,
    /// The id of their row, if they are new.
    pub user_id: UserId,
    /// The request that claims.
    pub origin: Origin,
}

/// An audit row of the server itself, for nobody has signed in yet.
fn event(now: Timestamp, place: Place, action: Action, resource: (&str, String)) -> Event {
    Event::unasked(ActorStamp::of(&Principal::Operator), now, place, action).on(resource.0, resource.1)
}

/// Makes the partner and the tenant `default` if they are not there, and gives the tenant. Every start calls it.
///
/// # Errors
/// When the file cannot be read or written.
pub fn bootstrap(tx: &mut WriteTx<'_>, made: &Made, now: Timestamp) -> Result<Tenant, Problem> {
    if let Some(tenant) = tenancy::default_tenant(tx)? {
        return Ok(tenant);
    }
    let slug = Slug::parse(DEFAULT_SLUG).map_err(Problem::internal)?;
    let name = DisplayName::parse("Default").map_err(Problem::internal)?;
    let partner = match tenancy::partner_by_slug(tx, &slug)? {
        Some(partner) => partner,
        None => {
            let new = NewPartner {
                slug: slug.clone(),
                name: name.clone(),
                contact_email: None,
                max_tenants: None,
                max_users_per_tenant: None,
                max_applications_per_tenant: None,
            };
            let partner = tenancy::insert_partner(tx, &new, made.partner_id, now)?;
            let place = Place::Partner(partner.id);
            audit::append(tx, event(now, place, Action::PartnerCreate, ("partner", partner.id.to_string())));
            partner
        }
    };
    let new = NewTenant {
        slug: Some(slug),
        name,
        partner: partner.id,
        contact_email: None,
        settings: JsonObject::default(),
        branding: JsonObject::default(),
        details: tenancy::Details::default(),
    };
    let tenant = tenancy::insert_tenant(tx, &new, made.tenant_id, now)?;
    audit::append(tx, event(now, tenant.place(), Action::TenantCreate, ("tenant", tenant.id.to_string())));
    Ok(tenant)
}

/// Whether there is no super_admin yet.
///
/// # Errors
/// When the file cannot be read.
pub fn needed(tx: &impl Read) -> Result<bool, StoreError> {
    Ok(!people::there_is_a_super_admin(tx)?)
}

/// The link that there is, used or not.
///
/// # Errors
/// When the file cannot be read.
pub fn link(tx: &impl Read) -> Result<Option<Link>, StoreError> {
    table::get(tx)
}

/// Makes a link; an older one is dead from then on. Only the first start and the local command line call it.
///
/// # Errors
/// When the file cannot be written.
pub fn new_link(tx: &mut WriteTx<'_>, digest: TokenDigest, purpose: Purpose, now: Timestamp) -> Result<Link, Problem> {
    let expires_at = match purpose {
        Purpose::First => None,
        Purpose::Recover => Some(now.plus_secs(RECOVERY_SECS)),
    };
    let link = Link { digest: tx.keep(&digest), purpose, created_at: now, expires_at, used_at: None };
    table::put(tx, &link)?;
    audit::append(tx, event(now, Place::Platform, Action::SetupLink, ("setup", format!("{purpose:?}").to_lowercase())));
    Ok(link)
}

/// Claims the link, once: makes a user super_admin of the platform and tenant_admin of the default tenant.
///
/// With the e-mail of an existing user it gives that user the new password and switches them on: that is how an
/// administrator who has lost the password or the second factor recovers; second factors are removed.
///
/// # Errors
/// `setup_link_unknown`, `setup_link_used`, `setup_link_expired`, `email_taken` by a deleted user.
pub fn claim(tx: &mut WriteTx<'_>, digest: &TokenDigest, admin: &NewAdmin, now: Timestamp) -> Result<User, Problem> {
    let unknown = || Problem::not_found("setup_link_unknown", "This setup link is not, or no longer, the valid one");
    let mut link = table::get(tx)?.filter(|link| link.digest.matches(&tx.keep(digest))).ok_or_else(unknown)?;
    if link.used_at.is_some() || (link.purpose == Purpose::First && !needed(tx)?) {
        return Err(Problem::conflict("setup_link_used", "This setup link was used already; sign in instead"));
    }
    if link.expires_at.is_some_and(|end| now >= end) {
        return Err(Problem::conflict(
            "setup_link_expired",
            "This setup link has expired; make another one on the server",
        ));
    }
    let tenant = tenancy::default_tenant(tx)?.ok_or_else(|| Problem::internal("there is no default tenant"))?;
    let place = tenant.place();
    let user = people::install_admin(
        tx,
        (&admin.email, admin.name.as_ref()),
        &admin.password_hash,
        place,
        admin.user_id,
        &admin.origin,
        now,
    )?;
    let had_factors = mfa::clear(tx, user.id)?;
    let actor = ActorStamp::user(user.id, &user.email);
    if had_factors {
        endings::raise(tx, &Ending::FactorsReset { user: user.id }, &Cause::of(actor.clone(), &admin.origin, now))?;
    }
    link.used_at = Some(now);
    table::put(tx, &link)?;
    let event = Event::of(actor, &admin.origin, now, place, Action::SetupClaim)
        .on("user", user.id)
        .with("email", &user.email)
        .with("role", "super_admin");
    audit::append(tx, if had_factors { event.with("second_factors", "removed") } else { event });
    Ok(user)
}
