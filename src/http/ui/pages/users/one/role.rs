//! Giving and taking a role beyond memberships: of a tenant, a partner or the whole instance.

use super::super::named::found;
use super::super::view::{self, ROOT, role_words};
use super::place_name;
use crate::access::{Place, Role, over, permit};
use crate::base::id::{PartnerId, TenantId};
use crate::base::{Id as _, Problem};
use crate::http::kit::form::{Fields, Reading};
use crate::http::kit::list::Asked;
use crate::http::kit::parts::{Choice, Confirm, Crumb, Form, Input, crumbs, form_error, head, hidden};
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::pages::find;
use crate::http::ui::pages::tenant_field::{self, TENANT, TenantChoice};
use crate::http::ui::posted::Posted;
use crate::people::{self, User};
use crate::store::Read;
use crate::tenancy;
use actix_web::{HttpResponse, web};
use maud::{Markup, html};

const ROLE: Input = Input::options("role", "Role");
const PARTNER: Input = Input::text("partner_id", "Partner")
    .optional()
    .hint("For a role of a partner.")
    .with(&[("placeholder", "Name, slug or ID")]);
const INPUTS: &[Input] = &[ROLE, TENANT, PARTNER];

/// The roles that the reader can give somewhere.
fn offered(ctx: &Ctx) -> Vec<Role> {
    let wide = |role: Role, place: Place| people::may_hand_out(ctx.actor(), role, place);
    let partner = Place::Partner(ctx.actor().partner);
    let tenant = match ctx.widest::<permit::WriteUsers>() {
        Ok(granted) if granted.place().tenant().is_none() => ctx.home(),
        Ok(granted) => granted.place(),
        Err(_) => return Vec::new(),
    };
    let at = |role: Role| match role {
        Role::SuperAdmin => Place::Platform,
        Role::PartnerAdmin | Role::PartnerViewer => partner,
        Role::TenantAdmin | Role::TenantUser | Role::TenantViewer => tenant,
    };
    Role::ALL.into_iter().filter(|role| wide(*role, at(*role))).collect()
}

/// Whether there are roles beyond tenants among them.
fn is_wide(offered: &[Role]) -> bool {
    offered.iter().any(|role| matches!(role, Role::SuperAdmin | Role::PartnerAdmin | Role::PartnerViewer))
}

/// What was named that the role has no use for: nothing typed is left out in silence.
fn left_over(role: Role, fields: &Fields) -> Option<(&'static str, String)> {
    let named = |input: &Input| !fields.text(input.name).is_empty();
    let (is_of_tenant, is_of_partner) = match role {
        Role::SuperAdmin => (false, false),
        Role::PartnerAdmin | Role::PartnerViewer => (false, true),
        Role::TenantAdmin | Role::TenantUser | Role::TenantViewer => (true, false),
    };
    if !is_of_tenant && named(&TENANT) {
        return Some((TENANT.name, "is for a role of a tenant: choose such a role, or no tenant".to_owned()));
    }
    let partner = "is for a role of a partner: choose such a role, or no partner";
    (!is_of_partner && named(&PARTNER)).then(|| (PARTNER.name, partner.to_owned()))
}

/// `GET /admin/people/users/{id}/roles/give`.
pub async fn give_role_page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::WriteUsers>()?;
    let user = found(&ctx, &ctx.stack.store.read(), &id)?;
    // Where roles beyond tenants are offered, a tenant is not taken for granted.
    let here = if is_wide(&offered(&ctx)) { String::new() } else { TenantChoice::of(&ctx)?.here(&ctx)? };
    let form = Form::with([("role", Role::TenantAdmin.name().to_owned()), ("tenant_id", here)]);
    ctx.page("Give a role", nav::USERS, &body(&ctx, &user, &form)?)
}

fn body(ctx: &Ctx, user: &User, form: &Form) -> Result<Markup, Problem> {
    let here = view::address(user.id);
    let offered = offered(ctx);
    let roles: Vec<_> = offered.iter().map(|role| Choice::new(role.name(), role_words(*role), role.about())).collect();
    let (wide, tenants) = (is_wide(&offered), TenantChoice::of(ctx)?);
    let tenants = if wide { tenants.or_none() } else { tenants };
    let tenant = tenants.field(form, "For a role of a tenant.");
    let tenant = if wide { tenant.optional() } else { tenant };
    let way = [Crumb::to("Users", ROOT), Crumb::to(user.called(), here.as_str()), Crumb::here("Give a role")];
    Ok(html! {
        (crumbs(&way))
        (head("Give a role", format!("What {} may do beyond their memberships.", user.called())))
        (form_error(form))
        form.form.card method="post" action={ (here) "/roles/give" } {
            (hidden("csrf", &ctx.csrf()))
            (ROLE.cards(form, &roles))
            (tenant)
            @if offered.contains(&Role::PartnerAdmin) { (PARTNER.field(form).finds(find::PARTNERS)) }
            div.actions { button.primary { "Give the role" } a.button href=(here) { "Cancel" } }
        }
    })
}

