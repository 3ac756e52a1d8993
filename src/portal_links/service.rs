//! Making links and using them.

use super::{LIFE_SECS, Maker, PortalLink, table};
use crate::access::{Granted, Origin, permit};
use crate::audit::{self, ActorStamp, Event};
use crate::base::id::{PortalLinkId, TenantId};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::crypto::token::TokenDigest;
use crate::store::{Read, StoreError, WriteTx};
use crate::tenancy::{self, Features, Tenant};

/// A link to make: everything random comes from outside.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// The id that the link gets.
    pub id: PortalLinkId,
    /// The digest of its token, [`crate::crypto::token::TokenKind::PortalLink`].
    pub digest: TokenDigest,
    /// The tenant whose portal it opens.
    pub tenant: TenantId,
    /// What it is for; none: for whatever is switched on.
    pub features: Option<Features>,
}

/// What is behind a link that works.
#[derive(Clone, Debug)]
pub struct Portal {
    /// The row of the link.
    pub link: PortalLink,
    /// The tenant whose portal it is.
    pub tenant: Tenant,
    /// What its admins may set up: what the link is for and is switched on now.
    pub there: Features,
    /// What the link is for and is switched off.
    pub off: Features,
}

/// What became of a link.
#[derive(Clone, Debug)]
pub enum Looked {
    /// It works: what is behind it.
    Open(Box<Portal>),
    /// It was used.
    Used,
    /// Its week is over.
    Expired,
    /// There never was such a link, its organisation is gone or suspended, or who made it may not any more.
    Unknown,
}

/// Makes a link. Others of the same organisation stay good: two of its admins may set things up at once.
///
/// # Errors
/// `tenant_not_found`, also when it is outside the grant.
pub fn create(
    tx: &mut WriteTx<'_>,
    granted: &Granted<permit::ManagePortalLinks>,
    new: &NewLink,
    now: Timestamp,
) -> Result<PortalLink, Problem> {
    let place = tenancy::place_within(tx, granted.place(), new.tenant)?;
    let link = PortalLink {
        id: new.id,
        digest: tx.keep(&new.digest),
        tenant: new.tenant,
        features: new.features,
        created_at: now,
        expires_at: now.plus_secs(LIFE_SECS),
        used_at: None,
        maker: Maker::of(&granted.actor().principal),
    };
    tx.save(&link)?;
    let event = Event::by(granted.actor(), now, place, Action::PortalLinkCreate).on("portal_link", link.id);
    audit::append(tx, event.with("expires_at", link.expires_at.iso_secs()));
    Ok(link)
}

/// Looks a link up and changes nothing.
///
/// # Errors
/// When the file cannot be read.
pub fn look(tx: &impl Read, digest: &TokenDigest, now: Timestamp) -> Result<Looked, StoreError> {
    let Some(link) = table::link(tx, digest)? else { return Ok(Looked::Unknown) };
    let Some(tenant) = tenancy::tenant(tx, link.tenant)? else { return Ok(Looked::Unknown) };
    if !tenancy::is_active(tx, tenant.id)? {
        return Ok(Looked::Unknown);
    }
    if link.used_at.is_some() {
        return Ok(Looked::Used);
    }
    if now >= link.expires_at {
        return Ok(Looked::Expired);
    }
    if !link.maker.still_may(tx, tenant.place(), now)? {
        return Ok(Looked::Unknown);
    }
    let on = tenant.details.features;
    let there = link.features.map_or(on, |wanted| wanted.and(on));
    let off = link.features.map_or(Features::default(), |wanted| wanted.without(on));
    Ok(Looked::Open(Box::new(Portal { link, tenant, there, off })))
}

/// Uses a link up, if it works. Gives what it was before.
///
/// # Errors
/// When the file cannot be read or written.
pub fn use_up(
    tx: &mut WriteTx<'_>,
    digest: &TokenDigest,
    origin: &Origin,
    now: Timestamp,
) -> Result<Looked, StoreError> {
    let looked = look(tx, digest, now)?;
    if let Looked::Open(portal) = &looked {
        tx.save(&PortalLink { used_at: Some(now), ..portal.link.clone() })?;
        let place = portal.tenant.place();
        // Who holds the link is all that is known of them.
        let holder = ActorStamp::anonymous("portal link");
        let event = Event::of(holder, origin, now, place, Action::PortalLinkUse);
        audit::append(tx, event.on("portal_link", portal.link.id));
    }
    Ok(looked)
}
