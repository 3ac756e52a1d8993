//! What an organisation's admins may set up by themselves, and how many people it may have.

use super::super::operation::Call;
use super::super::proto::organizations::{
    GetOrganizationResponse, GetOrganizationUserManagementSettingsRequest,
    GetOrganizationUserManagementSettingsResponse, OrganizationSettingsFeature, OrganizationUserManagementSettings,
    UpdateOrganizationSettingsRequest, UpsertUserManagementSettingsRequest, UpsertUserManagementSettingsResponse,
};
use super::super::rules;
use super::{change_details, readable, render};
use crate::base::Problem;
use crate::tenancy::{DetailsPatch, Feature, Tenant};

/// `UpdateOrganizationSettings`: features that it does not name stay as they are.
pub async fn update_settings(
    call: Call,
    request: UpdateOrganizationSettingsRequest,
) -> Result<GetOrganizationResponse, Problem> {
    let details = || {
        let settings = rules::required("settings", request.settings)?;
        let read = |(at, feature): (usize, &OrganizationSettingsFeature)| match Feature::parse(&feature.name) {
            Some(known) => Ok((known, feature.enabled)),
            None => Err(Problem::invalid(format!("settings.features[{at}].name"), "must be sso or dir_sync")),
        };
        let features = settings.features.iter().enumerate().map(read).collect::<Result<Vec<_>, Problem>>()?;
        Ok(DetailsPatch { features, ..DetailsPatch::default() })
    };
    let tenant = change_details(&call, ("id", &request.id), details).await?;
    Ok(GetOrganizationResponse { organization: Some(render::organization(&tenant)) })
}

/// `UpsertUserManagementSettings`: 0 takes the limit away, absent leaves it as it is.
pub async fn upsert_user_management(
    call: Call,
    request: UpsertUserManagementSettingsRequest,
) -> Result<UpsertUserManagementSettingsResponse, Problem> {
    let details = || {
        let settings = rules::required("settings", request.settings)?;
        let max_users = match settings.max_allowed_users.map(|max| u32::try_from(max.value)) {
            None => None,
            Some(Ok(0)) => Some(None),
            Some(Ok(max)) => Some(Some(max)),
            Some(Err(_)) => return Err(Problem::invalid("settings.max_allowed_users", "must be at least 0")),
        };
        Ok(DetailsPatch { max_users, ..DetailsPatch::default() })
    };
    let tenant = change_details(&call, ("organization_id", &request.organization_id), details).await?;
    Ok(UpsertUserManagementSettingsResponse { settings: Some(user_management(&tenant)) })
}

/// `GetOrganizationUserManagementSetting`.
pub async fn get_user_management(
    call: Call,
    request: GetOrganizationUserManagementSettingsRequest,
) -> Result<GetOrganizationUserManagementSettingsResponse, Problem> {
    let snapshot = call.stack.store.read();
    let tenant = readable(&call, &snapshot, |_| rules::organization_id("organization_id", &request.organization_id))?;
    Ok(GetOrganizationUserManagementSettingsResponse { settings: Some(user_management(&tenant)) })
}

fn user_management(tenant: &Tenant) -> OrganizationUserManagementSettings {
    let max = tenant.details.max_users.and_then(|max| i32::try_from(max).ok());
    OrganizationUserManagementSettings { max_allowed_users: max.map(|value| pbjson_types::Int32Value { value }) }
}
