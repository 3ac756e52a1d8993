//! The tenant that something is made in, in a form of somebody who reaches several.

use crate::access::permit;
use crate::base::Problem;
use crate::http::kit::parts::{Field, Form, Input};
use crate::http::ui::context::Ctx;
use crate::store::Paging;
use crate::tenancy::{self, TenantFilter};

/// What the form asks for.
pub(super) const TENANT: Input = Input::options("tenant_id", "Tenant");

/// The tenants that a form offers.
#[derive(Debug)]
pub(super) struct TenantChoice {
    /// Id and name.
    some: Vec<(String, String)>,
    /// Whether there are more, so that an id has to be typed.
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

    /// The field `tenant_id`.
    pub(super) fn field<'a>(&self, form: &'a Form, help: &str) -> Field<'a> {
        if self.more {
            let id = Input::text(TENANT.name, TENANT.label).mono().with(&[("placeholder", "tnt_…")]);
            id.field(form).help(format!("Its ID. {help}").trim_end())
        } else {
            TENANT.select(form, self.some.iter().cloned()).help(help.to_owned())
        }
    }
}
