//! What a fresh store lacks: the first partner and tenant, and the signing keys.

use crate::base::{Clock, IdGen, Problem};
use crate::crypto::keyring::Keyring;
use crate::crypto::random;
use crate::oauth;
use crate::setup;
use crate::store::Store;

/// The first rows of a fresh store, and its signing keys: does nothing where they are there.
pub(super) fn bootstrap(store: &Store, keyring: &Keyring, ids: &IdGen, clock: &Clock) -> Result<(), Problem> {
    let now = clock.now();
    let random = || u32::from_be_bytes(random::bytes());
    let made = setup::Made { partner_id: ids.next(now, random()), tenant_id: ids.next(now, random()) };
    store.write_blocking(move |tx| setup::bootstrap(tx, &made, now).map(drop))?;
    for alg in oauth::keys::missing(&store.read())? {
        let key = oauth::keys::generate(alg, ids.next(now, random()), keyring)?;
        store.write_blocking(move |tx| oauth::keys::ensure(tx, &key, now))?;
    }
    Ok(())
}
