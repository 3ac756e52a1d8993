//! Passwords: argon2id (RFC 9106) behind permits, so that a rush of sign-ins costs neither the memory nor the workers.

use super::common;
use super::digest::constant_time_eq;
use super::random;
use crate::base::Secret;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, PasswordVerifier, Version};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many callers may wait for a permit; the next is told [`Busy`].
pub const MAX_WAITING: usize = 256;
/// Memory of one hash in KiB, passes over it, lanes: the first choice of the OWASP cheat sheet.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// The longest password in bytes: 128 code points of four bytes.
const MAX_BYTES: usize = PasswordRules::MAX * 4;

/// What a new password must be.
pub struct PasswordRules;

impl PasswordRules {
    /// The least number of Unicode code points.
    pub const MIN: usize = 8;
    /// The greatest number of Unicode code points.
    pub const MAX: usize = 128;

    /// Checks a new password: its length in code points, and that it is none of those that guessing begins with. There are
    /// no rules about which characters it has. Of a text that is too long, only the length in bytes is looked at.
    ///
    /// # Errors
    /// What is wrong, in words for a user.
    pub fn check(password: &str) -> Result<(), &'static str> {
        const TOO_LONG: &str = "must have at most 128 characters";
        if password.len() > MAX_BYTES {
            return Err(TOO_LONG);
        }
        match password.chars().count() {
            0..Self::MIN => Err("must have at least 8 characters"),
            Self::MIN..=Self::MAX if common::is_common(password) => {
                Err("is one of those that everybody tries first; a few words of your own are better")
            }
            Self::MIN..=Self::MAX => Ok(()),
            _ => Err(TOO_LONG),
        }
    }

    /// As [`PasswordRules::check`], and that it is not the e-mail that it is for, nor the part of it before the `@`.
    ///
    /// # Errors
    /// What is wrong, in words for a user.
    pub fn check_for(password: &str, email: &str) -> Result<(), &'static str> {
        Self::check(password)?;
        let (password, email) = (password.trim().to_lowercase(), email.to_lowercase());
        let local = email.split('@').next().unwrap_or_default();
        if password == email || password == local { Err("must not be your e-mail") } else { Ok(()) }
    }
}

/// Too many passwords are being checked already; the caller may try again in a moment (503 and `Retry-After`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins at once, try again in a moment")]
pub struct Busy;

/// What became of a password check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// It is the password.
    Right {
        /// Whether the stored hash is of an older cost: store a new one now, while the password is at hand.
        needs_rehash: bool,
    },
    /// It is not, or there is no such user; both cost the same.
    Wrong,
}

impl Verdict {
    /// Whether the password was right.
    pub fn is_right(self) -> bool {
        matches!(self, Self::Right { .. })
    }
}

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<Vec<Block>>>>);

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

/// Hashes and checks passwords, at most so many at a time. Cheap to clone; all clones share the permits.
#[derive(Clone, Debug)]
pub struct Passwords {
    params: Params,
    /// A hash that no password has, with the cost of a new hash.
    dummy: Arc<str>,
    running: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// Memory of hashes that have ended, for the next ones: as much as there are permits. Asked for anew each time, the
    /// allocator keeps a piece of 19 MiB for many a thread, and a rush of sign-ins takes a gigabyte.
    memory: Memory,
    /// How many comparisons were made: what the tests count instead of time.
    #[cfg(test)]
    compared: Arc<std::sync::atomic::AtomicU64>,
}

impl Default for Passwords {
    /// As many permits as there are cores.
    fn default() -> Self {
        Self::new(std::thread::available_parallelism().map_or(2, usize::from))
    }
}

impl Passwords {
    /// At most `permits` (one or more) hashes at a time, each 19 MiB of memory and about 20 ms of one core.
    pub fn new(permits: usize) -> Self {
        Self::with_cost(permits, COST)
    }

    /// With a cost that protects nothing, for tests that sign in often.
    pub fn for_tests() -> Self {
        Self::with_cost(4, (Params::MIN_M_COST, 1, 1))
    }

    fn with_cost(permits: usize, (memory, passes, lanes): (u32, u32, u32)) -> Self {
        let permits = permits.clamp(1, 1024);
        Self {
            params: Params::new(memory, passes, lanes, Some(Params::DEFAULT_OUTPUT_LEN)).unwrap_or(Params::DEFAULT),
            dummy: dummy(memory, passes, lanes).into(),
            running: Arc::new(Semaphore::new(permits)),
            queue: Arc::new(Semaphore::new(permits + MAX_WAITING)),
            memory: Memory::default(),
            #[cfg(test)]
            compared: Arc::default(),
        }
    }

