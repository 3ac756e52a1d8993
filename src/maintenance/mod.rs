//! The jobs of this server: sending mail, taking away rows whose time is over, rotating keys.
//!
//! A new one is a function here, or in a file of its own, and a line in [`all`]. [`crate::jobs`] runs them.

mod batches;
mod mail;
mod restored;
#[cfg(test)]
mod tests;

pub use mail::deliver;
pub use restored::{Closing, restored};

use batches::{BATCH, in_batches};

use crate::audit;
use crate::authentication;
use crate::base::{Problem, Timestamp};
use crate::jobs::Job;
use crate::oauth::{self, keys::KeySet};
use crate::people;
use crate::portal_links;
use crate::program_login;
use crate::sessions;
use crate::stack::Stack;
use crate::tenancy;
use crate::token_families;
use crate::vault;
use std::sync::Arc;

const MINUTE: u32 = 60;
const HOUR: u32 = 3600;

/// All jobs. `extra` are those of the caller, who has what they need: the server renews its certificate.
pub fn all(stack: &Stack, extra: Vec<Job<Stack>>) -> Vec<Job<Stack>> {
    let mut jobs = vec![
        Job::new(
            "purge-secrets",
            "Takes away deleted secrets whose retention has passed.",
            HOUR,
            async |stack: Arc<Stack>, now| purge_secrets(&stack, now).await,
        ),
        Job::new(
            "prune-audit-log",
            "Takes away rows of the audit log that are older than the settings keep.",
            HOUR,
            async |stack: Arc<Stack>, now| prune_audit(&stack, now).await,
        ),
        Job::new("sweep-sessions", "Takes away sessions that ended long ago.", HOUR, async |stack: Arc<Stack>, now| {
            sweep_sessions(&stack, now).await
        }),
        Job::new(
            "sweep-sign-ins",
            "Takes away the marks of used steps of sign-ins, and flows of programs that are over.",
            HOUR,
            async |stack: Arc<Stack>, now| sweep_sign_ins(&stack, now).await,
        ),
        Job::new(
            "rotate-signing-keys",
            "Publishes the successors of signing keys, puts them to use, and retires the old ones.",
            HOUR,
            async |stack: Arc<Stack>, now| rotate_keys(&stack, now).await,
        ),
        Job::new(
            "sweep-signing-keys",
            "Takes away retired signing keys that nothing is signed with any more.",
            HOUR,
            async |stack: Arc<Stack>, now| sweep_keys(&stack, now).await,
        ),
        Job::new(
            "sweep-outbox",
            "Takes away old mails, and links that ended.",
            HOUR,
            async |stack: Arc<Stack>, now| mail::sweep(&stack, now).await,
        ),
        Job::new(
            "sweep-tokens",
            "Takes away codes, refresh tokens and revoked tokens that have expired.",
            HOUR,
            async |stack: Arc<Stack>, now| sweep_tokens(&stack, now).await,
        ),
        Job::new(
            "sweep-portal-links",
            "Takes away links to portals that ended long ago.",
            HOUR,
            async |stack: Arc<Stack>, now| sweep_portal_links(&stack, now).await,
        ),
        Job::new(
            "purge-deleted",
            "Ends the time in which deleted users and tenants can be restored, and frees their addresses and slugs.",
            HOUR,
            async |stack: Arc<Stack>, now| purge_deleted(&stack, now).await,
        ),
        Job::new(
            "count-refusals",
            "Writes what was refused to requests without a credential to the audit log, counted together.",
            MINUTE,
            async |stack: Arc<Stack>, _| stack.write_strangers().await,
        ),
        Job::new(
            "save-wrong-tries",
            "Writes down how many wrong tries there were, so that a restart does not forget them.",
            MINUTE,
            async |stack: Arc<Stack>, now| authentication::save_tries(&stack, now).await,
        ),
        Job::new("tidy-metrics", "Tidies up the histograms of the metrics.", MINUTE, async |stack: Arc<Stack>, _| {
            stack.metrics.tidy();
            Ok(0)
        }),
    ];
    if stack.mailer().is_some() {
        jobs.push(Job::new(
            "send-mail",
            "Sends the mail that waits in the outbox.",
            mail::EVERY_SECS,
            async |stack: Arc<Stack>, now| mail::send(&stack, now).await,
        ));
    }
    jobs.extend(extra);
    jobs
}

