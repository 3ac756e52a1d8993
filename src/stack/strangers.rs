//! What is kept of refusals of strangers: some rows, and of the others one row a minute that counts them.
//!
//! A request that shows no credential costs its sender nothing, so it must not cost a row of the log each, nor a place in the
//! queue that rows of others wait in. The first ones are kept whole; beyond that it is counted how many there were, from how
//! many networks, with which codes and between which moments.

use crate::access::Place;
use crate::audit::{ActorStamp, Event, Outcome};
use crate::base::Timestamp;
use crate::catalogue::Action;
use crate::crypto::digest::sha256;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many rows are kept a second, and how many at once: of refused requests, and of wrong guesses at a sign-in.
const ROWS: (NonZeroU32, NonZeroU32) = match (NonZeroU32::new(1), NonZeroU32::new(200)) {
    (Some(second), Some(once)) => (second, once),
    _ => (NonZeroU32::MIN, NonZeroU32::MIN),
};
/// How many networks are told apart between two rows.
const MAX_NETWORKS: usize = 4096;
/// How many codes are told apart.
const MAX_CODES: usize = 16;

/// Refusals that stand in no row of their own yet.
#[derive(Clone, Debug, Default)]
struct Tally {
    count: u64,
    networks: HashSet<[u8; 8]>,
    codes: BTreeMap<String, u64>,
    between: Option<(Timestamp, Timestamp)>,
}

/// The rows of strangers.
#[derive(Debug)]
pub(super) struct Strangers {
    refusals: DefaultDirectRateLimiter,
    guesses: DefaultDirectRateLimiter,
    tally: Mutex<Tally>,
}

impl Default for Strangers {
    fn default() -> Self {
        let budget = || RateLimiter::direct(Quota::per_second(ROWS.0).allow_burst(ROWS.1));
        Self { refusals: budget(), guesses: budget(), tally: Mutex::default() }
    }
}

impl Strangers {
    /// Gives a row back that is to be kept; another one is counted.
    pub(super) fn sift(&self, event: Event) -> Option<Event> {
        // Who floods the one kind does not hide the other.
        let budget = if event.action == Action::Login.name() { &self.guesses } else { &self.refusals };
        if budget.check().is_ok() {
            return Some(event);
        }
        let mut tally = self.lock();
        tally.count += 1;
        if tally.networks.len() < MAX_NETWORKS {
            tally.networks.insert(network(event.ip.as_deref()));
        }
        let fact = |name| event.details.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let code = fact("code").or_else(|| fact("reason")).unwrap_or_else(|| event.action.clone());
        if tally.codes.len() < MAX_CODES || tally.codes.contains_key(&code) {
            *tally.codes.entry(code).or_default() += 1;
        }
        tally.between = Some(tally.between.map_or((event.at, event.at), |(first, _)| (first, event.at)));
        None
    }

    /// One row for all that was counted since the last one; none: nothing was.
    pub(super) fn counted(&self, now: Timestamp) -> Option<Event> {
        let Tally { count, networks, codes, between } = std::mem::take(&mut *self.lock());
        let (first, last) = between?;
        let more = if networks.len() < MAX_NETWORKS { "" } else { " or more" };
        let codes: Vec<_> = codes.iter().map(|(code, count)| format!("{code}={count}")).collect();
        let event = Event::unasked(ActorStamp::anonymous("anonymous"), now, Place::Platform, Action::AccessRefusals);
        let event = event.on("address", "").with("count", count);
        let event = event.with("networks", format!("{}{more}", networks.len())).with("codes", codes.join(" "));
        Some(event.with("first", first).with("last", last).outcome(Outcome::Denied))
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The network of an address as rows print it, hashed: an IPv4 address, or a /64 of IPv6.
fn network(ip: Option<&str>) -> [u8; 8] {
    let bytes = match ip.and_then(|ip| ip.parse().ok()) {
        Some(std::net::IpAddr::V4(ip)) => ip.octets().to_vec(),
        Some(std::net::IpAddr::V6(ip)) => ip.octets().iter().take(8).copied().collect(),
        None => Vec::new(),
    };
    let digest = sha256(&bytes);
    std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default())
}
