//! Limits against guessing passwords and codes, and against asking for mails: so many tries within a window, then a wait.
//!
//! A try is counted **before** the password is compared and given back when it was right ([`Try::succeeded`]), so that tries
//! in parallel are bounded to exactly the limit: counted afterwards, all that have begun meanwhile would slip through
//! (CVE-2024-4629). Who knows the password is never slowed down by it, and a success clears their own counters and nothing
//! else.
//!
//! What a stranger does is counted for the account from their network, for the account from everywhere, and for their network
//! on all accounts. A browser that has signed in to the account before, and a session that is asked for the password again,
//! are counted by themselves only: tries of strangers do not lock an account's owner out (OWASP, "Slow Down Online Guessing
//! Attacks with Device Cookies"). A /64 of IPv6 is one network; wider ones, of which one customer may have as many /64 as they
//! like, are counted beside it with higher limits.
//!
//! Time comes from the server's clock, so a test can drive it.

#[cfg(test)]
mod tests;

use crate::base::{EmailKey, Timestamp};
use crate::config;
use crate::crypto::digest::sha256;
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How many counters are remembered. Beyond it the oldest go first, of those that hold nobody up.
const MAX_REMEMBERED: usize = 100_000;
/// The widths of IPv6 networks in bytes, and how many times the limit of one /64 all in such a network have: /64, /56, /48.
const IPV6: [(usize, u32); 3] = [(8, 1), (7, 2), (6, 4)];

/// How long a try waits for others on the same account or network to end, in seconds.
const PATIENCE_SECS: u64 = 10;
/// How many tries wait so at most; the next is told at once.
const MAX_WAITING: usize = 256;

/// What is counted, hashed: no e-mail lies about in memory.
type Key = [u8; 32];

#[derive(Clone, Copy, Debug)]
struct Window {
    start: Timestamp,
    /// Tries that have ended and were not right.
    wrong: u32,
    /// Tries of which the end is not known yet.
    running: u32,
    wait_until: Option<Timestamp>,
}

impl Window {
    /// When it is over: what was counted before counts no more.
    fn ends(&self, window_secs: i64) -> Timestamp {
        self.wait_until.unwrap_or(self.start.plus_secs(window_secs))
    }

    /// The same, or a new one if it is over. What still runs stays counted.
    fn at(self, now: Timestamp, window_secs: i64) -> Self {
        let fresh = Self { start: now, wrong: 0, wait_until: None, ..self };
        if now < self.ends(window_secs) { self } else { fresh }
    }

    /// Whether it must not be forgotten.
    fn holds(&self) -> bool {
        self.wait_until.is_some() || self.running > 0
    }
}

/// How many tries there may be within a window before somebody has to wait.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// On one account from one network, from one known browser, or in one session.
    pub here: u32,
    /// On one account by all strangers together.
    pub anywhere: u32,
    /// From one network on all accounts.
    pub network: u32,
    /// The window in seconds.
    pub window_secs: i64,
    /// The wait in seconds.
    pub wait_secs: i64,
}

impl Limits {
    /// For passwords, as the settings say.
    pub fn of_passwords(auth: &config::Auth) -> Self {
        Self {
            here: auth.attempts_per_account,
            anywhere: auth.attempts_per_account_overall.max(auth.attempts_per_account),
            network: auth.attempts_per_network,
            window_secs: i64::from(auth.window_secs),
            wait_secs: i64::from(auth.wait_secs),
        }
    }

    /// For what is short enough to be guessed, wherever it is tried from: codes of second factors, which nobody is asked for
    /// who does not know the password.
    pub fn of_codes(auth: &config::Auth) -> Self {
        Self { anywhere: auth.attempts_per_account, ..Self::of_passwords(auth) }
    }

    /// For questions that tell something about an account: who asks from one network is bounded, the account itself is not, for
    /// nobody is to be kept out by the questions of others.
    pub fn of_questions(auth: &config::Auth) -> Self {
        let (here, network) =
            (auth.attempts_per_account.saturating_mul(2), auth.attempts_per_network.saturating_mul(2));
        Self { here, anywhere: u32::MAX, network, ..Self::of_passwords(auth) }
    }

    /// For `most` of something on one account, wherever it is asked from.
    pub fn of_each(most: u32, auth: &config::Auth) -> Self {
        Self { here: most, anywhere: most, ..Self::of_passwords(auth) }
    }
}

