//! Home: what there is, and what to do next.

mod view;

use crate::access::permit;
use crate::apps::{self, ListApplications};
use crate::base::Problem;
use crate::http::ui::context::Ctx;
use crate::http::ui::nav;
use crate::keys;
use crate::people::{self, UserFilter};
use crate::store::{Paging, Read};
use crate::tenancy::{self, TenantFilter};
use crate::vault::{self, Prefix};
use actix_web::HttpResponse;
use view::{Count, Home, Quick, Step};

/// Up to how many secrets and tokens are counted one by one.
const COUNTED: u32 = 100;

/// `GET /admin/`.
pub async fn page(ctx: Ctx) -> Result<HttpResponse, Problem> {
    let snapshot = ctx.stack.store.read();
    let applications = applications(&ctx, &snapshot)?;
    let secrets = secrets(&ctx, &snapshot)?;
    let tokens = tokens(&ctx, &snapshot)?;
    let step = |done, title, what, href, button| Step { done, title, what, href, button };
    let steps = [
        applications.as_ref().filter(|_| ctx.may::<permit::WriteApplications>()).map(|count| {
            step(
                count.number > 0,
                "Register an application",
                "A client ID and a secret, so that a program can get access tokens.",
                "/admin/applications/create",
                "Create application",
            )
        }),
        tokens.as_ref().map(|count| {
            step(
                count.number > 0,
                "Create a personal token",
                "To read and write secrets from a terminal.",
                "/admin/access/personal-tokens/create",
                "Create token",
            )
        }),
        secrets.as_ref().filter(|_| ctx.may::<permit::WriteSecrets>()).map(|count| {
            step(
                count.number > 0,
                "Write a secret",
                "Sealed, versioned, and every read is in the audit log.",
                "/admin/secrets/write",
                "New secret",
            )
        }),
    ];
    let counts = [applications, secrets, tokens].into_iter().chain(wide_counts(&ctx, &snapshot)?).flatten().collect();
    let tenant = tenancy::tenant(&snapshot, ctx.actor().tenant)?;
    let tenant = tenant.map_or_else(String::new, |tenant| tenant.name.to_string());
    let quick = Quick {
        users: ctx.may::<permit::WriteUsers>(),
        keys: ctx.here::<permit::ManageApiKeys>().is_ok() || ctx.may::<permit::ManageUsers>(),
        applications: ctx.may::<permit::WriteApplications>(),
        secrets: ctx.here::<permit::WriteSecrets>().is_ok(),
    };
    let home = Home {
        quick,
        tenant: &tenant,
        counts,
        steps: steps.into_iter().flatten().collect(),
        public_url: ctx.stack.public_url(),
        operates: ctx.actor().may::<permit::Operate>(crate::access::Place::Platform),
    };
    ctx.page("Home", nav::HOME, &view::page(&home))
}

fn applications(ctx: &Ctx, tx: &impl Read) -> Result<Option<Count>, Problem> {
    let Ok(granted) = ctx.widest::<permit::ReadApplications>() else { return Ok(None) };
    let listed = apps::list(tx, &granted, &ListApplications::default(), Paging::new(1, 1)?)?;
    Ok(Some(Count { name: "Applications", href: nav::APPLICATIONS, number: listed.total, more: false }))
}

fn secrets(ctx: &Ctx, tx: &impl Read) -> Result<Option<Count>, Problem> {
    let Ok(granted) = ctx.here::<permit::ListSecrets>() else { return Ok(None) };
    let pepper = ctx.stack.keyring.pepper();
    let listing = vault::service::list(tx, pepper, &granted, &Prefix::default(), Some(COUNTED), None)?;
    let number = listing.secrets.len() as u64;
    Ok(Some(Count { name: "Secrets", href: nav::SECRETS, number, more: listing.cursor.is_some() }))
}

fn tokens(ctx: &Ctx, tx: &impl Read) -> Result<Option<Count>, Problem> {
    let Ok(granted) = ctx.here::<permit::OwnTokens>() else { return Ok(None) };
    let now = ctx.stack.now();
    let own = keys::list_own(tx, &granted, None, COUNTED as usize)?;
    let number = own.iter().filter(|token| token.is_live(now)).count() as u64;
    Ok(Some(Count { name: "Your tokens", href: nav::TOKENS, number, more: false }))
}

/// Of those who look after more than one tenant. They lead nowhere yet but to what names them.
fn wide_counts(ctx: &Ctx, tx: &impl Read) -> Result<[Option<Count>; 2], Problem> {
    let paging = Paging::new(1, 1)?;
    let tenants = match ctx.widest::<permit::ReadTenants>() {
        Ok(granted) => Some(tenancy::list_tenants(tx, &granted, &TenantFilter::default(), paging)?.total),
        Err(_) => None,
    };
    let people = match ctx.widest::<permit::ReadUsers>() {
        Ok(granted) => Some(people::list(tx, &granted, &UserFilter::default(), paging)?.total),
        Err(_) => None,
    };
    let count = |name, number: Option<u64>| number.map(|number| Count { name, href: "", number, more: false });
    Ok([count("Tenants", tenants), count("People", people)])
}
