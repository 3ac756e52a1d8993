//! Making a user: with an invitation, or with a password at once.

use super::super::tenant_field::TenantChoice;
use super::deleted::taken;
use super::view;
use crate::access::{Role, permit};
use crate::authentication;
use crate::base::id::TenantId;
use crate::base::{DisplayName, Email, Id, Problem};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::Form;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::mailed_links;
use crate::people::{self, NewUser, Status};
use actix_web::HttpResponse;

const FIELDS: [&str; 5] = ["email", "display_name", "tenant_id", "role", "how"];

fn form(ctx: &Ctx, form: &Form) -> Result<maud::Markup, Problem> {
    Ok(view::create(form, &TenantChoice::of(ctx)?, ctx.stack.mailer().is_some(), &ctx.csrf()))
}

/// `GET /admin/people/users/create`.
pub async fn create_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::WriteUsers>()?;
    let form = Form::with([
        ("tenant_id", ctx.actor().tenant.to_string()),
        ("role", Role::TenantUser.name().to_owned()),
        ("how", "invite".to_owned()),
    ]);
    ctx.page("Create user", nav::USERS, &self::form(&ctx, &form)?)
}

/// `POST /admin/people/users/create`.
pub async fn create(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let form = match read(&fields) {
        Ok(new) => match make(&ctx, new.clone(), &fields).await {
            Ok(user) => {
                let words = match user.status {
                    Status::Invited => format!("{} is invited.", user.email),
                    _ => format!("{} can sign in.", user.email),
                };
                return Ok(ctx.done(&view::address(user.id), &words));
            }
            Err(problem) => taken(&ctx, fields.keep(&FIELDS), problem, Some(&new.email))?,
        },
        Err(form) => form,
    };
    ctx.refused_page("Create user", nav::USERS, &form, &self::form(&ctx, &form)?)
}

async fn make(ctx: &Ctx, mut new: NewUser, fields: &Fields) -> Result<people::User, Problem> {
    let granted = ctx.widest::<permit::WriteUsers>()?;
    if fields.text("how") == "invite" {
        return mailed_links::invite(&ctx.stack, granted, new).await;
    }
    // Who may not set it costs no hash.
    granted.and::<permit::ManageCredentials>()?;
    let phc = authentication::new_password(&ctx.stack, "password", fields.secret("password"), &new.email).await?;
    new.password_hash = Some(phc);
    let (id, now) = (ctx.stack.new_id(), ctx.stack.now());
    ctx.stack.store.write(move |tx| people::create(tx, &granted, &new, id, now)).await
}

/// What the form says, or the form with its errors beside the fields.
fn read(fields: &Fields) -> Result<NewUser, Form> {
    let mut form = fields.keep(&FIELDS);
    let email = Email::parse(fields.text("email"));
    let tenant = TenantId::parse(fields.text("tenant_id"));
    let role = Role::parse(fields.text("role"));
    let name = match fields.text("display_name") {
        "" => Ok(None),
        text => DisplayName::parse(text).map(Some),
    };
    if let Err(rule) = &email {
        form = form.error("email", rule.clone());
    }
    if let Err(rule) = &name {
        form = form.error("display_name", rule.clone());
    }
    if tenant.is_none() {
        form = form.error("tenant_id", "must be the ID of a tenant");
    }
    if role.is_none() {
        form = form.error("role", "must be chosen");
    }
    if !["invite", "password"].contains(&fields.text("how")) {
        form = form.error("how", "must be chosen");
    }
    match (email, tenant, role, name, form.is_good()) {
        (Ok(email), Some(tenant), Some(role), Ok(display_name), true) => {
            Ok(NewUser { display_name, ..NewUser::local(email, tenant, role) })
        }
        _ => Err(form),
    }
}
