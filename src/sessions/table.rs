//! The rows of sessions, by id: access tokens name the id, and they are more than cookies.

use super::{Session, attempts};
use crate::access::{Evidence, Method, Methods, Place};
use crate::base::id::{PartnerId, SessionId, TenantId, UserId};
use crate::base::{Id, Timestamp};
use crate::crypto::token::TokenDigest;
use crate::store::listing::readable;
use crate::store::{Direction, Entity, IndexEntries, Read, Report, Row, StoreError, Table, WriteTx, with_last};
use crate::tenancy;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

const BY_DIGEST: Table<[u8; 32], SessionId> = Table::new(0x0901, "sessions by cookie");
const BY_USER: Table<(UserId, SessionId), ()> = Table::new(0x0902, "sessions by user");
const BY_TENANT: Table<(TenantId, SessionId), ()> = Table::new(0x0903, "sessions by tenant");
const BY_END: Table<(Timestamp, SessionId), ()> = Table::new(0x0904, "sessions by end");
/// By the partner of their tenant. Kept by hand, because a tenant can go to another partner.
const BY_PARTNER: Table<(PartnerId, SessionId), ()> = Table::new(0x0905, "sessions by partner");

impl Row for Session {
    const VERSION: u8 = 4;

    fn upgrade(version: u8, bytes: &[u8]) -> Result<Self, StoreError> {
        // Version 1 did not know who ended it. Until version 3 nobody noted what was shown; a second factor was an app's. Until
        // version 4 nobody chose where the pages work.
        let nowhere: Option<TenantId> = None;
        let mut session: Self = match version {
            1 => with_last(1, &(false, Methods::default(), nowhere), version, bytes)?,
            2 => with_last(2, &(Methods::default(), nowhere), version, bytes)?,
            _ => return with_last(3, &nowhere, version, bytes),
        };
        let shown: &[_] =
            if session.mfa_at.is_some() { &[Method::Password, Method::Totp] } else { &[Method::Password] };
        session.methods = Evidence::of(shown, session.authenticated_at).methods();
        Ok(session)
    }
}

impl Entity for Session {
    type Key = SessionId;
    const TABLE: Table<SessionId, Self> = Table::new(0x0900, "sessions");
    fn key(&self) -> SessionId {
        self.id
    }
    fn indexes(&self, entries: &mut IndexEntries) {
        entries.unique(&BY_DIGEST, &self.digest.0, &self.id);
        entries.many(&BY_USER, &(self.user, self.id));
        entries.many(&BY_TENANT, &(self.tenant, self.id));
        entries.many(&BY_END, &(self.expires_at, self.id));
    }
}

pub(super) fn by_digest(tx: &impl Read, digest: &TokenDigest) -> Result<Option<Session>, StoreError> {
    tx.find(&BY_DIGEST, &tx.keep(digest).0)
}

pub(super) fn by_id(tx: &impl Read, id: SessionId) -> Result<Option<Session>, StoreError> {
    tx.get(&Session::TABLE, &id)
}

/// Lists a session under the partner that its tenant belongs to, or takes it from there.
pub(super) fn list_under(
    tx: &mut WriteTx<'_>,
    partner: Option<PartnerId>,
    id: SessionId,
    listed: bool,
) -> Result<(), StoreError> {
    match partner {
        Some(partner) if listed => tx.put(&BY_PARTNER, &(partner, id), &()),
        Some(partner) => tx.delete(&BY_PARTNER, &(partner, id)),
        None => Ok(()),
    }
}

/// The ids of all sessions in a tenant, or of all there are.
pub(super) fn ids(tx: &impl Read, tenant: Option<TenantId>) -> Result<Vec<(TenantId, SessionId)>, StoreError> {
    let mut found = Vec::new();
    let mut take = |key, ()| {
        found.push(key);
        Ok(ControlFlow::Continue(()))
    };
    match tenant {
        Some(tenant) => tx.scan_front(&BY_TENANT, &(tenant,), Direction::Forward, &mut take)?,
        None => tx.scan_front(&BY_TENANT, &(), Direction::Forward, &mut take)?,
    }
    Ok(found)
}

