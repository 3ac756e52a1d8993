//! Tokens whose signature was found good, so that it is not computed again each time the same token comes.

use crate::crypto::digest::sha256;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// How many tokens a generation holds. There are two, of 32 bytes a token.
const GENERATION: usize = 4096;

/// The SHA-256 of whole tokens, header and signature included. Nothing but the signature is taken from here: what a token says,
/// and whether it still holds, is looked at each time.
#[derive(Default)]
pub(super) struct Seen(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    current: HashSet<[u8; 32]>,
    previous: HashSet<[u8; 32]>,
}

impl Seen {
    /// Whether the signature of `token` holds: known from before, or found by `check` now.
    pub(super) fn holds(&self, token: &str, check: impl FnOnce() -> bool) -> bool {
        let digest = sha256(token.as_bytes());
        if self.knows(&digest) {
            return true;
        }
        // Not under the lock: it takes as long as a hundred look-ups.
        let good = check();
        if good {
            self.keep(digest);
        }
        good
    }

    fn knows(&self, digest: &[u8; 32]) -> bool {
        let generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        generations.current.contains(digest) || generations.previous.contains(digest)
    }

    fn keep(&self, digest: [u8; 32]) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if generations.current.len() >= GENERATION {
            generations.previous = std::mem::take(&mut generations.current);
        }
        generations.current.insert(digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_found_good_is_known_and_no_more_than_two_generations() {
        let seen = Seen::default();
        assert!(!seen.holds("a.b.c", || false));
        assert!(!seen.holds("a.b.c", || false), "a bad one is looked at again");
        assert!(seen.holds("a.b.c", || true));
        assert!(seen.holds("a.b.c", || panic!("it is known")));
        assert!(!seen.holds("a.b.d", || false), "another signature is another token");
        for number in 0..3 * GENERATION {
            assert!(seen.holds(&format!("{number}"), || true));
        }
        assert!(!seen.holds("a.b.c", || false), "it was forgotten");
        let generations = seen.0.lock().unwrap();
        assert!(generations.current.len() + generations.previous.len() <= 2 * GENERATION);
    }
}
