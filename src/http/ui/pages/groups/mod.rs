//! `/admin/people/groups`: groups of users and groups.

mod view;

use super::find::named_user;
use super::tenant_field::{self, TenantChoice};
pub(in crate::http::ui::pages) use view::address;

use crate::access::{Granted, permit};
use crate::base::id::{GroupId, UserId};
use crate::base::{DisplayName, Email, Id, Problem};
use crate::http::kit::form::Reading;
use crate::http::kit::list::{Asked, List};
use crate::http::kit::parts::{Form, Undo};
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::people;
use crate::people::groups::{self, Group, GroupFilter, GroupType, Member, MemberFilter, Members, NewGroup};
use crate::store::Read;
use crate::tenancy;
use actix_web::{HttpResponse, web};
use view::ROOT;

/// `GET /admin/people/groups`.
pub async fn list(ctx: Ctx, asked: Asked) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::ReadGroups>()?;
    let filter = GroupFilter {
        search: asked.search(),
        group_type: GroupType::parse(asked.value("type")),
        ..GroupFilter::default()
    };
    let (mut list, snapshot) = (List::at(ROOT, &asked, view::filters()), ctx.stack.store.read());
    let found = list.sorted(&view::SORTING, "group", |window| groups::slice(&snapshot, &granted, &filter, window))?;
    let may_create = ctx.may::<permit::WriteGroups>();
    ctx.page("Groups", nav::GROUPS, &view::list(&list, &found, may_create, ctx.stack.now()))
}

/// The tenants to choose from, for who reaches several.
fn choice(ctx: &Ctx, granted: &Granted<permit::WriteGroups>) -> Result<Option<TenantChoice>, Problem> {
    granted.place().tenant().is_none().then(|| TenantChoice::of(ctx)).transpose()
}

/// `GET /admin/people/groups/create`.
pub async fn create_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::WriteGroups>()?;
    let tenants = choice(&ctx, &granted)?;
    let here = tenants.as_ref().map(|tenants| tenants.here(&ctx)).transpose()?;
    let form =
        Form::with([("group_type", GroupType::Security.name().to_owned()), ("tenant_id", here.unwrap_or_default())]);
    ctx.page("Create group", nav::GROUPS, &view::create(&form, tenants.as_ref(), &ctx.csrf()))
}

/// `POST /admin/people/groups/create`.
pub async fn create(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::WriteGroups>()?;
    let tenants = choice(&ctx, &granted)?;
    let mut reading = Reading::of(&fields, view::INPUTS);
    let tenant = if tenants.is_some() {
        let named = tenant_field::named(&ctx, fields.text(tenant_field::TENANT.name))?;
        reading.required(&tenant_field::TENANT, |_| named)
    } else {
        Some(ctx.actor().tenant)
    };
    let name = reading.required(&view::NAME, DisplayName::parse);
    let group_type = reading.chosen(&view::TYPE, GroupType::parse);
    let description = reading.optional(&view::DESCRIPTION, DisplayName::parse);
    let mut form = reading.done();
    if let (Some(name), Some(tenant), Some(group_type), Some(description)) = (name, tenant, group_type, description) {
        let new = NewGroup { tenant, name, description, group_type };
        let (id, now) = (ctx.stack.new_id::<GroupId>(), ctx.stack.now());
        match ctx.stack.store.write(move |tx| groups::create(tx, &granted, &new, id, now)).await {
            Ok(made) => return Ok(ctx.done(&view::address(made.id), &format!("{} is created.", made.name))),
            Err(problem) => form = refused(form, problem)?,
        }
    }
    ctx.refused_page("Create group", nav::GROUPS, &form, &view::create(&form, tenants.as_ref(), &ctx.csrf()))
}

fn none() -> Problem {
    Problem::not_found("group_not_found", "There is no such group")
}

fn found(ctx: &Ctx, tx: &impl Read, id: &str) -> Result<Group, Problem> {
    groups::get(tx, &ctx.widest::<permit::ReadGroups>()?, GroupId::parse(id).ok_or_else(none)?)
}

/// `GET /admin/people/groups/{id}`; with `all` also those through other groups.
pub async fn one(ctx: Ctx, id: web::Path<String>, asked: Asked) -> Result<HttpResponse, Problem> {
    show(&ctx, &id, &asked, &Form::default())
}

fn show(ctx: &Ctx, id: &str, asked: &Asked, form: &Form) -> Result<HttpResponse, Problem> {
    let snapshot = ctx.stack.store.read();
    let group = found(ctx, &snapshot, id)?;
    let filter = if asked.value("all") == "1" { MemberFilter::Effective } else { MemberFilter::Direct };
    let granted = ctx.widest::<permit::ReadGroups>()?;
    let tenant = tenancy::tenant(&snapshot, group.tenant)?.map(|tenant| tenant.name.to_string());
    let mut list = List::at(view::address(group.id), asked, Vec::new()).keep("all", asked.value("all"));
    let members = list.sorted(&view::MEMBER_SORTING, "member", |window| {
        groups::slice_members(&snapshot, &granted, group.id, filter, window)
    })?;
    let shown = view::GroupView {
        group: &group,
        tenant: tenant.unwrap_or_default(),
        list: &list,
        members: &members,
        effective: filter == MemberFilter::Effective,
        may_write: ctx.may::<permit::WriteGroups>(),
    };
    let body = view::one(&shown, form, &ctx.csrf(), ctx.stack.now());
    ctx.form_page(group.name.as_str(), nav::GROUPS, form, &body)
}

