//! Partners.

use super::{given, nullable, one_of, text};
use crate::base::{DisplayName, Email, Problem, Slug};
use crate::tenancy::{NewPartner, Partner, PartnerFilter, PartnerPatch, Status};
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `POST /partners`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Create {
    slug: Slug,
    name: DisplayName,
    contact_email: Option<Email>,
    max_tenants: Option<u32>,
    max_users_per_tenant: Option<u32>,
    max_applications_per_tenant: Option<u32>,
}

impl From<Create> for NewPartner {
    fn from(body: Create) -> Self {
        let Create { slug, name, contact_email, max_tenants, max_users_per_tenant, max_applications_per_tenant } = body;
        Self { slug, name, contact_email, max_tenants, max_users_per_tenant, max_applications_per_tenant }
    }
}

/// The body of `PATCH /partners/{id}`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Update {
    #[serde(default, deserialize_with = "given")]
    slug: Option<Slug>,
    #[serde(default, deserialize_with = "given")]
    name: Option<DisplayName>,
    #[serde(default, deserialize_with = "given")]
    status: Option<Status>,
    #[serde(default, deserialize_with = "nullable")]
    contact_email: Option<Option<Email>>,
    #[serde(default, deserialize_with = "nullable")]
    max_tenants: Option<Option<u32>>,
    #[serde(default, deserialize_with = "nullable")]
    max_users_per_tenant: Option<Option<u32>>,
    #[serde(default, deserialize_with = "nullable")]
    max_applications_per_tenant: Option<Option<u32>>,
}

impl From<Update> for PartnerPatch {
    fn from(body: Update) -> Self {
        Self {
            slug: body.slug,
            name: body.name,
            status: body.status,
            contact_email: body.contact_email,
            max_tenants: body.max_tenants,
            max_users_per_tenant: body.max_users_per_tenant,
            max_applications_per_tenant: body.max_applications_per_tenant,
        }
    }
}

/// The filters of `GET /partners`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Filter {
    search: Option<String>,
    status: Option<String>,
}

impl Filter {
    /// As the service takes them.
    ///
    /// # Errors
    /// A problem that names the parameter.
    pub fn read(&self) -> Result<PartnerFilter, Problem> {
        Ok(PartnerFilter {
            search: text(&self.search).map(str::to_owned),
            status: one_of("status", &self.status, Status::parse, "ACTIVE, SUSPENDED")?,
        })
    }
}

/// A partner, as answers show it.
pub fn render(partner: &Partner) -> Value {
    json!({
        "id": partner.id,
        "name": partner.name,
        "slug": partner.slug,
        "status": partner.status.name(),
        "contact_email": partner.contact_email,
        "max_tenants": partner.max_tenants,
        "max_users_per_tenant": partner.max_users_per_tenant,
        "max_applications_per_tenant": partner.max_applications_per_tenant,
        "created_at": partner.created_at.iso_secs(),
        "updated_at": partner.updated_at.iso_secs(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::PartnerId;
    use crate::base::{Id, Timestamp};

    #[test]
    fn a_partner_has_its_fields_and_no_others() {
        let at = Timestamp::from_secs(0);
        let partner = Partner {
            id: PartnerId::from_raw(7),
            slug: Slug::parse("acme").unwrap(),
            name: DisplayName::parse("Acme").unwrap(),
            status: Status::Active,
            contact_email: None,
            max_tenants: Some(3),
            max_users_per_tenant: None,
            max_applications_per_tenant: None,
            created_at: at,
            updated_at: at,
            deleted_at: None,
        };
        assert_eq!(
            render(&partner),
            json!({
                "id": "prt_7", "name": "Acme", "slug": "acme", "status": "ACTIVE", "contact_email": null,
                "max_tenants": 3, "max_users_per_tenant": null, "max_applications_per_tenant": null,
                "created_at": "1970-01-01T00:00:00Z", "updated_at": "1970-01-01T00:00:00Z",
            })
        );
    }
}
