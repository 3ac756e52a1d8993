//! `/admin/audit`: what happened.

mod csv;
mod view;

pub use csv::export;

use crate::access::permit;
use crate::audit::{self, Event, Filter};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::http::kit::list::{Asked, List, SIZE};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use actix_web::{HttpResponse, web};
use view::ROOT;

/// What the log is asked for. Otherwise the filters that cannot be read, each with what is wrong.
fn filter(asked: &Asked) -> Result<Filter, Vec<(&'static str, String)>> {
    let text = |name: &str| Some(asked.value(name)).filter(|text| !text.is_empty()).map(str::to_owned);
    let day = |field: &'static str, time: &str| match asked.value(field) {
        "" => Ok(None),
        date => Timestamp::parse(&format!("{date}T{time}Z")).map(Some).map_err(|_| (field, "is not a day".to_owned())),
    };
    let (from, to) = (day("from", "00:00:00"), day("to", "23:59:59.999"));
    let action = text("action").as_deref().and_then(Action::fault).map(|rule| ("action", rule));
    let (from, to) = match (from, to, action) {
        (Ok(from), Ok(to), None) => (from, to),
        (from, to, action) => return Err([action, from.err(), to.err()].into_iter().flatten().collect()),
    };
    let actor = text("actor");
    // An id or an identity names one actor for good; anything else is the name that people see.
    let is_id = |who: &String| ["usr_", "skc_", "user:", "sa:"].iter().any(|front| who.starts_with(front));
    Ok(Filter {
        from,
        to,
        actions: text("action").into_iter().collect(),
        actor: actor.clone().filter(is_id),
        actor_name: actor.filter(|who| !is_id(who)),
        resource_prefix: text("resource"),
        outcome: text("outcome"),
        ..Filter::default()
    })
}

/// `GET /admin/audit`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadAudit>()?;
    let snapshot = ctx.stack.store.read();
    let mut list = List::at(ROOT, &asked, view::filters());
    let page = match filter(&asked) {
        Ok(filter) => audit::list(&snapshot, granted.place(), &filter, asked.value("before").parse().ok(), 0, SIZE)?,
        Err(wrong) => {
            list = wrong.iter().fold(list, |list, (field, rule)| list.wrong(field, rule));
            audit::Page::default()
        }
    };
    let read = Event::of_reading(ctx.actor(), ctx.stack.now(), granted.place(), page.rows.len());
    ctx.stack.audit_read(read).await?;
    // The end of the chain is of the whole instance, so only those who run it see it.
    let head = ctx.platform::<permit::Operate>().ok().map(|_| audit::head(&snapshot)).transpose()?;
    let mut rows = list.uncounted(page.rows, page.next.map(|number| ("before", number.to_string())));
    rows.summary = "Newest first. Days are in UTC.".to_owned();
    ctx.page("Audit", nav::AUDIT, &view::list(&list, &rows, head, ctx.stack.now()))
}

/// `GET /admin/audit/{number}`.
pub async fn one(ctx: Ctx, number: web::Path<String>) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadAudit>()?;
    let none = || Problem::not_found("event_not_found", "There is no such event");
    let number = number.parse().map_err(|_| none())?;
    let row = audit::one(&ctx.stack.store.read(), granted.place(), number)?.ok_or_else(none)?;
    ctx.stack.audit_read(Event::of_reading(ctx.actor(), ctx.stack.now(), granted.place(), 1)).await?;
    ctx.page(&row.event.action, nav::AUDIT, &view::one(number, &row, ctx.stack.now()))
}
