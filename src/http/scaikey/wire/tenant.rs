//! Tenants.

use super::{given, nullable, one_of, partner_filter, partner_named, text};
use crate::access::Actor;
use crate::base::id::{PartnerId, TenantId};
use crate::base::{DisplayName, Email, ExternalId, JsonObject, Metadata, Problem, Slug};
use crate::http::reply::Moment;
use crate::store::Read;
use crate::tenancy::{self, Details, DetailsPatch, NewTenant, Status, TenantFilter, TenantPatch};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of `POST /tenants`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "CreateTenant"))]
#[serde(deny_unknown_fields)]
pub struct CreateTenant {
    /// Its short name, unique on this instance; stands in its addresses.
    slug: Slug,
    /// The name that people read.
    name: DisplayName,
    /// An id or a slug; the caller's own partner if not said.
    partner_id: Option<String>,
    /// Whom to write to.
    contact_email: Option<Email>,
    /// MFA policy, password policy, session timeout and what else its admins set.
    #[serde(default)]
    settings: JsonObject,
    /// Logos, colours and the like of its sign-in pages.
    #[serde(default)]
    branding: JsonObject,
    /// What another program calls it.
    external_id: Option<ExternalId>,
    /// Up to ten short texts by name.
    #[serde(default)]
    metadata: Metadata,
}

impl CreateTenant {
    /// As a tenant to make.
    ///
    /// # Errors
    /// `partner_not_found`.
    pub fn read(self, tx: &impl Read, actor: &Actor) -> Result<NewTenant, Problem> {
        let partner = match &self.partner_id {
            Some(name) => partner_named(tx, name)?,
            None => actor.partner,
        };
        let Self { slug, name, contact_email, settings, branding, external_id, metadata, .. } = self;
        let details = Details { external_id, metadata, ..Details::default() };
        Ok(NewTenant { slug: Some(slug), name, partner, contact_email, settings, branding, details })
    }
}

/// The body of `PATCH /tenants/{id}`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "UpdateTenant"))]
#[serde(deny_unknown_fields)]
pub struct TenantChange {
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
    /// The partner that it is to belong to: an id or a slug.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "String"))]
    partner_id: Option<String>,
    /// Merged into what is there (RFC 7396).
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Option<JsonObject>"))]
    settings: Option<Value>,
    /// Merged into what is there.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Option<JsonObject>"))]
    branding: Option<Value>,
    /// What another program calls it.
    #[serde(default, deserialize_with = "nullable")]
    external_id: Option<Option<ExternalId>>,
    /// In place of what is there.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(test, schemars(with = "Metadata"))]
    metadata: Option<Metadata>,
}

impl TenantChange {
    /// As a patch.
    ///
    /// # Errors
    /// `partner_not_found`.
    pub fn read(self, tx: &impl Read) -> Result<TenantPatch, Problem> {
        Ok(TenantPatch {
            partner: self.partner_id.as_deref().map(|name| partner_named(tx, name)).transpose()?,
            slug: self.slug.map(Some),
            name: self.name,
            status: self.status,
            contact_email: self.contact_email,
            settings: self.settings,
            branding: self.branding,
            details: DetailsPatch { external_id: self.external_id, metadata: self.metadata, ..DetailsPatch::default() },
        })
    }
}

/// The filters of `GET /tenants`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TenantQuery {
    /// The front of the slug, of the name, of the external id or of a word in them.
    search: Option<String>,
    /// `ACTIVE` or `SUSPENDED`.
    status: Option<String>,
    /// Only those of one partner: an id or a slug.
    partner_id: Option<String>,
}

impl TenantQuery {
    /// Whether it lets every tenant through.
    pub fn is_empty(&self) -> bool {
        [&self.search, &self.status, &self.partner_id].into_iter().all(Option::is_none)
    }

