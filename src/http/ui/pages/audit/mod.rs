//! `/admin/audit`: what happened.

mod csv;
mod links;
#[cfg(test)]
mod tests;
mod view;

pub use csv::export;

use crate::access::permit;
use crate::audit::{self, Event, Filter};
use crate::base::Problem;
use crate::catalogue::Action;
use crate::http::kit::list::{Asked, End, List, Order, moment};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::store::Slice;
use actix_web::{HttpResponse, web};
use links::Links;
use view::ROOT;

/// What the log is asked for. Otherwise the filters that cannot be read, each with what is wrong.
fn filter(asked: &Asked) -> Result<Filter, Vec<(&'static str, String)>> {
    let text = |name: &str| Some(asked.value(name)).filter(|text| !text.is_empty()).map(str::to_owned);
    let at = |field: &'static str, end| moment(asked.value(field), end).map_err(|rule| (field, rule.to_owned()));
    let (from, to) = (at("from", End::From), at("to", End::To));
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
        without_own_reads: asked.value("reads") != view::WITH_READS,
        ..Filter::default()
    })
}

/// `GET /admin/audit`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadAudit>()?;
    let snapshot = ctx.stack.store.read();
    let usual = Order { by: "when", falls: true };
    let mut list = List::at(ROOT, &asked, view::filters()).ordered(usual, &["when"]);
    let found = match filter(&asked) {
        Ok(filter) => audit::slice(&snapshot, granted.place(), &filter, list.window())?,
        Err(wrong) => {
            list = wrong.iter().fold(list, |list, (field, rule)| list.wrong(field, rule));
            Slice::empty()
        }
    };
    let read = Event::of_reading(ctx.actor(), ctx.stack.now(), granted.place(), found.items.len());
    ctx.stack.audit_read(read).await?;
    // The end of the chain is of the whole instance, so only those who run it see it.
    let head = ctx.platform::<permit::Operate>().ok().map(|_| audit::head(&snapshot)).transpose()?;
    let rows = list.uncounted_slice(found, "event");
    let links = Links::of(&ctx, &snapshot, rows.items.iter().map(|(_, row)| &*row.event));
    ctx.page("Audit", nav::AUDIT, &view::list(&list, &rows, &links, head, ctx.stack.now()))
}

/// `GET /admin/audit/{number}`.
pub async fn one(ctx: Ctx, number: web::Path<String>) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadAudit>()?;
    let none = || Problem::not_found("event_not_found", "There is no such event");
    let number = number.parse().map_err(|_| none())?;
    let snapshot = ctx.stack.store.read();
    let row = audit::one(&snapshot, granted.place(), number)?.ok_or_else(none)?;
    ctx.stack.audit_read(Event::of_reading(ctx.actor(), ctx.stack.now(), granted.place(), 1)).await?;
    let links = Links::of(&ctx, &snapshot, [&*row.event]);
    ctx.page(&row.event.action, nav::AUDIT, &view::one(number, &row, &links, ctx.stack.now()))
}