/// Whose or where, for a list.
#[derive(Clone, Copy, Debug)]
pub(super) enum SessionsOf {
    All,
    User(UserId),
    Tenant(TenantId),
    Partner(PartnerId),
}

/// Visits sessions behind `start` in a direction. One that cannot be read is left out: nobody is let in by it either.
pub(super) fn scan(
    tx: &impl Read,
    which: SessionsOf,
    (start, way): (Option<SessionId>, Direction),
    mut visit: impl FnMut(Session) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let mut take = |id: SessionId| match readable("session", &id, by_id(tx, id))? {
        Some(session) => visit(session),
        None => Ok(ControlFlow::Continue(())),
    };
    match which {
        SessionsOf::All => tx.scan_keys(&Session::TABLE, &(), start.as_ref(), way, take),
        SessionsOf::User(user) => {
            let start = start.map(|id| (user, id));
            tx.scan_after(&BY_USER, &(user,), start.as_ref(), way, |(_, id), ()| take(id))
        }
        SessionsOf::Tenant(tenant) => {
            let start = start.map(|id| (tenant, id));
            tx.scan_after(&BY_TENANT, &(tenant,), start.as_ref(), way, |(_, id), ()| take(id))
        }
        SessionsOf::Partner(partner) => {
            let start = start.map(|id| (partner, id));
            tx.scan_after(&BY_PARTNER, &(partner,), start.as_ref(), way, |(_, id), ()| take(id))
        }
    }
}

/// The ids of sessions whose last possible moment was before `at`.
pub(super) fn ended_before(tx: &impl Read, at: Timestamp, limit: usize) -> Result<Vec<SessionId>, StoreError> {
    tx.due(&BY_END, ..at, limit)
}

/// Whether no partner has a session.
#[cfg(test)]
pub(super) fn is_listed_nowhere(tx: &impl Read) -> bool {
    tx.list(&BY_PARTNER, &(), 1).is_ok_and(|rows| rows.is_empty())
}

/// A step of the schema: tokens are kept under a key.
///
/// # Errors
/// When the file cannot be read or written.
pub fn keep_tokens(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    tx.rewrite(|tx, session: Session| Session { digest: tx.keep_bare(session.digest), ..session })
}

/// Looks at all rows of this domain ([`crate::store::check`]).
///
/// # Errors
/// When the file cannot be read.
pub fn check_rows(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    report.entity::<Session>(tx)?;
    attempts::check_rows(tx, report)?;
    match check_partners(tx, report) {
        // A tenant's standing, which is named where it stands: without it nothing says whose sessions these are.
        Err(StoreError::Corrupt(_)) => Ok(()),
        other => other,
    }
}

/// Each session is listed under the partner of its tenant, and under no other.
fn check_partners(tx: &impl Read, report: &mut Report) -> Result<(), StoreError> {
    let (mut lacking, mut whole) = (BTreeSet::new(), BTreeSet::new());
    for session in tx.readable_rows(&Session::TABLE)? {
        let place = tenancy::place_of(tx, session.tenant)?;
        lacking.extend(place.and_then(Place::partner).map(|partner| (partner, session.id)));
        whole.insert(session.id);
    }
    let mut stray = Vec::new();
    tx.scan_keys(&BY_PARTNER, &(), None, Direction::Forward, |key| {
        if !lacking.remove(&key) {
            stray.push(key);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    for (partner, id) in lacking {
        let what = "is not listed under the partner of its tenant";
        report.mendable(Session::TABLE.name, id.raw().to_string(), what, move |tx| {
            list_under(tx, Some(partner), id, true)
        });
    }
    for (partner, id) in stray {
        // What cannot be read may well belong there.
        if whole.contains(&id) || tx.get(&Session::TABLE, &id).is_ok() {
            let what = "is listed under a partner that its tenant is not of";
            report.mendable(Session::TABLE.name, id.raw().to_string(), what, move |tx| {
                list_under(tx, Some(partner), id, false)
            });
        }
    }
    Ok(())
}
