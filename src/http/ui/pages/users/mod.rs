//! `/admin/people/users`: people with an account.

mod change;
mod create;
mod deleted;
#[cfg(test)]
mod guard_tests;
mod lockouts;
mod named;
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

use super::retention::Retention;
use crate::access::{Place, permit};
use crate::base::Problem;
use crate::http::kit::list::{Asked, List};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::oauth::consent;
use crate::people::{self, Status, UserFilter, groups};
use crate::sessions;
use crate::tenancy;
use actix_web::{HttpResponse, web};
use named::{found, is_me, may};
use view::{One, ROOT, UserRights};

/// `GET /admin/people/users`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadUsers>()?;
    let (snapshot, named) = (ctx.stack.store.read(), asked.value("tenant"));
    let tenant = if named.is_empty() { None } else { tenancy::tenant_by_text(&snapshot, named)? };
    let filter = UserFilter {
        search: asked.search(),
        status: Status::parse(asked.value("status")),
        tenant: tenant.as_ref().map(|tenant| tenant.id),
        partner: None,
    };
    let mut list = List::at(ROOT, &asked, view::filters(granted.place().tenant().is_none()));
    let mut gone = None;
    let listed = if !named.is_empty() && tenant.is_none() {
        list = list.wrong("tenant", "is not the slug or ID of a tenant");
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

/// `GET /admin/people/users/{id}`.
pub async fn one(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (snapshot, now) = (ctx.stack.store.read(), ctx.stack.now());
    let user = found(&ctx, &snapshot, &id)?;
    let granted = ctx.widest::<permit::ReadUsers>()?;
    let name = |tenant| -> Result<String, Problem> {
        Ok(tenancy::tenant(&snapshot, tenant)?.map_or_else(|| tenant.to_string(), |tenant| tenant.name.to_string()))
    };
    let mut memberships = Vec::new();
    for membership in people::memberships_of(&snapshot, &granted, user.id)? {
        memberships.push((name(membership.tenant)?, membership));
    }
    let mut in_groups = Vec::new();
    for id in groups::groups_of(&snapshot, user.id, granted.place().tenant())? {
        let there = groups::group(&snapshot, id)?;
        let seen = match &there {
            Some(group) => tenancy::place_of(&snapshot, group.tenant)?,
            None => None,
        };
        in_groups.extend(there.filter(|_| seen.is_some_and(|seen| granted.place().covers(seen))));
    }
    let filter = sessions::Filter { user: Some(user.id), ..sessions::Filter::default() };
    let live = sessions::list(&snapshot, &ctx.widest::<permit::ReadSessions>()?, filter, 50, now)?;
    let mut consents = Vec::new();
    for (consent, application) in consent::list_of(&snapshot, &granted, user.id)? {
        consents.push((name(consent.tenant)?, consent, application));
    }
    let home = tenancy::place_of(&snapshot, user.home_tenant)?.unwrap_or(Place::Platform);
    let may = UserRights { me: is_me(&ctx, user.id), ..may(&ctx, &snapshot, user.id)? };
    let one = One {
        home: if granted.place().covers(home) { name(user.home_tenant)? } else { String::new() },
        memberships: &memberships,
        groups: &in_groups,
        sessions: live.len(),
        consents: &consents,
        retention: Retention::of(&ctx),
        may,
        user: &user,
    };
    let held = lockouts::card(&ctx, &user, may.secure && ctx.may::<permit::LiftLockouts>());
    ctx.page(&user.called(), nav::USERS, &view::one(&one, &ctx.csrf(), now).part(held))
}
