//! `/v1/audit-log`: what was done. Who may see the log of their tenant sees that, who may see a partner's sees
//! those of its tenants, and a super_admin sees all.

use super::Services;
use super::envelope::{Paging, Rows, page};
use super::parts::here;
use crate::access::{Actor, Place, permit};
use crate::audit::{self, Event, Filter, Outcome, Row};
use crate::base::id::{AuditId, PartnerId, RequestId, TenantId};
use crate::base::{Id, Problem, Timestamp};
use crate::catalogue::Action;
use crate::http::csv;
use crate::http::extract::{Caller, Query};
use crate::http::reply::ExactMoment;
use crate::store::Store;
use actix_web::body::BoxBody;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse, Responder};
use futures_util::stream;
use serde::{Deserialize, Serialize};
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
    /// Nothing before this moment.
    #[cfg_attr(test, schemars(with = "Option<crate::base::schema::OrNothing<Timestamp>>"))]
    start: Option<String>,
    /// Nothing after this moment.
    #[cfg_attr(test, schemars(with = "Option<crate::base::schema::OrNothing<Timestamp>>"))]
    end: Option<String>,
    /// Only this action: `user.role_update`.
    action: Option<String>,
    /// Only what this one did: a user's id, or an application's client_id.
    actor_id: Option<String>,
    /// Only what was done to such a thing.
    resource_type: Option<String>,
    /// Only what was done to this thing.
    resource_id: Option<String>,
    /// Only what went so.
    #[cfg_attr(test, schemars(with = "Option<crate::base::schema::OrNothing<EventStatus>>"))]
    status: Option<String>,
    /// Only what came from this address.
    ip_address: Option<String>,
}

/// How the log is written.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Written {
    /// `json` if not said.
    #[cfg_attr(test, schemars(with = "Option<crate::base::schema::OrNothing<Format>>"))]
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

/// Something that was done, or that was refused.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AuditEvent {
    /// Such as `audit_42`.
    id: String,
    timestamp: ExactMoment,
    /// What it was: `user.role_update`.
    action: Option<String>,
    /// Who did it: a user's id, or an application's client_id.
    actor_id: Option<String>,
    /// The e-mail of a user.
    actor_email: Option<String>,
    actor_type: ActorType,
    tenant_id: Option<TenantId>,
    partner_id: Option<PartnerId>,
    /// What it was done to.
    resource_type: Option<String>,
    resource_id: Option<String>,
    ip_address: Option<String>,
    user_agent: Option<String>,
    status: EventStatus,
    /// The request's id, as its answer and the server's log have it.
    request_id: Option<RequestId>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum ActorType {
    User,
    Service,
}

/// How it went.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
enum EventStatus {
    Success,
    Failure,
}

impl AuditEvent {
    fn of(number: u64, event: &Event) -> Self {
        let actor = &event.actor;
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let is_user = actor.kind == "user";
        Self {
            id: AuditId::from_raw(number).display_as("audit"),
            timestamp: ExactMoment(event.at),
            action: filled(&event.action),
            actor_id: filled(&actor.id),
            actor_email: if is_user { filled(&actor.name) } else { None },
            actor_type: if is_user { ActorType::User } else { ActorType::Service },
            tenant_id: event.tenant,
            partner_id: event.partner,
            resource_type: filled(&event.resource_type),
            resource_id: filled(&event.resource_id),
            ip_address: event.ip.clone(),
            user_agent: event.user_agent.clone(),
            status: if event.outcome == Outcome::Success { EventStatus::Success } else { EventStatus::Failure },
            request_id: event.request,
        }
    }

