//! The data key of a tenant: wrapped in its row, unwrapped once and kept in memory.

use super::table::{TENANT_KEYS, TenantKey};
use crate::base::id::TenantId;
use crate::base::{Id, Problem};
use crate::crypto::keyring::Keyring;
use crate::crypto::seal::SealKey;
use crate::store::{Read, StoreError, WriteTx};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// How many unwrapped keys lie in memory at most.
const CACHED: usize = 4096;

/// Unwraps tenant keys, and remembers what it has unwrapped as long as the tenant's row says the same.
///
/// A key is taken from here only for a state of the store in which the tenant's row has been read, so one that was shredded
/// or changed is never used again, whoever shared this cache.
#[derive(Debug)]
pub struct TenantKeys {
    keyring: Arc<Keyring>,
    cache: RwLock<HashMap<TenantId, Cached>>,
}

#[derive(Debug)]
struct Cached {
    wrapped: Vec<u8>,
    key: Arc<SealKey>,
    /// The state of the store in which the tenant's row was last seen to say the same, and one more; 0: none.
    seen: AtomicU64,
}

/// A state as [`Cached::seen`] has it.
fn mark(tx: &impl Read) -> u64 {
    tx.state().map_or(0, |state| state + 1)
}

impl TenantKeys {
    /// Over the instance's keyring.
    pub fn new(keyring: Arc<Keyring>) -> Self {
        Self { keyring, cache: RwLock::default() }
    }

    /// The instance's keyring.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The key of a tenant; none when it has none, or has it no more.
    ///
    /// # Errors
    /// When the row cannot be read, or its key is not of this tenant and keyring.
    pub fn get(&self, tx: &impl Read, tenant: TenantId) -> Result<Option<Arc<SealKey>>, Problem> {
        let mark = mark(tx);
        if mark != 0 {
            let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(cached) = cache.get(&tenant).filter(|cached| cached.seen.load(Ordering::Relaxed) == mark) {
                return Ok(Some(Arc::clone(&cached.key)));
            }
        }
        let Some(row) = tx.get(&TENANT_KEYS, &(tenant,))? else {
            if self.cache.read().unwrap_or_else(PoisonError::into_inner).contains_key(&tenant) {
                self.cache.write().unwrap_or_else(PoisonError::into_inner).remove(&tenant);
            }
            return Ok(None);
        };
        {
            let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(cached) = cache.get(&tenant).filter(|cached| cached.wrapped == row.wrapped) {
                if mark != 0 {
                    cached.seen.store(mark, Ordering::Relaxed);
                }
                return Ok(Some(Arc::clone(&cached.key)));
            }
        }
        let key = self
            .keyring
            .open_tenant_key(tenant.raw(), &row.wrapped)
            .map_err(|error| Problem::internal(format!("the key of {tenant}: {error}")))?;
        let key = Arc::new(key);
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHED {
            // More tenants than room: all start over. Unwrapping one again costs a microsecond.
            cache.clear();
        }
        cache.insert(tenant, Cached { wrapped: row.wrapped, key: Arc::clone(&key), seen: AtomicU64::new(mark) });
        Ok(Some(key))
    }

    /// A fresh wrapped key when the tenant has none: for [`ensure_key`] in the transaction that follows.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn fresh_if_missing(&self, tx: &impl Read, tenant: TenantId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(match tx.get(&TENANT_KEYS, &(tenant,))? {
            Some(_) => None,
            None => Some(self.keyring.new_tenant_key(tenant.raw()).1),
        })
    }
}

/// Gives a tenant its key if it has none; an older one stays.
///
/// # Errors
/// When the file cannot be read or written.
pub fn ensure_key(tx: &mut WriteTx<'_>, tenant: TenantId, fresh_wrapped: &[u8]) -> Result<(), StoreError> {
    if tx.get(&TENANT_KEYS, &(tenant,))?.is_none() {
        tx.put(&TENANT_KEYS, &(tenant,), &TenantKey { wrapped: fresh_wrapped.to_vec() })?;
    }
    Ok(())
}

/// Takes a tenant's key away: none of its secrets opens ever again. For the deletion of a tenant, which writes the audit row.
///
/// # Errors
/// When the file cannot be written.
pub fn shred(tx: &mut WriteTx<'_>, tenant: TenantId) -> Result<(), StoreError> {
    tx.delete(&TENANT_KEYS, &(tenant,))
}
