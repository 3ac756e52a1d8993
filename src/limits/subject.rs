//! Whose requests are counted together, and the limits that they have.

use crate::base::id::{ApiKeyId, Id, PartnerId, TenantId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::IpAddr;

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

    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Key => 1,
            Self::User => 2,
            Self::Tenant => 3,
            Self::Partner => 4,
            Self::Address => 5,
        }
    }

    pub(super) fn from_number(number: u8) -> Option<Self> {
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
    pub(super) tenants: HashMap<TenantId, TenantLimits>,
    pub(super) partners: HashMap<PartnerId, u32>,
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
