//! Tenants.

use super::{given, nullable, one_of, partner_filter, partner_named, text};
use crate::access::Actor;
use crate::base::{DisplayName, Email, ExternalId, JsonObject, Metadata, Problem, Slug};
use crate::store::Read;
use crate::tenancy::{Details, DetailsPatch, NewTenant, Status, Tenant, TenantFilter, TenantPatch};
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `POST /tenants`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Create {
    slug: Slug,
    name: DisplayName,
    /// An id or a slug; the caller's own partner if not said.
    partner_id: Option<String>,
    contact_email: Option<Email>,
    #[serde(default)]
    settings: JsonObject,
    #[serde(default)]
    branding: JsonObject,
    /// What another program calls it.
    external_id: Option<ExternalId>,
    /// Up to ten short texts by name.
    #[serde(default)]
    metadata: Metadata,
}

impl Create {
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
    #[serde(default, deserialize_with = "given")]
    partner_id: Option<String>,
    /// Merged into what is there (RFC 7396).
    #[serde(default, deserialize_with = "given")]
    settings: Option<Value>,
    /// Merged into what is there.
    #[serde(default, deserialize_with = "given")]
    branding: Option<Value>,
    #[serde(default, deserialize_with = "nullable")]
    external_id: Option<Option<ExternalId>>,
    /// In place of what is there.
    #[serde(default, deserialize_with = "given")]
    metadata: Option<Metadata>,
}

impl Update {
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
pub struct Filter {
    search: Option<String>,
    status: Option<String>,
    partner_id: Option<String>,
}

impl Filter {
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

/// A tenant, as answers show it.
pub fn render(tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id,
        "name": tenant.name,
        "slug": tenant.slug,
        "status": tenant.status.name(),
        "contact_email": tenant.contact_email,
        "partner_id": tenant.partner,
        "settings": tenant.settings.value(),
        "branding": tenant.branding.value(),
        "external_id": tenant.details.external_id,
        "metadata": tenant.details.metadata,
        "created_at": tenant.created_at.iso_secs(),
        "updated_at": tenant.updated_at.iso_secs(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::{PartnerId, TenantId};
    use crate::base::{Id, Timestamp};
    use crate::http::extract::parse_json;

    #[test]
    fn a_tenant_has_its_fields_and_no_others() {
        let at = Timestamp::from_secs(0);
        let tenant = Tenant {
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
            render(&tenant),
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
        let field =
            |body: &str| parse_json::<Create>(body.as_bytes()).err().map(|problem| problem.fields[0].field.clone());
        assert_eq!(field(r#"{"slug":"a","name":"A"}"#), None);
        assert_eq!(field(r#"{"name":"A"}"#).as_deref(), Some("slug"));
        assert_eq!(field(r#"{"slug":"A b","name":"A"}"#).as_deref(), Some("slug"));
        assert_eq!(field(r#"{"slug":"a","name":"A","plan":"gold"}"#).as_deref(), Some("plan"));
        assert_eq!(field(r#"{"slug":"a","name":"A","settings":[]}"#).as_deref(), Some("settings"));
    }
}
