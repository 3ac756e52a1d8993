//! The people of an organisation: who belongs to it, as what, and who is asked.

use super::super::users::taken;
use super::member::{Member, member};
use super::named::{found, found_for};
use super::view;
use crate::access::{Granted, Role, permit};
use crate::base::id::UserId;
use crate::base::{Email, Id, Kind, Problem};
use crate::http::kit::form::{Fields, Reading};
use crate::http::kit::list::{Asked, List};
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::mailed_links::{self, Entry};
use crate::people::{self, NewMembership, NewUser, User, UserFilter, UserRef};
use crate::roles::RoleNames;
use crate::store::{Read, Versioned, WriteTx};
use crate::tenancy::Tenant;
use actix_web::{HttpResponse, web};

/// `GET /admin/organizations/{id}/members`.
pub async fn list(ctx: Ctx, id: web::Path<String>, asked: Asked) -> Result<HttpResponse, Problem> {
    show(&ctx, &id, &asked, Form::with([("role", "member".to_owned())]))
}

fn show(ctx: &Ctx, id: &str, asked: &Asked, form: Form) -> Result<HttpResponse, Problem> {
    let snapshot = ctx.stack.store.read();
    let tenant = found(ctx, &snapshot, id)?;
    let granted = ctx.widest::<permit::ReadUsers>()?;
    let filter = UserFilter { search: asked.search(), tenant: Some(tenant.id), ..UserFilter::default() };
    let mut list = List::at(format!("{}/members", view::address(tenant.id)), asked, view::member_filters());
    let members = list.sorted(&view::MEMBER_SORTING, "member", |window| {
        let slice = people::slice(&snapshot, &granted, &filter, window)?;
        slice.try_map(|user| member(ctx, &snapshot, &tenant, user))
    })?;
    let shown = view::Members {
        members: &members,
        list: &list,
        tenant: &tenant,
        may: ctx.may::<permit::WriteUsers>(),
        mail: ctx.stack.mailer().is_some(),
    };
    let body = view::members(&shown, &form, &ctx.csrf(), ctx.stack.now());
    let title = format!("Members of {}", tenant.name);
    ctx.form_page(&title, nav::ORGANIZATIONS, &form, &body)
}

/// `POST /admin/organizations/{id}/members/invite`.
pub async fn invite(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::WriteUsers>(&ctx, &id)?;
    let form = match read(&fields) {
        Ok((email, role)) => match ask(&ctx, granted, &tenant, &email, role).await {
            Ok(user) => {
                let words = sent(&ctx, &user);
                return Ok(ctx.done(&format!("{}/members", view::address(tenant.id)), &words));
            }
            Err(problem) if problem.kind == Kind::Forbidden && problem.code == "cannot_grant" => {
                fields.form(view::INVITATION).fault(&problem).error("role", "must be one that you hold yourself")
            }
            Err(problem) if problem.code == "already_member" => {
                fields.form(view::INVITATION).fault(&problem).error("email", "is a member's already, or is invited")
            }
            Err(problem) => taken(&ctx, fields.form(view::INVITATION), problem, Some(&email))?,
        },
        Err(form) => form,
    };
    show(&ctx, &id, &Asked::default(), form)
}

fn sent(ctx: &Ctx, user: &User) -> String {
    if ctx.stack.mailer().is_some() {
        format!("The invitation is on its way to {}.", user.email)
    } else {
        format!("The invitation for {} waits in the outbox, because no mail server is set.", user.email)
    }
}

/// The role that a form names.
fn role_of(fields: &Fields) -> Option<Role> {
    view::chosen(fields.text("role"))
}

fn read(fields: &Fields) -> Result<(Email, Role), Form> {
    let mut reading = Reading::of(fields, view::INVITATION);
    let email = reading.required(&view::EMAIL, Email::parse);
    match (email, reading.chosen(&view::ROLE, view::chosen)) {
        (Some(email), Some(role)) => Ok((email, role)),
        _ => Err(reading.done()),
    }
}

/// Asks somebody by mail: a new account, or one that there is.
async fn ask(
    ctx: &Ctx,
    granted: Granted<permit::WriteUsers>,
    tenant: &Tenant,
    email: &Email,
    role: Role,
) -> Result<User, Problem> {
    let names = RoleNames::parse([view::key_of(role)]).map_err(Problem::internal)?;
    let made = if people::by_email(&ctx.stack.store.read(), email)?.is_some() {
        let (who, new) = (UserRef::Email(email.clone()), NewMembership::at_once(role));
        mailed_links::add_member(&ctx.stack, granted, (who, tenant.id), new, names, Entry::Invited).await?
    } else {
        let new = NewUser::local(email.clone(), tenant.id, role);
        mailed_links::create_member(&ctx.stack, granted, new, names, Entry::Invited).await?
    };
    Ok(made.0)
}

