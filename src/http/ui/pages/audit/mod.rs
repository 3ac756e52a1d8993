//! `/admin/audit`: what happened.

mod csv;
mod view;

pub use csv::export;

use crate::access::permit;
use crate::audit::{self, Event, Filter};
use crate::base::{Problem, Timestamp};
use crate::catalogue::Action;
use crate::http::kit::parts::{Form, part};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use view::{List, ROOT};

/// How many rows stand on a page.
const PAGE: usize = 50;

/// What the list is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    action: String,
    actor: String,
    resource: String,
    outcome: String,
    from: String,
    to: String,
    before: String,
}

impl ListQuery {
    /// The parts that narrow the list, by name.
    fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("action", self.action.trim()),
            ("actor", self.actor.trim()),
            ("resource", self.resource.trim()),
            ("outcome", &self.outcome),
            ("from", &self.from),
            ("to", &self.to),
        ]
    }

    /// An address with the same filters.
    fn address(&self, page: &str, before: Option<u64>) -> String {
        let before = before.map(|number| number.to_string());
        part(page, self.pairs(), before.as_deref().map(|number| ("before", number)))
    }

    /// As the log takes it; the fields that cannot be read otherwise, with what is wrong.
    fn filter(&self) -> Result<Filter, Vec<(&'static str, String)>> {
        let text = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
        let day = |field, date: &str, time: &str| match date {
            "" => Ok(None),
            date => {
                Timestamp::parse(&format!("{date}T{time}Z")).map(Some).map_err(|_| (field, "is not a day".to_owned()))
            }
        };
        let (from, to) = (day("from", &self.from, "00:00:00"), day("to", &self.to, "23:59:59.999"));
        let action = text(&self.action).as_deref().and_then(Action::fault).map(|rule| ("action", rule));
        let (from, to) = match (from, to, action) {
            (Ok(from), Ok(to), None) => (from, to),
            (from, to, action) => return Err([action, from.err(), to.err()].into_iter().flatten().collect()),
        };
        let actor = text(&self.actor);
        // An id or an identity names one actor for good; anything else is the name that people see.
        let is_id = |who: &String| ["usr_", "skc_", "user:", "sa:"].iter().any(|front| who.starts_with(front));
        Ok(Filter {
            from,
            to,
            actions: text(&self.action).into_iter().collect(),
            actor: actor.clone().filter(is_id),
            actor_name: actor.filter(|who| !is_id(who)),
            resource_prefix: text(&self.resource),
            outcome: text(&self.outcome),
            ..Filter::default()
        })
    }
}

/// `GET /admin/audit`.
pub async fn list(ctx: Ctx, query: web::Query<ListQuery>) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadAudit>()?;
    let snapshot = ctx.stack.store.read();
    let form = Form::with(query.pairs().map(|(name, value)| (name, value.to_owned())));
    let before = query.before.parse().ok();
    let (page, form) = match query.filter() {
        Ok(filter) => (audit::list(&snapshot, granted.place(), &filter, before, 0, PAGE)?, form),
        Err(wrong) => {
            (audit::Page::default(), wrong.into_iter().fold(form, |form, (field, rule)| form.error(field, rule)))
        }
    };
    let read = Event::of_reading(ctx.actor(), ctx.stack.now(), granted.place(), page.rows.len());
    ctx.stack.audit_read(read).await?;
    // The end of the chain is of the whole instance, so only those who run it see it.
    let head = ctx.widest::<permit::Operate>().ok().map(|_| audit::head(&snapshot)).transpose()?;
    let (next, first) = (page.next.map(|number| query.address(ROOT, Some(number))), query.address(ROOT, None));
    let body = view::list(&List {
        form: &form,
        rows: &page.rows,
        filtered: query.pairs().iter().any(|(_, value)| !value.is_empty()),
        first: before.map(|_: u64| first.as_str()),
        next: next.as_deref(),
        export: &query.address("/admin/audit/export.csv", None),
        head,
        now: ctx.stack.now(),
    });
    ctx.page("Audit", nav::AUDIT, &body)
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
