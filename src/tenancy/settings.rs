//! What this server reads of a tenant's settings. They are a JSON object of the admins'; what it does not know it keeps.

use super::Tenant;
use crate::base::{JsonObject, Problem};
use serde::Serialize;
use serde_json::Value;

/// The name of the setting.
const MFA_POLICY: &str = "mfa_policy";

/// Who must have a second factor: `settings.mfa_policy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum MfaPolicy {
    /// `off`: nobody sets one up here. Who has one already is still asked for it.
    Off,
    /// `optional`: whoever wants.
    #[default]
    Optional,
    /// `required`: everybody; who has none sets one up at the next sign-in.
    Required,
}

impl MfaPolicy {
    /// The name in settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }

    fn parse(value: &Value) -> Option<Self> {
        [Self::Off, Self::Optional, Self::Required].into_iter().find(|policy| value == policy.name())
    }

    /// A tenant's policy; `optional` when nothing is said.
    pub fn of(tenant: &Tenant) -> Self {
        tenant.settings.value().get(MFA_POLICY).and_then(Self::parse).unwrap_or_default()
    }
}

/// Holds settings to what this server reads of them: a mistyped policy must not leave a door open.
pub(super) fn check(settings: &JsonObject) -> Result<(), Problem> {
    match settings.value().get(MFA_POLICY) {
        Some(value) if MfaPolicy::parse(value).is_none() => {
            Err(Problem::invalid("settings.mfa_policy", "must be off, optional or required"))
        }
        _ => Ok(()),
    }
}
