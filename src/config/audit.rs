//! `[audit]`: the audit log.

use super::Checks;
use super::check::MAX_DAYS;
use serde::{Deserialize, Serialize};

/// When the row about a read is on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditReads {
    /// At most 50 ms later: a power cut can lose what was read in that time.
    #[default]
    Eventual,
    /// Before the answer leaves.
    Durable,
}

/// The audit log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// When the row about a read is on the disk. Rows about changes always are, before the answer leaves.
    pub reads: AuditReads,
    /// For how many days rows are kept.
    pub retention_days: u32,
}

impl Default for Audit {
    fn default() -> Self {
        Self { reads: AuditReads::default(), retention_days: 400 }
    }
}

impl Audit {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("audit.retention_days", self.retention_days, 1..=MAX_DAYS);
    }
}
