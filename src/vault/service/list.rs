//! Listing by the front of the path, page by page.

use super::super::table::SECRETS;
use super::super::{Listing, PAGE_DEFAULT, PAGE_MAX, Prefix};
use super::find::tenant_of;
use crate::access::{Granted, permit};
use crate::audit::Event;
use crate::base::id::TenantId;
use crate::base::{Id, Problem, SecretPath, Timestamp};
use crate::catalogue::Action;
use crate::crypto::digest::MacKey;
use crate::crypto::seal::aad;
use crate::store::{Direction, Read, TextFront};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::ops::ControlFlow;

/// The secrets whose path starts with `prefix`, sorted by path. `pepper` is [`crate::crypto::keyring::Keyring::pepper`].
/// The caller owes a [`list_event`].
///
/// # Errors
/// `invalid_cursor` when the cursor is not one of ours for this tenant and prefix; `validation_error` for a `limit` outside
/// of 1 to [`PAGE_MAX`].
pub fn list(
    tx: &impl Read,
    pepper: &MacKey,
    granted: &Granted<permit::ListSecrets>,
    prefix: &Prefix,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Listing, Problem> {
    let tenant = tenant_of(granted)?;
    let limit = page_size(limit)?;
    let cursors = Cursors { pepper, view: b"vault list", tenant, prefix: prefix.as_str() };
    let start = cursors.read(cursor)?.map(|path| (tenant, path));
    let mut secrets = Vec::new();
    let mut more = false;
    let front = (tenant, TextFront(prefix.as_str()));
    tx.scan_after(&SECRETS, &front, start.as_ref(), Direction::Forward, |(_, path), secret| {
        // One more than is shown tells whether there is a next page.
        more = secrets.len() == limit;
        if more {
            return Ok(ControlFlow::Break(()));
        }
        secrets.push(secret.summary(path));
        Ok(ControlFlow::Continue(()))
    })?;
    let cursor = secrets.last().filter(|_| more).map(|last| cursors.write(&last.path));
    Ok(Listing { secrets, cursor })
}

/// The audit row of a listing.
pub fn list_event(granted: &Granted<permit::ListSecrets>, prefix: &Prefix, count: usize, now: Timestamp) -> Event {
    Event::by(granted.actor(), now, granted.place(), Action::SecretList)
        .on("secret", prefix.as_str())
        .with("count", count)
}

/// How many entries a page has.
pub(super) fn page_size(limit: Option<u32>) -> Result<usize, Problem> {
    let limit = limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Problem::invalid("limit", format!("must be 1 to {PAGE_MAX}")));
    }
    Ok(limit as usize)
}

/// The cursors of one view: a path to go on behind, and a code over it and all that it belongs to, so that a cursor leads
/// nowhere but to the next page of the same question.
pub(super) struct Cursors<'a> {
    pub pepper: &'a MacKey,
    pub view: &'static [u8],
    pub tenant: TenantId,
    pub prefix: &'a str,
}

impl Cursors<'_> {
    pub fn write(&self, last: &SecretPath) -> String {
        URL_SAFE_NO_PAD.encode([&self.code(last.as_str())[..], last.as_str().as_bytes()].concat())
    }

    pub fn read(&self, cursor: Option<&str>) -> Result<Option<SecretPath>, Problem> {
        let Some(cursor) = cursor else { return Ok(None) };
        self.path(cursor)
            .map(Some)
            .ok_or_else(|| Problem::malformed("invalid_cursor", "The cursor does not belong to this listing"))
    }

    fn path(&self, cursor: &str) -> Option<SecretPath> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (code, path) = bytes.split_first_chunk::<32>()?;
        let path = std::str::from_utf8(path).ok()?;
        let ours = self.pepper.verify(&[&self.question(path)], code);
        SecretPath::parse(path).ok().filter(|_| ours)
    }

    fn code(&self, path: &str) -> [u8; 32] {
        self.pepper.mac(&[&self.question(path)])
    }

    fn question(&self, path: &str) -> Vec<u8> {
        aad(&[self.view, &self.tenant.raw().to_be_bytes(), self.prefix.as_bytes(), path.as_bytes()])
    }
}