/// Takes away secrets whose time in the trash has passed.
///
/// # Errors
/// When the store fails.
pub async fn purge_secrets(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    in_batches(stack, move |tx| vault::service::purge_expired(tx, now, BATCH)).await
}

/// Takes away audit rows that are older than the settings keep.
///
/// # Errors
/// When the store fails.
pub async fn prune_audit(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    let before = now.plus_secs(-i64::from(stack.config.audit.retention_days) * 86_400);
    let keyring = Arc::clone(&stack.keyring);
    in_batches(stack, move |tx| audit::prune(tx, keyring.audit(), before, BATCH)).await
}

/// Takes away the rows of sessions that ended long ago.
///
/// # Errors
/// When the store fails.
pub async fn sweep_sessions(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    in_batches(stack, move |tx| sessions::sweep(tx, now, BATCH)).await
}

/// Takes away the marks of used sign-in tokens that have expired, and the flows of ScaiGrid's login that are over.
///
/// # Errors
/// When the store fails.
pub async fn sweep_sign_ins(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    let marks = in_batches(stack, move |tx| authentication::sweep(tx, now, BATCH)).await?;
    let flows = in_batches(stack, move |tx| program_login::sweep(tx, now, BATCH)).await?;
    Ok(marks + flows)
}

/// Ends the time in which deleted users and tenants can be restored: the users are gone, and addresses and slugs are free.
///
/// # Errors
/// When the store fails.
pub async fn purge_deleted(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    let before = now.plus_secs(-i64::from(stack.config.storage.deleted_days) * 86_400);
    let users = in_batches(stack, move |tx| people::purge_deleted(tx, before, now, BATCH)).await?;
    let tenants = in_batches(stack, move |tx| tenancy::release_deleted(tx, before, now, BATCH)).await?;
    Ok(users + tenants)
}

/// Takes away the links to portals that ended long ago.
///
/// # Errors
/// When the store fails.
pub async fn sweep_portal_links(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    in_batches(stack, move |tx| portal_links::sweep(tx, now, BATCH)).await
}

/// Takes the steps of the signing keys' rotation that are due: publishes a successor a day ahead, puts it to use, retires the
/// old key. Loads the set anew.
///
/// # Errors
/// When the store fails, or no key can be made.
pub async fn rotate_keys(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    let days = i64::from(stack.config.tokens.rotation_days);
    if days == 0 {
        return Ok(0);
    }
    let due = oauth::keys::due(&stack.store.read(), days * 86_400, now)?;
    for alg in &due {
        let (alg, id, keyring) = (*alg, stack.new_id(), Arc::clone(&stack.keyring));
        let made = tokio::task::spawn_blocking(move || oauth::keys::generate(alg, id, &keyring)).await;
        let new = made.map_err(Problem::internal)??;
        stack.store.write(move |tx| oauth::keys::rotate_on_schedule(tx, &new, now)).await?;
    }
    if !due.is_empty() {
        stack.keys.replace(KeySet::load(&stack.store.read(), &stack.keyring, now)?);
    }
    Ok(due.len())
}

/// Takes away codes, families and revoked tokens of which nothing holds any more.
///
/// # Errors
/// When the store fails.
pub async fn sweep_tokens(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    let codes = in_batches(stack, move |tx| oauth::code::sweep(tx, now, BATCH)).await?;
    let families = in_batches(stack, move |tx| token_families::sweep(tx, now, BATCH)).await?;
    let revoked = in_batches(stack, move |tx| oauth::sweep_revoked(tx, now, BATCH)).await?;
    Ok(codes + families + revoked)
}

/// Takes retired signing keys away when their time has come, and loads the set anew.
///
/// # Errors
/// When the store fails, or a key does not open.
pub async fn sweep_keys(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    let done = stack.store.write(move |tx| oauth::keys::sweep(tx, now)).await?;
    if done > 0 {
        stack.keys.replace(KeySet::load(&stack.store.read(), &stack.keyring, now)?);
    }
    Ok(done)
}
