//! `/v1/audit-log`: what was done. Who may see the log of their tenant sees that, who may see a partner's sees
//! those of its tenants, and a super_admin sees all.

use super::Services;
use super::envelope::{Paging, page};
use super::parts::here;
use crate::access::{Actor, Place, permit};
use crate::audit::{self, Event, Filter, Outcome, Row};
use crate::base::id::AuditId;
use crate::base::{Id, Problem, Timestamp};
use crate::catalogue::Action;
use crate::http::csv;
use crate::http::extract::{Caller, Query};
use crate::store::Store;
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{self, Bytes};
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// How many rows an export reads at a time: what it holds in memory.
const CHUNK: usize = 500;
/// The columns of an export, which are the fields of a row.
const FIELDS: [&str; 14] = [
    "id",
    "timestamp",
    "action",
    "actor_id",
    "actor_email",
    "actor_type",
    "tenant_id",
    "partner_id",
    "resource_type",
    "resource_id",
    "ip_address",
    "user_agent",
    "status",
    "request_id",
];

/// What narrows the log.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Wanted {
    #[serde(flatten)]
    paging: Paging,
    start: Option<String>,
    end: Option<String>,
    action: Option<String>,
    actor_id: Option<String>,
    resource_type: Option<String>,
    resource_id: Option<String>,
    status: Option<String>,
    ip_address: Option<String>,
    format: Option<String>,
}

fn text(parameter: &Option<String>) -> Option<&str> {
    parameter.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

impl Wanted {
    fn filter(&self) -> Result<Filter, Problem> {
        let owned = |parameter| text(parameter).map(str::to_owned);
        let moment = |name: &'static str, parameter| {
            text(parameter).map(|text| Timestamp::parse(text).map_err(|rule| Problem::invalid_at("query", name, rule)))
        };
        let failed = match text(&self.status) {
            None => None,
            Some("SUCCESS") => Some(false),
            Some("FAILURE") => Some(true),
            Some(_) => return Err(Problem::invalid_at("query", "status", "must be SUCCESS or FAILURE")),
        };
        if let Some(rule) = text(&self.action).and_then(Action::fault) {
            return Err(Problem::invalid_at("query", "action", rule));
        }
        Ok(Filter {
            from: moment("start", &self.start).transpose()?,
            to: moment("end", &self.end).transpose()?,
            actions: text(&self.action).map(str::to_owned).into_iter().collect(),
            actor: owned(&self.actor_id),
            resource_type: owned(&self.resource_type),
            resource_id: owned(&self.resource_id),
            ip: owned(&self.ip_address),
            failed,
            without_reads: true,
            ..Filter::default()
        })
    }
}

/// How far the caller sees.
fn place(actor: &Arc<Actor>) -> Result<Place, Problem> {
    for place in [Place::Platform, Place::Partner(actor.partner)] {
        if actor.may::<permit::ReadAudit>(place) {
            return Ok(place);
        }
    }
    Ok(here::<permit::ReadAudit>(actor)?.place())
}

/// The fields of a row, in the order of [`FIELDS`].
fn cells(number: u64, event: &Event) -> [Option<String>; 14] {
    let actor = &event.actor;
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let kind = if actor.kind == "user" { "user" } else { "service" };
    let status = if event.outcome == Outcome::Success { "SUCCESS" } else { "FAILURE" };
    [
        Some(AuditId::from_raw(number).display_as("audit")),
        Some(event.at.iso_millis()),
        filled(&event.action),
        filled(&actor.id),
        if actor.kind == "user" { filled(&actor.name) } else { None },
        Some(kind.to_owned()),
        event.tenant.map(|tenant| tenant.to_string()),
        event.partner.map(|partner| partner.to_string()),
        filled(&event.resource_type),
        filled(&event.resource_id),
        event.ip.clone(),
        event.user_agent.clone(),
        Some(status.to_owned()),
        event.request.map(|request| request.to_string()),
    ]
}

fn render(number: u64, event: &Event) -> Value {
    let fields: Map<String, Value> =
        FIELDS.into_iter().zip(cells(number, event)).map(|(name, value)| (name.to_owned(), json!(value))).collect();
    Value::Object(fields)
}