/// Where the form wants the role to be held.
fn place(ctx: &Ctx, role: Role, fields: &Fields) -> Result<Result<Place, (&'static str, String)>, Problem> {
    if let Some(wrong) = left_over(role, fields) {
        return Ok(Err(wrong));
    }
    let snapshot = ctx.stack.store.read();
    match role {
        Role::SuperAdmin => Ok(Ok(Place::Platform)),
        Role::PartnerAdmin | Role::PartnerViewer => {
            let named = fields.text(PARTNER.name);
            if named.is_empty() {
                return Ok(Err((PARTNER.name, "must be the name, slug or ID of a partner".to_owned())));
            }
            let meant = tenancy::meant_partner(&snapshot, &ctx.widest::<permit::ReadPartners>()?, named)?;
            let only = meant.only("partner", |partner| format!("{} ({})", partner.name, partner.slug));
            Ok(only.map(|partner| Place::Partner(partner.id)).map_err(|rule| (PARTNER.name, rule)))
        }
        Role::TenantAdmin | Role::TenantUser | Role::TenantViewer => {
            match tenant_field::named(ctx, fields.text(TENANT.name))? {
                Ok(tenant) => Ok(Ok(tenancy::place_of(&snapshot, tenant)?.ok_or_else(tenancy::no_tenant)?)),
                Err(rule) => Ok(Err(("tenant_id", rule))),
            }
        }
    }
}

/// `POST /admin/people/users/{id}/roles/give`.
pub async fn give_role(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::WriteUsers>()?;
    let user = found(&ctx, &ctx.stack.store.read(), &id)?;
    let mut reading = Reading::of(&fields, INPUTS);
    let role = reading.chosen(&ROLE, Role::parse);
    let mut form = reading.done();
    if let Some(role) = role {
        match place(&ctx, role, &fields)? {
            Err((field, rule)) => form = form.error(field, rule),
            Ok(place) => match grant(&ctx, &user, role, place).await {
                Ok(words) => return Ok(ctx.done(&view::address(user.id), &words)),
                Err(problem) if problem.code == "cannot_grant" => {
                    form = form.fault(&problem).error("role", "must be one that you hold yourself there");
                }
                Err(problem) => form = refused(form, problem)?,
            },
        }
    }
    ctx.refused_page("Give a role", nav::USERS, &form, &body(&ctx, &user, &form)?)
}

async fn grant(ctx: &Ctx, user: &User, role: Role, place: Place) -> Result<String, Problem> {
    let granted = over::<permit::WriteUsers>(ctx.actor(), Some(place))?;
    let (id, now) = (user.id, ctx.stack.now());
    ctx.stack.store.write(move |tx| people::grant_role(tx, &granted, id, role, place, None, now)).await?;
    let there = place_name(&ctx.stack.store.read(), place)?;
    Ok(format!("{} is {} now: {there}.", user.called(), role_words(role)))
}

/// Reads how an address names a role, `tenant_admin.tnt_7`.
fn read(tx: &impl Read, text: &str) -> Result<(Role, Place), Problem> {
    let none = || Problem::not_found("role_not_found", "The user does not hold this role there");
    let (name, at) = text.split_once('.').map_or((text, None), |(name, at)| (name, Some(at)));
    let role = Role::parse(name).ok_or_else(none)?;
    let place = match at.map(|at| (PartnerId::parse(at), TenantId::parse(at))) {
        None => Some(Place::Platform),
        Some((Some(partner), _)) => Some(Place::Partner(partner)),
        Some((None, Some(tenant))) => tenancy::place_of(tx, tenant)?,
        Some((None, None)) => None,
    };
    Ok((role, place.ok_or_else(none)?))
}

/// `GET /admin/people/users/{id}/roles/take`.
pub async fn take_role_page(ctx: Ctx, id: web::Path<String>, asked: Asked) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::WriteUsers>()?;
    ask(&ctx, &id, asked.value("role"), &Form::default())
}

fn ask(ctx: &Ctx, id: &str, named: &str, form: &Form) -> Result<HttpResponse, Problem> {
    let snapshot = ctx.stack.store.read();
    let user = found(ctx, &snapshot, id)?;
    let (role, place) = read(&snapshot, named)?;
    let (back, csrf, there) = (view::address(user.id), ctx.csrf(), place_name(&snapshot, place)?);
    let action = format!("{back}/roles/take?role={named}");
    let question = Confirm::destructive(
        "Take the role away?",
        "Take the role away",
        (&action, &back),
        (&csrf, form),
        html! {
            p { strong { (user.called()) } " is " (role_words(role)) " no more: " strong { (there) } "." }
            p.muted { "Their memberships stay, with the roles that these give." }
        },
    );
    ctx.confirm(nav::USERS, &question)
}

/// `POST /admin/people/users/{id}/roles/take`.
pub async fn take_role(
    Posted { ctx, .. }: Posted,
    id: web::Path<String>,
    asked: Asked,
) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::WriteUsers>()?;
    let named = asked.value("role");
    let (role, place) = read(&ctx.stack.store.read(), named)?;
    let user = found(&ctx, &ctx.stack.store.read(), &id)?;
    let granted = over::<permit::WriteUsers>(ctx.actor(), Some(place))?;
    let (user_id, now) = (user.id, ctx.stack.now());
    match ctx.stack.store.write(move |tx| people::revoke_role(tx, &granted, user_id, role, place, now)).await {
        Ok(_) => Ok(ctx.done(&view::address(user.id), "The role is taken away.")),
        Err(problem) => ask(&ctx, &id, named, &refused(Form::default(), problem)?),
    }
}
