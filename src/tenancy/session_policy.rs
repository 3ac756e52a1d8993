//! How long the people of a tenant stay signed in: as everywhere on this instance, or by limits of their own.

use crate::base::Problem;
use serde::{Deserialize, Serialize};

/// The longest that a tenant may let its people stay signed in, in seconds: a year.
pub const MAX_SESSION_SECS: i64 = 365 * 86_400;

/// Whose limits hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PolicySource {
    /// Those of the instance, `[sessions]` of its settings.
    #[default]
    Application,
    /// The tenant's own.
    Custom,
}

/// What a timeout is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeUnit {
    /// Minutes.
    #[default]
    Minutes,
    /// Hours.
    Hours,
    /// Days of 24 hours.
    Days,
}

impl TimeUnit {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Minutes, Self::Hours, Self::Days];

    /// Its length in seconds.
    pub const fn secs(self) -> i64 {
        match self {
            Self::Minutes => 60,
            Self::Hours => 3600,
            Self::Days => 86_400,
        }
    }

    /// The name in answers: `MINUTES`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minutes => "MINUTES",
            Self::Hours => "HOURS",
            Self::Days => "DAYS",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.name() == text)
    }
}

/// A length of time as somebody set it: `8 HOURS` is not shown as `480 MINUTES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeout {
    /// How many units it has.
    pub value: u32,
    /// The unit that it is counted in.
    pub unit: TimeUnit,
}

impl Timeout {
    /// The whole length, in seconds.
    pub fn secs(self) -> i64 {
        i64::from(self.value) * self.unit.secs()
    }

    /// Seconds in the largest unit that they are whole in; less than a minute counts as one.
    pub fn of_secs(secs: i64) -> Self {
        let unit = TimeUnit::ALL.into_iter().rev().find(|unit| secs >= unit.secs() && secs % unit.secs() == 0);
        let unit = unit.unwrap_or_default();
        let value = secs.max(1).saturating_add(unit.secs() - 1) / unit.secs();
        Self { value: u32::try_from(value).unwrap_or(u32::MAX), unit }
    }
}

/// The limits of a tenant's sessions. Its own values stay when the source is the application's, and hold again when it is
/// custom again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPolicy {
    /// Whose limits hold.
    pub source: PolicySource,
    /// When a session ends whatever happens; none: as on the instance.
    pub absolute: Option<Timeout>,
    /// Whether a session that lies unused ends; none: as on the instance, so yes.
    pub idle_enabled: Option<bool>,
    /// How long it may lie unused; none: as on the instance.
    pub idle: Option<Timeout>,
}

/// Changes to the limits: what is None stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionPolicyPatch {
    /// Whose limits hold.
    pub source: Option<PolicySource>,
    /// How many units the absolute timeout has.
    pub absolute: Option<u32>,
    /// The unit of the absolute timeout.
    pub absolute_unit: Option<TimeUnit>,
    /// Whether a session that lies unused ends.
    pub idle_enabled: Option<bool>,
    /// How many units it may lie unused.
    pub idle: Option<u32>,
    /// The unit of the idle timeout.
    pub idle_unit: Option<TimeUnit>,
}

impl SessionPolicyPatch {
    pub(super) fn applied_to(self, old: SessionPolicy) -> Result<SessionPolicy, Problem> {
        Ok(SessionPolicy {
            source: self.source.unwrap_or(old.source),
            absolute: timeout("absolute_session_timeout", self.absolute, self.absolute_unit, old.absolute)?,
            idle_enabled: self.idle_enabled.or(old.idle_enabled),
            idle: timeout("idle_session_timeout", self.idle, self.idle_unit, old.idle)?,
        })
    }
}

fn timeout(
    field: &'static str,
    value: Option<u32>,
    unit: Option<TimeUnit>,
    old: Option<Timeout>,
) -> Result<Option<Timeout>, Problem> {
    let new = match (value, unit, old) {
        (None, None, old) => old,
        (Some(value), unit, old) => {
            let unit = unit.or(old.map(|old| old.unit)).unwrap_or_default();
            Some(Timeout { value, unit })
        }
        (None, Some(unit), Some(old)) => Some(Timeout { unit, ..old }),
        (None, Some(_), None) => return Err(Problem::invalid(field, "is required with its unit")),
    };
    match new {
        Some(new) if new.value == 0 || new.secs() > MAX_SESSION_SECS => {
            Err(Problem::invalid(field, "must be between 1 minute and 365 days"))
        }
        new => Ok(new),
    }
}

/// A policy with what it leaves open filled in from the instance: what people are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectivePolicy {
    /// Whose limits hold.
    pub source: PolicySource,
    /// When a session ends whatever happens.
    pub absolute: Timeout,
    /// Whether a session that lies unused ends.
    pub idle_enabled: bool,
    /// How long it may lie unused.
    pub idle: Timeout,
}

/// What a tenant's own policy says; what it leaves open is the instance's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnLimits {
    absolute: Option<u32>,
    idle: Option<OwnIdle>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum OwnIdle {
    Off,
    Secs(u32),
}

impl OwnLimits {
    /// When a session ends whatever happens, in seconds; none: the tenant leaves it open.
    pub fn absolute(self) -> Option<i64> {
        self.absolute.map(i64::from)
    }

    /// How long it may lie unused, in seconds, if `open` is what the instance says; none: as long as it likes.
    pub fn idle(self, open: i64) -> Option<i64> {
        match self.idle {
            None => Some(open),
            Some(OwnIdle::Off) => None,
            Some(OwnIdle::Secs(secs)) => Some(i64::from(secs)),
        }
    }
}

impl SessionPolicy {
    /// The policy as it acts, if the instance ends sessions after `absolute` seconds, and unused ones after `idle`.
    pub fn effective(self, absolute: i64, idle: i64) -> EffectivePolicy {
        let own = if self.source == PolicySource::Custom { self } else { Self::default() };
        EffectivePolicy {
            source: self.source,
            absolute: own.absolute.unwrap_or_else(|| Timeout::of_secs(absolute)),
            idle_enabled: own.idle_enabled.unwrap_or(true),
            idle: own.idle.unwrap_or_else(|| Timeout::of_secs(idle)),
        }
    }

    /// What it says of its own; nothing when the application's limits hold.
    pub fn own(self) -> OwnLimits {
        if self.source == PolicySource::Application {
            return OwnLimits::default();
        }
        // Timeouts are at most a year, which fits.
        let secs = |timeout: Timeout| u32::try_from(timeout.secs()).unwrap_or(u32::MAX);
        let idle = match self.idle_enabled {
            Some(false) => Some(OwnIdle::Off),
            _ => self.idle.map(|idle| OwnIdle::Secs(secs(idle))),
        };
        OwnLimits { absolute: self.absolute.map(secs), idle }
    }
}