fn nobody() -> Problem {
    Problem::not_found("user_not_found", "There is no such member")
}

/// The member that an address names.
fn named(ctx: &Ctx, tx: &impl Read, tenant: &Tenant, id: &str) -> Result<Member, Problem> {
    let id = UserId::parse(id).ok_or_else(nobody)?;
    let user = people::get(tx, &ctx.widest::<permit::ReadUsers>()?, id)?;
    let found = member(ctx, tx, tenant, user)?;
    if found.membership.is_some() { Ok(found) } else { Err(nobody()) }
}

/// `POST /admin/organizations/{id}/members/{user}/resend`.
pub async fn resend(Posted { ctx, .. }: Posted, ids: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::WriteUsers>(&ctx, &ids.0)?;
    let member = named(&ctx, &ctx.stack.store.read(), &tenant, &ids.1)?;
    let (user, _) = mailed_links::resend_to_member(&ctx.stack, granted, member.user.id, tenant.id).await?;
    Ok(ctx.done(&format!("{}/members", view::address(tenant.id)), &sent(&ctx, &user)))
}

/// The form of a member's role as it is.
fn role_now(member: &Member) -> Form {
    let Some(has) = &member.membership else { return Form::default() };
    Form::with([("role", view::key_of(has.role).to_owned())]).at(has.version())
}

/// `GET /admin/organizations/{id}/members/{user}/role`.
pub async fn role_page(ctx: Ctx, ids: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (tenant, _) = found_for::<permit::WriteUsers>(&ctx, &ids.0)?;
    let member = named(&ctx, &ctx.stack.store.read(), &tenant, &ids.1)?;
    ctx.page("Change role", nav::ORGANIZATIONS, &view::role(&tenant, &member, &role_now(&member), &ctx.csrf()))
}

/// `POST /admin/organizations/{id}/members/{user}/role`.
pub async fn role(Posted { ctx, fields }: Posted, ids: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::WriteUsers>(&ctx, &ids.0)?;
    let member = named(&ctx, &ctx.stack.store.read(), &tenant, &ids.1)?;
    let form = fields.keep(&["role"]);
    let form = match role_of(&fields) {
        None => form.error("role", "must be chosen"),
        Some(role) => {
            let (user, id, now) = (member.user.id, tenant.id, ctx.stack.now());
            let seen = fields.seen();
            let write = move |tx: &mut WriteTx<'_>| {
                seen.check(people::belonging(tx, id, user)?.as_ref())?;
                people::set_membership_role(tx, &granted, user, id, role, now)
            };
            match ctx.stack.store.write(write).await {
                Ok(_) => {
                    let words = format!("{} has another role now.", member.user.called());
                    return Ok(ctx.done(&format!("{}/members", view::address(tenant.id)), &words));
                }
                Err(problem) if problem.kind == Kind::Stale => {
                    fields.meeting(&["role"], role_now(&named(&ctx, &ctx.stack.store.read(), &tenant, &ids.1)?))
                }
                Err(problem) if problem.code == "cannot_grant" => {
                    form.fault(&problem).error("role", "must be one that you hold yourself")
                }
                Err(problem) => refused(form, problem)?,
            }
        }
    };
    ctx.refused_page("Change role", nav::ORGANIZATIONS, &form, &view::role(&tenant, &member, &form, &ctx.csrf()))
}

/// `GET /admin/organizations/{id}/members/{user}/remove`.
pub async fn remove_page(ctx: Ctx, ids: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::DeleteUsers>()?;
    let snapshot = ctx.stack.store.read();
    let tenant = found(&ctx, &snapshot, &ids.0)?;
    let member = named(&ctx, &snapshot, &tenant, &ids.1)?;
    let (back, csrf, form) = (format!("{}/members", view::address(tenant.id)), ctx.csrf(), Form::default());
    let action = format!("{back}/{}/remove", member.user.id);
    ctx.confirm(nav::ORGANIZATIONS, &view::remove(&tenant, &member, (&action, &back), &csrf, &form))
}

/// `POST /admin/organizations/{id}/members/{user}/remove`: ends a membership, or withdraws an invitation.
pub async fn remove(Posted { ctx, .. }: Posted, ids: web::Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::DeleteUsers>(&ctx, &ids.0)?;
    let member = named(&ctx, &ctx.stack.store.read(), &tenant, &ids.1)?;
    let (user, id, now) = (member.user.id, tenant.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| people::remove_membership(tx, &granted, user, id, now)).await?;
    let words = format!("{} does not belong to {} any more.", member.user.email, tenant.name);
    Ok(ctx.done(&format!("{}/members", view::address(tenant.id)), &words))
}
