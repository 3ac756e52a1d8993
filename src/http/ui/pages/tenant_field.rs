//! The tenant that something is made in or that a list is narrowed to, for somebody who reaches several: chosen from a list
//! where there are few, and by name, slug or id where there are many.

use super::find;
use crate::access::permit;
use crate::base::Problem;
use crate::base::id::TenantId;
use crate::http::kit::parts::{Field, Form, Input};
use crate::http::ui::context::Ctx;
use crate::store::Paging;
use crate::tenancy::{self, Tenant, TenantFilter};

/// What the form asks for.
pub(super) const TENANT: Input = Input::options("tenant_id", "Tenant");

/// The tenants that a form offers.
#[derive(Debug)]
pub(super) struct TenantChoice {
    /// Id and name.
    some: Vec<(String, String)>,
    /// Whether there are more, so that one has to be typed.
    more: bool,
}

impl TenantChoice {
    /// Those that the viewer reaches.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn of(ctx: &Ctx) -> Result<Self, Problem> {
        let granted = ctx.widest::<permit::ReadTenants>()?;
        let paging = Paging::new(1, Paging::MAX)?;
        let listed = tenancy::list_tenants(&ctx.stack.store.read(), &granted, &TenantFilter::default(), paging)?;
        Ok(Self {
            more: listed.total > listed.items.len() as u64,
            some: listed.items.iter().map(|tenant| (tenant.id.to_string(), tenant.name.to_string())).collect(),
        })
    }

    /// With one choice more: none of them.
    #[must_use]
    pub(super) fn or_none(mut self) -> Self {
        self.some.insert(0, (String::new(), "None".to_owned()));
        self
    }

    /// What the field begins with: the tenant that the viewer works in, as they would name it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn here(&self, ctx: &Ctx) -> Result<String, Problem> {
        let id = ctx.actor().tenant;
        let there = if self.more { tenancy::tenant(&ctx.stack.store.read(), id)? } else { None };
        Ok(there.map_or_else(|| id.to_string(), |tenant| tenant.slug.to_string()))
    }

    /// The field `tenant_id`.
    pub(super) fn field<'a>(&self, form: &'a Form, help: &str) -> Field<'a> {
        if self.more {
            let typed = Input::text(TENANT.name, TENANT.label).with(&[("placeholder", "Name, slug or ID")]);
            typed.field(form).finds(find::TENANTS).help(help.to_owned())
        } else {
            TENANT.select(form, self.some.iter().cloned()).help(help.to_owned())
        }
    }
}

/// The tenant that a text names, of those that the viewer reaches; otherwise what is wrong with it, behind the field's name.
///
/// # Errors
/// When the viewer reaches none, or the file cannot be read.
pub(super) fn named(ctx: &Ctx, text: &str) -> Result<Result<TenantId, String>, Problem> {
    if text.is_empty() {
        return Ok(Err("must be the name, slug or ID of a tenant".to_owned()));
    }
    let granted = ctx.widest::<permit::ReadTenants>()?;
    let meant = tenancy::meant_tenant(&ctx.stack.store.read(), &granted, text)?;
    Ok(meant.only("tenant", called).map(|tenant| tenant.id))
}

/// A tenant with what tells it from others of its name.
pub(super) fn called(tenant: &Tenant) -> String {
    format!("{} ({})", tenant.name, tenant.slug)
}
