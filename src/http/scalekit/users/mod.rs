//! UserService: the people of the instance and of organisations.

mod memberships;
mod read;
mod render;
mod roles;

pub use memberships::{create_membership, delete_membership, resend_invite, update_membership};
pub use roles::{assign_roles, list_permissions, list_roles, remove_role};

use super::identity::Identity;
use super::operation::Call;
use super::proto::users::{
    CreateUserAndMembershipRequest, CreateUserAndMembershipResponse, DeleteUserRequest, GetUserRequest,
    GetUserResponse, ListOrganizationUsersRequest, ListOrganizationUsersResponse, ListUsersRequest, ListUsersResponse,
    SearchOrganizationUsersRequest, SearchOrganizationUsersResponse, SearchUsersRequest, SearchUsersResponse,
    UpdateUserRequest, UpdateUserResponse, User as Message,
};
use super::rules;
use crate::access::{Granted, Permission, Place, permit};
use crate::access::{over, widest};
use crate::base::Problem;
use crate::base::id::{TenantId, UserId};
use crate::http::page_token;
use crate::mailed_links;
use crate::people::{self, User, UserFilter};
use crate::store::{Slice, Window, WriteTx};

/// The largest page of a list, and of a search.
const MAX_PAGE: u32 = 100;
const MAX_FOUND: u32 = 30;

/// The user that a request names, and the permission for where their home is. Who may do such a thing nowhere is told so
/// before anything is looked up.
fn reach<P: Permission>(call: &Call, identity: &Identity) -> Result<(UserId, Granted<P>), Problem> {
    widest::<P>(&call.actor)?;
    let (id, home) = identity.user(&call.stack.store.read())?;
    Ok((id, over::<P>(&call.actor, home)?))
}

/// The organisation that a request names, and the permission there.
fn organization<P: Permission>(call: &Call, text: &str) -> Result<(TenantId, Granted<P>), Problem> {
    widest::<P>(&call.actor)?;
    let (id, place) = read::organization(call, text)?;
    let there = place.ok_or_else(rules::no_organization)?;
    let granted = over::<P>(&call.actor, Some(there))?;
    if granted.place().covers(there) { Ok((id, granted)) } else { Err(rules::no_organization()) }
}

/// A user as they are now, with the memberships within `place`.
fn shown(call: &Call, place: Place, user: &User) -> Result<Option<Message>, Problem> {
    render::user(&call.stack.store.read(), place, user, call.stack.now()).map(Some)
}

/// `CreateUserAndMembership`: a new user. Somebody who has an account already gets a membership by the operation of that
/// name.
pub async fn create(
    call: Call,
    request: CreateUserAndMembershipRequest,
) -> Result<CreateUserAndMembershipResponse, Problem> {
    let (tenant, granted) = organization::<permit::WriteUsers>(&call, &request.organization_id)?;
    let (place, entry) = (granted.place(), read::entry(request.send_invitation_email));
    let (new, names) = read::create(tenant, rules::required("user", request.user)?)?;
    let made = mailed_links::create_member(&call.stack, granted, new, names, entry).await;
    let (user, _) = made.map_err(|mut problem| {
        for field in problem.fields.iter_mut().filter(|field| field.field == "roles") {
            field.field = "membership.roles".to_owned();
        }
        problem.within("user")
    })?;
    Ok(CreateUserAndMembershipResponse { user: shown(&call, place, &user)? })
}

/// `GetUser`.
pub async fn get(call: Call, request: GetUserRequest) -> Result<GetUserResponse, Problem> {
    let identity = Identity::from(request.identities);
    let (id, granted) = reach::<permit::ReadUsers>(&call, &identity)?;
    let user = people::get(&call.stack.store.read(), &granted, id)?;
    call.shows(&user);
    Ok(GetUserResponse { user: shown(&call, granted.place(), &user)? })
}

/// `UpdateUser`: what is absent stays, `""` empties, and empty maps and lists stay as they were.
pub async fn update(call: Call, request: UpdateUserRequest) -> Result<UpdateUserResponse, Problem> {
    let identity = Identity::from(request.identities);
    let (id, granted) = reach::<permit::WriteUsers>(&call, &identity)?;
    let patch = read::update(rules::required("user", request.user)?)?;
    let (place, seen, now) = (granted.place(), call.seen.clone(), call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&people::within(tx, place, id)?))?;
        people::update(tx, &granted, id, &patch, now)
    };
    let user = call.stack.store.write(write).await.map_err(|problem| problem.within("user"))?;
    call.shows(&user);
    Ok(UpdateUserResponse { user: shown(&call, place, &user)? })
}