    /// How many passwords were compared with a hash so far.
    #[cfg(test)]
    pub(crate) fn compared(&self) -> u64 {
        self.compared.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Takes all permits: until it is dropped, nothing is hashed or compared, and who asks for it waits.
    #[cfg(test)]
    pub(crate) async fn hold(&self) -> OwnedSemaphorePermit {
        let all = u32::try_from(self.running.available_permits()).unwrap();
        Arc::clone(&self.running).acquire_many_owned(all).await.unwrap()
    }

    /// How many wait for a permit, or have one.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        MAX_WAITING + 4 - self.queue.available_permits()
    }

    /// Hashes a password that [`PasswordRules::check`] has passed, as a PHC string with a new salt of 16 bytes.
    ///
    /// # Errors
    /// [`Busy`] if more than [`MAX_WAITING`] wait already, or the memory for the hash is not to be had.
    pub async fn hash(&self, password: Secret<String>) -> Result<String, Busy> {
        let this = self.clone();
        self.run(move || {
            let salt: [u8; 16] = random::bytes();
            this.hash_now(password.expose().as_bytes(), &salt).map_err(|error| failed(&error))
        })
        .await?
    }

    /// Checks a password against a PHC string, or, for a user who does not exist, against a hash that no password has:
    /// the answer takes as long and is [`Verdict::Wrong`].
    ///
    /// A text longer than any password is wrong at once, whoever the user is. A stored hash that cannot be read is
    /// logged and answered like a wrong password.
    ///
    /// # Errors
    /// [`Busy`] as for [`Passwords::hash`]. It says nothing about the password.
    pub async fn verify(&self, password: Secret<String>, phc: Option<String>) -> Result<Verdict, Busy> {
        let password_is_longer = |text: &str| text.len() > MAX_BYTES || text.chars().count() > PasswordRules::MAX;
        if password_is_longer(password.expose()) {
            return Ok(Verdict::Wrong);
        }
        let this = self.clone();
        self.run(move || this.verify_now(&password, phc.as_deref())).await?
    }

    /// Whether a stored hash should be replaced at the next sign-in, because its cost or its algorithm is not today's.
    pub fn needs_rehash(&self, phc: &str) -> bool {
        let Ok(hash) = PasswordHash::new(phc) else { return true };
        let Ok(params) = Params::try_from(&hash) else { return true };
        hash.algorithm.as_str() != Algorithm::Argon2id.as_str()
            || hash.version != Some(u32::from(Version::V0x13))
            || !same_cost(&params, &self.params)
    }

    fn verify_now(&self, password: &Secret<String>, phc: Option<&str>) -> Result<Verdict, Busy> {
        let stored = phc.and_then(|phc| {
            let hash = PasswordHash::new(phc).ok().filter(affordable);
            if hash.is_none() {
                tracing::error!("a stored password hash cannot be used; its user cannot sign in with a password");
            }
            hash.map(|hash| (hash, phc))
        });
        let password = password.expose().as_bytes();
        #[cfg(test)]
        self.compared.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let check = |hash: &PasswordHash| self.is_right(password, hash).map_err(|error| failed(&error));
        match stored {
            Some((hash, phc)) if check(&hash)? => Ok(Verdict::Right { needs_rehash: self.needs_rehash(phc) }),
            Some(_) => Ok(Verdict::Wrong),
            None => {
                if let Ok(hash) = PasswordHash::new(&self.dummy) {
                    check(&hash)?;
                }
                Ok(Verdict::Wrong)
            }
        }
    }

    fn hash_now(&self, password: &[u8], salt: &[u8]) -> Result<String, argon2::password_hash::Error> {
        let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
        self.compute(&self.params, password, salt, &mut out)?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.params)?,
            salt: Some(Salt::new(salt)?),
            hash: Some(Output::new(&out)?),
        };
        Ok(hash.to_string())
    }

    fn is_right(&self, password: &[u8], hash: &PasswordHash) -> Result<bool, argon2::password_hash::Error> {
        if let (Some(salt), Some(expected), Ok(cost)) = (&hash.salt, &hash.hash, Params::try_from(hash))
            && hash.algorithm == Algorithm::Argon2id.ident()
            && hash.version == Some(Version::V0x13.into())
            && same_cost(&cost, &self.params)
            && expected.len() == Params::DEFAULT_OUTPUT_LEN
        {
            let mut out = [0; Params::DEFAULT_OUTPUT_LEN];
            self.compute(&self.params, password, salt, &mut out)?;
            return Ok(constant_time_eq(&out, expected.as_bytes()));
        }
        // Hashes of another cost are few: they are renewed at the first sign-in.
        match argon2id(self.params.clone()).verify_password(password, hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Fills `out` in memory that an earlier hash has left, wiped.
    fn compute(&self, params: &Params, password: &[u8], salt: &[u8], out: &mut [u8]) -> Result<(), argon2::Error> {
        let mut memory = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        memory.resize(params.block_count(), Block::default());
        let done = argon2id(params.clone()).hash_password_into_with_memory(password, salt, out, &mut memory[..]);
        memory.fill(Block::default());
        self.memory.0.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
        done
    }

    /// Runs `work` on the blocking pool under a permit. The permit goes with the work: a caller who gives up does not
    /// let in another while the work still runs.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _place = self.queue.try_acquire().map_err(|_| Busy)?;
        let permit: OwnedSemaphorePermit = Arc::clone(&self.running).acquire_owned().await.map_err(|_| Busy)?;
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        task.await.map_err(|error| {
            tracing::error!(%error, "a password check did not come to its end");
            Busy
        })
    }
}

