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

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { here: 3, anywhere: 6, network: 5, window_secs: 60, wait_secs: 100 };

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(1_800_000_000 + secs)
    }

    fn v4(last: u8) -> Through {
        Through::Network(Some(IpAddr::from([192, 0, 2, last])))
    }

    fn v6(parts: [u16; 8]) -> Through {
        Through::Network(Some(IpAddr::from(parts)))
    }

    /// A wrong try.
    fn wrong(attempts: &Attempts, account: &str, through: Through, secs: i64) -> Result<(), u32> {
        attempts.count(account, through, LIMITS, at(secs))
    }

    #[test]
    fn an_account_waits_and_then_may_try_again() {
        let attempts = Attempts::default();
        for account in ["a@b.c", "A@B.C", "a@b.c"] {
            assert_eq!(wrong(&attempts, account, v4(1), 1), Ok(()));
        }
        assert_eq!(wrong(&attempts, "a@b.c", v4(1), 2), Err(99));
        assert_eq!(wrong(&attempts, "other@b.c", v4(1), 2), Ok(()));
        assert_eq!(wrong(&attempts, "a@b.c", v4(1), 101), Ok(()), "counting starts again after the wait");
        assert_eq!(wrong(&attempts, "a@b.c", v4(1), 101), Ok(()));
    }

    #[test]
    fn tries_are_forgotten_after_the_window() {
        let attempts = Attempts::default();
        for secs in [0, 30, 61, 90] {
            assert_eq!(wrong(&attempts, "a@b.c", Through::Network(None), secs), Ok(()));
        }
    }

    #[tokio::test]
    async fn what_is_on_its_way_counts_and_what_was_right_is_given_back() {
        let attempts = Attempts::default();
        let counted = counters("a@b.c", v4(1), &LIMITS);
        let enter = || attempts.enter(&counted, LIMITS, at(0));
        let begin = async || attempts.begin("a@b.c", v4(1), LIMITS, at(0)).await;
        let (one, two, three) = (begin().await.unwrap(), begin().await.unwrap(), begin().await.unwrap());
        assert_eq!(enter(), Err(Held::Busy), "three are on their way");
        two.not_made();
        let again = begin().await.unwrap();
        assert_eq!(enter(), Err(Held::Busy));
        drop((one, three));
        assert_eq!(enter(), Err(Held::Busy), "two were wrong, one is on its way");
        again.succeeded();
        assert_eq!(enter(), Ok(()));
    }

    #[tokio::test]
    async fn of_300_wrong_tries_at_once_the_limit_is_made_and_right_ones_all_come_in() {
        let attempts = Attempts::default();
        let made = std::sync::atomic::AtomicU32::new(0);
        let each = async |right: bool| {
            let begun = attempts.begin("a@b.c", v4(1), LIMITS, at(0)).await?;
            made.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            if right {
                begun.succeeded();
            }
            Ok::<_, Held>(())
        };
        let all = futures_util::future::join_all((0..200).map(|_| each(true))).await;
        assert!(all.iter().all(Result::is_ok), "each waits for its turn");
        made.store(0, Ordering::Relaxed);
        let all = futures_util::future::join_all((0..300).map(|_| each(false))).await;
        assert_eq!(made.load(Ordering::Relaxed), LIMITS.here);
        assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 3);
        assert!(all.contains(&Err(Held::Wait(100))));
        assert_eq!(attempts.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn a_success_clears_its_own_account_here_and_not_the_network_nor_what_others_have_tried() {
        let attempts = Attempts::default();
        for name in ["a", "b", "c", "d", "e"] {
            wrong(&attempts, name, v4(1), 0).unwrap();
            let known = Through::Known([1; 16]);
            attempts.begin(name, known, LIMITS, at(0)).await.unwrap().succeeded();
        }
        assert!(wrong(&attempts, "f", v4(1), 0).is_err(), "the network has to wait");
        assert_eq!(wrong(&attempts, "a", v4(2), 0), Ok(()));
        let attempts = Attempts::default();
        for last in 1..=6 {
            wrong(&attempts, "a", v4(last), 0).unwrap();
        }
        assert!(wrong(&attempts, "a", v4(7), 0).is_err(), "six wrong tries from everywhere");
        attempts.forgive("a", Some(IpAddr::from([192, 0, 2, 7])), LIMITS);
        assert_eq!(wrong(&attempts, "a", v4(7), 0), Ok(()));
    }

    #[test]
    fn strangers_do_not_hold_up_what_is_known_and_it_is_bounded_too() {
        let attempts = Attempts::default();
        for last in 1..=6 {
            wrong(&attempts, "a", v4(last), 0).unwrap();
        }
        let (one, other) = (Through::Known([1; 16]), Through::Known([2; 16]));
        for _ in 0..LIMITS.here {
            assert_eq!(wrong(&attempts, "a", one, 0), Ok(()));
        }
        assert!(wrong(&attempts, "a", one, 0).is_err());
        assert_eq!(wrong(&attempts, "a", other, 0), Ok(()));
        assert_eq!(wrong(&attempts, "b", one, 0), Ok(()), "known to one account is not known to another");
    }

    #[test]
    fn an_ipv6_network_is_its_64_and_wider_ones_have_rising_limits() {
        let limits = Limits { here: 1000, anywhere: 1000, ..LIMITS };
        let tried = |attempts: &Attempts, parts| attempts.count("x", v6(parts), limits, at(0)).is_ok();
        let attempts = Attempts::default();
        for last in 1..=5 {
            assert!(tried(&attempts, [0x2001, 0xdb8, 0, 0, 0, 0, 0, last]));
        }
        assert!(!tried(&attempts, [0x2001, 0xdb8, 0, 0, 9, 9, 9, 9]), "the same /64");
        assert!(tried(&attempts, [0x2001, 0xdb8, 0, 1, 0, 0, 0, 1]), "another");
        // A new /64 for each try: a /56 gets ten, a /48 twenty.
        let count = |part: fn(u16) -> [u16; 8]| {
            let attempts = Attempts::default();
            (0..200).filter(|n| tried(&attempts, part(*n))).count()
        };
        assert_eq!(count(|n| [0x2001, 0xdb8, 1, n, 0, 0, 0, 1]), 10);
        assert_eq!(count(|n| [0x2001, 0xdb8, 1, n << 8, 0, 0, 0, 1]), 20);
        assert_eq!(count(|n| [0x2001, 0xdb8, n, 0, 0, 0, 0, 1]), 200, "these have nothing in common");
    }

    #[test]
    fn a_flood_of_names_does_not_push_out_who_has_to_wait() {
        let attempts = Attempts::default();
        let limits = Limits { network: u32::MAX, ..LIMITS };
        for _ in 0..3 {
            attempts.count("victim", v4(1), limits, at(0)).unwrap();
        }
        for n in 0..MAX_REMEMBERED {
            attempts.count(&format!("name {n}"), Through::Network(None), limits, at(1)).unwrap();
        }
        assert!(attempts.lock().len() <= MAX_REMEMBERED);
        assert!(attempts.count("victim", v4(1), limits, at(2)).is_err());
    }
}