/// `DeleteUser`.
pub async fn delete(call: Call, request: DeleteUserRequest) -> Result<(), Problem> {
    let identity = Identity::from(request.identities);
    let (id, granted) = reach::<permit::DeleteUsers>(&call, &identity)?;
    let (seen, now) = (call.seen.clone(), call.stack.now());
    let write = move |tx: &mut WriteTx<'_>| {
        seen.check(Some(&people::within(tx, granted.place(), id)?))?;
        people::delete(tx, &granted, id, now)
    };
    call.stack.store.write(write).await
}

/// A stretch of a list: its messages, the tokens of the next and of the former one, and the total.
struct Page {
    users: Vec<Message>,
    next: String,
    prev: String,
    total: u32,
}

fn list_of(
    call: &Call,
    granted: &Granted<permit::ReadUsers>,
    tenant: Option<TenantId>,
    search: Option<String>,
    window: Window,
) -> Result<Page, Problem> {
    let (snapshot, now) = (call.stack.store.read(), call.stack.now());
    let filter = UserFilter { search, tenant, ..UserFilter::default() };
    let slice: Slice<User> = people::slice(&snapshot, granted, &filter, window)?;
    let ((next, prev), total) = (page_token::tokens(&slice), page_token::total(&slice));
    let mut users = Vec::with_capacity(slice.items.len());
    for user in &slice.items {
        users.push(render::user(&snapshot, granted.place(), user, now)?);
    }
    Ok(Page { users, next, prev, total })
}

/// `ListUsers`, the newest first.
pub async fn list(call: Call, request: ListUsersRequest) -> Result<ListUsersResponse, Problem> {
    let granted = widest::<permit::ReadUsers>(&call.actor)?;
    let window = page_token::up_to(request.page_size, &request.page_token, page_token::DEFAULT, MAX_PAGE)?;
    let Page { users, next, prev, total } = list_of(&call, &granted, None, None, window)?;
    Ok(ListUsersResponse { users, next_page_token: next, total_size: total, prev_page_token: prev })
}

/// `SearchUsers`: by the front of the e-mail, of a name, of the external id or of a word in them.
pub async fn search(call: Call, request: SearchUsersRequest) -> Result<SearchUsersResponse, Problem> {
    let granted = widest::<permit::ReadUsers>(&call.actor)?;
    rules::length("query", &request.query, 3..=100)?;
    let window = page_token::window(request.page_size, &request.page_token, page_token::DEFAULT, MAX_FOUND)?;
    let Page { users, next, prev, total } = list_of(&call, &granted, None, Some(request.query), window)?;
    Ok(SearchUsersResponse { users, next_page_token: next, total_size: total, prev_page_token: prev })
}

/// `ListOrganizationUsers`, the newest first, with those who are invited.
pub async fn list_of_organization(
    call: Call,
    request: ListOrganizationUsersRequest,
) -> Result<ListOrganizationUsersResponse, Problem> {
    let (tenant, granted) = organization::<permit::ReadUsers>(&call, &request.organization_id)?;
    let window = page_token::window(request.page_size, &request.page_token, page_token::DEFAULT, MAX_PAGE)?;
    let Page { users, next, prev, total } = list_of(&call, &granted, Some(tenant), None, window)?;
    Ok(ListOrganizationUsersResponse { users, next_page_token: next, total_size: total, prev_page_token: prev })
}

/// `SearchOrganizationUsers`, as `SearchUsers` within an organisation.
pub async fn search_organization(
    call: Call,
    request: SearchOrganizationUsersRequest,
) -> Result<SearchOrganizationUsersResponse, Problem> {
    let (tenant, granted) = organization::<permit::ReadUsers>(&call, &request.organization_id)?;
    rules::length("query", &request.query, 3..=100)?;
    let window = page_token::window(request.page_size, &request.page_token, page_token::DEFAULT, MAX_FOUND)?;
    let Page { users, next, prev, total } = list_of(&call, &granted, Some(tenant), Some(request.query), window)?;
    Ok(SearchOrganizationUsersResponse { users, next_page_token: next, total_size: total, prev_page_token: prev })
}
