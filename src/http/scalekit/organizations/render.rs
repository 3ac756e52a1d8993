//! Tenants as the messages of OrganizationService.

use super::super::proto::commons::RegionCode;
use super::super::proto::organizations::{Organization, OrganizationSettings, OrganizationSettingsFeature};
use super::super::rules;
use crate::base::{Id, Timestamp};
use crate::tenancy::{Feature, Features, Region, Tenant};

/// An organisation.
pub(super) fn organization(tenant: &Tenant) -> Organization {
    let details = &tenant.details;
    let region = match details.region {
        None => RegionCode::Unspecified,
        Some(Region::Us) => RegionCode::Us,
        Some(Region::Eu) => RegionCode::Eu,
    };
    Organization {
        id: tenant.id.display_as(rules::ORGANIZATION),
        create_time: Some(timestamp(tenant.created_at)),
        update_time: Some(timestamp(tenant.updated_at)),
        display_name: tenant.name.to_string(),
        region_code: region.into(),
        external_id: details.external_id.as_ref().map(ToString::to_string),
        metadata: details.metadata.pairs().clone(),
        settings: Some(settings(details.features)),
        slug: Some(tenant.slug.to_string()),
        logo_url: details.logo_url.as_ref().map(ToString::to_string),
    }
}

fn settings(features: Features) -> OrganizationSettings {
    let feature = |feature: Feature| OrganizationSettingsFeature {
        name: feature.name().to_owned(),
        enabled: features.has(feature),
    };
    OrganizationSettings { features: Feature::ALL.into_iter().map(feature).collect() }
}

/// A moment.
pub(in crate::http::scalekit) fn timestamp(at: Timestamp) -> pbjson_types::Timestamp {
    // The remainder is below a second, in nanoseconds below 2^31.
    let nanos = (at.millis().rem_euclid(1000) * 1_000_000) as i32;
    pbjson_types::Timestamp { seconds: at.millis().div_euclid(1000), nanos }
}