fn same_cost(one: &Params, other: &Params) -> bool {
    (one.m_cost(), one.t_cost(), one.p_cost()) == (other.m_cost(), other.t_cost(), other.p_cost())
}

fn argon2id(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn failed(error: &argon2::password_hash::Error) -> Busy {
    tracing::error!(%error, "a password could not be hashed");
    Busy
}

/// Whether a stored hash, perhaps imported, costs no more than we are ready to pay: 256 MiB, 16 passes, 16 lanes.
fn affordable(hash: &PasswordHash) -> bool {
    Params::try_from(hash).is_ok_and(|cost| cost.m_cost() <= 262_144 && cost.t_cost() <= 16 && cost.p_cost() <= 16)
}

/// A PHC string with a random output: finding a password for it is as hard as finding any.
fn dummy(memory: u32, passes: u32, lanes: u32) -> String {
    use base64::Engine as _;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes);
    let (salt, output) = (encode(&random::bytes::<16>()), encode(&random::bytes::<32>()));
    format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${output}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn right_wrong_and_unknown() {
        let passwords = Passwords::for_tests();
        let phc = passwords.hash(secret("correct horse")).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{phc}");
        assert_ne!(phc, passwords.hash(secret("correct horse")).await.unwrap(), "the salt is new each time");
        let verify =
            async |text: &str, phc: Option<&str>| passwords.verify(secret(text), phc.map(str::to_owned)).await.unwrap();
        assert_eq!(verify("correct horse", Some(&phc)).await, Verdict::Right { needs_rehash: false });
        assert_eq!(verify("correct horsf", Some(&phc)).await, Verdict::Wrong);
        assert_eq!(verify("", Some(&phc)).await, Verdict::Wrong);
        assert_eq!(verify("correct horse", None).await, Verdict::Wrong);
        assert_eq!(verify("correct horse", Some("")).await, Verdict::Wrong);
        assert_eq!(
            verify("correct horse", Some("$argon2id$v=19$m=4194304,t=9,p=1$c2FsdHNhbHQ$aGFzaA")).await,
            Verdict::Wrong
        );
        assert_eq!(verify(&"x".repeat(MAX_BYTES + 1), Some(&phc)).await, Verdict::Wrong);
    }

    #[tokio::test]
    async fn real_hashes_have_the_agreed_cost_and_older_ones_are_renewed() {
        let passwords = Passwords::default();
        let phc = passwords.hash(secret("correct horse")).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(!passwords.needs_rehash(&phc));
        let old = Passwords::for_tests().hash(secret("correct horse")).await.unwrap();
        assert!(passwords.needs_rehash(&old));
        assert!(passwords.needs_rehash("$2b$12$something"));
        assert!(passwords.needs_rehash(&phc.replace("argon2id", "argon2i")));
        assert_eq!(
            passwords.verify(secret("correct horse"), Some(old)).await,
            Ok(Verdict::Right { needs_rehash: true })
        );
    }

    /// Made with the reference implementation of argon2 (`echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1`).
    #[tokio::test]
    async fn takes_a_hash_of_the_reference_implementation() {
        let phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        let verdict = Passwords::default().verify(secret("password"), Some(phc.to_owned())).await;
        assert_eq!(verdict, Ok(Verdict::Right { needs_rehash: true }));
    }

    #[tokio::test]
    async fn an_unknown_user_costs_as_much_as_a_wrong_password() {
        let passwords = Passwords::default();
        let phc = passwords.hash(secret("correct horse")).await.unwrap();
        let quickest = async |phc: Option<String>| {
            let mut best = Duration::MAX;
            for _ in 0..5 {
                let start = Instant::now();
                assert_eq!(passwords.verify(secret("wrong horse"), phc.clone()).await, Ok(Verdict::Wrong));
                best = best.min(start.elapsed());
            }
            best
        };
        let (known, unknown, broken) =
            (quickest(Some(phc)).await, quickest(None).await, quickest(Some("?".to_owned())).await);
        for other in [unknown, broken] {
            assert!(other > known / 3 && other < known * 3, "known {known:?}, unknown {unknown:?}, broken {broken:?}");
        }
    }

    #[tokio::test]
    async fn a_full_queue_is_busy_at_once_and_drains() {
        let passwords = Passwords::with_cost(1, (8, 1, 1));
        let held = Arc::clone(&passwords.running).acquire_owned().await.unwrap();
        let mut waiting: Vec<_> = (0..=MAX_WAITING)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.hash(secret("correct horse")).await })
            })
            .collect();
        while passwords.queue.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(passwords.hash(secret("one too many")).await, Err(Busy));
        waiting.pop().unwrap().abort();
        drop(held);
        for task in waiting {
            assert!(task.await.unwrap().is_ok());
        }
        assert!(passwords.hash(secret("room again")).await.is_ok());
    }

    #[tokio::test]
    async fn a_caller_who_gives_up_keeps_the_permit_until_the_work_ends() {
        let passwords = Passwords::with_cost(1, (8, 1, 1));
        let (go, gate) = std::sync::mpsc::channel::<()>();
        let started = passwords.run(move || gate.recv());
        assert!(tokio::time::timeout(Duration::from_millis(20), started).await.is_err());
        assert_eq!(passwords.running.available_permits(), 0);
        go.send(()).unwrap();
        assert!(passwords.hash(secret("next in line")).await.is_ok());
    }

    #[test]
    fn length_rules_count_code_points() {
        for good in ["1234567x", "pässwörd", &"é".repeat(128), &"𝄞".repeat(128), "        "] {
            assert_eq!(PasswordRules::check(good), Ok(()), "{good}");
        }
        for bad in ["", "1234567", "𝄞𝄞𝄞𝄞𝄞𝄞𝄞"] {
            assert!(PasswordRules::check(bad).unwrap_err().contains("at least 8"));
        }
        for bad in ["x".repeat(129), "𝄞".repeat(129), "x".repeat(50_000_000)] {
            assert!(PasswordRules::check(&bad).unwrap_err().contains("at most 128"));
        }
    }

    /// How often something is timed: on a busy machine one try may wait for its turn.
    const TRIES: usize = 50;

    fn quickest(times: impl IntoIterator<Item = Duration>) -> Duration {
        times.into_iter().min().unwrap()
    }

    #[test]
    fn r_m3_no_composition_rules_a_breach_list_and_quick_refusals() {
        for good in ["aaaabbbbaaaab", "        x", "nur kleine buchstaben", "4901 7723 0064"] {
            assert_eq!(PasswordRules::check(good), Ok(()), "{good}");
        }
        for bad in ["password", "PASSWORD", "12345678", "qwertyuiop"] {
            assert!(PasswordRules::check(bad).unwrap_err().contains("tries first"), "{bad}");
        }
        for bad in ["alice.long@acme.example", "ALICE.LONG@acme.example", "alice.long"] {
            let refused = PasswordRules::check_for(bad, "alice.long@acme.example");
            assert!(refused.unwrap_err().contains("e-mail"), "{bad}");
        }
        assert_eq!(PasswordRules::check_for("alice.long.2", "alice.long@acme.example"), Ok(()));
        let long = "x".repeat(50_000_000);
        let refusing = || {
            let start = Instant::now();
            assert!(PasswordRules::check_for(&long, "a@b.c").is_err());
            start.elapsed()
        };
        assert!(quickest((0..TRIES).map(|_| refusing())) < Duration::from_millis(1));
    }

    #[tokio::test]
    async fn r_m3_a_longer_text_is_wrong_before_anything_is_hashed() {
        let passwords = Passwords::with_cost(1, (8, 1, 1));
        // Nothing could be hashed now: the one permit is taken.
        let _held = Arc::clone(&passwords.running).acquire_owned().await.unwrap();
        for long in ["x".repeat(PasswordRules::MAX + 1), "𝄞".repeat(PasswordRules::MAX + 1), "x".repeat(1 << 20)] {
            let mut times = Vec::new();
            for _ in 0..TRIES {
                let long = secret(&long);
                let start = Instant::now();
                assert_eq!(passwords.verify(long, None).await, Ok(Verdict::Wrong));
                times.push(start.elapsed());
            }
            assert!(quickest(times) < Duration::from_millis(1));
        }
    }
}
