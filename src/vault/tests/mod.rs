//! The vault's promises, on an in-memory store with time driven by hand.

mod delete;
mod list;
mod quickstart;
mod seal;
mod speed;
mod versions;

use super::*;
use crate::access::{Assignment, Granted, Permission, Place, Principal, Role, permit};
use crate::audit;
use crate::base::Id;
use crate::base::id::{PartnerId, TenantId, UserId};
use crate::crypto::keyring::Keyring;
use crate::store::{Snapshot, Store, WriteTx};
use crate::tenancy::testkit;
use serde_json::{Value, json};
use std::sync::Arc;

/// 2026-04-23T14:00:00Z, as in ScaiVault's quickstart.
const NOW: Timestamp = Timestamp::from_secs(1_776_952_800);
const DAY: i64 = 86_400;

struct House {
    store: Store,
    keys: Arc<TenantKeys>,
    limits: Limits,
}

fn house() -> House {
    House {
        store: testkit::store(),
        keys: Arc::new(TenantKeys::new(Arc::new(Keyring::new(&[7; 32])))),
        limits: Limits { max_value_bytes: 4096, default_max_versions: 10, soft_delete_days: 30 },
    }
}

fn place(tenant: u64) -> Place {
    Place::Tenant { partner: PartnerId::from_raw(1), tenant: TenantId::from_raw(tenant) }
}

/// Alice, a plain user of the tenant.
fn granted<P: Permission>(tenant: u64) -> Granted<P> {
    let alice = Principal::User { id: UserId::from_raw(1), email: testkit::email("alice@acme.example") };
    let roles = vec![Assignment { role: Role::TenantUser, place: place(tenant) }];
    testkit::grant(&testkit::actor(alice, place(tenant), roles, None), place(tenant))
}

fn path(text: &str) -> SecretPath {
    parse_path(text).unwrap()
}

fn object(at: &str, data: &Value) -> Put {
    Put::new(path(at), data.to_string().into_bytes())
}

fn metadata(fields: Value) -> Result<MetadataPatch, Problem> {
    let Value::Object(fields) = fields else { panic!("metadata is an object") };
    MetadataPatch::from_json(fields)
}

fn code<T: std::fmt::Debug>(result: Result<T, Problem>) -> &'static str {
    result.unwrap_err().code
}

impl House {
    fn read(&self) -> Snapshot {
        self.store.read()
    }

    fn put_in(&self, tenant: u64, put: Put, now: Timestamp) -> Result<Written, Problem> {
        let sealed = service::prepare(&self.read(), &self.keys, &granted(tenant), put, &self.limits)?;
        let keys = Arc::clone(&self.keys);
        self.store.write_blocking(move |tx| service::put(tx, &keys, &sealed, now))
    }

    fn put(&self, put: Put) -> Result<Written, Problem> {
        self.put_in(1, put, NOW)
    }

    /// Writes `{"n": n}`.
    fn put_number(&self, at: &str, n: u32) -> Written {
        self.put(object(at, &json!({ "n": n }))).unwrap()
    }

    fn get_in(&self, tenant: u64, at: &str, version: Option<u32>) -> Result<SecretValue, Problem> {
        service::get(&self.read(), &self.keys, &granted(tenant), &path(at), version)
    }

    /// The number that [`House::put_number`] wrote.
    fn number(&self, at: &str, version: Option<u32>) -> Result<u64, Problem> {
        let value = self.get_in(1, at, version)?;
        let data: Value = serde_json::from_slice(value.data.expose()).unwrap();
        Ok(data["n"].as_u64().unwrap())
    }

    fn write<T: Send + 'static>(
        &self,
        mut run: impl FnMut(&mut WriteTx<'_>, &Granted<permit::DeleteSecrets>, &Limits) -> Result<T, Problem>
        + Send
        + 'static,
    ) -> Result<T, Problem> {
        let limits = self.limits;
        self.store.write_blocking(move |tx| run(tx, &granted(1), &limits))
    }

    fn delete(&self, at: &'static str, permanent: bool, now: Timestamp) -> Result<Deleted, Problem> {
        self.write(move |tx, granted, limits| service::delete(tx, granted, &path(at), permanent, limits, now))
    }

    fn restore(&self, at: &'static str, now: Timestamp) -> Result<Summary, Problem> {
        self.write(move |tx, granted, _| service::restore(tx, granted, &path(at), now))
    }

    fn destroy(&self, at: &'static str, version: u32) -> Result<(), Problem> {
        self.write(move |tx, granted, _| service::destroy_version(tx, granted, &path(at), version, NOW))
    }

    fn purge(&self, now: Timestamp, limit: usize) -> usize {
        self.store.write_blocking(move |tx| service::purge_expired(tx, now, limit)).unwrap()
    }

    fn list(&self, prefix: &str, limit: Option<u32>, cursor: Option<&str>) -> Result<Listing, Problem> {
        let prefix = Prefix::parse(prefix)?;
        service::list(&self.read(), self.keys.keyring().pepper(), &granted(1), &prefix, limit, cursor)
    }

    fn paths(&self, prefix: &str) -> Vec<String> {
        self.list(prefix, None, None).unwrap().secrets.iter().map(|secret| secret.path.to_string()).collect()
    }

    /// The audit log from the oldest row: action, path, and details in one text.
    fn log(&self) -> Vec<String> {
        let page = audit::list(&self.read(), Place::Platform, &audit::Filter::default(), None, 0, 1000).unwrap();
        let line = |event: &audit::Event| {
            let details: Vec<_> = event.details.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{} {} {}", event.action, event.resource_id, details.join(" ")).trim_end().to_owned()
        };
        page.rows.iter().rev().map(|(_, row)| line(&row.event)).collect()
    }
}
