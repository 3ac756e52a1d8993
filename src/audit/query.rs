//! Looking into the log.

use super::chain::{BY_TENANT, LOG};
use super::event::{Event, Outcome, Row};
use crate::access::Place;
use crate::base::id::TenantId;
use crate::base::{EmailKey, Problem, Timestamp};
use crate::catalogue::Action;
use crate::store::{Direction, Read, Slice, StoreError, Window};
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
    /// Without the rows that reading this log makes, which would fill it for whoever watches it; but with those of an action
    /// that [`Filter::actions`] names.
    pub without_own_reads: bool,
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
            && (!self.without_own_reads || !is_own_read(&event.action) || self.actions.contains(&event.action))
            && (!self.without_reads || is_change(&event.action))
            && self.ip.as_deref().is_none_or(|want| event.ip.as_deref() == Some(want))
            && self.request.as_deref().is_none_or(|want| event.request.is_some_and(|id| id.to_string() == want))
    }
}

/// Whether it is that somebody read this log. Taking it out as a file ([`Action::AuditExport`]) stays in sight.
fn is_own_read(action: &str) -> bool {
    action == Action::AuditRead.name()
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
    let mut skipped = 0;
    let mut search = Search::new(place, filter, Direction::Backward);
    walk(tx, search.tenant(), before, Direction::Backward, |number, row| {
        match search.judge(&row) {
            Verdict::Over => return Ok(ControlFlow::Break(())),
            Verdict::Takes if skipped < skip => skipped += 1,
            Verdict::Takes if page.rows.len() == limit => {
                page.next = page.rows.last().map(|(number, _)| *number);
                return Ok(ControlFlow::Break(()));
            }
            Verdict::Takes => page.rows.push((number, row)),
            Verdict::Leaves => {}
        }
        if search.is_exhausted() {
            page.next = Some(number);
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(page)
}

/// A stretch of the rows that `filter` takes and `place` covers, in the order of the window. It may show fewer rows than fit,
/// or none, and lead on all the same: as many rows as one request may look at were looked at. The rows are not counted: the
/// total is 0.
///
/// # Errors
/// When the file cannot be read.
pub fn slice(tx: &impl Read, place: Place, filter: &Filter, window: Window) -> Result<Slice<(u64, Row)>, Problem> {
    let (start, way) = window.travel();
    let mut search = Search::new(place, filter, way);
    // What lies outside of the times asked for is not walked over.
    let from = match (way, filter.from, filter.to) {
        (Direction::Forward, Some(from), _) => {
            let first = first_since(tx, from.plus_secs(-OUT_OF_ORDER_SECS))?;
            start.max(first.checked_sub(1))
        }
        (Direction::Backward, _, Some(to)) => {
            let end = first_since(tx, to.plus_secs(OUT_OF_ORDER_SECS + 1))?;
            Some(start.map_or(end, |start| start.min(end)))
        }
        _ => start,
    };
    let (mut items, mut goes_on): (Vec<(u64, Row)>, Option<u64>) = (Vec::new(), None);
    walk(tx, search.tenant(), from, way, |number, row| {
        match search.judge(&row) {
            Verdict::Over => return Ok(ControlFlow::Break(())),
            Verdict::Takes if items.len() == window.size() => {
                goes_on = items.last().map(|(number, _)| *number);
                return Ok(ControlFlow::Break(()));
            }
            Verdict::Takes => items.push((number, row)),
            Verdict::Leaves => {}
        }
        if search.is_exhausted() {
            goes_on = Some(number);
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    // Where one came from is the other way, over the first row of the stretch.
    let comes_from = start.map(|start| match (items.first(), way) {
        (Some((number, _)), _) => *number,
        // Of an empty stretch, the way back leads over its place itself.
        (None, Direction::Backward) => start.saturating_sub(1),
        (None, Direction::Forward) => start.saturating_add(1),
    });
    if way != window.order() {
        items.reverse();
    }
    let end = |place: Option<u64>| (place.unwrap_or_default(), place.is_some());
    let (next, prev) = match way {
        Direction::Backward => window.ways(end(goes_on), end(comes_from)),
        Direction::Forward => window.ways(end(comes_from), end(goes_on)),
    };
    Ok(Slice { items, total: 0, is_all: true, next, prev })
}

/// The number of the first row of a moment or later; behind the last one if there is none. Numbers have no gaps, and the rows
/// are in the order of time but for [`OUT_OF_ORDER_SECS`], so it is found by halving.
fn first_since(tx: &impl Read, at: Timestamp) -> Result<u64, StoreError> {
    let end_of = |way| -> Result<Option<u64>, StoreError> {
        let mut end = None;
        tx.scan_keys(&LOG, &(), None, way, |(number,)| {
            end = Some(number);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(end)
    };
    let (Some(mut low), Some(last)) = (end_of(Direction::Forward)?, end_of(Direction::Backward)?) else { return Ok(0) };
    let mut high = last.saturating_add(1);
    while low < high {
        let middle = low + (high - low) / 2;
        if tx.get(&LOG, &(middle,))?.is_some_and(|row| row.event.at >= at) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

/// What a search makes of a row.
enum Verdict {
    Takes,
    Leaves,
    /// Neither takes it nor any behind it.
    Over,
}

/// What is looked for, and how much was looked at.
struct Search<'f> {
    place: Place,
    filter: &'f Filter,
    way: Direction,
    looked_at: usize,
}

impl<'f> Search<'f> {
    fn new(place: Place, filter: &'f Filter, way: Direction) -> Self {
        Self { place, filter, way, looked_at: 0 }
    }

    /// The tenant whose rows are walked over; none: all are.
    fn tenant(&self) -> Option<TenantId> {
        self.place.tenant().or(self.filter.tenant)
    }

    fn judge(&mut self, row: &Row) -> Verdict {
        self.looked_at += 1;
        let at = row.event.at;
        // Rows are nearly in the order of time, so none behind this one can be in it.
        let is_over = match self.way {
            Direction::Backward => self.filter.from.is_some_and(|from| at < from.plus_secs(-OUT_OF_ORDER_SECS)),
            Direction::Forward => self.filter.to.is_some_and(|to| at > to.plus_secs(OUT_OF_ORDER_SECS)),
        };
        match () {
            () if is_over => Verdict::Over,
            () if is_covered(self.place, &row.event) && self.filter.takes(&row.event) => Verdict::Takes,
            () => Verdict::Leaves,
        }
    }

    fn is_exhausted(&self) -> bool {
        self.looked_at >= MAX_LOOKED_AT
    }
}

fn is_covered(place: Place, event: &Event) -> bool {
    match place {
        Place::Platform => true,
        Place::Partner(partner) => event.partner == Some(partner),
        Place::Tenant { tenant, .. } => event.tenant == Some(tenant),
    }
}

/// Visits the rows of a tenant, or all, behind `start` in a direction.
fn walk(
    tx: &impl Read,
    tenant: Option<TenantId>,
    start: Option<u64>,
    way: Direction,
    mut take: impl FnMut(u64, Row) -> Result<ControlFlow<()>, StoreError>,
) -> Result<(), StoreError> {
    let Some(tenant) = tenant else {
        let start = start.map(|number| (number,));
        return tx.scan_after(&LOG, &(), start.as_ref(), way, |(number,), row| take(number, row));
    };
    let mut one = |number: u64| match tx.get(&LOG, &(number,))? {
        Some(row) => take(number, row),
        None => Ok(ControlFlow::Continue(())),
    };
    if way == Direction::Backward {
        let (from, end) = (start.map(|number| (tenant, number)), start.unwrap_or(u64::MAX));
        return tx.scan_after(&BY_TENANT, &(tenant,), from.as_ref(), way, |(_, first), count| {
            for number in (first..first.saturating_add(count).min(end)).rev() {
                if one(number)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(ControlFlow::Continue(()))
        });
    }
    // The run that the place lies in begins before it.
    let begin = start.map_or(0, |number| number.saturating_add(1));
    let mut run = None;
    tx.scan_after(&BY_TENANT, &(tenant,), Some(&(tenant, begin)), Direction::Backward, |(_, first), _| {
        run = first.checked_sub(1).map(|before| (tenant, before));
        Ok(ControlFlow::Break(()))
    })?;
    let run = run.or(begin.checked_sub(1).map(|before| (tenant, before)));
    tx.scan_after(&BY_TENANT, &(tenant,), run.as_ref(), way, |(_, first), count| {
        for number in first.max(begin)..first.saturating_add(count) {
            if one(number)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
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
    Ok(tx.get(&LOG, &(number,))?.filter(|row| is_covered(place, &row.event)))
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
