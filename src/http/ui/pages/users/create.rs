//! Making a user: with an invitation, or with a password at once.

use super::super::tenant_field::{self, TENANT, TenantChoice};
use super::deleted::taken;
use super::view;
use crate::access::{Role, permit};
use crate::authentication;
use crate::base::id::TenantId;
use crate::base::{DisplayName, Email, Problem};
use crate::http::kit::form::{Fields, Reading};
use crate::http::kit::parts::Form;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::mailed_links;
use crate::people::{self, NewUser, Status};
use actix_web::HttpResponse;

fn form(ctx: &Ctx, form: &Form) -> Result<maud::Markup, Problem> {
    Ok(view::create(form, &TenantChoice::of(ctx)?, ctx.stack.mailer().is_some(), &ctx.csrf()))
}

/// `GET /admin/people/users/create`.
pub async fn create_page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::WriteUsers>()?;
    let form = Form::with([
        ("tenant_id", TenantChoice::of(&ctx)?.here(&ctx)?),
        ("role", Role::TenantUser.name().to_owned()),
        ("how", "invite".to_owned()),
    ]);
    ctx.page("Create user", nav::USERS, &self::form(&ctx, &form)?)
}

/// `POST /admin/people/users/create`.
pub async fn create(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let form = match read(&fields, tenant_field::named(&ctx, fields.text(TENANT.name))?) {
        Ok(new) => match make(&ctx, new.clone(), &fields).await {
            Ok(user) => {
                let words = match user.status {
                    Status::Invited => format!("{} is invited.", user.email),
                    _ => format!("{} can sign in.", user.email),
                };
                return Ok(ctx.done(&view::address(user.id), &words));
            }
            Err(problem) => taken(&ctx, fields.form(view::INPUTS), problem, Some(&new.email))?,
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
fn read(fields: &Fields, tenant: Result<TenantId, String>) -> Result<NewUser, Form> {
    let mut reading = Reading::of(fields, view::INPUTS);
    let email = reading.required(&view::EMAIL, Email::parse);
    let name = reading.optional(&view::NAME, DisplayName::parse);
    let tenant = reading.required(&TENANT, |_| tenant);
    let role = reading.chosen(&view::ROLE, Role::parse);
    let way = reading.chosen(&view::HOW, |how| ["invite", "password"].contains(&how).then_some(()));
    if fields.text("how") == "invite" && !fields.raw(view::PASSWORD.name).is_empty() {
        reading.wrong(
            &view::PASSWORD,
            "is not for somebody who is invited: choose to set a password now, or leave it empty",
        );
        return Err(reading.done());
    }
    match (email, tenant, role, name, way) {
        (Some(email), Some(tenant), Some(role), Some(display_name), Some(())) => {
            Ok(NewUser { display_name, ..NewUser::local(email, tenant, role) })
        }
        _ => Err(reading.done()),
    }
}
