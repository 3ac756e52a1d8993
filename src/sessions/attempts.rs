//! Limits against guessing passwords: so many failures on one account or from one network within a window, then a wait.
//!
//! It counts failures only, so who knows their password is never slowed down by it, and a success clears their own account and
//! nothing else (R-M2). Time comes from the server's clock, so a test can drive it.

use crate::base::Timestamp;
use crate::config;
use crate::crypto::digest::sha256;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many accounts and networks are remembered. Beyond it the oldest windows go first.
const MAX_REMEMBERED: usize = 100_000;

/// An account or a network, hashed: no e-mail lies about in memory.
type Key = [u8; 32];

#[derive(Clone, Copy, Debug)]
struct Window {
    start: Timestamp,
    failures: u32,
    wait_until: Option<Timestamp>,
}

/// Failures by account and by network.
#[derive(Debug, Default)]
pub struct Attempts(Mutex<HashMap<Key, Window>>);

impl Attempts {
    /// Whether another try is allowed now.
    ///
    /// # Errors
    /// How many seconds to wait.
    pub fn check(&self, email: &str, ip: Option<IpAddr>, now: Timestamp) -> Result<(), u32> {
        let windows = self.lock();
        let waits = keys(email, ip).into_iter().flatten().filter_map(|key| windows.get(&key)?.wait_until);
        match waits.max().filter(|until| now < *until) {
            Some(until) => Err(u32::try_from((until.millis() - now.millis() + 999) / 1000).unwrap_or(1)),
            None => Ok(()),
        }
    }

    /// Notes a failure.
    pub fn failed(&self, email: &str, ip: Option<IpAddr>, limits: &config::Auth, now: Timestamp) {
        let mut windows = self.lock();
        let ends = |window: &Window| {
            let end = window.start.plus_secs(i64::from(limits.window_secs));
            window.wait_until.map_or(end, |until| until.max(end))
        };
        if windows.len() >= MAX_REMEMBERED {
            windows.retain(|_, window| now < ends(window));
        }
        if windows.len() >= MAX_REMEMBERED {
            let oldest = windows.iter().min_by_key(|(_, window)| window.start).map(|(key, _)| *key);
            oldest.and_then(|key| windows.remove(&key));
        }
        let most = [limits.attempts_per_account, limits.attempts_per_network];
        for (key, most) in keys(email, ip).into_iter().zip(most) {
            let Some(key) = key else { continue };
            let fresh = Window { start: now, failures: 0, wait_until: None };
            let window = windows.entry(key).or_insert(fresh);
            if now >= ends(window) || window.wait_until.is_some_and(|until| now >= until) {
                *window = fresh;
            }
            window.failures += 1;
            if window.failures >= most {
                window.wait_until = Some(now.plus_secs(i64::from(limits.wait_secs)));
            }
        }
    }

    /// Forgets an account's failures after a success. Those of the network stay: one known password must not buy guesses at
    /// others.
    pub fn succeeded(&self, email: &str) {
        if let [Some(account), _] = keys(email, None) {
            self.lock().remove(&account);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Window>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The account's key, and the network's: an IPv4 address, or the /64 of an IPv6 address, which one customer has whole.
fn keys(email: &str, ip: Option<IpAddr>) -> [Option<Key>; 2] {
    let network = ip.map(|ip| match ip.to_canonical() {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().iter().take(8).copied().collect(),
    });
    [
        Some(sha256(&[b"account ", email.to_lowercase().as_bytes()].concat())),
        network.map(|network| sha256(&[b"network ", &*network].concat())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: config::Auth = config::Auth {
        attempts_per_account: 3,
        attempts_per_network: 5,
        window_secs: 60,
        wait_secs: 100,
        identify_shows_tenants: false,
    };

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(1_800_000_000 + secs)
    }

    #[test]
    fn an_account_waits_and_then_may_try_again() {
        let attempts = Attempts::default();
        for _ in 0..2 {
            attempts.failed("a@b.c", None, &LIMITS, at(0));
        }
        assert_eq!(attempts.check("a@b.c", None, at(0)), Ok(()));
        attempts.failed("A@B.C", None, &LIMITS, at(1));
        assert_eq!(attempts.check("a@b.c", None, at(2)), Err(99));
        assert_eq!(attempts.check("other@b.c", None, at(2)), Ok(()));
        assert_eq!(attempts.check("a@b.c", None, at(101)), Ok(()));
        attempts.failed("a@b.c", None, &LIMITS, at(101));
        assert_eq!(attempts.check("a@b.c", None, at(101)), Ok(()), "counting starts again after the wait");
    }

    #[test]
    fn failures_are_forgotten_after_the_window() {
        let attempts = Attempts::default();
        for secs in [0, 30, 61, 90] {
            attempts.failed("a@b.c", None, &LIMITS, at(secs));
        }
        assert_eq!(attempts.check("a@b.c", None, at(90)), Ok(()));
    }

    #[test]
    fn a_success_clears_the_account_and_not_the_network() {
        let attempts = Attempts::default();
        let ip = Some(IpAddr::from([192, 0, 2, 1]));
        for name in ["a", "b", "c", "d", "e"] {
            attempts.failed(name, ip, &LIMITS, at(0));
            attempts.succeeded(name);
        }
        assert!(attempts.check("f", ip, at(0)).is_err(), "the network has to wait");
        assert_eq!(attempts.check("a", Some(IpAddr::from([192, 0, 2, 2])), at(0)), Ok(()));
    }

    #[test]
    fn an_ipv6_network_is_its_64() {
        let attempts = Attempts::default();
        for last in 1..=5 {
            attempts.failed("x", Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, last])), &LIMITS, at(0));
        }
        assert!(attempts.check("y", Some(IpAddr::from([0x2001, 0xdb8, 0, 0, 9, 9, 9, 9])), at(0)).is_err());
        assert!(attempts.check("y", Some(IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, 1])), at(0)).is_ok());
    }
}
