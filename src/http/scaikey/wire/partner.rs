//! Partners.

use super::{given, nullable, one_of, text};
use crate::base::id::PartnerId;
use crate::base::{DisplayName, Email, Problem, Slug};
use crate::http::reply::Moment;
use crate::tenancy::{self, NewPartner, PartnerFilter, PartnerPatch, Status};
use serde::{Deserialize, Serialize};

/// The body of `POST /partners`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "CreatePartner"))]
#[serde(deny_unknown_fields)]
pub struct CreatePartner {
    /// Its short name, unique among partners.
    slug: Slug,
    /// The name that people read.
    name: DisplayName,
    /// Whom to write to.
    contact_email: Option<Email>,
    /// The most tenants; no limit if not said.
    max_tenants: Option<u32>,
    /// The most users in each tenant; no limit if not said.
    max_users_per_tenant: Option<u32>,
    /// The most applications in each tenant; no limit if not said.
    max_applications_per_tenant: Option<u32>,
}

impl From<CreatePartner> for NewPartner {
    fn from(body: CreatePartner) -> Self {
        let CreatePartner { slug, name, contact_email, max_tenants, max_users_per_tenant, max_applications_per_tenant } =
            body;
        Self { slug, name, contact_email, max_tenants, max_users_per_tenant, max_applications_per_tenant }
    }
}

/// The body of `PATCH /partners/{id}`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "UpdatePartner"))]
#[serde(deny_unknown_fields)]
pub struct PartnerChange {
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Slug"))]
    slug: Option<Slug>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "DisplayName"))]
    name: Option<DisplayName>,
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Status"))]
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

impl From<PartnerChange> for PartnerPatch {
    fn from(body: PartnerChange) -> Self {
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
pub struct PartnerQuery {
    /// The front of the slug, of the name or of a word in them.
    search: Option<String>,
    /// `ACTIVE` or `SUSPENDED`.
    status: Option<String>,
}

impl PartnerQuery {
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

/// A partner: owns tenants.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Partner {
    id: PartnerId,
    /// The name that people read.
    name: DisplayName,
    /// Its short name, unique among partners.
    slug: Slug,
    status: Status,
    /// Whom to write to.
    contact_email: Option<Email>,
    /// The most tenants; null: no limit.
    max_tenants: Option<u32>,
    /// The most users in each tenant; null: no limit.
    max_users_per_tenant: Option<u32>,
    /// The most applications in each tenant; null: no limit.
    max_applications_per_tenant: Option<u32>,
    created_at: Moment,
    updated_at: Moment,
}

impl From<&tenancy::Partner> for Partner {
    fn from(partner: &tenancy::Partner) -> Self {
        Self {
            id: partner.id,
            name: partner.name.clone(),
            slug: partner.slug.clone(),
            status: partner.status,
            contact_email: partner.contact_email.clone(),
            max_tenants: partner.max_tenants,
            max_users_per_tenant: partner.max_users_per_tenant,
            max_applications_per_tenant: partner.max_applications_per_tenant,
            created_at: Moment(partner.created_at),
            updated_at: Moment(partner.updated_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Id, Timestamp};
    use serde_json::json;

    #[test]
    fn a_partner_has_its_fields_and_no_others() {
        let at = Timestamp::from_secs(0);
        let partner = tenancy::Partner {
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
            json!(Partner::from(&partner)),
            json!({
                "id": "prt_7", "name": "Acme", "slug": "acme", "status": "ACTIVE", "contact_email": null,
                "max_tenants": 3, "max_users_per_tenant": null, "max_applications_per_tenant": null,
                "created_at": "1970-01-01T00:00:00Z", "updated_at": "1970-01-01T00:00:00Z",
            })
        );
    }
}