    /// As a line of CSV, in the order of [`FIELDS`].
    fn line(&self) -> String {
        let text = |id: Option<String>| id.unwrap_or_default();
        let (tenant, partner) = (self.tenant_id.map(|id| id.to_string()), self.partner_id.map(|id| id.to_string()));
        let (at, tenant, partner) = (self.timestamp.0.iso_millis(), text(tenant), text(partner));
        let request = text(self.request_id.map(|id| id.to_string()));
        csv::line([
            self.id.as_str(),
            at.as_str(),
            self.action.as_deref().unwrap_or_default(),
            self.actor_id.as_deref().unwrap_or_default(),
            self.actor_email.as_deref().unwrap_or_default(),
            match self.actor_type {
                ActorType::User => "user",
                ActorType::Service => "service",
            },
            &tenant,
            &partner,
            self.resource_type.as_deref().unwrap_or_default(),
            self.resource_id.as_deref().unwrap_or_default(),
            self.ip_address.as_deref().unwrap_or_default(),
            self.user_agent.as_deref().unwrap_or_default(),
            match self.status {
                EventStatus::Success => "SUCCESS",
                EventStatus::Failure => "FAILURE",
            },
            &request,
        ])
    }
}

/// `GET /v1/audit-log`: what was done, the newest first. Who may see the log of their tenant sees that, who may see a partner's
/// sees those of its tenants, and a super_admin sees all.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(paging): Query<Paging>,
    Query(wanted): Query<Wanted>,
) -> Result<Rows<AuditEvent>, Problem> {
    let place = place(&actor)?;
    let (filter, limit) = (wanted.filter()?, paging.limit()?);
    let before = paging.after::<AuditId>()?.map(Id::raw);
    let snapshot = stack.store.read();
    // Up to 100 000 rows are looked at for a filter that fits few.
    let found = web::block(move || audit::list(&snapshot, place, &filter, before, 0, limit)).await;
    let found = found.map_err(Problem::internal)??;
    stack.audit_read(Event::of_reading(&actor, stack.now(), place, found.rows.len())).await?;
    let items = found.rows.iter().map(|(number, row)| AuditEvent::of(*number, &row.event)).collect();
    Ok(page(items, found.next.map(AuditId::from_raw)))
}

/// How an export is written.
#[derive(Clone, Copy)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline, rename_all = "lowercase"))]
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

    fn write(self, out: &mut String, first: bool, event: &AuditEvent) -> Result<(), Problem> {
        match self {
            Self::Csv => out.push_str(&event.line()),
            Self::Json => {
                out.push_str(if first { "\n" } else { ",\n" });
                out.push_str(&serde_json::to_string(event).map_err(Problem::internal)?);
            }
            Self::Ndjson => {
                out.push_str(&serde_json::to_string(event).map_err(Problem::internal)?);
                out.push('\n');
            }
        }
        Ok(())
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
            self.format.write(&mut out, self.first, &AuditEvent::of(*number, event))?;
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

/// The log as a file.
pub struct ExportedLog {
    export: Export,
}

#[cfg(test)]
impl crate::http::openapi::Answers for ExportedLog {
    fn tell(scribe: &mut crate::http::openapi::Scribe<'_>) {
        let description = "The log as a file.";
        scribe.answers_as::<Vec<AuditEvent>>(200, description, "application/json");
        scribe.answers_as::<AuditEvent>(200, description, "application/x-ndjson");
        scribe.answers_as::<String>(200, description, "text/csv");
    }
}

impl Responder for ExportedLog {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let (content, ending) = self.export.format.content();
        let body = stream::unfold(Some(self.export), |rest| async move {
            let rest = rest.filter(|rest| !rest.over)?;
            rest.next().await
        });
        HttpResponse::Ok()
            .content_type(content)
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"audit-log.{ending}\"")))
            .insert_header((CACHE_CONTROL, "no-store"))
            .streaming(Box::pin(body))
    }
}

/// `GET /v1/audit-log/export`: all of the log that fits the filter, as a file in the `format`. Taking the log out is itself an
/// event.
pub async fn export(
    stack: Services,
    Caller(actor): Caller,
    Query(wanted): Query<Wanted>,
    Query(written): Query<Written>,
) -> Result<ExportedLog, Problem> {
    let place = place(&actor)?;
    let (filter, format) = (wanted.filter()?, Format::parse(text(&written.format))?);
    let (_, ending) = format.content();
    stack.audit_read(Event::by(&actor, stack.now(), place, Action::AuditExport).with("format", ending)).await?;
    let store = stack.store.clone();
    Ok(ExportedLog { export: Export { store, place, filter, format, before: None, first: true, over: false } })
}
