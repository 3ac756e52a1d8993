//! Partners and tenants: who owns whom, what they are called, and whether they are in good standing.
//!
//! Partner → Tenant → Membership of a user. Deleting is soft: nothing below the
//! row can be reached any more, and until the retention is over a tenant can be restored and keeps its slug.

mod details;
mod reach;
mod service;
mod session_policy;
mod settings;
mod table;
mod tenant;
#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod tests;

pub use details::{Details, DetailsPatch, Feature, Features, LogoUrl, MAX_METADATA, Region};
pub use reach::{active_by_slug, narrowed};
pub use service::{
    create_partner, create_tenant, delete_partner, delete_tenant, deleted_tenants, deleted_with_slug, get_partner,
    get_tenant, get_tenant_to_restore, list_partners, list_tenants, meant_partner, meant_tenant, partner_within,
    release_deleted, restore_tenant, search_partners, search_tenants, slice_deleted_tenants, slice_tenants,
    tenant_by_typed, tenant_within, update_partner, update_tenant,
};
pub(crate) use service::{insert_partner, insert_tenant};
pub use session_policy::{
    EffectivePolicy, MAX_SESSION_SECS, OwnLimits, PolicySource, SessionPolicy, SessionPolicyPatch, TimeUnit, Timeout,
};
pub use settings::MfaPolicy;
pub use table::check_rows;
pub use table::{
    count_blocks, count_tenants, default_tenant, default_tenant_id, fold_fully, index_deleted, is_active,
    is_partner_active, live_place, no_tenant, note_second_factors, own_limits, partner, partner_by_slug,
    partner_by_text, place_of, place_within, shared_tenant, tenant, tenant_by_slug, tenant_by_text,
    tenant_with_external_id, tenants_of, wants_second_factor,
};
pub use tenant::{
    DEFAULT_SLUG, NewPartner, NewTenant, Partner, PartnerFilter, PartnerPatch, Status, Tenant, TenantFilter,
    TenantPatch,
};