/// Whom a reader means: an e-mail address, a user's id or a group's.
fn named(tx: &impl Read, text: &str) -> Result<Option<Member>, Problem> {
    if let Some(user) = UserId::parse(text) {
        return Ok(Some(Member::User(user)));
    }
    if let Some(group) = GroupId::parse(text) {
        return Ok(Some(Member::Group(group)));
    }
    match Email::parse(text) {
        Ok(email) => Ok(people::by_email(tx, &email)?.map(|user| Member::User(user.id))),
        Err(_) => Ok(None),
    }
}

/// `POST /admin/people/groups/{id}/add`.
pub async fn add(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let group = found(&ctx, &ctx.stack.store.read(), &id)?;
    let granted = ctx.widest::<permit::WriteGroups>()?;
    let (form, query) = (fields.keep(&["member"]), Asked::default());
    let nobody = "This is no user of this tenant and no group of it";
    let text = fields.text("member");
    let member = match GroupId::parse(text) {
        Some(group) => Member::Group(group),
        None => match named_user(&ctx, text)? {
            Ok(user) => Member::User(user.id),
            Err(rule) => return show(&ctx, &id, &query, &form.error("member", format!("This {rule}"))),
        },
    };
    let (group, now) = (group.id, ctx.stack.now());
    match ctx.stack.store.write(move |tx| groups::add_member(tx, &granted, group, member, now)).await {
        Ok(_) => Ok(ctx.done(&view::address(group), "The member is added.")),
        Err(problem) if problem.code == "member_not_found" => show(&ctx, &id, &query, &form.error("member", nobody)),
        Err(problem) => show(&ctx, &id, &query, &refused(form, problem)?),
    }
}

fn no_member() -> Problem {
    Problem::not_found("member_not_found", "There is no such member in the group")
}

/// `GET /admin/people/groups/{id}/remove`.
pub async fn remove_page(ctx: Ctx, id: web::Path<String>, asked: Asked) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::WriteGroups>()?;
    let snapshot = ctx.stack.store.read();
    let group = found(&ctx, &snapshot, &id)?;
    let member = named(&snapshot, asked.value("member"))?.ok_or_else(no_member)?;
    let name = match groups::direct_member(&snapshot, &ctx.widest::<permit::ReadGroups>()?, group.id, member)? {
        Members::User(user, ..) => user.called(),
        Members::Group(inner, _) => inner.name.to_string(),
    };
    let (back, csrf, form) = (view::address(group.id), ctx.csrf(), Form::default());
    let action = view::removal(group.id, asked.value("member"));
    ctx.confirm(nav::GROUPS, &view::remove(&group, &name, (&action, &back), &csrf, &form))
}

/// `POST /admin/people/groups/{id}/remove`.
pub async fn remove(Posted { ctx, .. }: Posted, id: web::Path<String>, asked: Asked) -> Result<HttpResponse, Problem> {
    let group = found(&ctx, &ctx.stack.store.read(), &id)?.id;
    let granted = ctx.widest::<permit::WriteGroups>()?;
    let member = named(&ctx.stack.store.read(), asked.value("member"))?.ok_or_else(no_member)?;
    let now = ctx.stack.now();
    ctx.stack.store.write(move |tx| groups::remove_member(tx, &granted, group, member, now)).await?;
    let undo = Undo::at(format!("{}/add", view::address(group))).with("member", asked.value("member"));
    Ok(ctx.done_but(&view::address(group), "The member is out of the group.", Some(undo)))
}

/// `GET /admin/people/groups/{id}/delete`.
pub async fn delete_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::WriteGroups>()?;
    let group = found(&ctx, &ctx.stack.store.read(), &id)?;
    ask_to_delete(&ctx, &group, &Form::default())
}

fn ask_to_delete(ctx: &Ctx, group: &Group, form: &Form) -> Result<HttpResponse, Problem> {
    let (back, csrf) = (view::address(group.id), ctx.csrf());
    ctx.confirm(nav::GROUPS, &view::delete(group, &format!("{back}/delete"), &back, &csrf, form))
}

/// `POST /admin/people/groups/{id}/delete`.
pub async fn delete(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let group = found(&ctx, &ctx.stack.store.read(), &id)?;
    if fields.text("confirm_name") != group.name.as_str() {
        let form = fields.keep(&["confirm_name"]).error("confirm_name", "is not that of the group");
        return ask_to_delete(&ctx, &group, &form);
    }
    let granted = ctx.widest::<permit::WriteGroups>()?;
    let (id, now) = (group.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| groups::delete(tx, &granted, id, now)).await?;
    Ok(ctx.done(ROOT, &format!("{} is deleted.", group.name)))
}
