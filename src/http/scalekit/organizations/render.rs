//! Tenants as the messages of OrganizationService.

use super::super::proto::commons::RegionCode;
use super::super::proto::organizations::{Organization, OrganizationSettings, OrganizationSettingsFeature};
use super::super::rules;
use crate::base::Id;
use crate::tenancy::{Feature, Features, Region, Tenant};

/// A tenant as Scalekit's message `Organization`.
pub(super) fn organization(tenant: &Tenant) -> Organization {
    let details = &tenant.details;
    Organization {
        id: tenant.id.display_as(rules::ORGANIZATION),
        create_time: Some(tenant.created_at.into()),
        update_time: Some(tenant.updated_at.into()),
        display_name: tenant.name.to_string(),
        region_code: region(details.region).into(),
        external_id: details.external_id.as_ref().map(ToString::to_string),
        metadata: details.metadata.pairs().clone(),
        settings: Some(settings(details.features)),
        slug: Some(tenant.slug.to_string()),
        logo_url: details.logo_url.as_ref().map(ToString::to_string),
    }
}

/// Where an organisation's data belongs.
pub(super) fn region(region: Option<Region>) -> RegionCode {
    match region {
        None => RegionCode::Unspecified,
        Some(Region::Us) => RegionCode::Us,
        Some(Region::Eu) => RegionCode::Eu,
    }
}

fn settings(features: Features) -> OrganizationSettings {
    let feature = |feature: Feature| OrganizationSettingsFeature {
        name: feature.name().to_owned(),
        enabled: features.has(feature),
    };
    OrganizationSettings { features: Feature::ALL.into_iter().map(feature).collect() }
}
