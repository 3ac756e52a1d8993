//! Sending what lies in the outbox.

use super::batches::{BATCH, in_batches};
use crate::base::{Problem, Timestamp};
use crate::mail::{self, Mailer, Sending, State};
use crate::mailed_links;
use crate::stack::{Env, Stack};

/// How often the outbox is looked at, in seconds. It costs one look-up.
pub(super) const EVERY_SECS: u32 = 1;
/// How many mails are sent in one round.
const ROUND: usize = 50;

/// Sends what is due; without a mail server it does nothing.
pub(super) async fn send(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    match stack.mailer() {
        Some(mailer) => deliver(stack, mailer, now).await,
        None => Ok(0),
    }
}

/// Sends what is due, once. Gives how many mails the server took.
///
/// A crash between the server's answer and our note sends a mail twice, with the same Message-ID.
///
/// # Errors
/// When the store fails.
pub async fn deliver(env: &Env, mailer: &Mailer, now: Timestamp) -> Result<usize, Problem> {
    let due = mail::due(&env.store.read(), now, ROUND)?;
    let mut sent = 0;
    for one in due {
        let id = one.id;
        let over = one.expires_at.is_some_and(|end| now >= end);
        let done = match mail::open(&env.keyring, &one) {
            _ if over => Err(Sending::Never("the link in it ended before it could be sent".to_owned())),
            Ok(content) => mailer.send(&one, &content).await,
            Err(problem) => Err(Sending::Never(problem.message)),
        };
        let now = env.now();
        match done {
            Ok(()) => {
                env.store.write(move |tx| mail::note_sent(tx, id, now)).await?;
                sent += 1;
            }
            Err(failure) => {
                let (again, words) = match &failure {
                    Sending::Again(words) => (true, words.clone()),
                    Sending::Never(words) => (false, words.clone()),
                };
                let state = env.store.write(move |tx| mail::note_failure(tx, id, &failure, now)).await?;
                let given_up = state == Some(State::Failed);
                tracing::warn!(mail = %id, cause = words, given_up, "a mail could not be sent");
                if again {
                    // The server, not the mail: the others would fare the same.
                    break;
                }
            }
        }
    }
    Ok(sent)
}

/// Takes away old mails and links.
pub(super) async fn sweep(stack: &Stack, now: Timestamp) -> Result<usize, Problem> {
    let mails = in_batches(stack, move |tx| mail::sweep(tx, now, BATCH)).await?;
    let links = in_batches(stack, move |tx| mailed_links::sweep(tx, now, BATCH)).await?;
    Ok(mails + links)
}
