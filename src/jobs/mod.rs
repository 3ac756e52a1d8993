//! What the server does by itself: a task that wakes every minute and runs what is due, and one that sends mail.
//!
//! Each job is one function that does a bounded piece of work and may be run again at any time. A job that fails is
//! logged and comes again; it never ends the server.

mod mail;
#[cfg(test)]
mod tests;

pub use mail::deliver;

use crate::audit;
use crate::base::{Problem, Timestamp};
use crate::families;
use crate::login;
use crate::oauth::{self, keys::KeySet};
use crate::people;
use crate::portal;
use crate::sessions;
use crate::signin;
use crate::stack::Stack;
use crate::store::{StoreError, WriteTx};
use crate::tenancy;
use crate::vault;
use std::sync::Arc;
use std::time::Duration;

/// How many rows a job takes in one transaction, so that writers beside it never wait long.
const BATCH: usize = 500;

/// A job of the caller's, run with the others: the server renews its certificate here.
pub type Extra = Box<dyn Fn(Timestamp) + Send>;

/// Runs the jobs until the future is dropped.
pub async fn run(stack: Arc<Stack>, extra: Vec<Extra>) {
    // Mail has a round of its own: a mail server that hangs must not keep the others from their work.
    tokio::join!(rounds(&stack, extra), mail::rounds(&stack));
}

async fn rounds(stack: &Stack, extra: Vec<Extra>) {
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    minute.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut minutes: u64 = 0;
    loop {
        minute.tick().await;
        stack.metrics.tidy();
        report("count refusals of strangers", stack.write_strangers().await);
        if minutes.is_multiple_of(60) {
            let now = stack.now();
            for job in &extra {
                job(now);
            }
            hourly(stack, now).await;
        }
        minutes += 1;
    }
}

/// The hourly round.
pub async fn hourly(stack: &Stack, now: Timestamp) {
    report("purge deleted secrets", purge_secrets(stack, now).await);
    report("prune the audit log", prune_audit(stack, now).await);
    report("sweep ended sessions", sweep_sessions(stack, now).await);
    report("sweep used sign-in tokens", sweep_signin(stack, now).await);
    report("sweep login flows", sweep_logins(stack, now).await);
    report("rotate signing keys", rotate_keys(stack, now).await);
    report("sweep the outbox", mail::sweep(stack, now).await);
    report("sweep retired signing keys", sweep_keys(stack, now).await);
    report("sweep codes and tokens", sweep_tokens(stack, now).await);
    report("sweep links to portals", sweep_portal_links(stack, now).await);
    report("purge deleted users and tenants", purge_deleted(stack, now).await);
}

fn report(job: &str, done: Result<usize, Problem>) {
    match done {
        Ok(0) => {}
        Ok(rows) => tracing::info!(job, rows, "job done"),
        Err(problem) => tracing::error!(job, code = problem.code, cause = problem.internal.as_deref(), "job failed"),
    }
}

/// Runs what takes up to [`BATCH`] rows and says how many, a transaction each, until there are no more.
async fn in_batches(
    stack: &Stack,
    take: impl FnMut(&mut WriteTx<'_>) -> Result<usize, StoreError> + Clone + Send + 'static,
) -> Result<usize, Problem> {
    let mut all = 0;
    loop {
        let done: usize = stack.store.write(take.clone()).await?;
        all += done;
        if done < BATCH {
            return Ok(all);
        }
    }
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

/// Takes away the marks of used sign-in tokens that have expired.
///
/// # Errors
/// When the store fails.
pub async fn sweep_signin(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    in_batches(stack, move |tx| signin::sweep(tx, now, BATCH)).await
}

/// Takes away the flows of ScaiGrid's login that are over.
///
/// # Errors
/// When the store fails.
pub async fn sweep_logins(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    in_batches(stack, move |tx| login::sweep(tx, now, BATCH)).await
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
    in_batches(stack, move |tx| portal::sweep(tx, now, BATCH)).await
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
    let families = in_batches(stack, move |tx| families::sweep(tx, now, BATCH)).await?;
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
