//! OrganizationService: organisations are tenants.

use super::operation::Call;
use super::proto::organizations::get_organization_request::Identities;
use super::proto::organizations::{GetOrganizationRequest, GetOrganizationResponse, Organization};
use super::rules;
use crate::access::permit;
use crate::base::{Id, Problem};
use crate::http::scaikey::reach::widest;
use crate::tenancy::{self, Tenant};

/// `GetOrganization`.
pub async fn get(call: Call, request: GetOrganizationRequest) -> Result<GetOrganizationResponse, Problem> {
    let granted = widest::<permit::ReadTenants>(&call.actor)?;
    let id = match rules::required("id", request.identities)? {
        Identities::Id(id) => rules::organization_id("id", &id)?,
        Identities::ExternalId(_) => return Err(rules::no_organization()),
    };
    let tenant = tenancy::get_tenant(&call.stack.store.read(), &granted, id)?;
    Ok(GetOrganizationResponse { organization: Some(render(&tenant)) })
}

fn render(tenant: &Tenant) -> Organization {
    Organization {
        id: tenant.id.display_as(rules::ORGANIZATION),
        display_name: tenant.name.to_string(),
        slug: Some(tenant.slug.to_string()),
        ..Organization::default()
    }
}
