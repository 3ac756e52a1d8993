//! Who has to wait before the next try on a user's account, and lifting that.

use super::change::mine_to_secure;
use super::view;
use crate::authentication::{self, Tried, whom};
use crate::base::Problem;
use crate::http::kit::parts::{ago, card_with, hidden};
use crate::http::ui::context::Ctx;
use crate::http::ui::posted::Posted;
use crate::people::User;
use actix_web::{HttpResponse, web};
use maud::{Markup, html};

/// `POST /admin/people/users/{id}/unlock`.
pub async fn unlock(Posted { ctx, .. }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (user, granted) = (mine_to_secure(&ctx, &id)?.0, ctx.widest()?);
    authentication::lift_lockouts(&ctx.stack, granted, user.id).await?;
    Ok(ctx.done(&view::address(user.id), "The wrong tries are forgotten; the next try is allowed at once."))
}

/// Who has to wait, how long, and the button that lifts it. Empty: nobody.
pub(super) fn card(ctx: &Ctx, user: &User, may_lift: bool) -> Markup {
    let (held, now) = (authentication::lockouts(&ctx.stack, user), ctx.stack.now());
    if held.is_empty() {
        return html! {};
    }
    let body = html! {
        ul {
            @for (tried, lockout) in &held {
                li {
                    @match tried { Tried::Password => "Passwords: ", Tried::Code => "Codes: " }
                    (whom(lockout.whom)) " has to wait. The next try is allowed " (ago(lockout.until, now)) "."
                }
            }
        }
    };
    let lift = html! {
        @if may_lift {
            form method="post" action={ (view::address(user.id)) "/unlock" } {
                (hidden("csrf", &ctx.csrf()))
                button.small { "Lift" }
            }
        }
    };
    card_with("Held up after wrong tries", "Lifting it forgets the tries: the next is allowed at once.", &lift, &body)
}
