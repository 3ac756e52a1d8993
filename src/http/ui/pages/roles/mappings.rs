//! What the members of a group get.

use super::view::{self, ROOT};
use crate::access::{Role, permit};
use crate::base::id::{CustomRoleId, GroupId, RoleMappingId};
use crate::base::{Id, Kind, Problem};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::people::groups::{self, GroupFilter, GroupType};
use crate::roles::{self, Given, RoleMapping};
use crate::store::{Paging, Read};
use actix_web::{HttpResponse, web};

/// What a group is called.
pub(super) fn group_name(tx: &impl Read, id: GroupId) -> Result<String, Problem> {
    // A deleted group gives nothing any more; its mapping stays until somebody takes it away.
    Ok(groups::group(tx, id)?.map_or_else(|| format!("{id} (deleted)"), |group| group.name.to_string()))
}

/// What the form offers.
fn page(ctx: &Ctx, form: &Form) -> Result<HttpResponse, Problem> {
    let (snapshot, granted) = (ctx.stack.store.read(), ctx.here::<permit::ManageUsers>()?);
    let filter = GroupFilter { group_type: Some(GroupType::Security), ..GroupFilter::default() };
    let paging = Paging::new(1, Paging::MAX)?;
    let groups = groups::list(&snapshot, &ctx.here::<permit::ReadGroups>()?, &filter, paging)?.items;
    let groups: Vec<_> = groups.iter().map(|group| (group.id.to_string(), group.name.to_string())).collect();
    let custom: Vec<_> =
        roles::list(&snapshot, &granted)?.iter().map(|role| (role.id.to_string(), role.name.to_string())).collect();
    let body = view::map(form, &groups, &custom, &ctx.csrf());
    ctx.form_page("Map a group", nav::ROLES, form, &body)
}

/// `GET /admin/access/roles/map`.
pub async fn create_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    page(&ctx, &Form::with([("gives", "tenant_user".to_owned()), ("auto_revoke", "1".to_owned())]))
}

fn kept(fields: &Fields) -> Form {
    fields.keep(&["group", "gives", "auto_revoke"])
}

fn read(fields: &Fields) -> Result<(GroupId, Given, bool), Form> {
    let group = GroupId::parse(fields.text("group"))
        .ok_or_else(|| kept(fields).error("group", "must be one of the list; make a group first"))?;
    let gives = fields.text("gives");
    let built_in = Role::ALL.into_iter().find(|role| role.name() == gives).map(Given::Role);
    let given = built_in.or_else(|| CustomRoleId::parse(gives).map(Given::Custom));
    let given = given.ok_or_else(|| kept(fields).error("gives", "must be one of the list"))?;
    Ok((group, given, fields.text("auto_revoke") == "1"))
}

/// `POST /admin/access/roles/map`.
pub async fn create(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = ctx.here::<permit::ManageUsers>()?;
    let form = match read(&fields) {
        Ok(new) => {
            let (id, now) = (ctx.stack.new_id::<RoleMappingId>(), ctx.stack.now());
            match ctx.stack.store.write(move |tx| roles::create_mapping(tx, &granted, new, id, now)).await {
                Ok(_) => return Ok(ctx.done(ROOT, "The members of the group have the role from now on.")),
                Err(problem) => match (problem.kind, problem.code) {
                    (Kind::Forbidden, "cannot_grant") => {
                        kept(&fields).error("gives", "must be a role that you hold yourself")
                    }
                    (_, "already_exists") => kept(&fields).error("gives", "is what the group has already"),
                    (Kind::NotFound, _) => kept(&fields).error("group", "is not there any more"),
                    _ => refused(kept(&fields), problem)?,
                },
            }
        }
        Err(form) => form,
    };
    page(&ctx, &form)
}

fn found(ctx: &Ctx, id: &str) -> Result<RoleMapping, Problem> {
    let none = || Problem::not_found("role_mapping_not_found", "There is no such role mapping");
    let id = RoleMappingId::parse(id).ok_or_else(none)?;
    let all = roles::list_mappings(&ctx.stack.store.read(), &ctx.here::<permit::ManageUsers>()?)?;
    all.into_iter().find(|mapping| mapping.id == id).ok_or_else(none)
}

/// `GET /admin/access/roles/mappings/{id}/delete`.
pub async fn delete_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mapping = found(&ctx, &id)?;
    let group = group_name(&ctx.stack.store.read(), mapping.group)?;
    let action = format!("{ROOT}/mappings/{}/delete", mapping.id);
    ctx.confirm(nav::ROLES, &view::unmap(&group, &action, &ctx.csrf(), &Form::default()))
}

/// `POST /admin/access/roles/mappings/{id}/delete`.
pub async fn delete(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (id, granted, now) = (found(&ctx, &id)?.id, ctx.here::<permit::ManageUsers>()?, ctx.stack.now());
    ctx.stack.store.write(move |tx| roles::delete_mapping(tx, &granted, id, now)).await?;
    Ok(ctx.done(ROOT, "The mapping is gone, and with it what it gave."))
}
