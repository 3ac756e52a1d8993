//! Access → Limits: how many requests there may be, how many there were, and other limits for the tenant.

use crate::access::permit;
use crate::base::{Kind, Problem};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::{Field, Form, Table, card, card_with, count, form_error, head, hidden, version};
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::limits::{self, Subject, TenantLimits};
use crate::store::{Versioned, Whole, WriteTx};
use actix_web::HttpResponse;
use maud::{Markup, html};

const ROOT: &str = "/admin/access/limits";
const FIELDS: [&str; 3] = ["api_key", "user", "tenant"];

fn text(limit: Option<u32>) -> String {
    limit.map(|limit| limit.to_string()).unwrap_or_default()
}

/// `GET /admin/access/limits`.
pub async fn page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    let granted = ctx.here::<permit::ReadLimits>()?;
    let own = limits::of_tenant(&ctx.stack.store.read(), &granted, ctx.actor().tenant)?;
    ctx.page("Limits", nav::LIMITS, &view(&ctx, &values(own)))
}

/// The form of a tenant's limits as they are.
fn values(own: TenantLimits) -> Form {
    Form::with([("api_key", text(own.key)), ("user", text(own.user)), ("tenant", text(own.tenant))])
        .at(Whole(own).version())
}

/// `POST /admin/access/limits`.
pub async fn set(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = ctx.here::<permit::WriteLimits>()?;
    let form = match read(&fields) {
        Err(form) => form,
        Ok(own) => {
            let (tenant, now) = (ctx.actor().tenant, ctx.stack.now());
            let (reading, seen) = (ctx.here::<permit::ReadLimits>()?, fields.seen());
            let write = move |tx: &mut WriteTx<'_>| {
                seen.check(Some(&Whole(limits::of_tenant(tx, &reading, tenant)?)))?;
                limits::set_tenant(tx, &granted, tenant, own, now)
            };
            match ctx.stack.store.write(write).await {
                Err(problem) if problem.kind == Kind::Stale => {
                    let granted = ctx.here::<permit::ReadLimits>()?;
                    fields.meeting(&FIELDS, values(limits::of_tenant(&ctx.stack.store.read(), &granted, tenant)?))
                }
                Ok(()) => {
                    ctx.stack.limits.reload(&ctx.stack.store.read())?;
                    return Ok(ctx.done(ROOT, "The limits are set."));
                }
                Err(problem) => refused(kept(&fields), problem)?,
            }
        }
    };
    ctx.refused_page("Limits", nav::LIMITS, &form, &view(&ctx, &form))
}

fn kept(fields: &Fields) -> Form {
    fields.keep(&FIELDS)
}

fn read(fields: &Fields) -> Result<TenantLimits, Form> {
    let one = |name: &str| match fields.text(name) {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| kept(fields).error(name, "must be a whole number")),
    };
    Ok(TenantLimits { key: one("api_key")?, user: one("user")?, tenant: one("tenant")? })
}

fn view(ctx: &Ctx, form: &Form) -> Markup {
    let (limits, now, actor) = (&ctx.stack.limits, ctx.stack.now(), ctx.actor());
    let own = limits.tenant(actor.tenant);
    let number = |number: u32| html! { (count(u64::from(number))) };
    let used = |subject: Subject| number(limits.used(subject, now));
    let mut table = Table::new("Limits").column("Level").column("Counts").number("Limit").number("Used now");
    let none = html! { span.muted { "each on its page" } };
    table.row(&[html! { "API key" }, html! { "each key, with those it was rerolled to" }, number(own.key), none]);
    let of_user = match actor.principal {
        crate::access::Principal::User { id, .. } => html! { (used(Subject::user(id))) " by you" },
        _ => html! { "–" },
    };
    table.row(&[html! { "User" }, html! { "each person, by whatever credential" }, number(own.user), of_user]);
    let tenant = used(Subject::tenant(actor.tenant));
    table.row(&[html! { "Tenant" }, html! { "all of this tenant" }, number(own.tenant), tenant]);
    if ctx.actor().may::<permit::ReadLimits>(crate::access::Place::Partner(actor.partner)) {
        let partner = used(Subject::partner(actor.partner));
        let limit = number(limits.partner(actor.partner));
        table.row(&[html! { "Partner" }, html! { "all tenants of the partner" }, limit, partner]);
    }
    let window = count(u64::from(limits.window_secs()));
    html! {
        (head("Limits", "How many requests ScaiGrid takes. All levels count at once, and the tightest decides."))
        (card_with("In force", &format!("Within {window} seconds that slide: each request counts for that long."),
            &html! {}, &html! { (table) }))
        @if actor.may::<permit::WriteLimits>(actor.home()) { (card("For this tenant", &settings(ctx, form))) }
    }
}

fn settings(ctx: &Ctx, form: &Form) -> Markup {
    let defaults = &ctx.stack.config.scaigrid;
    let field = |name, label, usual: u32| {
        Field::input(form, "number", name, label)
            .optional()
            .attr("min", "1")
            .attr("inputmode", "numeric")
            .attr("placeholder", usual.to_string())
    };
    html! {
        (form_error(form))
        form.form method="post" action=(ROOT) {
            (hidden("csrf", &ctx.csrf()))
            (version(form))
            (field("api_key", "Each API key", defaults.limit_per_key).help("Unless the key has a limit of its own."))
            (field("user", "Each user", defaults.limit_per_user))
            (field("tenant", "The whole tenant", defaults.limit_per_tenant).help("Left empty, the settings of the instance count."))
            div.actions { button.primary { "Set limits" } }
        }
    }
}
