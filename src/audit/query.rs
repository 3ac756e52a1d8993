//! Looking into the log.

use super::chain::{BY_TENANT, LOG};
use super::event::{Event, Outcome, Row};
use crate::access::Place;
use crate::base::id::TenantId;
use crate::base::{EmailKey, Problem, Timestamp};
use crate::catalogue::Action;
use crate::store::{Direction, Read, StoreError};
use std::ops::ControlFlow;

/// How many rows one request may look at, so that a filter that matches nothing ends.
const MAX_LOOKED_AT: usize = 100_000;
/// How far rows can be out of the order of their times: a row carries the moment at which its request came, and is written when
/// the request is done, behind hashes and uploads that wait; and a clock that was ahead is set back by less. Beyond it, an
/// older row means that all behind it are older still.
const OUT_OF_ORDER_SECS: i64 = 60;

/// What to show. Every part that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only events of this moment or later.
    pub from: Option<Timestamp>,
    /// Only events of this moment or earlier.
    pub to: Option<Timestamp>,
    /// One of these actions; empty: any.
    pub actions: Vec<String>,
    /// The actor's id, or its identity in ScaiVault's form.
    pub actor: Option<String>,
    /// The actor's name or e-mail.
    pub actor_name: Option<String>,
    /// The kind of thing.
    pub resource_type: Option<String>,
    /// The whole id of the thing.
    pub resource_id: Option<String>,
    /// The front of a resource's id: a path prefix.
    pub resource_prefix: Option<String>,
    /// `success`, `denied` or `failure`.
    pub outcome: Option<String>,
    /// Only what was refused or failed (true), or was done (false): what ScaiGrid calls FAILURE and SUCCESS.
    pub failed: Option<bool>,
    /// Without what was only read: what ScaiGrid's log keeps is changes and sign-ins.
    pub without_reads: bool,
    /// The client's address.
    pub ip: Option<String>,
    /// The request's id, `req_…`.
    pub request: Option<String>,
    /// Only this tenant.
    pub tenant: Option<TenantId>,
}

impl Filter {
    fn takes(&self, event: &Event) -> bool {
        let same =
            |want: &Option<String>, have: &str| want.as_deref().is_none_or(|want| want.eq_ignore_ascii_case(have));
        self.from.is_none_or(|from| event.at >= from)
            && self.to.is_none_or(|to| event.at <= to)
            && (self.actions.is_empty() || self.actions.contains(&event.action))
            && self.actor.as_deref().is_none_or(|want| want == event.actor.id || want == event.actor.identity)
            && self.actor_name.as_deref().is_none_or(|want| EmailKey::is_same(want, &event.actor.name))
            && same(&self.resource_type, &event.resource_type)
            && self.resource_id.as_deref().is_none_or(|want| want == event.resource_id)
            && self.resource_prefix.as_deref().is_none_or(|front| event.resource_id.starts_with(front))
            && same(&self.outcome, event.outcome.name())
            && self.failed.is_none_or(|failed| failed != (event.outcome == Outcome::Success))
            && (!self.without_reads || is_change(&event.action))
            && self.ip.as_deref().is_none_or(|want| event.ip.as_deref() == Some(want))
            && self.request.as_deref().is_none_or(|want| event.request.is_some_and(|id| id.to_string() == want))
    }
}

/// What is no action any more was kept by an older version, which kept changes.
fn is_change(action: &str) -> bool {
    Action::parse(action).is_none_or(|action| action.nature().is_change())
}

/// Some rows, the newest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Number and row.
    pub rows: Vec<(u64, Row)>,
    /// The number to go on behind, if there may be more.
    pub next: Option<u64>,
}

/// The rows that `filter` takes and `place` covers, newest first, `limit` at most after skipping `skip`, behind row `before`.
///
/// # Errors
/// When the file cannot be read.
pub fn list(
    tx: &impl Read,
    place: Place,
    filter: &Filter,
    before: Option<u64>,
    skip: usize,
    limit: usize,
) -> Result<Page, Problem> {
    let mut page = Page::default();
    let (mut looked_at, mut skipped) = (0, 0);
    let earliest = filter.from.map(|from| from.plus_secs(-OUT_OF_ORDER_SECS));
    let tenant = match place {
        Place::Tenant { tenant, .. } => Some(tenant),
        Place::Platform | Place::Partner(_) => filter.tenant,
    };
    let mut take = |number: u64, row: Row| -> Result<ControlFlow<()>, StoreError> {
        looked_at += 1;
        // Rows are nearly in the order of time, so none behind this one can be late enough.
        if earliest.is_some_and(|earliest| row.event.at < earliest) {
            return Ok(ControlFlow::Break(()));
        }
        let covered = match place {
            Place::Platform => true,
            Place::Partner(partner) => row.event.partner == Some(partner),
            Place::Tenant { tenant, .. } => row.event.tenant == Some(tenant),
        };
        if covered && filter.takes(&row.event) {
            if skipped < skip {
                skipped += 1;
            } else if page.rows.len() == limit {
                page.next = page.rows.last().map(|(number, _)| *number);
                return Ok(ControlFlow::Break(()));
            } else {
                page.rows.push((number, row));
            }
        }
        if looked_at >= MAX_LOOKED_AT {
            page.next = Some(number);
        }
        Ok(if looked_at >= MAX_LOOKED_AT { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    if let Some(tenant) = tenant {
        let start = before.map(|number| (tenant, number));
        let end = before.unwrap_or(u64::MAX);
        tx.scan_after(&BY_TENANT, &(tenant,), start.as_ref(), Direction::Backward, |(_, first), count| {
            for number in (first..first.saturating_add(count).min(end)).rev() {
                if let Some(row) = tx.get(&LOG, &(number,))?
                    && take(number, row)?.is_break()
                {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
    } else {
        let start = before.map(|number| (number,));
        tx.scan_after(&LOG, &(), start.as_ref(), Direction::Backward, |(number,), row| take(number, row))?;
    }
    Ok(page)
}

/// Visits all rows, the oldest first: for a step of the schema that learns from what has happened.
///
/// # Errors
/// When the file cannot be read.
pub fn each(tx: &impl Read, mut visit: impl FnMut(&Event)) -> Result<(), StoreError> {
    tx.scan_after(&LOG, &(), None, Direction::Forward, |(_,), row| {
        visit(&row.event);
        Ok(ControlFlow::Continue(()))
    })
}

/// One row, if `place` covers it.
///
/// # Errors
/// When the file cannot be read.
pub fn one(tx: &impl Read, place: Place, number: u64) -> Result<Option<Row>, Problem> {
    let row = tx.get(&LOG, &(number,))?;
    Ok(row.filter(|row| match place {
        Place::Platform => true,
        Place::Partner(partner) => row.event.partner == Some(partner),
        Place::Tenant { tenant, .. } => row.event.tenant == Some(tenant),
    }))
}

/// When the newest row was written; none: there is none.
///
/// # Errors
/// When the file cannot be read.
pub fn newest(tx: &impl Read) -> Result<Option<Timestamp>, StoreError> {
    let mut at = None;
    tx.scan_front(&LOG, &(), Direction::Backward, |_, row| {
        at = Some(row.event.at);
        Ok(ControlFlow::Break(()))
    })?;
    Ok(at)
}
