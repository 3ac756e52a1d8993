//! Access → Roles: the built-in ones, the tenant's own, and what groups give.

mod change;
mod mappings;
#[cfg(test)]
mod tests;
mod view;

pub use change::{create, create_page, delete, delete_page, edit, edit_page};
pub use mappings::{create as map, create_page as map_page, delete as unmap, delete_page as unmap_page};

use crate::access::permit;
use crate::base::Problem;
use crate::base::id::{CustomRoleId, Id};
use crate::http::kit::list::{Asked, List};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::people;
use crate::roles::{self, CustomRole};
use actix_web::{HttpResponse, web};
use mappings::group_name;
use view::{Mapped, Row};

/// How many holders a role's page names.
const HOLDERS: usize = 100;

/// `GET /admin/access/roles`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.here::<permit::ManageUsers>()?;
    let snapshot = ctx.stack.store.read();
    let all = roles::list(&snapshot, &granted)?;
    let named = |id: CustomRoleId| all.iter().find(|role| role.id == id).map(|role| role.name.to_string());
    let mappings = roles::list_mappings(&snapshot, &granted)?
        .into_iter()
        .map(|mapping| {
            let gives = match mapping.gives {
                roles::Given::Role(role) => role.name().to_owned(),
                roles::Given::Custom(id) => named(id).unwrap_or_else(|| id.to_string()),
            };
            Ok(Mapped { group: group_name(&snapshot, mapping.group)?, gives, mapping })
        })
        .collect::<Result<Vec<_>, Problem>>()?;
    let rows = all
        .into_iter()
        .map(|role| Ok(Row { holders: roles::holders(&snapshot, &granted, role.id)?.len() as u64, role }))
        .collect::<Result<Vec<_>, Problem>>()?;
    let mut list = List::at(view::ROOT, &asked, Vec::new());
    let rows = list.sorted_all(&view::SORTING, "role", rows);
    ctx.page("Roles", nav::ROLES, &view::list((&list, &rows), &mappings, ctx.stack.now()))
}

/// The role that an address names.
fn found(ctx: &Ctx, id: &str) -> Result<CustomRole, Problem> {
    let none = || Problem::not_found("role_not_found", "There is no such role");
    let id = CustomRoleId::parse(id).ok_or_else(none)?;
    roles::get(&ctx.stack.store.read(), &ctx.here::<permit::ManageUsers>()?, id)
}

/// `GET /admin/access/roles/{id}`.
pub async fn one(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (role, snapshot) = (found(&ctx, &id)?, ctx.stack.store.read());
    let users = roles::holders(&snapshot, &ctx.here::<permit::ManageUsers>()?, role.id)?;
    let total = users.len() as u64;
    let mut holders = Vec::new();
    for id in users.into_iter().take(HOLDERS) {
        holders.extend(people::user(&snapshot, id)?.map(|user| (user.called(), user.email.to_string())));
    }
    ctx.page(role.name.as_str(), nav::ROLES, &view::one(&role, &holders, total, ctx.stack.now()))
}
