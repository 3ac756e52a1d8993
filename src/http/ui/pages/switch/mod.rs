//! `/admin/switch`: the tenant in which the pages work, for somebody who reaches several.

mod reach;
#[cfg(test)]
mod tests;
mod view;

use super::sign_in_next::own_page;
use crate::base::Problem;
use crate::http::extract::narrowed;
use crate::http::kit::list::{Asked, List};
use crate::http::kit::parts::Form;
use crate::http::kit::see_other;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::sessions::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use reach::{meant, rows};
use view::ROOT;

/// `GET /admin/switch`: the tenants that the reader reaches; with `tenant` the way to this one, as a link names it.
pub async fn page(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let named = asked.value("tenant");
    if named.is_empty() {
        return show(&ctx, &asked, &Form::default(), StatusCode::OK);
    }
    let next = own_page(asked.value("next"));
    match meant(&ctx, named)? {
        Ok(tenant) if ctx.signed_in.is_narrowed() && tenant.id == ctx.actor().tenant => Ok(see_other(next).finish()),
        Ok(tenant) => ctx.confirm(ROOT, &view::ask(&tenant, &view::way(&tenant, next), &ctx.csrf(), &Form::default())),
        Err(rule) => show(&ctx, &asked, &unreached(&rule), StatusCode::NOT_FOUND),
    }
}

/// Says of the tenant that a link or a form names what is wrong with it. The page has no field for it.
fn unreached(rule: &str) -> Form {
    Form::default().refused(&Problem::not_found("tenant_not_found", format!("What was named {rule}")))
}

fn show(ctx: &Ctx, asked: &Asked, form: &Form, status: StatusCode) -> Result<HttpResponse, Problem> {
    let (next, snapshot) = (own_page(asked.value("next")), ctx.stack.store.read());
    let (found, more) = rows(ctx, &snapshot, asked.value("q"))?;
    let list = List::at(ROOT, asked, view::filters()).keep("next", next);
    let shown = view::Switch {
        rows: list.uncounted(found, "tenant", (None, None)),
        list,
        more,
        next,
        leave: ctx.signed_in.whole.reaches_beyond_tenants() && ctx.signed_in.is_narrowed(),
    };
    ctx.note(form);
    let body = view::page(&shown, form, &ctx.csrf());
    ctx.page_as(HttpResponse::build(status), "Switch tenant", ROOT, &body)
}

/// `POST /admin/switch`: works in a tenant, the one that the reader signed in to if none is named.
pub async fn enter(Posted { ctx, fields }: Posted, asked: Asked) -> Result<HttpResponse, Problem> {
    let said =
        |name: &'static str| Some(fields.text(name)).filter(|text| !text.is_empty()).unwrap_or(asked.value(name));
    let (named, next) = (said("tenant"), own_page(said("next")));
    let own = ctx.signed_in.session.tenant.to_string();
    let tenant = match meant(&ctx, if named.is_empty() { &own } else { named })? {
        Ok(tenant) => tenant,
        Err(rule) => {
            return show(&ctx, &asked, &unreached(&rule), StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    match ctx.work_in(Some(tenant.id)).await {
        Ok(session) => Ok(ctx.done(where_to(&ctx, session, next)?, &format!("You work in {} now.", tenant.name))),
        Err(problem) => show(&ctx, &asked, &refused(Form::default(), problem)?, StatusCode::UNPROCESSABLE_ENTITY),
    }
}

/// `POST /admin/switch/leave`: works in all that the reader reaches again.
pub async fn leave(Posted { ctx, fields }: Posted, asked: Asked) -> Result<HttpResponse, Problem> {
    let next = own_page(Some(fields.text("next")).filter(|text| !text.is_empty()).unwrap_or(asked.value("next")));
    let session = ctx.work_in(None).await?;
    Ok(ctx.done(where_to(&ctx, session, next)?, "The pages show all that you administer again."))
}

/// Where to go on: a part of the menu that is not there for the reader in this tenant is no way.
fn where_to<'a>(ctx: &Ctx, session: Session, next: &'a str) -> Result<&'a str, Problem> {
    let there = narrowed(&ctx.stack, &ctx.stack.store.read(), &ctx.signed_in.in_session(session))?;
    Ok(if nav::is_closed(&there.actor, next) { nav::HOME } else { next })
}
