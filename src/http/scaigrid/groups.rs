//! `/v1/groups`: ScaiKey's groups, to look at.

use super::Services;
use super::envelope::{ok, page_at};
use super::parts::{group_id, here};
use crate::base::Problem;
use crate::http::extract::{Caller, Query};
use crate::people::groups::{self, Group, GroupFilter, MemberFilter, Members};
use crate::store::{Listed, Paging};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// How many rows a page has when nothing is said.
const PAGE: u32 = 100;

/// Which page. The cursor is the place of the last row of the page before, so that what comes and goes shifts nothing.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PageQuery {
    limit: Option<String>,
    cursor: Option<String>,
}

impl PageQuery {
    fn read(&self) -> Result<Paging, Problem> {
        let limit = match &self.limit {
            None => PAGE,
            Some(text) => {
                let read = text.parse().ok().filter(|limit| (1..=Paging::MAX).contains(limit));
                read.ok_or_else(|| Problem::invalid_at("query", "limit", "must be 1 to 200"))?
            }
        };
        let first = Paging::new(1, limit)?;
        let Some(text) = &self.cursor else { return Ok(first) };
        let place = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let wrong = || Problem::invalid_at("query", "cursor", "must be the next_cursor of the page before");
        place.map(|place| first.behind(place)).ok_or_else(wrong)
    }
}

fn next<T>(listed: &Listed<T>) -> Option<String> {
    listed.next.map(|place| place.to_string())
}

fn render(group: &Group) -> Value {
    json!({
        "id": group.id,
        "tenant_id": group.tenant,
        "name": group.name,
        "description": group.description,
        "type": group.group_type.name(),
        "member_count": group.members,
        "created_at": group.created_at.iso_secs(),
        "updated_at": group.updated_at.iso_secs(),
    })
}

fn member(member: &Members) -> Value {
    match member {
        Members::User(user, ..) => json!({
            "type": "user", "id": user.id, "email": user.email, "display_name": user.called(),
        }),
        Members::Group(group, _) => json!({
            "type": "group", "id": group.id, "email": null, "display_name": group.name,
        }),
    }
}

/// `GET /v1/groups`, the oldest first.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let (granted, paging) = (here(&actor)?, query.read()?);
    let listed = groups::list(&stack.store.read(), &granted, &GroupFilter::default(), paging)?;
    Ok(page_at(&listed.items.iter().map(render).collect::<Vec<_>>(), next(&listed)))
}

/// `GET /v1/groups/{id}`: with a page of its direct members.
pub async fn show(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    let (granted, paging) = (here(&actor)?, query.read()?);
    let (snapshot, id) = (stack.store.read(), group_id(&id)?);
    let group = groups::get(&snapshot, &granted, id)?;
    let listed = groups::list_members(&snapshot, &granted, id, MemberFilter::Direct, paging)?;
    let mut shown = render(&group);
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("members".to_owned(), listed.items.iter().map(member).collect());
        fields.insert("members_next_cursor".to_owned(), json!(next(&listed)));
    }
    Ok(ok(&shown))
}
