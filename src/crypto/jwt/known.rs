//! Tokens that were found good, with what they say: the signature is not computed, and the claims are not read, each time the
//! same token comes.

use crate::crypto::digest::sha256;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How many tokens a generation holds. There are two.
const GENERATION: usize = 2048;

/// What good tokens say, by the SHA-256 of the whole token, header and signature included. It belongs to one set of keys and
/// must go with it. Only what cannot change is taken from here: whether a token still holds is looked at each time.
pub struct Known<T>(Mutex<Generations<T>>);

struct Generations<T> {
    current: HashMap<[u8; 32], Arc<T>>,
    previous: HashMap<[u8; 32], Arc<T>>,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(Mutex::new(Generations { current: HashMap::new(), previous: HashMap::new() }))
    }
}

impl<T> Known<T> {
    /// What `token` says: known from before, or read and found good by `check` now. What it refuses is not remembered.
    ///
    /// # Errors
    /// What `check` fails with.
    pub fn claims<E>(&self, token: &str, check: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let digest = sha256(token.as_bytes());
        if let Some(claims) = self.get(&digest) {
            return Ok(claims);
        }
        // Not under the lock: it takes as long as a hundred look-ups.
        let claims = Arc::new(check()?);
        self.keep(digest, &claims);
        Ok(claims)
    }

    fn get(&self, digest: &[u8; 32]) -> Option<Arc<T>> {
        let generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        generations.current.get(digest).or_else(|| generations.previous.get(digest)).cloned()
    }

    fn keep(&self, digest: [u8; 32], claims: &Arc<T>) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.current.len() >= GENERATION {
            generations.previous = std::mem::take(&mut generations.current);
        }
        generations.current.insert(digest, Arc::clone(claims));
    }
}

impl<T> fmt::Debug for Known<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_found_good_is_known_and_no_more_than_two_generations() {
        let known = Known::default();
        let ask = |token: &str, check: &dyn Fn() -> Result<usize, ()>| known.claims(token, check).map(|claims| *claims);
        assert_eq!(ask("a.b.c", &|| Err(())), Err(()));
        assert_eq!(ask("a.b.c", &|| Err(())), Err(()), "a bad one is looked at again");
        assert_eq!(ask("a.b.c", &|| Ok(1)), Ok(1));
        assert_eq!(ask("a.b.c", &|| panic!("it is known")), Ok(1));
        assert_eq!(ask("a.b.d", &|| Err(())), Err(()), "another signature is another token");
        for number in 0..3 * GENERATION {
            assert_eq!(ask(&format!("{number}"), &|| Ok(number)), Ok(number));
        }
        assert_eq!(ask("a.b.c", &|| Err(())), Err(()), "it was forgotten");
        let generations = known.0.lock().unwrap();
        assert!(generations.current.len() + generations.previous.len() <= 2 * GENERATION);
    }
}
