//! `/account`: one's own profile, password, second factors, sessions and authorised applications.

mod apps;
mod confirm;
mod factors;
mod password;
mod reader;
mod sessions;
#[cfg(test)]
mod tests;
mod view;

pub use apps::{list as apps, revoke as revoke_app, revoke_page as revoke_app_page};
pub use confirm::{page as confirm_page, submit as confirm};
pub use factors::{
    codes, disable, disable_page, new_codes, new_codes_page, page as factors, setup as set_up_app, setup_page,
};
pub use password::{page as password_page, submit as change_password};
pub use sessions::{
    end as end_session, end_other_sessions_page, end_others as end_other_sessions, end_page as end_session_page,
    end_selected as end_selected_sessions, list as sessions,
};

use crate::base::text::Rule;
use crate::base::{DisplayName, Kind, Problem};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::posted::Posted;
use crate::people::{self, PhoneNumber, ProfileChange, ProfilePatch, User, WebUrl};
use crate::store::{Versioned, WriteTx};
use crate::tenancy;
use actix_web::HttpResponse;
use reader::oneself;
use view::ROOT;

/// The fields of the profile's form.
const FIELDS: [&str; 5] = ["display_name", "first_name", "last_name", "phone_number", "website"];

fn values(user: &User) -> Form {
    let text = |value: Option<String>| value.unwrap_or_default();
    let profile = &user.profile;
    Form::with([
        ("display_name", text(user.display_name.as_ref().map(ToString::to_string))),
        ("first_name", text(user.first_name.as_ref().map(ToString::to_string))),
        ("last_name", text(user.last_name.as_ref().map(ToString::to_string))),
        ("phone_number", text(profile.phone_number.as_ref().map(ToString::to_string))),
        ("website", text(profile.website.as_ref().map(ToString::to_string))),
    ])
    .at(user.version())
}

fn body(ctx: &Ctx, user: &User, form: &Form) -> Result<maud::Markup, Problem> {
    let snapshot = ctx.stack.store.read();
    let mut places = Vec::new();
    for tenant in people::tenants_of(&snapshot, user.id)? {
        if let (Some(tenant), Some(membership)) =
            (tenancy::tenant(&snapshot, tenant)?, people::membership(&snapshot, tenant, user.id)?)
        {
            places.push((tenant.name.to_string(), membership.role.name()));
        }
    }
    Ok(view::profile(user, &places, form, &ctx.csrf(), ctx.stack.now()))
}

/// `GET /account`.
pub async fn profile(ctx: Ctx) -> Result<HttpResponse, Problem> {
    let user = oneself(&ctx)?;
    ctx.page("Your profile", ROOT, &body(&ctx, &user, &values(&user))?)
}

/// A field that may be empty, as a change.
fn read<T, E: Into<Rule>>(
    fields: &Fields,
    name: &'static str,
    parse: impl FnOnce(&str) -> Result<T, E>,
    wrong: &mut Vec<(&'static str, Rule)>,
) -> Option<Option<T>> {
    match fields.text(name) {
        "" => Some(None),
        text => match parse(text) {
            Ok(value) => Some(Some(value)),
            Err(rule) => {
                wrong.push((name, rule.into()));
                None
            }
        },
    }
}

/// `POST /account`.
pub async fn save_profile(Posted { ctx, fields }: Posted) -> Result<HttpResponse, Problem> {
    let user = oneself(&ctx)?;
    let mut wrong = Vec::new();
    let patch = ProfilePatch {
        first_name: read(&fields, "first_name", DisplayName::parse, &mut wrong),
        last_name: read(&fields, "last_name", DisplayName::parse, &mut wrong),
        display_name: read(&fields, "display_name", DisplayName::parse, &mut wrong),
        profile: ProfileChange {
            phone_number: read(&fields, "phone_number", PhoneNumber::parse, &mut wrong),
            website: read(&fields, "website", WebUrl::parse, &mut wrong),
            ..ProfileChange::default()
        },
    };
    let kept = fields.keep(&FIELDS);
    let form = if wrong.is_empty() {
        let (actor, now) = (ctx.actor().clone(), ctx.stack.now());
        let (seen, id) = (fields.seen(), user.id);
        let write = move |tx: &mut WriteTx<'_>| {
            seen.check(people::user(tx, id)?.as_ref())?;
            people::update_own_profile(tx, &actor, &patch, now)
        };
        match ctx.stack.store.write(write).await {
            Ok(_) => return Ok(ctx.done(ROOT, "Your profile is saved.")),
            Err(problem) if problem.kind == Kind::Stale => fields.meeting(&FIELDS, values(&oneself(&ctx)?)),
            Err(problem) => refused(kept, problem)?,
        }
    } else {
        wrong.into_iter().fold(kept, |form, (field, rule)| form.error(field, rule))
    };
    ctx.refused_page("Your profile", ROOT, &form, &body(&ctx, &user, &form)?)
}
