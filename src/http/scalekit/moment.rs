//! `google.protobuf.Timestamp`, written as the JSON mapping of protocol buffers wants it: in UTC, with a `Z`, and with 0, 3,
//! 6 or 9 decimals.

use crate::base::Timestamp;
use prost::Message;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// A moment. Its fields are those of the well-known type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Message)]
pub struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Nanoseconds behind that, 0 to 999,999,999.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        let millis = at.millis().rem_euclid(1000);
        // Less than a thousand million.
        Self { seconds: at.secs(), nanos: i32::try_from(millis * 1_000_000).unwrap_or(0) }
    }
}

impl From<Moment> for Timestamp {
    /// To the millisecond; what lies beyond the ages is the end of them.
    fn from(moment: Moment) -> Self {
        Self::from_millis(moment.seconds.saturating_mul(1000).saturating_add(i64::from(moment.nanos) / 1_000_000))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Timestamp::from_secs(self.seconds).iso_secs();
        if self.nanos != 0 {
            text.pop();
            let nanos = format!(".{:09}", self.nanos);
            let shown = if self.nanos % 1_000_000 == 0 {
                4
            } else if self.nanos % 1000 == 0 {
                7
            } else {
                10
            };
            text.push_str(nanos.get(..shown).unwrap_or(&nanos));
            text.push('Z');
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let read: jiff::Timestamp =
            text.parse().map_err(|_| D::Error::custom("must be a time such as 2026-04-23T14:00:00Z"))?;
        // A moment before 1970 has its nanoseconds counted back from the second; here they count forth.
        let nanos = read.as_nanosecond();
        let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).map_err(D::Error::custom)?;
        Ok(Self { seconds, nanos: i32::try_from(nanos.rem_euclid(1_000_000_000)).map_err(D::Error::custom)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_come_by_threes() {
        for (seconds, nanos, text) in [
            (0, 0, "1970-01-01T00:00:00Z"),
            (1_776_952_800, 125_000_000, "2026-04-23T14:00:00.125Z"),
            (1_776_952_800, 5_000, "2026-04-23T14:00:00.000005Z"),
            (1_776_952_800, 7, "2026-04-23T14:00:00.000000007Z"),
            (-1, 500_000_000, "1969-12-31T23:59:59.500Z"),
        ] {
            let moment = Moment { seconds, nanos };
            assert_eq!(serde_json::to_value(moment).unwrap(), text);
            assert_eq!(serde_json::from_value::<Moment>(text.into()).unwrap(), moment);
        }
        let zone = serde_json::from_str::<Moment>(r#""2026-04-23T16:00:00+02:00""#).unwrap();
        assert_eq!(serde_json::to_value(zone).unwrap(), "2026-04-23T14:00:00Z");
        assert!(serde_json::from_str::<Moment>(r#""yesterday""#).is_err());
    }

    proptest! {
        #[test]
        fn a_timestamp_is_the_same_again(millis in 0i64..4_000_000_000_000) {
            let at = Timestamp::from_millis(millis);
            let moment = Moment::from(at);
            prop_assert_eq!(Timestamp::from(moment), at);
            let text = serde_json::to_string(&moment).unwrap();
            prop_assert_eq!(serde_json::from_str::<Moment>(&text).unwrap(), moment);
        }
    }
}
