//! A form of a page that worked in another tenant than the session does now: somebody switched in another tab. It is not
//! taken for this tenant, and what was typed goes along to the question where it belongs.

use super::context::Ctx;
use crate::base::id::TenantId;
use crate::base::{Id as _, Problem};
use crate::http::extract::narrowed;
use crate::http::kit::csrf::{self, FormScope};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::{head, hidden};
use crate::http::kit::refill;
use crate::http::kit::resume::{Draft, target};
use crate::stack::new_kept_id;
use crate::store::Read;
use crate::tenancy;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};
use maud::html;
use std::sync::Arc;

/// The code of the question.
pub(super) const ELSEWHERE: &str = "other_tenant";
/// The field of the answer: where to work. No page's own form has one of this name.
pub(super) const WORK_IN: &str = "work_in";
/// The answer that names no tenant.
const ALL: &str = "all";

/// Where a form was made that waits for the answer.
struct MadeIn(FormScope);

/// Lets a form through that was made where the session works, and one that carries the answer where to work.
///
/// # Errors
/// [`ELSEWHERE`] for any other; as [`Ctx::work_in`] for the answer.
pub(super) async fn answered(mut ctx: Ctx, fields: &Fields, made_in: &FormScope) -> Result<Ctx, Problem> {
    let answer = fields.raw(WORK_IN);
    if answer.is_empty() {
        if *made_in == ctx.scope() {
            return Ok(ctx);
        }
        ctx.http.extensions_mut().insert(MadeIn(made_in.clone()));
        let message = "You work in another tenant now than when this page was opened. Nothing was changed";
        return Err(Problem::conflict(ELSEWHERE, message));
    }
    let session = ctx.work_in(TenantId::parse(answer)).await?;
    let there = narrowed(&ctx.stack, &ctx.stack.store.read(), &ctx.signed_in.in_session(session))?;
    let there = Arc::new(there);
    ctx.http.extensions_mut().insert(Arc::clone(&there.actor));
    ctx.http.extensions_mut().insert(Arc::clone(&there));
    ctx.signed_in = there;
    Ok(ctx)
}

/// The question; what the form sent is kept for the answer. None: it cannot be asked.
pub(super) fn question(ctx: &Ctx, http: &HttpRequest, sent: Fields) -> Option<HttpResponse> {
    let made_in = http.extensions_mut().remove::<MadeIn>()?.0;
    let snapshot = ctx.stack.store.read();
    let there = name(&snapshot, made_in.tenant());
    let here = name(&snapshot, ctx.signed_in.is_narrowed().then_some(ctx.actor().tenant));
    let (id, user) = (new_kept_id(), ctx.signed_in.session.user.to_string());
    let draft = Draft { action: target(http).to_owned(), fields: sent.without(&[WORK_IN]), made_in: None };
    if !ctx.stack.keep(&user, &id, &draft) {
        return None;
    }
    let to = made_in.tenant().map_or_else(|| ALL.to_owned(), |tenant| tenant.to_string());
    let body = html! {
        (head("You switched tenant", "Nothing was changed yet."))
        section.card {
            p data-message {
                "This form belongs to " b { (there) } ", and you work in " b { (here) } " now."
            }
            form.form method="post" action=(draft.action) {
                (hidden(csrf::FIELD, &ctx.csrf()))
                (hidden(refill::KEPT, &id))
                (hidden(WORK_IN, &to))
                div.actions { button.primary { "Switch back and go on" } a.button href="/admin/" { "Cancel" } }
            }
        }
    };
    ctx.page_as(HttpResponse::Conflict(), "You switched tenant", "", &body).ok()
}

fn name(tx: &impl Read, tenant: Option<TenantId>) -> String {
    let Some(id) = tenant else { return "all that you administer".to_owned() };
    let there = tenancy::tenant(tx, id).ok().flatten();
    there.map_or_else(|| id.to_string(), |tenant| tenant.name.to_string())
}
