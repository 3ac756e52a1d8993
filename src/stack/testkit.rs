//! The services over a store in memory, for tests.

use super::Stack;
use crate::audit;
use crate::base::{Clock, Timestamp};
use crate::config::Config;
use crate::crypto::keyring::Keyring;
use crate::crypto::password::Passwords;
use crate::store::{Store, WriteTx, file};
use crate::telemetry::metrics::Metrics;
use std::sync::Arc;

/// The services, with a clock that stands still and passwords that cost little.
pub(crate) fn stack() -> Arc<Stack> {
    stack_with(Passwords::for_tests())
}

/// As [`stack`], with passwords that cost what these say.
pub(crate) fn stack_with(passwords: Passwords) -> Arc<Stack> {
    assembled(passwords, Config::default())
}

/// As [`stack`], with other settings.
pub(crate) fn stack_of(config: Config) -> Arc<Stack> {
    assembled(Passwords::for_tests(), config)
}

/// Assembling blocks, so it has a thread of its own.
fn assembled(passwords: Passwords, config: Config) -> Arc<Stack> {
    let assemble = move || {
        let keyring = Arc::new(Keyring::new(&[7; 32]));
        let chain = Arc::clone(&keyring);
        let hook = move |tx: &mut WriteTx<'_>| audit::before_commit(tx, chain.audit());
        let store =
            Store::start(file::in_memory().unwrap(), keyring.tokens().clone(), super::open::hooks(hook)).unwrap();
        let clock = Clock::manual(Timestamp::from_secs(1_800_000_000));
        let mut stack = Stack::assemble(store, None, keyring, clock, config, Metrics::install()).unwrap();
        stack.passwords = passwords;
        Arc::new(stack)
    };
    std::thread::spawn(assemble).join().unwrap()
}
