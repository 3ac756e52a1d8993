//! The audit log as CSV (RFC 4180), with the filters of the page.

use super::filter;
use crate::access::permit;
use crate::audit::{self, Event};
use crate::base::Problem;
use crate::catalogue::Action;
use crate::http::csv;
use crate::http::kit::list::Asked;
use crate::http::ui::context::Ctx;
use actix_web::HttpResponse;

/// How many rows one export has at most.
const MAX_ROWS: usize = 10_000;

/// The first line.
const HEADER: &str =
    "number,at,actor_kind,actor,actor_id,action,resource_type,resource,outcome,address,request,tenant,details\r\n";

/// `GET /admin/audit/export.csv`. Taking the log out is itself an event.
pub async fn export(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadAudit>()?;
    let filter = filter(&asked).map_err(|wrong| {
        let words: Vec<_> = wrong.iter().map(|(field, rule)| format!("{field} {rule}")).collect();
        Problem::malformed("invalid_request", words.join("; "))
    })?;
    let page = audit::list(&ctx.stack.store.read(), granted.place(), &filter, None, 0, MAX_ROWS)?;
    let event =
        Event::by(ctx.actor(), ctx.stack.now(), granted.place(), Action::AuditExport).with("rows", page.rows.len());
    ctx.stack.audit_read(event).await?;
    let mut text = HEADER.to_owned();
    for (number, row) in &page.rows {
        line(&mut text, *number, &row.event);
    }
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("Content-Disposition", "attachment; filename=\"audit.csv\""))
        .insert_header(("Cache-Control", "no-store"))
        .body(text))
}

fn line(out: &mut String, number: u64, event: &Event) {
    let details: Vec<_> = event.details.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let or_empty = |value: Option<String>| value.unwrap_or_default();
    let cells = [
        number.to_string(),
        event.at.iso_millis(),
        event.actor.kind.clone(),
        event.actor.name.clone(),
        event.actor.id.clone(),
        event.action.clone(),
        event.resource_type.clone(),
        event.resource_id.clone(),
        event.outcome.name().to_owned(),
        or_empty(event.ip.clone()),
        or_empty(event.request.map(|request| request.to_string())),
        or_empty(event.tenant.map(|tenant| tenant.to_string())),
        details.join("; "),
    ];
    out.push_str(&csv::line(cells.iter().map(String::as_str)));
}
