//! What somebody typed and the server could not take yet, and answers that were given to a form: kept for a while, in memory
//! only, sealed, and for nobody but their owner.
//!
//! Only people who are signed in, or were, own something here: a stranger makes the server keep nothing.

use crate::base::Timestamp;
use crate::crypto::keyring::{Keyring, Purpose};
use crate::crypto::random;
use crate::crypto::seal::aad;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// How long something is kept, in seconds: as long as a sign-in may take, and somebody may be away from the desk.
pub const KEPT_SECS: i64 = 30 * 60;
/// The most things of one owner; the oldest goes.
const MOST_OF_ONE: usize = 12;
/// The longest thing in bytes.
const LONGEST: usize = 1024 * 1024;
/// The most bytes of all; the oldest go.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// Everything that is kept.
#[derive(Default)]
pub(super) struct Kept(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    /// The oldest first.
    entries: VecDeque<Entry>,
    bytes: usize,
}

struct Entry {
    owner: String,
    id: String,
    sealed: Vec<u8>,
    until: Timestamp,
}

impl Entries {
    fn drop_where(&mut self, mut goes: impl FnMut(&Entry) -> bool) {
        self.entries.retain(|entry| !goes(entry));
        self.bytes = self.entries.iter().map(|entry| entry.sealed.len()).sum();
    }

    fn add(&mut self, entry: Entry, now: Timestamp) {
        self.drop_where(|old| now >= old.until || (old.owner == entry.owner && old.id == entry.id));
        while self.entries.iter().filter(|old| old.owner == entry.owner).count() >= MOST_OF_ONE {
            let Some(oldest) = self.entries.iter().position(|old| old.owner == entry.owner) else { break };
            self.entries.remove(oldest);
        }
        self.bytes = self.entries.iter().map(|old| old.sealed.len()).sum();
        while self.bytes + entry.sealed.len() > MOST_BYTES {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.sealed.len();
        }
        self.bytes += entry.sealed.len();
        self.entries.push_back(entry);
    }
}

impl Kept {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Nothing in here is left half done by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(owner: &str, id: &str) -> Vec<u8> {
    aad(&[b"ui kept", owner.as_bytes(), id.as_bytes()])
}

/// An id that nobody guesses, for something to keep.
pub fn new_kept_id() -> String {
    URL_SAFE_NO_PAD.encode(random::bytes::<16>())
}

impl Kept {
    /// Keeps something for its owner, for [`KEPT_SECS`] seconds from `now`. False: it is too long.
    pub(super) fn put<T: Serialize>(
        &self,
        (keyring, now): (&Keyring, Timestamp),
        owner: &str,
        id: &str,
        value: &T,
    ) -> bool {
        let Ok(bytes) = postcard::to_allocvec(value).map(Zeroizing::new) else { return false };
        if bytes.len() > LONGEST {
            return false;
        }
        let sealed = keyring.seal_key(Purpose::Column).seal(&place(owner, id), &bytes);
        let entry = Entry { owner: owner.to_owned(), id: id.to_owned(), sealed, until: now.plus_secs(KEPT_SECS) };
        self.entries().add(entry, now);
        true
    }

    /// What was kept for its owner under an id.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        (keyring, now): (&Keyring, Timestamp),
        owner: &str,
        id: &str,
    ) -> Option<T> {
        let sealed = {
            let kept = self.entries();
            let is_it = |entry: &&Entry| entry.owner == owner && entry.id == id && now < entry.until;
            kept.entries.iter().find(is_it)?.sealed.clone()
        };
        let bytes = Zeroizing::new(keyring.seal_key(Purpose::Column).open(&place(owner, id), &sealed).ok()?);
        postcard::from_bytes(&bytes).ok()
    }

    /// Keeps something no longer.
    pub(super) fn drop(&self, owner: &str, id: &str) {
        self.entries().drop_where(|entry| entry.owner == owner && entry.id == id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_its_owners_and_sealed_and_goes() {
        let stack = crate::stack::testkit::stack();
        let (mine, text) = (new_kept_id(), "hunter2".to_owned());
        assert!(stack.keep("usr_1", &mine, &text));
        assert_eq!(stack.kept::<String>("usr_1", &mine).as_deref(), Some("hunter2"));
        assert_eq!(stack.kept::<String>("usr_2", &mine), None, "somebody else's");
        assert_eq!(stack.kept::<String>("usr_1", "other"), None);
        let in_clear = |bytes: &[u8]| bytes.windows(7).any(|part| part == b"hunter2");
        assert!(!stack.kept.entries().entries.iter().any(|entry| in_clear(&entry.sealed)));
        assert_eq!(stack.take_kept::<String>("usr_1", &mine).as_deref(), Some("hunter2"));
        assert_eq!(stack.kept::<String>("usr_1", &mine), None, "taken");
        assert!(!stack.keep("usr_1", &mine, &"x".repeat(LONGEST + 1)));
        // The oldest of one owner make room, and nobody else's.
        assert!(stack.keep("usr_2", &mine, &text));
        let many: Vec<_> = (0..MOST_OF_ONE + 3).map(|_| new_kept_id()).collect();
        for id in &many {
            assert!(stack.keep("usr_1", id, &text));
        }
        let left = many.iter().filter(|id| stack.kept::<String>("usr_1", id).is_some()).count();
        assert_eq!(left, MOST_OF_ONE);
        assert!(stack.kept::<String>("usr_1", &many[0]).is_none() && stack.kept::<String>("usr_2", &mine).is_some());
    }

    #[test]
    fn there_is_an_end_to_what_is_kept() {
        let mut kept = Entries::default();
        let at = Timestamp::from_secs(1_800_000_000);
        let entry = |owner: usize, until: i64| Entry {
            owner: owner.to_string(),
            id: String::new(),
            sealed: vec![0; LONGEST],
            until: at.plus_secs(until),
        };
        for owner in 0..40 {
            kept.add(entry(owner, 10), at);
        }
        assert_eq!((kept.bytes, kept.entries.len()), (MOST_BYTES, MOST_BYTES / LONGEST));
        assert!(kept.entries.iter().all(|entry| entry.owner != "0"), "the oldest went");
        kept.add(entry(99, 20), at.plus_secs(10));
        assert_eq!(kept.entries.len(), 1, "nothing is kept past its time");
    }
}
