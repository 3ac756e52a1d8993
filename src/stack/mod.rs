//! The assembled services: what a surface, a job and the command line are handed.

mod bootstrap;
mod env;
mod kept;
mod open;
mod proxies;
mod strangers;
#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod text_tests;
#[cfg(test)]
mod token_tests;
mod tokens;

use strangers::Strangers;

pub use env::Env;
pub use kept::{KEPT_SECS, new_kept_id};
pub use open::{Made, OpenStackError, make_folder, make_key, open, read_key, write_key};
pub use proxies::{ProxyFault, ProxyFaults};

use crate::audit::{self, Event, Packed};
use crate::base::id::IdGen;
use crate::base::{Clock, Problem, Timestamp};
use crate::config::Config;
use crate::crypto::keyring::Keyring;
use crate::crypto::password::Passwords;
use crate::jobs::{Board, Host};
use crate::limits::Limits;
use crate::mail::Mailer;
use crate::oauth::Issuers;
use crate::oauth::keys::{KeySet, Keys};
use crate::sessions::{Attempts, OF_MAILS, OF_SIGN_INS};
use crate::sso::Providers;
use crate::store::file::DataFile;
use crate::store::{Store, StoreError, WriteTx};
use crate::telemetry::metrics::Metrics;
use crate::vault::{self, TenantKeys};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

/// Everything that lives as long as the server: an [`Env`], by which it can be asked for what that has, and what only some
/// services need.
pub struct Stack {
    env: Env,
    /// The handle on the file itself, for unseal slots and backups; none on an in-memory store.
    pub file: Option<DataFile>,
    /// When the services were assembled.
    pub started_at: Timestamp,
    /// The settings that the server was started with.
    pub config: Config,
    public_url: OnceLock<(String, Issuers)>,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Failed sign-ins, by account and by network.
    pub attempts: Attempts,
    /// Mails that were asked for, by address and by network.
    pub mails_asked: Attempts,
    /// Questions where somebody belongs, by network.
    pub identified: Attempts,
    mailer: OnceLock<Mailer>,
    /// The keys that sign tokens, parsed; a rotation puts a new set in.
    pub keys: Keys,
    /// Limits of requests, and what has been counted against them.
    pub limits: Limits,
    /// The OpenID providers that have been asked.
    pub sso: Providers,
    /// Unwrapped tenant keys.
    pub tenant_keys: Arc<TenantKeys>,
    /// What has been counted.
    pub metrics: Metrics,
    /// What the server does by itself, and how that went.
    pub jobs: Board,
    /// What requests have shown to be wrong with the proxies in front.
    pub proxies: ProxyFaults,
    strangers: Strangers,
    kept: kept::Kept,
}

impl std::fmt::Debug for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stack")
    }
}

impl std::ops::Deref for Stack {
    type Target = Env;

    fn deref(&self) -> &Env {
        &self.env
    }
}

impl Host for Stack {
    fn store(&self) -> &Store {
        &self.store
    }

    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn board(&self) -> &Board {
        &self.jobs
    }
}

impl Stack {
    /// Assembles the services over an open store, and makes what a fresh store lacks: the partner and the tenant
    /// `default`, and the signing keys.
    ///
    /// # Errors
    /// When the store fails, or a signing key cannot be made or opened.
    pub fn assemble(
        store: Store,
        file: Option<DataFile>,
        keyring: Arc<Keyring>,
        clock: Clock,
        config: Config,
        metrics: Metrics,
    ) -> Result<Self, Problem> {
        let ids = IdGen::default();
        bootstrap::bootstrap(&store, &keyring, &ids, &clock)?;
        let keys = Keys::new(KeySet::load(&store.read(), &keyring, clock.now())?);
        let limits = Limits::load(&config.scaigrid, &store.read(), clock.now())?;
        let attempts = |which| Attempts::load(&store.read(), which, clock.now(), config.auth.window_secs);
        let (attempts, mails_asked) = (attempts(OF_SIGN_INS)?, attempts(OF_MAILS)?);
        Ok(Self {
            tenant_keys: Arc::new(TenantKeys::new(Arc::clone(&keyring))),
            started_at: clock.now(),
            env: Env::new(store, clock, keyring, ids),
            file,
            config,
            public_url: OnceLock::new(),
            passwords: Passwords::default(),
            attempts,
            mails_asked,
            identified: Attempts::default(),
            mailer: OnceLock::new(),
            limits,
            keys,
            sso: Providers::default(),
            metrics,
            jobs: Board::default(),
            proxies: ProxyFaults::default(),
            strangers: Strangers::default(),
            kept: kept::Kept::default(),
        })
    }

