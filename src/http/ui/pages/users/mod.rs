//! `/admin/people/users`: people with an account.

mod change;
mod create;
mod deleted;
#[cfg(test)]
mod guard_tests;
mod lockouts;
mod named;
mod one;
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

use super::tenant_field;
use crate::access::permit;
use crate::base::Problem;
use crate::http::kit::list::{Asked, List};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::people::{self, Status, UserFilter};
use actix_web::HttpResponse;
use view::ROOT;
pub(in crate::http::ui::pages) use view::role_words;

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
    let mut list = List::at(ROOT, &asked, view::filters(granted.place().tenant().is_none()));
    let mut gone = None;
    let listed = if let Some(Err(rule)) = &tenant {
        list = list.wrong("tenant", rule);
        crate::store::Listed::empty(asked.paging()?)
    } else if list.is_apart() {
        let (listed, how) = deleted::list(&ctx, &snapshot, &granted, &filter, asked.paging()?)?;
        gone = Some(how);
        listed
    } else {
        people::list(&snapshot, &granted, &filter, asked.paging()?)?
    };
    let (users, may_create) = (list.listed(listed, "user"), ctx.may::<permit::WriteUsers>());
    ctx.page("Users", nav::USERS, &view::list(&list, &users, gone.as_ref(), may_create, ctx.stack.now()))
}
