//! What is done to several users at once.

use super::change::mine_to_secure;
use super::listing;
use super::named::found;
use super::view::ROOT;
use crate::access::permit;
use crate::base::id::GroupId;
use crate::base::{Id, Problem};
use crate::http::kit::form::Fields;
use crate::http::kit::parts::{Field, Form};
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::http::ui::selected::{Deed, run};
use crate::people::groups::{self, GroupFilter, Member};
use crate::people::{self, Status, UserPatch};
use crate::sessions;
use crate::store::Paging;
use actix_web::HttpResponse;
use maud::{Markup, Render as _, html};

const fn deed<'a>(action: &'a str, verb: &'a str, done: &'a str, means: &'a str, destructive: bool) -> Deed<'a> {
    let asks = maud::PreEscaped(String::new());
    Deed { section: nav::USERS, list: ROOT, action, what: "user", verb, done, means, destructive, asks }
}

async fn set_status(posted: &Posted, deed: &Deed<'_>, status: Status) -> Result<HttpResponse, Problem> {
    let (ctx, now) = (&posted.ctx, posted.ctx.stack.now());
    let find = |id: &str| mine_to_secure(ctx, id).map(|(user, granted)| (user.email.to_string(), (user.id, granted)));
    run(posted, deed, find, async |(id, granted)| {
        let patch = UserPatch { status: Some(status), ..UserPatch::default() };
        ctx.stack.store.write(move |tx| people::update(tx, &granted, id, &patch, now)).await.map(|_| ())
    })
    .await
}

/// `POST /admin/people/users/selected/disable`.
pub async fn disable(posted: Posted) -> Result<HttpResponse, Problem> {
    let means = "They are signed out everywhere and cannot sign in; their tokens and API keys stop working. Nothing is deleted.";
    let deed = deed(listing::DISABLE.action, "Disable", "disabled", means, true);
    set_status(&posted, &deed, Status::Disabled).await
}

/// `POST /admin/people/users/selected/enable`.
pub async fn enable(posted: Posted) -> Result<HttpResponse, Problem> {
    let deed = deed(listing::ENABLE.action, "Enable", "enabled", "They can sign in again.", false);
    set_status(&posted, &deed, Status::Active).await
}

/// `POST /admin/people/users/selected/end-sessions`.
pub async fn end_sessions(posted: Posted) -> Result<HttpResponse, Problem> {
    let means = "They are signed out everywhere that you administer, and can sign in again.";
    let deed = deed(listing::END_SESSIONS.action, "Sign out", "signed out", means, true);
    let (ctx, now) = (&posted.ctx, posted.ctx.stack.now());
    ctx.widest::<permit::EndSessions>()?;
    let snapshot = ctx.stack.store.read();
    let find = |id: &str| found(ctx, &snapshot, id).map(|user| (user.email.to_string(), user.id));
    run(&posted, &deed, find, async |id| {
        let granted = ctx.widest::<permit::EndSessions>()?;
        ctx.stack.store.write(move |tx| sessions::end_user_within(tx, &granted, id, now)).await.map(|_| ())
    })
    .await
}

/// `POST /admin/people/users/selected/add-to-group`.
pub async fn add_to_group(posted: Posted) -> Result<HttpResponse, Problem> {
    let (ctx, now) = (&posted.ctx, posted.ctx.stack.now());
    ctx.widest::<permit::WriteGroups>()?;
    let means = "They get what the group gives, such as its roles.";
    let mut deed = deed(listing::ADD_TO_GROUP.action, "Add", "in the group", means, false);
    deed.asks = group_field(ctx, &posted.fields)?;
    let group = GroupId::parse(posted.fields.text("group"));
    let snapshot = ctx.stack.store.read();
    let find = |id: &str| found(ctx, &snapshot, id).map(|user| (user.email.to_string(), user.id));
    run(&posted, &deed, find, async |user| {
        let granted = ctx.widest::<permit::WriteGroups>()?;
        let group = group.ok_or_else(|| Problem::not_found("group_not_found", "There is no such group"))?;
        ctx.stack
            .store
            .write(move |tx| groups::add_member(tx, &granted, group, Member::User(user), now))
            .await
            .map(|_| ())
    })
    .await
}

/// The groups to choose from; where there are more than a page of the API has, the ID of one.
fn group_field(ctx: &Ctx, fields: &Fields) -> Result<Markup, Problem> {
    let granted = ctx.widest::<permit::ReadGroups>()?;
    let paging = Paging::new(1, Paging::MAX)?;
    let listed = groups::list(&ctx.stack.store.read(), &granted, &GroupFilter::default(), paging)?;
    let form: Form = fields.keep(&["group"]);
    if listed.next.is_some() {
        let field = Field::text(&form, "group", "Group").mono().attr("placeholder", "grp_…");
        return Ok(field.help("The ID of the group, from its page.").render());
    }
    if listed.items.is_empty() {
        return Ok(html! { p { "There is no group yet." } });
    }
    let options = listed.items.iter().map(|group| (group.id.to_string(), group.name.to_string()));
    Ok(Field::select(&form, "group", "Group", options.collect::<Vec<_>>()).render())
}
