//! What the machine can do without us: the limits that our figures stand beside.

use super::Failure;
use super::baseline_app::ROWS;
use super::folder::Folder;
use super::histogram::Histogram;
use super::process;
use scaistack::base::{Clock, Secret};
use scaistack::crypto::jwt::{Signer, SigningAlg, generate};
use scaistack::crypto::keyring::Keyring;
use scaistack::crypto::random;
use scaistack::store::file::{self, NewSlot, Options};
use scaistack::store::{Store, StoreError};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// A new RSA key of 2048 bits, parsed.
///
/// # Errors
/// The library makes none.
pub(super) fn rsa_signer() -> Result<Signer, Failure> {
    let made = generate(SigningAlg::Rs256).and_then(|der| Signer::from_pkcs8(SigningAlg::Rs256, &der));
    made.map_err(|error| Failure::failed(error.to_string()))
}

/// CPU time of one RS256 token, in microseconds: the signature and the text around it, on one thread, for `seconds`.
///
/// # Errors
/// The key does not sign, or the kernel tells no CPU times.
pub(super) fn bare_signature(signer: &Signer, wall: Duration) -> Result<f64, Failure> {
    let claims = json!({ "sub": "skc_7289000000000000000", "scope": "openid", "exp": 1_900_000_000 });
    let (started, cpu, mut signed) = (Instant::now(), process::cpu_of_thread()?, 0u32);
    while started.elapsed() < wall {
        signer.sign("at+jwt", &claims).map_err(|error| Failure::failed(error.to_string()))?;
        signed += 1;
    }
    let cpu = process::cpu_of_thread()?.saturating_sub(cpu);
    Ok(cpu.as_secs_f64() * 1e6 / f64::from(signed.max(1)))
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::failed(format!("the bare store failed: {error}"))
}

/// A new store in a file, with nothing around it.
///
/// # Errors
/// The store fails.
pub(super) fn empty_store(path: &Path) -> Result<Store, Failure> {
    let slot = NewSlot::KeyFile { key: Secret::new(random::bytes()), label: "bench".to_owned() };
    let opened =
        file::create(path, &[slot], Clock::System.now(), &Options::default()).map_err(|error| failed(&error))?;
    let keyring = Keyring::new(opened.key.derive("keyring").expose());
    Store::start(opened.db, keyring.tokens().clone(), scaistack::store::Hooks::default())
        .map_err(|error| failed(&error))
}

/// How long a row is, in bytes.
const ROW: usize = 300;

/// What the bare store did.
#[derive(Clone, Debug)]
pub(super) struct BareStore {
    /// How long it was measured.
    elapsed: Duration,
    /// How long each row took.
    times: Histogram,
}

impl BareStore {
    /// Durable rows a second.
    pub(super) fn rate(&self) -> f64 {
        self.times.count() as f64 / self.elapsed.as_secs_f64()
    }
}

/// Writes rows of 300 bytes with nothing around the store: `tasks` tasks, each waiting for its row to be durable before it
/// writes the next, for `measured` after half a second. Every row has a new key, behind all others.
///
/// # Errors
/// The store fails.
pub(super) async fn bare_store(folder: &Folder, tasks: usize, measured: Duration) -> Result<BareStore, Failure> {
    let path = folder.path().join("bare.db");
    let store = empty_store(&path)?;
    let next = Arc::new(AtomicU64::new(0));
    let counted_from = Instant::now() + Duration::from_millis(500);
    let until = counted_from + measured;
    let mut writers = JoinSet::new();
    for _ in 0..tasks {
        let (store, next) = (store.clone(), Arc::clone(&next));
        writers.spawn(async move {
            let mut times = Histogram::new();
            while Instant::now() < until {
                let (started, number) = (Instant::now(), next.fetch_add(1, Ordering::Relaxed));
                let row = vec![number as u8; ROW];
                store.write(move |tx| tx.put(&ROWS, &(number,), &row)).await?;
                if started >= counted_from && Instant::now() <= until {
                    times.record(started.elapsed());
                }
            }
            Ok::<_, StoreError>(times)
        });
    }
    let mut all = Histogram::new();
    while let Some(times) = writers.join_next().await {
        all.add(&times.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?);
    }
    store.close();
    std::fs::remove_file(path)?;
    Ok(BareStore { elapsed: measured, times: all })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_costs_something() {
        let micros = bare_signature(&rsa_signer().unwrap(), Duration::from_millis(50)).unwrap();
        assert!((10.0..1e6).contains(&micros), "{micros}");
    }

    #[tokio::test]
    async fn the_bare_store_writes() {
        let folder = Folder::make(&std::env::temp_dir()).unwrap();
        let bare = bare_store(&folder, 8, Duration::from_millis(200)).await.unwrap();
        assert!(bare.rate() > 1.0 && bare.times.count() > 0, "{bare:?}");
    }
}
