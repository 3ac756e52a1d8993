//! Putting a user into a group.

use super::super::named::found;
use super::super::view::{self, ROOT};
use crate::access::{Granted, permit};
use crate::base::id::GroupId;
use crate::base::meant::{Meant, fronts};
use crate::base::{Id as _, Problem, text};
use crate::http::kit::parts::{Crumb, Form, Input, crumbs, form_error, head, hidden};
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::pages::find;
use crate::http::ui::posted::Posted;
use crate::people::User;
use crate::people::groups::{self, Group, GroupFilter, Member};
use crate::store::{Paging, Read};
use actix_web::{HttpResponse, web};
use maud::{Markup, html};

const GROUP: Input =
    Input::text("group", "Group").hint("Its name or ID.").with(&[("placeholder", "Night shift or grp_…")]);
const INPUTS: &[Input] = &[GROUP];

/// `GET /admin/people/users/{id}/groups`.
pub async fn page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    ctx.widest::<permit::WriteGroups>()?;
    let user = found(&ctx, &ctx.stack.store.read(), &id)?;
    ctx.page("Add to a group", nav::USERS, &body(&user, &Form::default(), &ctx.csrf()))
}

fn body(user: &User, form: &Form, csrf: &str) -> Markup {
    let here = view::address(user.id);
    let way = [Crumb::to("Users", ROOT), Crumb::to(user.called(), here.as_str()), Crumb::here("Add to a group")];
    html! {
        (crumbs(&way))
        (head("Add to a group", format!("{} becomes a member of it.", user.called())))
        (form_error(form))
        form.form.card method="post" action={ (here) "/groups" } {
            (hidden("csrf", csrf))
            (GROUP.field(form).finds(find::GROUPS))
            div.actions { button.primary { "Add" } a.button href=(here) { "Cancel" } }
        }
    }
}

/// The group that a text names, of those that the reader changes.
fn meant(tx: &impl Read, granted: &Granted<permit::ReadGroups>, given: &str) -> Result<Meant<Group>, Problem> {
    if let Some(id) = GroupId::parse(given)
        && let Ok(group) = groups::get(tx, granted, id)
    {
        return Ok(Meant::One(group));
    }
    let name = text::searched(given);
    for front in fronts(given) {
        let filter = GroupFilter { search: Some(front.to_owned()), ..GroupFilter::default() };
        let found = groups::list(tx, granted, &filter, Paging::new(1, Paging::MAX)?)?.items;
        if !found.is_empty() {
            return Ok(Meant::of(found, |group| text::searched(group.name.as_str()) == name));
        }
    }
    Ok(Meant::Unknown(Vec::new()))
}

/// `POST /admin/people/users/{id}/groups`.
pub async fn add(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let granted = ctx.widest::<permit::WriteGroups>()?;
    let user = found(&ctx, &ctx.stack.store.read(), &id)?;
    let seen = ctx.widest::<permit::ReadGroups>()?;
    let named = meant(&ctx.stack.store.read(), &seen, fields.text(GROUP.name))?;
    let form = fields.form(INPUTS);
    let form = match named.only("group", |group| format!("{} ({})", group.name, group.id)) {
        Err(rule) => form.error(GROUP.name, rule),
        Ok(group) => {
            let (member, now, at) = (Member::User(user.id), ctx.stack.now(), group.id);
            match ctx.stack.store.write(move |tx| groups::add_member(tx, &granted, at, member, now)).await {
                Ok(_) => {
                    let words = format!("{} is in {} now.", user.called(), group.name);
                    return Ok(ctx.done(&view::address(user.id), &words));
                }
                Err(problem) if problem.code == "member_not_found" => {
                    form.fault(&problem).error(GROUP.name, "is of a tenant that the user does not belong to")
                }
                Err(problem) => refused(form, problem)?,
            }
        }
    };
    ctx.refused_page("Add to a group", nav::USERS, &form, &body(&user, &form, &ctx.csrf()))
}
