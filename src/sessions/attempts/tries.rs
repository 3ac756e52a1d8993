//! Counting, and waiting for one's turn.

use super::counter::{self, Counter, Whom};
use super::row::Saved;
use crate::base::Timestamp;
use crate::config;
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How many counters are remembered. Beyond it the oldest go first, of those that hold nobody up.
pub(super) const MAX_REMEMBERED: usize = 100_000;

/// How long a try waits for others on the same account or network to end, in seconds.
const PATIENCE_SECS: u64 = 10;
/// How many tries wait so at most; the next is told at once.
const MAX_WAITING: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) start: Timestamp,
    /// Tries that have ended and were not right.
    pub(super) wrong: u32,
    /// Tries of which the end is not known yet.
    pub(super) running: u32,
    pub(super) wait_until: Option<Timestamp>,
}

impl Window {
    /// When it is over: what was counted before counts no more.
    pub(super) fn ends(&self, window_secs: i64) -> Timestamp {
        self.wait_until.unwrap_or(self.start.plus_secs(window_secs))
    }

    /// The same, or a new one if it is over. What still runs stays counted.
    pub(super) fn at(self, now: Timestamp, window_secs: i64) -> Self {
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
    pub(super) windows: Mutex<HashMap<Counter, Window>>,
    /// The number under which the file has them; 0: it has them not.
    pub(super) which: u8,
    /// What the file has of them.
    pub(super) saved: Mutex<Saved>,
    /// Told whenever a try has ended.
    ended: Notify,
    pub(super) waiting: AtomicUsize,
}

/// Why a try is not allowed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// There were too many wrong ones.
    Wait {
        /// When the next is allowed.
        secs: u32,
        /// Who has to wait.
        whom: Whom,
    },
    /// As many as may be wrong are on their way: in a moment.
    Busy,
}

/// Somebody who has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// Those who have to.
    pub whom: Whom,
    /// When the wait ends.
    pub until: Timestamp,
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
pub(super) struct Counted {
    key: Counter,
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
    /// [`Held`]; nothing is counted then.
    pub fn count(&self, account: &str, through: Through, limits: Limits, now: Timestamp) -> Result<(), Held> {
        let counted = counters(account, through, &limits);
        self.enter(&counted, limits, now)?;
        drop(Try { attempts: self, counted, began: now, limits });
        Ok(())
    }

    /// Puts a try into its counters, if all of them allow it.
    pub(super) fn enter(&self, counted: &[Counted], limits: Limits, now: Timestamp) -> Result<(), Held> {
        let mut windows = self.lock();
        let (mut held, mut busy) = (None::<Lockout>, false);
        for one in counted {
            let Some(window) = windows.get(&one.key).map(|window| window.at(now, limits.window_secs)) else { continue };
            if window.wrong >= one.most {
                let (whom, until) = (one.key.whom(), window.ends(limits.window_secs));
                held = held.filter(|held| held.until >= until).or(Some(Lockout { whom, until }));
            }
            busy |= window.wrong.saturating_add(window.running) >= one.most;
        }
        if let Some(Lockout { whom, until }) = held {
            let secs = (until.millis() - now.millis() + 999) / 1000;
            return Err(Held::Wait { secs: u32::try_from(secs).unwrap_or(u32::MAX).max(1), whom });
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
            if let Some(window) = windows.get_mut(&one.key).filter(|_| one.own || one.key.whom() == Whom::Account) {
                (window.wrong, window.wait_until) = (0, None);
            }
        }
    }

    /// Who has to wait before the next try on an account: it itself, or somebody who tries it from one place.
    pub fn lockouts(&self, account: &str, now: Timestamp) -> Vec<Lockout> {
        self.held(|counter| counter.is_of(account), now)
    }

    /// The networks that have to wait before the next try on any account.
    pub fn networks(&self, now: Timestamp) -> Vec<Lockout> {
        self.held(Counter::is_of_network, now)
    }

    fn held(&self, of: impl Fn(&Counter) -> bool, now: Timestamp) -> Vec<Lockout> {
        let windows = self.lock();
        let waiting = windows.iter().filter(|(counter, _)| of(counter));
        let mut held: Vec<_> = waiting
            .filter_map(|(counter, window)| {
                let until = window.wait_until.filter(|until| now < *until)?;
                Some(Lockout { whom: counter.whom(), until })
            })
            .collect();
        held.sort_unstable_by_key(|held| (held.until, held.whom));
        held
    }

    /// Lets an account be tried again at once, wherever from: all that was counted for it is forgotten. Gives how many had to
    /// wait.
    pub fn lift(&self, account: &str, now: Timestamp) -> usize {
        self.clear(|counter| counter.is_of(account), now)
    }

    /// The same for the networks that an address is in, on all accounts.
    pub fn lift_networks(&self, ip: IpAddr, now: Timestamp) -> usize {
        let of: Vec<_> = counter::networks(ip).into_iter().map(|(network, _)| Counter::of_network(&network)).collect();
        self.clear(|counter| of.contains(counter), now)
    }

    fn clear(&self, of: impl Fn(&Counter) -> bool, now: Timestamp) -> usize {
        let (mut windows, mut lifted) = (self.lock(), 0);
        for (_, window) in windows.iter_mut().filter(|(counter, _)| of(counter)) {
            lifted += usize::from(window.wait_until.is_some_and(|until| now < until));
            (window.wrong, window.wait_until) = (0, None);
        }
        windows.retain(|_, window| window.wrong > 0 || window.running > 0);
        lifted
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, HashMap<Counter, Window>> {
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
fn make_room(windows: &mut HashMap<Counter, Window>, more: usize, limits: &Limits, now: Timestamp) {
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

pub(super) fn counters(account: &str, through: Through, limits: &Limits) -> Vec<Counted> {
    let of_account = Counter::of(account);
    let ip = match through {
        Through::Known(id) => return vec![Counted { key: of_account.known(id), most: limits.here, own: true }],
        Through::Network(ip) => ip,
    };
    let mut counted = vec![Counted { key: of_account, most: limits.anywhere, own: false }];
    let networks = ip.map(counter::networks).unwrap_or_default();
    if networks.is_empty() {
        counted.push(Counted { key: of_account.nowhere(), most: limits.here, own: true });
    }
    for (network, times) in networks {
        counted.push(Counted { key: of_account.from(&network), most: limits.here.saturating_mul(times), own: true });
        let key = Counter::of_network(&network);
        counted.push(Counted { key, most: limits.network.saturating_mul(times), own: false });
    }
    counted
}
