//! A one-time link for a user that the administrator passes on themselves: shown once, to who could set the password.

use super::super::change::mine_to_secure;
use super::super::named::found;
use super::super::view::{self, ROOT};
use crate::access::permit;
use crate::base::Problem;
use crate::http::kit::parts::{Confirm, Crumb, Form, OneTime, crumbs, head, shown_already};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::mailed_links::{self, Purpose};
use crate::people::{Status, User};
use actix_web::{HttpResponse, web};
use maud::{Markup, html};

fn purpose(user: &User) -> Purpose {
    if user.status == Status::Invited { Purpose::Invitation } else { Purpose::ResetPassword }
}

fn life(purpose: Purpose) -> &'static str {
    if purpose == Purpose::Invitation { "7 days" } else { "1 hour" }
}

/// `GET /admin/people/users/{id}/link`.
pub async fn page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, _) = mine_to_secure(&ctx, &id)?;
    let (back, csrf, form) = (view::address(user.id), ctx.csrf(), Form::default());
    let what = purpose(&user);
    let action = format!("{back}/link");
    let question = Confirm::plain(
        if what == Purpose::Invitation { "Copy the invitation?" } else { "Copy a link for a new password?" },
        "Show the link",
        (&action, &back),
        (&csrf, &form),
        html! {
            p { "You are shown a link once, to give it to " strong { (user.called()) } " yourself. Whoever opens it sets the password of the account. It works once, for " (life(what)) "." }
            p.muted { "A link of this kind that was mailed before ends. The address of the account is not confirmed by this one." }
        },
    );
    ctx.confirm(nav::USERS, &question)
}

/// `POST /admin/people/users/{id}/link`.
pub async fn make(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, _) = mine_to_secure(&ctx, &id)?;
    let granted = ctx.widest::<permit::ManageCredentials>()?;
    let made = mailed_links::hand_over(&ctx.stack, granted, user.id).await?;
    let to = format!("{}/link/made", view::address(user.id));
    Ok(ctx.done_once(&to, &what(&user), made.address.expose()))
}

fn what(user: &User) -> String {
    format!("link {}", user.id)
}

/// `GET /admin/people/users/{id}/link/made`: the link, once.
pub async fn made(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let user = found(&ctx, &ctx.stack.store.read(), &id)?;
    ctx.once("Link for the user", nav::USERS, &what(&user), |link| once(&user, link))
}

fn once(user: &User, link: Option<&str>) -> Markup {
    let back = view::address(user.id);
    let way = [Crumb::to("Users", ROOT), Crumb::to(user.called(), back.as_str()), Crumb::here("Link")];
    html! {
        (crumbs(&way))
        (head("Link for the user", format!("For {}. It works once, for {}.", user.email, life(purpose(user)))))
        @match link {
            Some(link) => (OneTime {
                values: &[("Link", "LINK", link)],
                file: "link.txt",
                lost: "If it is lost, make another one: the former ends.",
            }.card()),
            None => (shown_already("link", "make another one.")),
        }
        div.actions { a.button.primary href=(back) { "Go to the user" } }
    }
}
