//! Making, changing and deleting a custom role.

use super::found;
use super::view::{self, ROOT};
use crate::access::{CoreSet, permit};
use crate::base::{DisplayName, Kind, Problem, Slug};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::roles::{self, CustomRole, CustomRolePatch, ModuleSet, NewCustomRole};
use crate::store::{Versioned, WriteTx};
use actix_web::{HttpResponse, web};

fn kept(fields: &Fields) -> Form {
    fields.form(view::INPUTS)
}

/// The form of a role as it is.
fn values(role: &CustomRole) -> Form {
    let fields = [
        ("name", role.name.to_string()),
        ("slug", role.slug.to_string()),
        ("description", role.description.clone().unwrap_or_default()),
        ("module_permissions", role.modules.iter().collect::<Vec<_>>().join("\n")),
    ];
    let core = role.core.names().map(|name| ("core_permissions", name.to_owned()));
    Form::with(fields.into_iter().chain(core)).at(role.version())
}

fn read(fields: &Fields) -> Result<NewCustomRole, Form> {
    let wrong = |field: &str, rule: &str| kept(fields).error(field, rule);
    let optional = |name: &str| Some(fields.text(name).to_owned()).filter(|text| !text.is_empty());
    let mut core = CoreSet::default();
    for name in fields.all("core_permissions") {
        core = core.and(CoreSet::named(name).ok_or_else(|| wrong("core_permissions", "must be among these"))?);
    }
    let modules = fields.text("module_permissions").split_whitespace();
    Ok(NewCustomRole {
        name: DisplayName::parse(fields.text("name")).map_err(|rule| wrong("name", &rule))?,
        slug: optional("slug").map(|text| Slug::parse(&text)).transpose().map_err(|rule| wrong("slug", &rule))?,
        description: optional("description"),
        core,
        modules: ModuleSet::parse(modules).map_err(|(_, rule)| wrong("module_permissions", &format!("each {rule}")))?,
    })
}

/// A right that the reader lacks is a fault of the form: it says which field it was.
fn as_form(fields: &Fields, problem: Problem) -> Result<Form, Problem> {
    match (problem.kind, problem.code) {
        (Kind::Forbidden, "cannot_grant") => {
            Ok(kept(fields).error("core_permissions", "must all be permissions that you hold yourself"))
        }
        (_, "slug_conflict") => Ok(kept(fields).error("slug", "is taken by another role")),
        _ => refused(kept(fields), problem),
    }
}

fn page(ctx: &Ctx, form: &Form, role: Option<&CustomRole>) -> Result<HttpResponse, Problem> {
    let title = if role.is_some() { "Edit role" } else { "Create role" };
    let body = view::edit(form, role, &ctx.csrf());
    ctx.form_page(title, nav::ROLES, form, &body)
}

/// `GET /admin/access/roles/create`.
pub async fn create_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    ctx.here::<permit::ManageUsers>()?;
    page(&ctx, &Form::with([("core_permissions", "models:list".to_owned())]), None)
}

/// `POST /admin/access/roles/create`.
pub async fn create(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = ctx.here::<permit::ManageUsers>()?;
    let form = match read(&fields) {
        Ok(new) => {
            let (id, now) = (ctx.stack.new_id(), ctx.stack.now());
            match ctx.stack.store.write(move |tx| roles::create(tx, &granted, &new, id, now)).await {
                Ok(role) => {
                    return Ok(ctx.done(&format!("{ROOT}/{}", role.id), &format!("{} is there.", role.name)));
                }
                Err(problem) => as_form(&fields, problem)?,
            }
        }
        Err(form) => form,
    };
    page(&ctx, &form, None)
}

/// `GET /admin/access/roles/{id}/edit`.
pub async fn edit_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let role = found(&ctx, &id)?;
    page(&ctx, &values(&role), Some(&role))
}

/// `POST /admin/access/roles/{id}/edit`.
pub async fn edit(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (role, granted) = (found(&ctx, &id)?, ctx.here::<permit::ManageUsers>()?);
    let form = match read(&fields) {
        Ok(new) => {
            let (id, now) = (role.id, ctx.stack.now());
            let patch = CustomRolePatch {
                name: Some(new.name),
                slug: new.slug,
                description: Some(new.description),
                core: Some(new.core),
                modules: Some(new.modules),
            };
            let seen = fields.seen();
            let write = move |tx: &mut WriteTx<'_>| {
                seen.check(Some(&roles::get(tx, &granted, id)?))?;
                roles::update(tx, &granted, id, &patch, now)
            };
            match ctx.stack.store.write(write).await {
                Err(problem) if problem.kind == Kind::Stale => {
                    fields.met(view::INPUTS, values(&found(&ctx, &id.to_string())?))
                }
                Ok(role) => return Ok(ctx.done(&format!("{ROOT}/{id}"), &format!("{} is changed.", role.name))),
                Err(problem) => as_form(&fields, problem)?,
            }
        }
        Err(form) => form,
    };
    page(&ctx, &form, Some(&role))
}

/// `GET /admin/access/roles/{id}/delete`.
pub async fn delete_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let role = found(&ctx, &id)?;
    let held = roles::holders(&ctx.stack.store.read(), &ctx.here::<permit::ManageUsers>()?, role.id)?.len();
    let (action, back) = (format!("{ROOT}/{}/delete", role.id), format!("{ROOT}/{}", role.id));
    ctx.confirm(nav::ROLES, &view::delete(&role, held as u64, &action, &back, &ctx.csrf(), &Form::default()))
}

/// `POST /admin/access/roles/{id}/delete`.
pub async fn delete(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (role, granted, now) = (found(&ctx, &id)?, ctx.here::<permit::ManageUsers>()?, ctx.stack.now());
    let id = role.id;
    ctx.stack.store.write(move |tx| roles::delete(tx, &granted, id, now)).await?;
    Ok(ctx.done(ROOT, &format!("{} is deleted.", role.name)))
}
