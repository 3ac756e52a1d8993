//! Limits of requests at four levels at once: key, user, tenant, partner, as ScaiGrid's documentation has them; and by
//! address for those who show no credential.
//!
//! Each level has a window that slides over the moments of its requests, so there is no edge at which twice as many get
//! through. What has been let through is never forgotten: see [`limiter`] for how that holds when the process is killed.

pub mod limiter;
mod service;
mod table;
#[cfg(test)]
mod tests;
mod window;

pub use limiter::{LimitStatus, Limiter, Refusal};
pub use service::{clear_partner, clear_tenant, of_partner, of_tenant, overrides, set_partner, set_tenant};
pub use table::check_rows;

use crate::access::{Actor, Credential, Place, Principal, permit};
use crate::base::id::{ApiKeyId, Id, PartnerId, TenantId, UserId};
use crate::base::{Problem, Timestamp};
use crate::config;
use crate::store::{Read, Store, StoreError};
use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// The highest limit that can be set.
pub const MAX_LIMIT: u32 = 1_000_000_000;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "LimitLevel"))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// An API key, with all keys of its line.
    #[serde(rename = "api_key")]
    Key,
    /// A user, by whatever credential.
    User,
    /// A tenant.
    Tenant,
    /// A partner.
    Partner,
    /// An address without a credential.
    Address,
}

impl Level {
    /// The name in answers: `api_key`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Key => "api_key",
            Self::User => "user",
            Self::Tenant => "tenant",
            Self::Partner => "partner",
            Self::Address => "address",
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Key => 1,
            Self::User => 2,
            Self::Tenant => 3,
            Self::Partner => 4,
            Self::Address => 5,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        [Self::Key, Self::User, Self::Tenant, Self::Partner].into_iter().find(|level| level.number() == number)
    }
}

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// The level that it is counted at.
    pub level: Level,
    /// Which: an id's number, or the front of an address.
    pub id: u64,
}

impl Subject {
    /// A line of API keys.
    pub fn key(line: ApiKeyId) -> Self {
        Self { level: Level::Key, id: line.raw() }
    }

    /// A user, whatever credential they use.
    pub fn user(id: UserId) -> Self {
        Self { level: Level::User, id: id.raw() }
    }

    /// A tenant, with all who work in it.
    pub fn tenant(id: TenantId) -> Self {
        Self { level: Level::Tenant, id: id.raw() }
    }

    /// A partner, with all its tenants.
    pub fn partner(id: PartnerId) -> Self {
        Self { level: Level::Partner, id: id.raw() }
    }

    /// An IPv4 address, or the /64 that an IPv6 address is in: who has one of these has them all.
    pub fn address(ip: IpAddr) -> Self {
        let id = match ip.to_canonical() {
            IpAddr::V4(ip) => u64::from(ip.to_bits()),
            IpAddr::V6(ip) => (ip.to_bits() >> 64) as u64,
        };
        Self { level: Level::Address, id }
    }
}

/// A subject that a request counts for, and how many requests a window it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Whose requests the limit counts.
    pub subject: Subject,
    /// How many requests a window may have.
    pub limit: u32,
}

/// What a tenant has instead of the settings' limits. None: as the settings say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantLimits {
    /// For each of its keys that has no limit of its own.
    pub key: Option<u32>,
    /// For each user who works in it.
    pub user: Option<u32>,
    /// For all of it.
    pub tenant: Option<u32>,
}

/// What differs from the settings.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    tenants: HashMap<TenantId, TenantLimits>,
    partners: HashMap<PartnerId, u32>,
}

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

/// The limits of a tenant as they count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effective {
    /// For a key without a limit of its own.
    pub key: u32,
    /// For a user.
    pub user: u32,
    /// For the tenant.
    pub tenant: u32,
}
