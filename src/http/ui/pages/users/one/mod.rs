//! `GET /admin/people/users/{id}`: what belongs to one user, as far as the reader sees it.

mod blocks;
pub(super) mod factors;
pub(super) mod group;
pub(super) mod link;
mod parts;
pub(super) mod role;
#[cfg(test)]
mod tests;
mod view;

use super::super::retention::Retention;
use super::lockouts;
use super::named::{found, is_me, may};
use super::view::UserRights;
use crate::access::{Granted, Place, permit};
use crate::apps::Application;
use crate::base::Problem;
use crate::base::id::TenantId;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::keys::{self, Owner, PersonalToken, api_keys};
use crate::mfa;
use crate::oauth::consent::{self, Consent};
use crate::people::groups::{self, Group, Member};
use crate::people::{self, AdminRole, Membership, User};
use crate::sessions::{self, Session};
use crate::store::Read;
use crate::tenancy;
use actix_web::{HttpResponse, web};
use parts::{Front, MOST, One};

/// `GET /admin/people/users/{id}`.
pub async fn one(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (snapshot, now) = (ctx.stack.store.read(), ctx.stack.now());
    let user = found(&ctx, &snapshot, &id)?;
    let granted = ctx.widest::<permit::ReadUsers>()?;
    let home = tenancy::place_of(&snapshot, user.home_tenant)?.unwrap_or(Place::Platform);
    let may = UserRights { me: is_me(&ctx, user.id), ..may(&ctx, &snapshot, user.id)? };
    let one = One {
        home: if granted.place().covers(home) { tenant_name(&snapshot, user.home_tenant)? } else { String::new() },
        memberships: &memberships(&snapshot, &granted, &user)?,
        roles: &roles(&snapshot, &granted, &user)?,
        // What protects an account is shown to those who could take it away.
        factors: if may.credentials { Some(mfa::factors(&snapshot, user.id)?) } else { None },
        groups: &groups_of(&ctx, &snapshot, &user)?,
        sessions: sessions_of(&ctx, &snapshot, &user)?,
        keys: keys_of(&ctx, &snapshot, &user)?,
        tokens: tokens_of(&ctx, &snapshot, &user)?,
        consents: &consents(&snapshot, &granted, &user)?,
        retention: Retention::of(&ctx),
        current: ctx.signed_in.session.id,
        mail: ctx.stack.mailer().is_some(),
        may,
        user: &user,
    };
    let held = lockouts::card(&ctx, &user, may.secure && ctx.may::<permit::LiftLockouts>());
    ctx.page(&user.called(), nav::USERS, &view::one(&one, held, &ctx.csrf(), now))
}

fn tenant_name(tx: &impl Read, tenant: TenantId) -> Result<String, Problem> {
    Ok(tenancy::tenant(tx, tenant)?.map_or_else(|| tenant.to_string(), |tenant| tenant.name.to_string()))
}

/// Where a role is held, in words.
pub(super) fn place_name(tx: &impl Read, place: Place) -> Result<String, Problem> {
    match place {
        Place::Platform => Ok("The whole instance".to_owned()),
        Place::Partner(id) => {
            let partner = tenancy::partner(tx, id)?;
            Ok(partner.map_or_else(|| id.to_string(), |partner| format!("Partner {}", partner.name)))
        }
        Place::Tenant { tenant, .. } => tenant_name(tx, tenant),
    }
}

type ReadUsers = Granted<permit::ReadUsers>;

fn memberships(tx: &impl Read, granted: &ReadUsers, user: &User) -> Result<Vec<(String, Membership)>, Problem> {
    let all = people::memberships_of(tx, granted, user.id)?;
    all.into_iter().map(|membership| Ok((tenant_name(tx, membership.tenant)?, membership))).collect()
}

/// The roles beyond memberships that reach where the reader does.
fn roles(tx: &impl Read, granted: &ReadUsers, user: &User) -> Result<Vec<(String, AdminRole)>, Problem> {
    let mut seen = Vec::new();
    for held in &user.admin_roles {
        let there = match held.place {
            Place::Tenant { tenant, .. } => tenancy::place_of(tx, tenant)?,
            Place::Partner(_) | Place::Platform => Some(held.place),
        };
        if there.is_some_and(|there| granted.place().covers(there)) {
            seen.push((place_name(tx, held.place)?, held.clone()));
        }
    }
    Ok(seen)
}

fn groups_of(ctx: &Ctx, tx: &impl Read, user: &User) -> Result<Vec<(Group, bool)>, Problem> {
    let Ok(granted) = ctx.widest::<permit::ReadGroups>() else { return Ok(Vec::new()) };
    let mut seen = Vec::new();
    for id in groups::groups_of(tx, user.id, granted.place().tenant())? {
        let Some(group) = groups::group(tx, id)? else { continue };
        if tenancy::place_of(tx, group.tenant)?.is_some_and(|there| granted.place().covers(there)) {
            let is_direct = groups::direct_member(tx, &granted, id, Member::User(user.id)).is_ok();
            seen.push((group, is_direct));
        }
    }
    Ok(seen)
}

fn sessions_of(ctx: &Ctx, tx: &impl Read, user: &User) -> Result<Option<Front<Session>>, Problem> {
    let Ok(granted) = ctx.widest::<permit::ReadSessions>() else { return Ok(None) };
    let filter = sessions::Filter { user: Some(user.id), ..sessions::Filter::default() };
    Ok(Some(Front::of(sessions::list(tx, &granted, filter, MOST + 1, ctx.stack.now())?)))
}

fn keys_of(ctx: &Ctx, tx: &impl Read, user: &User) -> Result<Option<Front<api_keys::ApiKey>>, Problem> {
    let Ok(granted) = ctx.widest::<permit::ManageUsers>() else { return Ok(None) };
    let filter = api_keys::Filter { user: Some(user.id), ..api_keys::Filter::default() };
    Ok(Some(Front::of(api_keys::list_all(tx, &granted, filter, None, MOST + 1, ctx.stack.now())?)))
}

fn tokens_of(ctx: &Ctx, tx: &impl Read, user: &User) -> Result<Option<Front<PersonalToken>>, Problem> {
    let Ok(granted) = ctx.widest::<permit::ManageTokens>() else { return Ok(None) };
    Ok(Some(Front::of(keys::list(tx, &granted, Some(Owner::User(user.id)), None, MOST + 1)?)))
}

fn consents(tx: &impl Read, granted: &ReadUsers, user: &User) -> Result<Vec<(String, Consent, Application)>, Problem> {
    let all = consent::list_of(tx, granted, user.id)?;
    all.into_iter().map(|(consent, application)| Ok((tenant_name(tx, consent.tenant)?, consent, application))).collect()
}