/// `GET /v1/audit-log`, the newest first.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(wanted): Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let place = place(&actor)?;
    let (filter, limit) = (wanted.filter()?, wanted.paging.limit()?);
    let before = wanted.paging.after::<AuditId>()?.map(Id::raw);
    let snapshot = stack.store.read();
    // Up to 100 000 rows are looked at for a filter that fits few.
    let found = web::block(move || audit::list(&snapshot, place, &filter, before, 0, limit)).await;
    let found = found.map_err(Problem::internal)??;
    stack.audit_read(Event::of_reading(&actor, stack.now(), place, found.rows.len())).await?;
    let items: Vec<Value> = found.rows.iter().map(|(number, row)| render(*number, &row.event)).collect();
    Ok(page(&items, found.next.map(AuditId::from_raw)))
}

/// How an export is written.
#[derive(Clone, Copy)]
enum Format {
    Csv,
    Json,
    Ndjson,
}

impl Format {
    fn parse(text: Option<&str>) -> Result<Self, Problem> {
        match text {
            Some("csv") => Ok(Self::Csv),
            Some("json") | None => Ok(Self::Json),
            Some("ndjson") => Ok(Self::Ndjson),
            Some(_) => Err(Problem::invalid_at("query", "format", "must be csv, json or ndjson")),
        }
    }

    const fn content(self) -> (&'static str, &'static str) {
        match self {
            Self::Csv => ("text/csv; charset=utf-8", "csv"),
            Self::Json => ("application/json", "json"),
            Self::Ndjson => ("application/x-ndjson", "ndjson"),
        }
    }

    fn before_all(self) -> String {
        match self {
            Self::Csv => csv::line(FIELDS),
            Self::Json => "[".to_owned(),
            Self::Ndjson => String::new(),
        }
    }

    fn after_all(self) -> &'static str {
        if matches!(self, Self::Json) { "]\n" } else { "" }
    }

    fn write(self, out: &mut String, first: bool, number: u64, event: &Event) {
        match self {
            Self::Csv => {
                let cells = cells(number, event);
                out.push_str(&csv::line(cells.iter().map(|cell| cell.as_deref().unwrap_or_default())));
            }
            Self::Json => {
                out.push_str(if first { "\n" } else { ",\n" });
                out.push_str(&render(number, event).to_string());
            }
            Self::Ndjson => {
                out.push_str(&render(number, event).to_string());
                out.push('\n');
            }
        }
    }
}

/// An export on its way: where it goes on. The log only grows at its other end, so each piece may be read from the state of
/// its own moment, and none is held while the client takes its time.
struct Export {
    store: Store,
    place: Place,
    filter: Filter,
    format: Format,
    before: Option<u64>,
    first: bool,
    over: bool,
}

impl Export {
    fn piece(mut self) -> Result<(Bytes, Self), Problem> {
        let mut out = if self.first && self.before.is_none() { self.format.before_all() } else { String::new() };
        let found = audit::list(&self.store.read(), self.place, &self.filter, self.before, 0, CHUNK)?;
        for (number, Row { event, .. }) in &found.rows {
            self.format.write(&mut out, self.first, *number, event);
            self.first = false;
        }
        self.before = found.next;
        self.over = found.next.is_none();
        if self.over {
            out.push_str(self.format.after_all());
        }
        Ok((Bytes::from(out), self))
    }

    async fn next(self) -> Option<(Result<Bytes, Problem>, Option<Self>)> {
        match web::block(move || self.piece()).await.map_err(Problem::internal) {
            Ok(Ok((piece, rest))) => Some((Ok(piece), Some(rest))),
            Ok(Err(problem)) | Err(problem) => Some((Err(problem), None)),
        }
    }
}

/// `GET /v1/audit-log/export`: all of it, piece by piece. Taking the log out is itself an event.
pub async fn export(
    stack: Services,
    Caller(actor): Caller,
    Query(wanted): Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let place = place(&actor)?;
    let (filter, format) = (wanted.filter()?, Format::parse(text(&wanted.format))?);
    let (content, ending) = format.content();
    stack.audit_read(Event::by(&actor, stack.now(), place, Action::AuditExport).with("format", ending)).await?;
    let store = stack.store.clone();
    let export = Export { store, place, filter, format, before: None, first: true, over: false };
    let body = stream::unfold(Some(export), |rest| async move {
        let rest = rest.filter(|rest| !rest.over)?;
        rest.next().await
    });
    Ok(HttpResponse::Ok()
        .content_type(content)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"audit-log.{ending}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(Box::pin(body)))
}
