//! What nearly every service needs, and many need nothing else.

use crate::base::id::{Id, IdGen};
use crate::base::{Clock, Timestamp};
use crate::crypto::keyring::Keyring;
use crate::crypto::random;
use crate::store::Store;
use std::sync::Arc;

/// The ground under the services: the file, the time, new ids and the keys derived from the file's root key. A function that
/// takes this instead of the whole [`Stack`](super::Stack) shows that it asks no setting, sends nothing and counts nothing.
#[derive(Debug)]
pub struct Env {
    /// The encrypted file.
    pub store: Store,
    /// Where the time comes from.
    pub clock: Clock,
    /// The keys derived from the file's root key.
    pub keyring: Arc<Keyring>,
    ids: IdGen,
}

impl Env {
    /// Over an open store.
    pub fn new(store: Store, clock: Clock, keyring: Arc<Keyring>, ids: IdGen) -> Self {
        Self { store, clock, keyring, ids }
    }

    /// A new id.
    pub fn new_id<I: Id>(&self) -> I {
        self.ids.next_with(self.clock.now(), || u32::from_be_bytes(random::bytes()))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
