//! A page of organisations: the answer of the list, and of the search, whose messages differ in nothing but their name.
//!
//! It is written from the rows themselves. Programs ask for lists again and again, and to copy ten organisations into messages
//! took longer than to find them.

use super::super::moment::Moment;
use super::super::operation::Reply;
use super::super::proto::organizations::ListOrganizationsResponse;
use super::super::{rules, wire};
use super::render;
use crate::base::{Id, Problem};
use crate::http::page_token;
use crate::store::Slice;
use crate::tenancy::{Feature, Tenant};
use std::sync::Arc;

/// About how many bytes an organisation takes.
const ABOUT: usize = 160;

/// A stretch of the organisations.
#[derive(Debug)]
pub struct Organizations(pub(super) Slice<Arc<Tenant>>);

impl Organizations {
    fn message(&self) -> ListOrganizationsResponse {
        let (next_page_token, prev_page_token) = page_token::tokens(&self.0);
        let organizations = self.0.items.iter().map(|tenant| render::organization(tenant)).collect();
        ListOrganizationsResponse {
            next_page_token,
            total_size: page_token::total(&self.0),
            organizations,
            prev_page_token,
        }
    }
}

impl Reply for Organizations {
    fn binary(&self, out: &mut Vec<u8>) -> Result<(), Problem> {
        out.reserve(ABOUT * self.0.items.len());
        let (next, previous) = page_token::tokens(&self.0);
        wire::text(out, 1, &next);
        wire::number(out, 2, page_token::total(&self.0).into());
        for tenant in &self.0.items {
            wire::message(out, 3, |out| organization(out, tenant));
        }
        wire::text(out, 4, &previous);
        Ok(())
    }

    fn json(&self) -> Result<Vec<u8>, Problem> {
        self.message().json()
    }
}

/// The fields of `Organization`, as [`render::organization`] has them.
fn organization(out: &mut Vec<u8>, tenant: &Tenant) {
    let details = &tenant.details;
    wire::text(out, 1, &tenant.id.display_as(rules::ORGANIZATION));
    wire::generated(out, 2, &Moment::from(tenant.created_at));
    wire::generated(out, 3, &Moment::from(tenant.updated_at));
    wire::text(out, 4, tenant.name.as_str());
    wire::number(out, 5, u64::from(render::region(details.region) as u32));
    if let Some(id) = &details.external_id {
        wire::present(out, 6, id.as_str());
    }
    for (key, value) in details.metadata.pairs() {
        wire::message(out, 7, |out| {
            wire::text(out, 1, key);
            wire::text(out, 2, value);
        });
    }
    wire::message(out, 8, |out| {
        for feature in Feature::ALL {
            wire::message(out, 1, |out| {
                wire::text(out, 1, feature.name());
                wire::number(out, 2, details.features.has(feature).into());
            });
        }
    });
    wire::present(out, 9, tenant.slug.as_str());
    if let Some(url) = &details.logo_url {
        wire::present(out, 10, url.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::{PartnerId, TenantId};
    use crate::base::{DisplayName, ExternalId, JsonObject, Metadata, Slug, Timestamp};
    use crate::store::Seek;
    use crate::tenancy::{Details, Features, LogoUrl, MAX_METADATA, Region, Status};
    use proptest::prelude::*;
    use prost::Message;

    prop_compose! {
        fn details()(
            external_id in prop::option::of("[a-z0-9-]{1,200}"),
            metadata in prop::collection::btree_map("[a-z]{3,25}", ".{1,256}", 0..MAX_METADATA),
            region in prop_oneof![Just(None), Just(Some(Region::Us)), Just(Some(Region::Eu))],
            (sso, dir_sync) in any::<(bool, bool)>(),
            logo in prop::option::of("[a-z]{1,900}"),
        ) -> Details {
            Details {
                external_id: external_id.and_then(|id| ExternalId::parse(&id).ok()),
                metadata: Metadata::new(metadata, MAX_METADATA).unwrap_or_default(),
                region,
                features: Features { sso, dir_sync },
                logo_url: logo.and_then(|path| LogoUrl::parse(&format!("https://example.com/{path}")).ok()),
                ..Details::default()
            }
        }
    }

    prop_compose! {
        fn tenant()(
            raw in 1u64..=i64::MAX as u64,
            name in "[a-zA-Zäöü]{1,200}",
            slug in "[a-z]{3,60}",
            (created, updated) in (0i64..4_000_000_000_000, 0i64..4_000_000_000_000),
            details in details(),
        ) -> Tenant {
            Tenant {
                id: TenantId::from_raw(raw),
                slug: Slug::parse(&slug).unwrap(),
                name: DisplayName::parse(&name).unwrap(),
                status: Status::Active,
                contact_email: None,
                partner: PartnerId::from_raw(1),
                settings: JsonObject::default(),
                branding: JsonObject::default(),
                created_at: Timestamp::from_millis(created),
                updated_at: Timestamp::from_millis(updated),
                deleted_at: None,
                details,
            }
        }
    }

    proptest! {
        #[test]
        fn a_page_is_written_as_its_message_is(
            tenants in prop::collection::vec(tenant(), 0..4),
            total: u32,
            next in prop::option::of(any::<u64>()),
            prev in prop::option::of(any::<u64>()),
        ) {
            let page = Organizations(Slice {
                items: tenants.into_iter().map(Arc::new).collect(),
                total: total.into(),
                is_all: true,
                next: next.map(Seek::OlderThan),
                prev: prev.map(Seek::NewerThan),
            });
            let mut written = Vec::new();
            page.binary(&mut written).unwrap();
            prop_assert_eq!(&written, &page.message().encode_to_vec());
            prop_assert_eq!(ListOrganizationsResponse::decode(&*written).unwrap(), page.message());
        }
    }
}
