//! Where the names in the log lead: to the pages of who did it and of what it was done to, where there is one that the reader may
//! open. Names change and things go, rows of the log do not, so each is looked up.

use super::super::{applications, groups, organizations, secrets, users};
use crate::access::permit;
use crate::audit::Event;
use crate::base::id::{ApiKeyId, ApplicationId, GroupId, MailId, TenantId, UserId};
use crate::base::{Id, SecretPath};
use crate::http::ui::context::Ctx;
use crate::people::groups as people_groups;
use crate::store::Read;
use crate::vault::service;
use crate::{apps, keys, mail, people, tenancy};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The addresses by kind and id.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<(String, String), Option<String>>);

impl Links {
    /// Of some rows of the log.
    pub fn of<'e>(ctx: &Ctx, tx: &impl Read, events: impl IntoIterator<Item = &'e Event>) -> Self {
        let mut links = Self::default();
        for event in events {
            for name in [actor(event), target(event)].into_iter().flatten() {
                if let Entry::Vacant(place) = links.0.entry(name) {
                    let (kind, id) = place.key();
                    let address = address(ctx, tx, event, (kind, id));
                    place.insert(address);
                }
            }
        }
        links
    }

    /// The page of who did it.
    pub fn actor(&self, event: &Event) -> Option<&str> {
        self.0.get(&actor(event)?)?.as_deref()
    }

    /// The page of what it was done to.
    pub fn target(&self, event: &Event) -> Option<&str> {
        self.0.get(&target(event)?)?.as_deref()
    }
}

fn actor(event: &Event) -> Option<(String, String)> {
    (!event.actor.id.is_empty()).then(|| (event.actor.kind.clone(), event.actor.id.clone()))
}

fn target(event: &Event) -> Option<(String, String)> {
    (!event.resource_id.is_empty()).then(|| (event.resource_type.clone(), event.resource_id.clone()))
}

/// The page of a thing, if it is there and the reader may open it.
fn address(ctx: &Ctx, tx: &impl Read, event: &Event, (kind, id): (&str, &str)) -> Option<String> {
    match kind {
        "user" => {
            let user = people::get(tx, &ctx.widest::<permit::ReadUsers>().ok()?, UserId::parse(id)?).ok()?;
            Some(users::address(user.id))
        }
        "application" => {
            let id = ApplicationId::parse(id).or_else(|| apps::parse_client_id(id))?;
            let application = apps::get(tx, &ctx.widest::<permit::ReadApplications>().ok()?, id).ok()?;
            Some(applications::address(&application))
        }
        "group" => {
            let id = GroupId::parse(id)?;
            people_groups::get(tx, &ctx.widest::<permit::ReadGroups>().ok()?, id).ok()?;
            Some(groups::address(id))
        }
        "tenant" | "organization" => {
            let granted = ctx.widest::<permit::ReadTenants>().ok()?;
            let id = TenantId::parse(id).or_else(|| TenantId::parse_as("org", id))?;
            tenancy::get_tenant(tx, &granted, id).ok()?;
            Some(organizations::address(id))
        }
        "api_key" => {
            let id = ApiKeyId::parse(id)?;
            let reach = keys::api_keys::Reach::of(ctx.actor(), ctx.widest::<permit::ManageUsers>().ok()).ok()?;
            keys::api_keys::get(tx, &reach, id).ok()?;
            Some(format!("{}/{id}", super::super::api_keys::ROOT))
        }
        "mail" => {
            let id = MailId::parse(id)?;
            mail::get(tx, &ctx.widest::<permit::ManageOutbox>().ok()?, id).ok()?;
            Some(format!("{}/{id}", super::super::outbox::ROOT))
        }
        // The pages of secrets are those of the reader's own tenant.
        "secret" if event.tenant == ctx.home().tenant() => {
            let path = SecretPath::parse(id).ok()?;
            service::versions(tx, &ctx.here::<permit::ListSecrets>().ok()?, &path).ok()?;
            Some(secrets::address(path.as_str()))
        }
        _ => None,
    }
}
