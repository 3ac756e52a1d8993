//! Requests of OrganizationService as the commands of `tenancy`. A field is named as it stands in the request.

use super::super::proto::commons::RegionCode;
use super::super::proto::organizations::{CreateOrganization, UpdateOrganization};
use super::super::rules;
use crate::base::id::PartnerId;
use crate::base::text::Rule;
use crate::base::{DisplayName, ExternalId, JsonObject, Metadata, Problem, Slug};
use crate::tenancy::{Details, DetailsPatch, LogoUrl, MAX_METADATA, NewTenant, Region, TenantPatch};
use std::collections::BTreeMap;

const NAME: &str = "organization.display_name";
const SLUG: &str = "organization.slug";
const EXTERNAL_ID: &str = "organization.external_id";
const LOGO: &str = "organization.logo_url";
const METADATA: &str = "organization.metadata";

fn display_name(text: &str) -> Result<DisplayName, Problem> {
    rules::length(NAME, text, 1..=200)?;
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(Problem::invalid(NAME, "must be 1 to 200 characters without control characters"));
    }
    DisplayName::parse(text).map_err(|rule| Problem::invalid(NAME, rule))
}

/// An optional text; none: it is empty.
fn optional<T, E: Into<Rule>>(
    field: &'static str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Problem> {
    if text.is_empty() {
        return Ok(None);
    }
    parse(text).map(Some).map_err(|rule| Problem::invalid(field, rule.into()))
}

fn metadata(map: BTreeMap<String, String>) -> Result<Metadata, Problem> {
    rules::metadata(METADATA, &map, MAX_METADATA)?;
    Metadata::new(map, MAX_METADATA).map_err(|rule| Problem::invalid(METADATA, rule))
}

/// An organisation to make, of this partner.
pub(super) fn create(given: CreateOrganization, partner: PartnerId) -> Result<NewTenant, Problem> {
    let CreateOrganization { display_name: name, region_code, external_id, metadata: pairs, slug, logo_url } = given;
    let region = match RegionCode::try_from(region_code) {
        Ok(RegionCode::Unspecified) => None,
        Ok(RegionCode::Us) => Some(Region::Us),
        Ok(RegionCode::Eu) => Some(Region::Eu),
        Err(_) => return Err(Problem::invalid("organization.region_code", "must be US or EU")),
    };
    if let Some(slug) = &slug {
        rules::length(SLUG, slug, 1..=253)?;
    }
    Ok(NewTenant {
        name: display_name(&name)?,
        slug: optional(SLUG, &slug.unwrap_or_default(), Slug::parse)?,
        partner,
        contact_email: None,
        settings: JsonObject::default(),
        branding: JsonObject::default(),
        details: Details {
            external_id: optional(EXTERNAL_ID, &external_id.unwrap_or_default(), ExternalId::parse)?,
            metadata: metadata(pairs)?,
            logo_url: optional(LOGO, &logo_url.unwrap_or_default(), LogoUrl::parse)?,
            region,
            ..Details::default()
        },
    })
}

/// The fields that an update may name.
const FIELDS: [&str; 5] = ["display_name", "external_id", "metadata", "slug", "logo_url"];

/// Which fields an update is about, if it says so.
struct Mask(Option<Vec<String>>);

impl Mask {
    fn new(paths: Option<Vec<String>>) -> Result<Self, Problem> {
        let bare = |path: String| path.strip_prefix("organization.").unwrap_or(&path).to_owned();
        let paths =
            paths.filter(|paths| !paths.is_empty()).map(|paths| paths.into_iter().map(bare).collect::<Vec<_>>());
        if paths.iter().flatten().any(|path| !FIELDS.contains(&path.as_str())) {
            return Err(Problem::invalid("update_mask", format!("must name some of {}", FIELDS.join(", "))));
        }
        Ok(Self(paths))
    }

    /// Whether the mask says that this field is meant, whatever is in it.
    fn names(&self, field: &str) -> bool {
        self.0.as_ref().is_some_and(|paths| paths.iter().any(|path| path == field))
    }

    /// What a field is to become; none: it stays. A field that the mask names and the message has not is emptied.
    fn text(&self, field: &str, given: Option<String>) -> Option<String> {
        match &self.0 {
            None => given,
            Some(_) => self.names(field).then(|| given.unwrap_or_default()),
        }
    }
}

/// The changes that an update asks for.
pub(super) fn update(given: UpdateOrganization, mask: Option<Vec<String>>) -> Result<TenantPatch, Problem> {
    let mask = Mask::new(mask)?;
    let UpdateOrganization { display_name: name, external_id, metadata: pairs, slug, logo_url } = given;
    let name = mask.text("display_name", name).map(|name| display_name(&name)).transpose()?;
    let slug = mask.text("slug", slug).map(|slug| optional(SLUG, &slug, Slug::parse)).transpose()?;
    let external_id = mask
        .text("external_id", external_id)
        .map(|external_id| optional(EXTERNAL_ID, &external_id, ExternalId::parse))
        .transpose()?;
    let logo_url = mask.text("logo_url", logo_url).map(|url| optional(LOGO, &url, LogoUrl::parse)).transpose()?;
    // A map has no presence: an empty one means "as it was" unless the mask names it.
    let meant = if mask.0.is_some() { mask.names("metadata") } else { !pairs.is_empty() };
    let metadata = meant.then(|| metadata(pairs)).transpose()?;
    Ok(TenantPatch {
        name,
        slug,
        details: DetailsPatch { external_id, metadata, logo_url, ..DetailsPatch::default() },
        ..TenantPatch::default()
    })
}
