//! Row ids: one 63-bit snowflake per row, a newtype per kind of row, decimal with a prefix outside.
//!
//! 41 bits of milliseconds since 2020-01-01, then 22 bits that start at random and count up, so ids of one process never
//! repeat and sort by the time they were made.

use super::Timestamp;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// 2020-01-01T00:00:00Z in milliseconds: where the 41 bits of time start.
const EPOCH_MILLIS: i64 = 1_577_836_800_000;
const LOW_BITS: u32 = 22;

/// What every id type can do. Made by the macro `ids`, never by hand.
pub trait Id: Copy + Ord + std::fmt::Display + Send + Sync + 'static {
    /// The prefix outside, without the underscore: `tnt`.
    const PREFIX: &'static str;

    /// From the bare number.
    fn from_raw(raw: u64) -> Self;

    /// The bare number.
    fn raw(self) -> u64;

    /// Reads `<prefix>_<decimal>`. None when the prefix is another kind's, or the number is not in its one canonical form.
    fn parse(text: &str) -> Option<Self> {
        Self::parse_as(Self::PREFIX, text)
    }

    /// As [`Id::parse`] with the prefix that a surface uses: a tenant is `org_42` in Scalekit.
    fn parse_as(prefix: &str, text: &str) -> Option<Self> {
        let digits = text.strip_prefix(prefix)?.strip_prefix('_')?;
        let canonical = !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
        if !canonical {
            return None;
        }
        digits.parse::<u64>().ok().filter(|raw| *raw <= i64::MAX as u64).map(Self::from_raw)
    }

    /// This id with the prefix that a surface uses.
    fn display_as(self, prefix: &str) -> String {
        // 19 digits at most: one piece of memory.
        let mut text = String::with_capacity(prefix.len() + 20);
        text.push_str(prefix);
        text.push('_');
        // Writing to a text does not fail.
        let _ = write!(text, "{}", self.raw());
        text
    }
}

/// Makes id newtypes: `ids! { /// A tenant. TenantId "tnt"; }`.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// An id that is written into the program: a small number, which no row ever gets.
            pub const fn built_in(raw: u64) -> Self { Self(raw) }
        }

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_raw(raw: u64) -> Self { Self(raw) }
            fn raw(self) -> u64 { self.0 }
        }

        #[cfg(test)]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
            fn inline_schema() -> bool { true }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "pattern": concat!("^", $prefix, "_[1-9][0-9]*$") })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_u64(self.0) }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                    Self::parse(&text).ok_or_else(|| serde::de::Error::custom(concat!("is not an id such as ", $prefix, "_42")))
                } else {
                    u64::deserialize(deserializer).map(Self)
                }
            }
        }
    )*};
}

ids! {
    /// A partner: reseller, business unit or the operator itself; owns tenants.
    PartnerId "prt";
    /// A tenant: one isolated organisation.
    TenantId "tnt";
    /// A person with an account.
    UserId "usr";
    /// An OAuth client.
    ApplicationId "app";
    /// One of an application's secrets.
    ClientSecretId "sec";
    /// A personal access token.
    TokenId "tok";
    /// An API key of ScaiGrid.
    ApiKeyId "apikey";
    /// A group of users and groups.
    GroupId "grp";
    /// A mail in the outbox.
    MailId "mail";
    /// A signed-in browser.
    SessionId "ses";
    /// What was issued to an application for a person by one sign-in: its access and refresh tokens.
    FamilyId "fam";
    /// A signing key.
    SigningKeyId "key";
    /// One request, as answers, logs and audit rows name it.
    RequestId "req";
    /// An audit event.
    AuditId "log";
    /// A role that a tenant has made for itself.
    CustomRoleId "role";
    /// A permission of the applications that run on this instance.
    AppPermissionId "perm";
    /// What the members of a group get in a tenant.
    RoleMappingId "map";
    /// A sign-in on its way through ScaiGrid's login.
    LoginFlowId "flow";
    /// A link to an organisation's portal.
    PortalLinkId "lnk";
}

/// Makes ids that never repeat within a process and sort by time.
#[derive(Debug, Default)]
pub struct IdGen {
    last: AtomicU64,
}

impl IdGen {
    /// The next id. `random` fills the low bits of the first id of a millisecond; after that they count up.
    pub fn next<I: Id>(&self, now: Timestamp, random: u32) -> I {
        self.next_with(now, || random)
    }

    /// As [`IdGen::next`], with randomness that is drawn only for the first id of a millisecond.
    pub fn next_with<I: Id>(&self, now: Timestamp, random: impl Fn() -> u32) -> I {
        let millis = u64::try_from(now.millis() - EPOCH_MILLIS).unwrap_or(0);
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            let id = if last >> LOW_BITS >= millis {
                last + 1
            } else {
                // One bit less than there is room for, so that counting up inside a millisecond does not run into the next.
                (millis << LOW_BITS) | u64::from(random() & ((1 << (LOW_BITS - 1)) - 1))
            };
            match self.last.compare_exchange_weak(last, id, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return I::from_raw(id),
                Err(seen) => last = seen,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_never_repeat() {
        let ids = IdGen::default();
        let now = Timestamp::from_secs(1_800_000_000);
        let mut last: UserId = ids.next(now, u32::MAX);
        for random in [0, 7, u32::MAX, 1] {
            let next = ids.next(now, random);
            assert!(next > last);
            last = next;
        }
        assert!(ids.next::<UserId>(now.plus_secs(-5), 0) > last, "the clock going back does not matter");
        let text = last.to_string();
        assert!((19..=25).contains(&text.len()), "{text} has the length that the SDKs expect");
    }

    #[test]
    fn another_kinds_id_is_refused() {
        assert_eq!(TenantId::parse("tnt_42"), Some(TenantId::from_raw(42)));
        assert_eq!(TenantId::parse_as("org", "org_42"), Some(TenantId::from_raw(42)));
        for bad in ["usr_42", "tnt_", "tnt_042", "tnt_4 2", "tnt_+4", "42", "tnt42", "tnt_99999999999999999999"] {
            assert_eq!(TenantId::parse(bad), None, "{bad}");
        }
    }
}