/// Through what somebody tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// A network, and nothing that was seen before. None: the address is not known.
    Network(Option<IpAddr>),
    /// Something that only who has signed in to the account before can have: a known browser, a session, a credential. The
    /// bytes name it.
    Known([u8; 16]),
}

/// Tries by account and by network.
#[derive(Debug, Default)]
pub struct Attempts {
    windows: Mutex<HashMap<Key, Window>>,
    /// Told whenever a try has ended.
    ended: Notify,
    waiting: AtomicUsize,
}

/// Why a try is not allowed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// There were too many wrong ones: in so many seconds.
    Wait(u32),
    /// As many as may be wrong are on their way: in a moment.
    Busy,
}

/// A try that is counted. Dropped as it is, it was wrong.
#[derive(Debug)]
#[must_use = "a try that was right, or that never took place, has to be given back"]
pub struct Try<'a> {
    attempts: &'a Attempts,
    counted: Vec<Counted>,
    began: Timestamp,
    limits: Limits,
}

/// A counter that a try stands in.
#[derive(Clone, Copy, Debug)]
struct Counted {
    key: Key,
    most: u32,
    /// Whether it is of this account through this very network or browser: a success clears it.
    own: bool,
}

impl Attempts {
    /// Counts a try, before it is made. If as many as may be wrong are on their way, it waits for them to end: many sign-ins
    /// at once with the right password all come in.
    ///
    /// # Errors
    /// [`Held`]; nothing is counted then.
    pub async fn begin(
        &self,
        account: &str,
        through: Through,
        limits: Limits,
        now: Timestamp,
    ) -> Result<Try<'_>, Held> {
        let counted = counters(account, through, &limits);
        match self.enter(&counted, limits, now) {
            Err(Held::Busy) => {}
            decided => return decided.map(|()| Try { attempts: self, counted, began: now, limits }),
        }
        let _place = Place::of(&self.waiting).ok_or(Held::Busy)?;
        let turn = async {
            loop {
                let mut ended = pin!(self.ended.notified());
                // Whoever ends from here on is heard of.
                ended.as_mut().enable();
                match self.enter(&counted, limits, now) {
                    Err(Held::Busy) => ended.await,
                    decided => return decided,
                }
            }
        };
        let turn = tokio::time::timeout(Duration::from_secs(PATIENCE_SECS), turn).await;
        turn.unwrap_or(Err(Held::Busy)).map(|()| Try { attempts: self, counted, began: now, limits })
    }

    /// Counts something that is not given back, such as a mail.
    ///
    /// # Errors
    /// How many seconds to wait; nothing is counted then.
    pub fn count(&self, account: &str, through: Through, limits: Limits, now: Timestamp) -> Result<(), u32> {
        let counted = counters(account, through, &limits);
        match self.enter(&counted, limits, now) {
            Ok(()) => {
                drop(Try { attempts: self, counted, began: now, limits });
                Ok(())
            }
            Err(Held::Wait(secs)) => Err(secs),
            Err(Held::Busy) => Err(1),
        }
    }

    /// Puts a try into its counters, if all of them allow it.
    fn enter(&self, counted: &[Counted], limits: Limits, now: Timestamp) -> Result<(), Held> {
        let mut windows = self.lock();
        let (mut until, mut busy) = (None, false);
        for one in counted {
            let Some(window) = windows.get(&one.key).map(|window| window.at(now, limits.window_secs)) else { continue };
            if window.wrong >= one.most {
                until = until.max(Some(window.ends(limits.window_secs)));
            }
            busy |= window.wrong.saturating_add(window.running) >= one.most;
        }
        if let Some(until) = until {
            let secs = (until.millis() - now.millis() + 999) / 1000;
            return Err(Held::Wait(u32::try_from(secs).unwrap_or(u32::MAX).max(1)));
        }
        if busy {
            return Err(Held::Busy);
        }
        make_room(&mut windows, counted.len(), &limits, now);
        for one in counted {
            let fresh = Window { start: now, wrong: 0, running: 0, wait_until: None };
            let window = windows.entry(one.key).or_insert(fresh);
            *window = window.at(now, limits.window_secs);
            window.running += 1;
        }
        Ok(())
    }

    /// Lets somebody try again at once who has shown otherwise that the account is theirs: what was counted for it from their
    /// network, and from everywhere, is forgotten.
    pub fn forgive(&self, account: &str, ip: Option<IpAddr>, limits: Limits) {
        let mut windows = self.lock();
        for one in counters(account, Through::Network(ip), &limits) {
            if let Some(window) = windows.get_mut(&one.key).filter(|_| one.own || one.key == overall(account)) {
                (window.wrong, window.wait_until) = (0, None);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Window>> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among those who wait.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn of(waiting: &'a AtomicUsize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < MAX_WAITING).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How a try ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Right,
    Wrong,
    NotMade,
}

impl Try<'_> {
    /// It was right: it is given back, and what was counted for this account through this network or browser is forgotten.
    /// What others have tried on the account, and this network on others, stays: one known password buys no guesses.
    pub fn succeeded(mut self) {
        self.end(End::Right);
    }

    /// It did not take place after all: it is given back.
    pub fn not_made(mut self) {
        self.end(End::NotMade);
    }

    fn end(&mut self, end: End) {
        let counted = std::mem::take(&mut self.counted);
        if counted.is_empty() {
            return;
        }
        let mut windows = self.attempts.lock();
        for one in &counted {
            let Some(window) = windows.get_mut(&one.key) else { continue };
            window.running = window.running.saturating_sub(1);
            match end {
                End::Wrong => {
                    window.wrong += 1;
                    if window.wrong >= one.most {
                        window.wait_until = Some(self.began.plus_secs(self.limits.wait_secs));
                    }
                }
                End::Right if one.own => (window.wrong, window.wait_until) = (0, None),
                End::Right | End::NotMade => {}
            }
            if window.wrong == 0 && window.running == 0 {
                windows.remove(&one.key);
            }
        }
        drop(windows);
        self.attempts.ended.notify_waiters();
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        self.end(End::Wrong);
    }
}

/// Room for `more` counters: those that are over go, then the older half of those that hold nobody up.
fn make_room(windows: &mut HashMap<Key, Window>, more: usize, limits: &Limits, now: Timestamp) {
    if windows.len() + more <= MAX_REMEMBERED {
        return;
    }
    windows.retain(|_, window| window.running > 0 || now < window.ends(limits.window_secs));
    if windows.len() + more <= MAX_REMEMBERED {
        return;
    }
    let mut age: Vec<_> = windows.values().map(|window| (window.holds(), window.start)).collect();
    let middle = age.len() / 2;
    let oldest = *age.select_nth_unstable(middle).1;
    windows.retain(|_, window| (window.holds(), window.start) > oldest);
}

fn overall(account: &str) -> Key {
    sha256(&[b"account ", EmailKey::of(account).as_str().as_bytes()].concat())
}

/// The networks that an address is in, each as its bytes with how many times the limit of the narrowest it has.
fn networks(ip: IpAddr) -> Vec<(Vec<u8>, u32)> {
    match ip.to_canonical() {
        IpAddr::V4(ip) => vec![(ip.octets().to_vec(), 1)],
        IpAddr::V6(ip) => {
            IPV6.iter().map(|(width, times)| (ip.octets().iter().take(*width).copied().collect(), *times)).collect()
        }
    }
}

fn counters(account: &str, through: Through, limits: &Limits) -> Vec<Counted> {
    let account_key = overall(account);
    let ip = match through {
        Through::Known(id) => {
            let key = sha256(&[b"known ", account_key.as_slice(), id.as_slice()].concat());
            return vec![Counted { key, most: limits.here, own: true }];
        }
        Through::Network(ip) => ip,
    };
    let mut counted = vec![Counted { key: account_key, most: limits.anywhere, own: false }];
    let networks = ip.map(networks).unwrap_or_default();
    if networks.is_empty() {
        let key = sha256(&[b"account here ", account_key.as_slice()].concat());
        counted.push(Counted { key, most: limits.here, own: true });
    }
    for (network, times) in networks {
        let key = sha256(&[b"account here ", account_key.as_slice(), network.as_slice()].concat());
        counted.push(Counted { key, most: limits.here.saturating_mul(times), own: true });
        let key = sha256(&[b"network ", network.as_slice()].concat());
        counted.push(Counted { key, most: limits.network.saturating_mul(times), own: false });
    }
    counted
}
