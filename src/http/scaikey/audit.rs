//! `/api/v1/admin/audit`: rows of the audit log, to look at.

use super::Services;
use super::list::{Enveloped, Page, PageQuery, pagination};
use super::wire::event::{AuditEvent, AuditEventQuery};
use super::wire::{Wanted, missing, partner_filter, tenant_filter};
use crate::access::{Actor, Granted, Place, permit};
use crate::access::{over, widest};
use crate::audit::{self, Event};
use crate::base::id::AuditId;
use crate::base::{Id, Problem};
use crate::catalogue::Action;
use crate::http::extract::{Caller, Query};
use crate::http::reply::Reply;
use crate::store::Read;
use crate::tenancy;
use actix_web::{HttpRequest, web};
use serde::Serialize;
use std::sync::Arc;

/// The part of the log to look at; None: there is none that fits and that the actor may see.
fn part(
    tx: &impl Read,
    actor: &Arc<Actor>,
    filter: &AuditEventQuery,
) -> Result<Option<(Granted<permit::ReadAudit>, Place)>, Problem> {
    let widest = widest::<permit::ReadAudit>(actor)?;
    let wanted = match (tenant_filter(tx, &filter.tenant_id)?, partner_filter(tx, &filter.partner_id)?) {
        (Wanted::Nothing, _) | (_, Wanted::Nothing) => None,
        (Wanted::Any, Wanted::Any) => Some(widest.place()),
        (Wanted::Any, Wanted::Only(partner)) => Some(Place::Partner(partner)),
        (Wanted::Only(tenant), partner) => tenancy::place_of(tx, tenant)?
            .filter(|at| !matches!(partner, Wanted::Only(partner) if at.partner() != Some(partner))),
    };
    let Some(wanted) = wanted else { return Ok(None) };
    let granted = over::<permit::ReadAudit>(actor, Some(wanted))?;
    Ok(granted.place().covers(wanted).then_some((granted, wanted)))
}

/// `GET /audit`: the rows of the audit log that the caller may see, the newest first. A filter that fits few rows looks at
/// up to 100 000 of them: an answer can be empty and still have a `next_cursor`.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<AuditEventQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<AuditEvent>>, Problem> {
    let (paging, wanted) = (page.paging()?, filter.read()?);
    let snapshot = stack.store.read();
    let Some((_, place)) = part(&snapshot, &actor, &filter)? else {
        return Ok(Page::new(Vec::new(), pagination(paging, Some(0), None), &request));
    };
    let (skip, size) = paging.window();
    // Up to 100 000 rows are looked at for a filter that fits few.
    let found = web::block(move || audit::list(&snapshot, place, &wanted, paging.after(), skip, size)).await;
    let found = found.map_err(Problem::internal)??;
    stack.audit_read(Event::of_reading(&actor, stack.now(), place, found.rows.len())).await?;
    let data: Vec<_> = found.rows.iter().map(|(number, row)| AuditEvent::new(*number, row)).collect();
    let last = found.next.is_none();
    // What is behind the page is not counted; at the end the count is known.
    let known = last && paging.after().is_none() && (skip == 0 || !data.is_empty());
    let total = known.then_some((skip + data.len()) as u64);
    Ok(Page::new(data, pagination(paging, total, found.next), &request))
}

/// Names to filter by.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Names(Vec<&'static str>);

/// `GET /audit/actions`: the actions that there are rows of. Rows of an older version may have others.
pub async fn actions(Caller(actor): Caller, request: HttpRequest) -> Result<Reply<Enveloped<Names>>, Problem> {
    widest::<permit::ReadAudit>(&actor)?;
    Ok(Reply(Enveloped::new(Names(Action::ALL.iter().map(|action| action.name()).collect()), &request)))
}

/// `GET /audit/resource-types`: the kinds of things that rows are about.
pub async fn resource_types(Caller(actor): Caller, request: HttpRequest) -> Result<Reply<Enveloped<Names>>, Problem> {
    widest::<permit::ReadAudit>(&actor)?;
    Ok(Reply(Enveloped::new(Names(Action::resource_types().into_iter().collect()), &request)))
}

/// `GET /audit/{id}`: shows one row of the audit log.
pub async fn show(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<Reply<AuditEvent>, Problem> {
    let place = widest::<permit::ReadAudit>(&actor)?.place();
    let none = || missing("audit_event_not_found");
    let number = AuditId::parse(&id).ok_or_else(none)?.raw();
    let row = audit::one(&stack.store.read(), place, number)?.ok_or_else(none)?;
    stack.audit_read(Event::of_reading(&actor, stack.now(), place, 1)).await?;
    Ok(Reply(AuditEvent::new(number, &row)))
}
