//! `/api/v1/admin/admin-roles`: roles beyond memberships.

use super::Services;
use super::list::{Page, PageQuery, cut};
use super::users::reach;
use super::wire::role::{AdminRole, AssignRole};
use super::wire::{missing, one_of, partner_named, tenant_named, text};
use crate::access::{Place, Role, permit};
use crate::access::{over, widest};
use crate::base::id::{PartnerId, TenantId, UserId};
use crate::base::{Id, Problem};
use crate::http::extract::{Caller, Json, Query, optional_flag};
use crate::http::reply::{Created, NoContent, Reply};
use crate::people;
use crate::store::Read;
use crate::tenancy;
use actix_web::{HttpRequest, web};
use serde::Deserialize;

/// The filters of the list.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AdminRoleQuery {
    /// The role, in either case.
    #[cfg_attr(test, schemars(with = "Option<Role>"))]
    role: Option<String>,
    /// Who holds it.
    user_id: Option<String>,
    /// Whether it must not have run out, or must have.
    #[serde(default, deserialize_with = "optional_flag")]
    #[cfg_attr(test, schemars(with = "bool"))]
    is_active: Option<bool>,
}

/// Where a role is to be held: of partner and tenant, what the role needs.
fn place(tx: &impl Read, role: Role, partner: Option<&str>, tenant: Option<&str>) -> Result<Place, Problem> {
    let needs = |field: &'static str| Problem::invalid(field, format!("is required for the role {}", role.name()));
    match role {
        Role::SuperAdmin => Ok(Place::Platform),
        Role::PartnerAdmin | Role::PartnerViewer => {
            partner_named(tx, partner.ok_or_else(|| needs("partner_id"))?).map(Place::Partner)
        }
        Role::TenantAdmin | Role::TenantUser | Role::TenantViewer => {
            Ok(tenant_named(tx, tenant.ok_or_else(|| needs("tenant_id"))?)?.place())
        }
    }
}

/// Reads the id of an assignment, `usr_4.tenant_admin.tnt_7`.
fn read_id(tx: &impl Read, text: &str) -> Result<Option<(UserId, Role, Place)>, Problem> {
    let mut parts = text.splitn(3, '.');
    let (Some(user), Some(role)) = (parts.next().and_then(UserId::parse), parts.next().and_then(Role::parse)) else {
        return Ok(None);
    };
    let place = match parts.next() {
        None => Some(Place::Platform),
        Some(at) => match (PartnerId::parse(at), TenantId::parse(at)) {
            (Some(partner), _) => Some(Place::Partner(partner)),
            (None, Some(tenant)) => tenancy::place_of(tx, tenant)?,
            (None, None) => None,
        },
    };
    Ok(place.map(|place| (user, role, place)))
}

/// `GET /admin-roles`: who holds roles beyond memberships where the caller reaches.
pub async fn list(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    Query(filter): Query<AdminRoleQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<AdminRole>>, Problem> {
    let (paging, now) = (page.numbered()?, stack.now());
    let granted = widest::<permit::ReadUsers>(&actor)?;
    let role = one_of("role", &filter.role, Role::parse, "SUPER_ADMIN, PARTNER_ADMIN, TENANT_ADMIN")?;
    let mut held = people::list_role_holders(&stack.store.read(), &granted, role)?;
    held.retain(|(user, held)| {
        text(&filter.user_id).is_none_or(|want| user.id.to_string() == want)
            && filter.is_active.is_none_or(|want| held.is_live(now) == want)
    });
    Ok(Page::of(&cut(held, paging), |(user, held)| AdminRole::of(user, held, now), &request))
}

/// `GET /admin-roles/user/{id}`: the roles that one user holds beyond memberships.
pub async fn of_user(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<AdminRole>>, Problem> {
    let (paging, now, snapshot) = (page.numbered()?, stack.now(), stack.store.read());
    let (id, granted) = reach::<permit::ReadUsers>(&snapshot, &actor, &id)?;
    people::get(&snapshot, &granted, id)?;
    let mut held = people::list_role_holders(&snapshot, &granted, None)?;
    held.retain(|(user, _)| user.id == id);
    Ok(Page::of(&cut(held, paging), |(user, held)| AdminRole::of(user, held, now), &request))
}

/// `POST /admin-roles`: gives a user a role in a partner, in a tenant, or on the whole instance.
pub async fn assign(
    stack: Services,
    Caller(actor): Caller,
    Json(body): Json<AssignRole>,
) -> Result<Created<AdminRole>, Problem> {
    widest::<permit::WriteUsers>(&actor)?;
    let (id, role, until, now) = (body.user_id, body.role.0, body.expires_at, stack.now());
    let place = place(&stack.store.read(), role, body.partner_id.as_deref(), body.tenant_id.as_deref())?;
    let granted = over::<permit::WriteUsers>(&actor, Some(place))?;
    let user = stack.store.write(move |tx| people::grant_role(tx, &granted, id, role, place, until, now)).await?;
    // The newest stands last.
    let held = user.admin_roles.last().ok_or_else(|| Problem::internal("a role was given and is not there"))?;
    Ok(Reply(AdminRole::of(&user, held, now)))
}

/// `DELETE /admin-roles/{id}`: takes the role from the user who holds it.
pub async fn revoke(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<NoContent, Problem> {
    widest::<permit::WriteUsers>(&actor)?;
    let named = read_id(&stack.store.read(), &id)?;
    let (user, role, place) = named.ok_or_else(|| missing("role_not_found"))?;
    let granted = over::<permit::WriteUsers>(&actor, Some(place))?;
    let now = stack.now();
    stack.store.write(move |tx| people::revoke_role(tx, &granted, user, role, place, now)).await?;
    Ok(NoContent)
}
