//! `/api/v1/admin/lockouts` and `/users/{id}/lockouts`: who has to wait after too many wrong tries, and lifting that.

use super::Services;
use super::list::{Page, PageQuery, cut};
use super::users::reach;
use crate::access::{permit, widest};
use crate::authentication::{self, Tried};
use crate::base::Problem;
use crate::http::extract::{Caller, Query};
use crate::http::reply::{Moment, NoContent, Reply};
use crate::people;
use crate::sessions::{self, Whom};
use actix_web::{HttpRequest, web};
use serde::Serialize;
use std::net::IpAddr;

/// Somebody who has to wait before the next try.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Lockout {
    /// Who has to wait.
    held: LockedOut,
    /// From where; null: from everywhere, or from an address that is not known.
    network: Option<String>,
    /// What was tried; null: whatever it was.
    tried: Option<TriedWhat>,
    /// When the wait ends.
    until: Moment,
}

/// Who has to wait.
#[derive(Debug, Serialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum LockedOut {
    /// Everybody who tries the account.
    Account,
    /// Who tries the account from the network.
    Network,
    /// A browser or session in which the account was signed in before.
    Browser,
}

/// What was tried.
#[derive(Debug, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum TriedWhat {
    Password,
    SecondFactor,
}

impl Lockout {
    fn of(lockout: &sessions::Lockout, tried: Option<Tried>) -> Self {
        let (held, network) = match lockout.whom {
            Whom::Account => (LockedOut::Account, None),
            Whom::AccountFrom(network) => (LockedOut::Network, network),
            Whom::AccountHere => (LockedOut::Browser, None),
            Whom::Network(network) => (LockedOut::Network, Some(network)),
        };
        let tried = tried.map(|tried| match tried {
            Tried::Password => TriedWhat::Password,
            Tried::Code => TriedWhat::SecondFactor,
        });
        Self { held, network: network.map(|network| network.to_string()), tried, until: Moment(lockout.until) }
    }
}

/// `GET /users/{id}/lockouts`: who has to wait before the next try on the user's account.
pub async fn of_user(
    stack: Services,
    Caller(actor): Caller,
    id: web::Path<String>,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<Lockout>>, Problem> {
    let (paging, snapshot) = (page.numbered()?, stack.store.read());
    let (id, granted) = reach::<permit::ReadUsers>(&snapshot, &actor, &id)?;
    let held = authentication::lockouts(&stack, &people::get(&snapshot, &granted, id)?);
    Ok(Page::of(&cut(held, paging), |(tried, lockout)| Lockout::of(lockout, Some(*tried)), &request))
}

/// `DELETE /users/{id}/lockouts`: forgets the wrong tries on the user's account, so that its owner can try again at once.
pub async fn lift(stack: Services, Caller(actor): Caller, id: web::Path<String>) -> Result<NoContent, Problem> {
    let (id, granted) = reach::<permit::LiftLockouts>(&stack.store.read(), &actor, &id)?;
    authentication::lift_lockouts(&stack, granted, id).await?;
    Ok(NoContent)
}

/// `GET /lockouts`: the networks that have to wait before the next try on any account.
pub async fn networks(
    stack: Services,
    Caller(actor): Caller,
    Query(page): Query<PageQuery>,
    request: HttpRequest,
) -> Result<Reply<Page<Lockout>>, Problem> {
    let paging = page.numbered()?;
    let held = authentication::held_networks(&stack, &widest::<permit::ReadUsers>(&actor)?)?;
    Ok(Page::of(&cut(held, paging), |lockout| Lockout::of(lockout, None), &request))
}

/// `DELETE /lockouts/{address}`: forgets the wrong tries of the networks that an address is in.
pub async fn lift_networks(
    stack: Services,
    Caller(actor): Caller,
    address: web::Path<String>,
) -> Result<NoContent, Problem> {
    let granted = widest::<permit::LiftLockouts>(&actor)?;
    let none =
        || Problem::not_found("not_found", "There is no such address: name one such as 203.0.113.7 or 2001:db8::7");
    let address: IpAddr = address.parse().map_err(|_| none())?;
    authentication::lift_networks(&stack, granted, address).await?;
    Ok(NoContent)
}
