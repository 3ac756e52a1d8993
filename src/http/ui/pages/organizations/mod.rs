//! `/admin/organizations`: the customers. An organisation is a tenant.

mod change;
mod create;
mod deleted;
mod member;
mod members;
mod named;
mod one;
mod policy;
mod portal;
mod read;
#[cfg(test)]
mod tests;
mod view;

pub use change::{activate, delete, delete_page, edit, edit_page, suspend, suspend_page};
pub use create::{create, create_page};
pub use deleted::{restore, restore_page};
pub use members::{invite, list as members, remove, remove_page, resend, role, role_page};
pub use one::one;
pub use policy::{edit as edit_policy, page as policy_page};
pub use portal::{features, link, made as link_made};
pub(in crate::http::ui::pages) use view::address;

use crate::access::permit;
use crate::base::Problem;
use crate::http::kit::list::{Asked, List};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::people;
use crate::tenancy;
use actix_web::HttpResponse;
use view::ROOT;

/// `GET /admin/organizations`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let mut list = List::at(ROOT, &asked, view::filters());
    if list.is_apart() {
        return deleted::list(&ctx, list, &asked);
    }
    let granted = ctx.widest::<permit::ReadTenants>()?;
    let snapshot = ctx.stack.store.read();
    let rows = list.sorted(&view::SORTING, "organization", |window| {
        let slice = tenancy::slice_tenants(&snapshot, &granted, asked.search().as_deref(), window)?;
        slice.try_map(|tenant| {
            let people = people::members_count(&snapshot, tenant.id)?;
            Ok((tenant, people))
        })
    })?;
    // Who works in one tenant makes no others there.
    let may_create = ctx.may::<permit::WriteTenants>() && !ctx.signed_in.is_narrowed();
    ctx.page("Organizations", nav::ORGANIZATIONS, &view::list(&list, &rows, may_create, ctx.stack.now()))
}
