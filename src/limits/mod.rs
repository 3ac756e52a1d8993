//! Limits of requests at four levels at once: key, user, tenant, partner, as ScaiGrid's documentation has them; and by
//! address for those who show no credential.
//!
//! Each level has a window that slides over the moments of its requests, so there is no edge at which twice as many get
//! through. What has been let through is never forgotten: see [`limiter`] for how that holds when the process is killed.

pub mod limiter;
mod service;
mod subject;
mod table;
#[cfg(test)]
mod tests;
mod window;

pub use limiter::{LimitStatus, Limiter, Refusal};
pub use service::{clear_partner, clear_tenant, of_partner, of_tenant, overrides, set_partner, set_tenant};
pub use subject::{Ask, Effective, Level, MAX_LIMIT, Overrides, Subject, TenantLimits};
pub use table::check_rows;

use crate::access::{Actor, Credential, Place, Principal, permit};
use crate::base::id::{PartnerId, TenantId};
use crate::base::{Problem, Timestamp};
use crate::config;
use crate::store::{Read, Store, StoreError};
use arc_swap::ArcSwap;
use std::net::IpAddr;
use std::sync::Arc;

/// The limits in force, and what has been counted against them.
#[derive(Debug)]
pub struct Limits {
    settings: config::ScaiGrid,
    overrides: ArcSwap<Overrides>,
    limiter: Limiter,
}

impl Limits {
    /// From the settings, and what the file holds of limits and of the requests before this start.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load(settings: &config::ScaiGrid, tx: &impl Read, now: Timestamp) -> Result<Self, StoreError> {
        Ok(Self {
            settings: settings.clone(),
            overrides: ArcSwap::from_pointee(service::overrides(tx)?),
            limiter: Limiter::load(tx, settings.limit_window_secs, now)?,
        })
    }

    /// Takes over limits that were changed.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn reload(&self, tx: &impl Read) -> Result<(), StoreError> {
        self.overrides.store(Arc::new(service::overrides(tx)?));
        Ok(())
    }

    /// The length of the window in seconds.
    pub fn window_secs(&self) -> u32 {
        self.settings.limit_window_secs
    }

    /// The highest limit of its own that an actor may give a key at a place: what keys there have anyway, or any for those who
    /// set limits.
    pub fn most_of_a_key(&self, actor: &Actor, place: Place) -> u32 {
        let usual = place.tenant().map_or(0, |tenant| self.tenant(tenant).key);
        if actor.may::<permit::WriteLimits>(place) { MAX_LIMIT } else { usual }
    }

    /// The limits of a tenant, of its keys and of its users, with the settings in the place of what it has not.
    pub fn tenant(&self, tenant: TenantId) -> Effective {
        let own = self.overrides.load().tenants.get(&tenant).copied().unwrap_or_default();
        Effective {
            key: own.key.unwrap_or(self.settings.limit_per_key),
            user: own.user.unwrap_or(self.settings.limit_per_user),
            tenant: own.tenant.unwrap_or(self.settings.limit_per_tenant),
        }
    }

    /// The limit of a partner.
    pub fn partner(&self, partner: PartnerId) -> u32 {
        self.overrides.load().partners.get(&partner).copied().unwrap_or(self.settings.limit_per_partner)
    }

    /// For whom a request of an actor counts. The operator of the machine is not limited; an application counts for its
    /// tenant and its partner.
    pub fn asks(&self, actor: &Actor) -> Vec<Ask> {
        if actor.principal == Principal::Operator {
            return Vec::new();
        }
        let limits = self.tenant(actor.tenant);
        let mut asks = Vec::with_capacity(4);
        if let Credential::ApiKey { line, limit, .. } = actor.credential {
            asks.push(Ask { subject: Subject::key(line), limit: limit.unwrap_or(limits.key) });
        }
        if let Principal::User { id, .. } = actor.principal {
            asks.push(Ask { subject: Subject::user(id), limit: limits.user });
        }
        asks.push(Ask { subject: Subject::tenant(actor.tenant), limit: limits.tenant });
        asks.push(Ask { subject: Subject::partner(actor.partner), limit: self.partner(actor.partner) });
        asks
    }

    /// Counts a request of an actor, or of an address without a credential. None: it is not limited.
    ///
    /// # Errors
    /// [`Refusal`], when a level is full, or what the request would be counted in cannot be written.
    pub async fn admit(
        &self,
        store: &Store,
        actor: Option<&Actor>,
        ip: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<Option<LimitStatus>, Refusal> {
        let asks = match (actor, ip) {
            (Some(actor), _) => self.asks(actor),
            (None, Some(ip)) => vec![Ask { subject: Subject::address(ip), limit: self.settings.limit_per_address }],
            (None, None) => Vec::new(),
        };
        if asks.is_empty() {
            return Ok(None);
        }
        self.limiter.admit(store, &asks, now).await.map(Some)
    }

    /// How many requests of a subject are in the window now.
    pub fn used(&self, subject: Subject, now: Timestamp) -> u32 {
        self.limiter.used(subject, now)
    }

    /// Writes down what has been counted, exactly, when the server stops; nothing is let through any more.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn close(&self, store: &Store, now: Timestamp) -> Result<(), Problem> {
        self.limiter.close(store, now)
    }
}