    /// As the service takes them. None: nothing can fit.
    ///
    /// # Errors
    /// A problem that names the parameter.
    pub fn read(&self, tx: &impl Read) -> Result<Option<TenantFilter>, Problem> {
        let status = one_of("status", &self.status, Status::parse, "ACTIVE, SUSPENDED")?;
        let search = text(&self.search).map(str::to_owned);
        let partner = partner_filter(tx, &self.partner_id)?.filter();
        Ok(partner.map(|partner| TenantFilter { search, status, partner }))
    }
}

/// A tenant: one isolated organisation.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Tenant {
    id: TenantId,
    /// The name that people read.
    name: DisplayName,
    /// Its short name, unique on this instance; stands in its addresses.
    slug: Slug,
    status: Status,
    /// Whom to write to.
    contact_email: Option<Email>,
    /// The partner whose it is.
    partner_id: PartnerId,
    /// MFA policy, password policy, session timeout and what else its admins set.
    settings: JsonObject,
    /// Logos, colours and the like of its sign-in pages.
    branding: JsonObject,
    /// What another program calls it.
    external_id: Option<ExternalId>,
    /// Short texts by name.
    metadata: Metadata,
    created_at: Moment,
    updated_at: Moment,
}

impl From<&tenancy::Tenant> for Tenant {
    fn from(tenant: &tenancy::Tenant) -> Self {
        Self {
            id: tenant.id,
            name: tenant.name.clone(),
            slug: tenant.slug.clone(),
            status: tenant.status,
            contact_email: tenant.contact_email.clone(),
            partner_id: tenant.partner,
            settings: tenant.settings.clone(),
            branding: tenant.branding.clone(),
            external_id: tenant.details.external_id.clone(),
            metadata: tenant.details.metadata.clone(),
            created_at: Moment(tenant.created_at),
            updated_at: Moment(tenant.updated_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Id, Timestamp};
    use crate::http::extract::parse_json;
    use serde_json::json;

    #[test]
    fn a_tenant_has_its_fields_and_no_others() {
        let at = Timestamp::from_secs(0);
        let tenant = tenancy::Tenant {
            id: TenantId::from_raw(9),
            slug: Slug::parse("widget").unwrap(),
            name: DisplayName::parse("Widget").unwrap(),
            status: Status::Suspended,
            contact_email: Some(Email::parse("Ann@example.com").unwrap()),
            partner: PartnerId::from_raw(7),
            settings: JsonObject::new(&json!({"mfa": {"required": true}})).unwrap(),
            branding: JsonObject::default(),
            created_at: at,
            updated_at: at,
            deleted_at: None,
            details: Details { external_id: ExternalId::parse("crm-1").ok(), ..Details::default() },
        };
        assert_eq!(
            json!(Tenant::from(&tenant)),
            json!({
                "id": "tnt_9", "name": "Widget", "slug": "widget", "status": "SUSPENDED",
                "contact_email": "ann@example.com", "partner_id": "prt_7",
                "settings": {"mfa": {"required": true}}, "branding": {},
                "external_id": "crm-1", "metadata": {},
                "created_at": "1970-01-01T00:00:00Z", "updated_at": "1970-01-01T00:00:00Z",
            })
        );
    }

    #[test]
    fn bodies_name_the_field_that_does_not_fit() {
        let field = |body: &str| {
            parse_json::<CreateTenant>(body.as_bytes()).err().map(|problem| problem.fields[0].field.clone())
        };
        assert_eq!(field(r#"{"slug":"a","name":"A"}"#), None);
        assert_eq!(field(r#"{"name":"A"}"#).as_deref(), Some("slug"));
        assert_eq!(field(r#"{"slug":"A b","name":"A"}"#).as_deref(), Some("slug"));
        assert_eq!(field(r#"{"slug":"a","name":"A","plan":"gold"}"#).as_deref(), Some("plan"));
        assert_eq!(field(r#"{"slug":"a","name":"A","settings":[]}"#).as_deref(), Some("settings"));
    }
}