    /// Keeps something for its owner, a user or a session, in memory and sealed for [`KEPT_SECS`] seconds. False: it is too long.
    pub fn keep<T: Serialize>(&self, owner: &str, id: &str, value: &T) -> bool {
        self.kept.put((&self.keyring, self.now()), owner, id, value)
    }

    /// What was kept for its owner under an id. None: nothing, it is somebody else's, or its time has passed.
    pub fn kept<T: DeserializeOwned>(&self, owner: &str, id: &str) -> Option<T> {
        self.kept.get((&self.keyring, self.now()), owner, id)
    }

    /// As [`Stack::kept`]; it is not kept any longer.
    pub fn take_kept<T: DeserializeOwned>(&self, owner: &str, id: &str) -> Option<T> {
        let value = self.kept(owner, id);
        self.kept.drop(owner, id);
        value
    }

    /// The origin that clients use, without a trailing slash: the base of issuers and links.
    pub fn public_url(&self) -> &str {
        &self.addresses().0
    }

    /// The issuers of tokens and the addresses of their endpoints.
    pub fn issuers(&self) -> &Issuers {
        &self.addresses().1
    }

    fn addresses(&self) -> &(String, Issuers) {
        self.public_url.get_or_init(|| addresses(&self.config, self.config.server.listen.0))
    }

    /// Says which address is really listened on; before the first request, once.
    pub fn listening_on(&self, bound: SocketAddr) {
        // The settings name port 0 at most until here; a second call changes nothing.
        let _ = self.public_url.set(addresses(&self.config, bound));
    }

    /// The vault's bounds, from the settings.
    pub fn vault_limits(&self) -> vault::Limits {
        let vault = &self.config.vault;
        vault::Limits {
            max_value_bytes: usize::try_from(vault.value_limit_bytes).unwrap_or(usize::MAX),
            default_max_versions: vault.max_versions,
            soft_delete_days: vault.soft_delete_days,
        }
    }

    /// The way out for mail; none: it waits in the outbox.
    pub fn mailer(&self) -> Option<&Mailer> {
        self.mailer.get()
    }

    /// Gives the services a way out for mail, once.
    pub fn mail_by(&self, mailer: Mailer) {
        // A second call changes nothing.
        let _ = self.mailer.set(mailer);
    }

    /// Puts an event into the log without waiting for the disk: for reads, refusals and sign-ins, which change nothing
    /// else. At most 50 ms of them can be lost in a power cut.
    pub fn audit_later(&self, event: Event) {
        let event = Packed::from(event);
        let queued = self.store.write_later(move |tx| {
            audit::append(tx, event.clone());
            Ok(())
        });
        if queued.is_err() {
            tracing::error!("the audit queue is full: an event was not kept");
            metrics::counter!("scaistack_audit_events_lost_total").increment(1);
        }
    }

    /// As [`Stack::audit_later`], for a refusal of somebody who has not shown who it is: one a second (200 at once) is kept, so
    /// that requests which cost nothing do not fill the disk; the others are counted for [`Stack::write_strangers`].
    pub fn audit_stranger(&self, event: Event) {
        match self.strangers.sift(event) {
            Some(event) => self.audit_later(event),
            None => metrics::counter!("scaistack_audit_strangers_suppressed_total").increment(1),
        }
    }

    /// Writes one row about all refusals of strangers that were only counted since the last time. Gives how many rows.
    ///
    /// # Errors
    /// When the file cannot be written; what was counted is lost then.
    pub async fn write_strangers(&self) -> Result<usize, Problem> {
        let Some(event) = self.strangers.counted(self.now()) else { return Ok(0) };
        let event = Packed::from(event);
        let append = move |tx: &mut WriteTx<'_>| -> Result<(), StoreError> {
            audit::append(tx, event.clone());
            Ok(())
        };
        self.store.write(append).await?;
        Ok(1)
    }

    /// Puts the event of a read into the log as the settings say: `audit.reads = "eventual"` as [`Stack::audit_later`],
    /// `"durable"` by waiting for the disk.
    ///
    /// # Errors
    /// When the log cannot take it: then the read must not be answered.
    pub async fn audit_read(&self, event: Event) -> Result<(), Problem> {
        let event = Packed::from(event);
        let append = move |tx: &mut WriteTx<'_>| -> Result<(), StoreError> {
            audit::append(tx, event.clone());
            Ok(())
        };
        if self.config.audit.reads == crate::config::AuditReads::Durable {
            self.store.write(append).await
        } else {
            self.store.write_later(append)
        }
        .map_err(Problem::from)
    }
}

fn addresses(config: &Config, bound: SocketAddr) -> (String, Issuers) {
    let origin = config.server.origin(bound);
    let issuers = Issuers::new(&origin);
    (origin, issuers)
}
