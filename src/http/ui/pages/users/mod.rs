//! `/admin/people/users`: people with an account.

mod change;
mod create;
mod deleted;
#[cfg(test)]
mod guard_tests;
mod listing;
mod lockouts;
mod named;
mod one;
mod selected;
#[cfg(test)]
mod tests;
mod view;

pub use change::{
    delete, delete_page, disable, disable_page, edit, edit_page, enable, end_sessions, resend, send_reset,
    send_reset_page, withdraw,
};
pub use create::{create, create_page};
pub(in crate::http::ui::pages) use deleted::taken;
pub use deleted::{restore, restore_page};
pub use lockouts::unlock;
pub use one::factors::{page as reset_factors_page, reset as reset_factors};
pub use one::group::{add as add_to_group, page as add_to_group_page};
pub use one::link::{made as link_made, make as make_link, page as link_page};
pub use one::one;
pub use one::role::{give_role, give_role_page, take_role, take_role_page};
pub use selected::{
    add_to_group as add_selected_to_group, disable as disable_selected, enable as enable_selected,
    end_sessions as end_sessions_of_selected,
};
pub(in crate::http::ui::pages) use view::{address, role_words};

use super::tenant_field;
use crate::access::permit;
use crate::base::Problem;
use crate::http::kit::list::{Act, Asked, List};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::people::{self, Status, UserFilter};
use crate::store::Slice;
use actix_web::HttpResponse;
use view::ROOT;

/// `GET /admin/people/users`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadUsers>()?;
    let (snapshot, named) = (ctx.stack.store.read(), asked.value("tenant"));
    let tenant = if named.is_empty() { None } else { Some(tenant_field::named(&ctx, named)?) };
    let filter = UserFilter {
        search: asked.search(),
        status: Status::parse(asked.value("status")),
        tenant: tenant.as_ref().and_then(|tenant| tenant.as_ref().ok().copied()),
        partner: None,
    };
    let mut list = List::at(ROOT, &asked, listing::filters(granted.place().tenant().is_none()));
    let mut gone = None;
    let users = if let Some(Err(rule)) = &tenant {
        list = list.wrong("tenant", rule);
        list.slice(Slice::empty(), "user")
    } else if list.is_apart() {
        let read = |window| people::slice_deleted(&snapshot, &granted, &filter, window);
        let users = list.sorted(&listing::DELETED_SORTING, "user", read)?;
        gone = Some(deleted::how(&ctx, &snapshot, &users.items));
        users
    } else {
        list.sorted(&listing::SORTING, "user", |window| people::slice(&snapshot, &granted, &filter, window))?
    };
    let may_create = ctx.may::<permit::WriteUsers>();
    let acts = acts(&ctx);
    let shown = listing::Shown { list: &list, acts: &acts, csrf: &ctx.csrf(), now: ctx.stack.now() };
    ctx.page("Users", nav::USERS, &listing::list(&shown, &users, gone.as_ref(), may_create))
}

/// What the reader may do to several of them.
fn acts(ctx: &Ctx) -> Vec<Act> {
    let mut acts = Vec::new();
    if ctx.may::<permit::WriteUsers>() {
        acts.extend([listing::ENABLE, listing::DISABLE]);
    }
    acts.extend(ctx.may::<permit::EndSessions>().then_some(listing::END_SESSIONS));
    acts.extend(ctx.may::<permit::WriteGroups>().then_some(listing::ADD_TO_GROUP));
    acts
}
