//! Passwords: argon2id (RFC 9106) behind permits, so that a rush of sign-ins costs neither the memory nor the workers.

use super::common;
use super::digest::constant_time_eq;
use super::random;
use crate::base::{Secret, text};
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, PasswordVerifier, Version};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroize as _;

/// How many callers may wait for a permit; the next is told [`Busy`].
pub const MAX_WAITING: usize = 256;
/// Memory of one hash in KiB, passes over it, lanes: the first choice of the OWASP cheat sheet.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// The longest password in bytes: 128 code points of four bytes.
const MAX_BYTES: usize = PasswordRules::MAX * 4;
/// The longest text that is prepared at all: one code point can be typed as up to three times its bytes (UAX #15).
const MAX_TYPED: usize = MAX_BYTES * 3;

/// What a new password must be.
pub struct PasswordRules;

impl PasswordRules {
    /// The least number of Unicode code points.
    pub const MIN: usize = 8;
    /// The greatest number of Unicode code points.
    pub const MAX: usize = 128;

    /// Checks a new password, prepared as RFC 8265 §4.2 says: its length in code points, and that it is none of those that guessing begins with. There are
    /// no rules about which characters it has. Of a text that is too long, only the length in bytes is looked at.
    ///
    /// # Errors
    /// What is wrong, in words for a user.
    pub fn check(password: &str) -> Result<(), &'static str> {
        const TOO_LONG: &str = "must have at most 128 characters";
        if password.len() > MAX_TYPED {
            return Err(TOO_LONG);
        }
        let prepared = text::opaque(password);
        let password = prepared.as_ref();
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
        let (password, email) = (text::caseless(password.trim()), text::caseless(email));
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
    /// How many hashes these comparisons took.
    #[cfg(test)]
    computed: Arc<std::sync::atomic::AtomicU64>,
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
    #[cfg(test)]
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
            #[cfg(test)]
            computed: Arc::default(),
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

    /// Hashes a password that [`PasswordRules::check`] has passed, prepared as RFC 8265 §4.2 says, so that it is one however a
    /// keyboard writes its accents; as a PHC string with a new salt of 16 bytes.
    ///
    /// # Errors
    /// [`Busy`] if more than [`MAX_WAITING`] wait already, or the memory for the hash is not to be had.
    pub async fn hash(&self, password: Secret<String>) -> Result<String, Busy> {
        let this = self.clone();
        self.run(move || {
            let salt: [u8; 16] = random::bytes();
            this.hash_now(text::opaque(password.expose()).as_bytes(), &salt).map_err(|error| failed(&error))
        })
        .await?
    }

    /// Checks a password against a PHC string, or, for a user who does not exist, against a hash that no password has:
    /// the answer takes as long and is [`Verdict::Wrong`].
    ///
    /// It is checked as it is prepared for a hash, and, where that is not what was typed, as it was typed: hashes that were made
    /// before passwords were prepared go on working, and are renewed. Both are computed whatever comes out of the first and
    /// whoever the user is, so that the time tells nothing; of ASCII there is one form only.
    ///
    /// A text longer than any password is wrong at once, whoever the user is. A stored hash that cannot be read is
    /// logged and answered like a wrong password.
    ///
    /// # Errors
    /// [`Busy`] as for [`Passwords::hash`]. It says nothing about the password.
    pub async fn verify(&self, password: Secret<String>, phc: Option<String>) -> Result<Verdict, Busy> {
        let is_longer = |text: &str| text.len() > MAX_BYTES || text.chars().count() > PasswordRules::MAX;
        let typed = password.expose();
        if typed.len() > MAX_TYPED || (is_longer(typed) && is_longer(&text::opaque(typed))) {
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
        let typed = password.expose().as_str();
        let mut prepared = text::opaque(typed);
        #[cfg(test)]
        self.compared.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let check = |form: &str, hash: &PasswordHash| {
            #[cfg(test)]
            self.computed.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            self.is_right(form.as_bytes(), hash).map_err(|error| failed(&error))
        };
        let both = |hash: &PasswordHash| -> Result<(bool, bool), Busy> {
            let as_prepared = check(&prepared, hash)?;
            Ok((as_prepared, *prepared != *typed && check(typed, hash)?))
        };
        let verdict = match stored {
            Some((hash, phc)) => match both(&hash)? {
                (true, _) => Verdict::Right { needs_rehash: self.needs_rehash(phc) },
                (false, true) => Verdict::Right { needs_rehash: true },
                (false, false) => Verdict::Wrong,
            },
            None => {
                if let Ok(hash) = PasswordHash::new(&self.dummy) {
                    both(&hash)?;
                }
                Verdict::Wrong
            }
        };
        if let Cow::Owned(form) = &mut prepared {
            form.zeroize();
        }
        Ok(verdict)
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
mod tests;
