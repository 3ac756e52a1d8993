//! How long an organisation's people stay signed in.

use super::super::operation::Call;
use super::super::proto::commons::TimeUnit as WireUnit;
use super::super::proto::organizations::{
    GetOrganizationSessionPolicyRequest, GetOrganizationSessionPolicyResponse, OrganizationSessionPolicySettings,
    SessionPolicyType, UpdateOrganizationSessionPolicyRequest, UpdateOrganizationSessionPolicyResponse,
};
use super::super::rules;
use super::{change_details, readable};
use crate::base::Problem;
use crate::stack::Stack;
use crate::tenancy::{DetailsPatch, PolicySource, SessionPolicyPatch, Tenant, TimeUnit};
use pbjson_types::{BoolValue, Int32Value};

/// `GetOrganizationSessionPolicy`: the limits that hold, the organisation's own or the instance's.
pub async fn get_session_policy(
    call: Call,
    request: GetOrganizationSessionPolicyRequest,
) -> Result<GetOrganizationSessionPolicyResponse, Problem> {
    let snapshot = call.stack.store.read();
    let tenant = readable(&call, &snapshot, |_| rules::organization_id("organization_id", &request.organization_id))?;
    Ok(GetOrganizationSessionPolicyResponse { policy: Some(policy(&call.stack, &tenant)) })
}

/// `UpdateOrganizationSessionPolicy`: what is absent stays.
pub async fn update_session_policy(
    call: Call,
    request: UpdateOrganizationSessionPolicyRequest,
) -> Result<UpdateOrganizationSessionPolicyResponse, Problem> {
    let details = || {
        let session_policy = SessionPolicyPatch {
            source: source(request.policy_source)?,
            absolute: count("absolute_session_timeout", request.absolute_session_timeout)?,
            absolute_unit: unit("absolute_session_timeout_unit", request.absolute_session_timeout_unit)?,
            idle_enabled: request.idle_session_timeout_enabled.map(|enabled| enabled.value),
            idle: count("idle_session_timeout", request.idle_session_timeout)?,
            idle_unit: unit("idle_session_timeout_unit", request.idle_session_timeout_unit)?,
        };
        Ok(DetailsPatch { session_policy, ..DetailsPatch::default() })
    };
    let tenant = change_details(&call, ("organization_id", &request.organization_id), details).await?;
    Ok(UpdateOrganizationSessionPolicyResponse { policy: Some(policy(&call.stack, &tenant)) })
}

fn source(number: i32) -> Result<Option<PolicySource>, Problem> {
    match SessionPolicyType::try_from(number) {
        Ok(SessionPolicyType::Unspecified) => Ok(None),
        Ok(SessionPolicyType::Application) => Ok(Some(PolicySource::Application)),
        Ok(SessionPolicyType::Custom) => Ok(Some(PolicySource::Custom)),
        Err(_) => Err(Problem::invalid("policy_source", "must be APPLICATION or CUSTOM")),
    }
}

fn count(field: &'static str, value: Option<Int32Value>) -> Result<Option<u32>, Problem> {
    let positive = |value: Int32Value| u32::try_from(value.value).ok().filter(|value| *value > 0);
    value
        .map(|value| positive(value).ok_or_else(|| Problem::invalid(field, "must be between 1 minute and 365 days")))
        .transpose()
}

fn unit(field: &'static str, number: Option<i32>) -> Result<Option<TimeUnit>, Problem> {
    match WireUnit::try_from(number.unwrap_or_default()) {
        Ok(WireUnit::SessionTimeUnitUnspecified) => Ok(None),
        Ok(WireUnit::Minutes) => Ok(Some(TimeUnit::Minutes)),
        Ok(WireUnit::Hours) => Ok(Some(TimeUnit::Hours)),
        Ok(WireUnit::Days) => Ok(Some(TimeUnit::Days)),
        Err(_) => Err(Problem::invalid(field, "must be MINUTES, HOURS or DAYS")),
    }
}

fn policy(stack: &Stack, tenant: &Tenant) -> OrganizationSessionPolicySettings {
    let limits = &stack.config.sessions;
    let shown = tenant.details.session_policy.effective(i64::from(limits.absolute_secs), i64::from(limits.idle_secs));
    let source = match shown.source {
        PolicySource::Application => SessionPolicyType::Application,
        PolicySource::Custom => SessionPolicyType::Custom,
    };
    let unit = |unit: TimeUnit| match unit {
        TimeUnit::Minutes => WireUnit::Minutes,
        TimeUnit::Hours => WireUnit::Hours,
        TimeUnit::Days => WireUnit::Days,
    };
    // A timeout is a year at most, in minutes below 2^31.
    let value = |value: u32| Some(Int32Value { value: i32::try_from(value).unwrap_or(i32::MAX) });
    OrganizationSessionPolicySettings {
        policy_source: source.into(),
        absolute_session_timeout: value(shown.absolute.value),
        absolute_session_timeout_unit: Some(unit(shown.absolute.unit).into()),
        idle_session_timeout_enabled: Some(BoolValue { value: shown.idle_enabled }),
        idle_session_timeout: value(shown.idle.value),
        idle_session_timeout_unit: Some(unit(shown.idle.unit).into()),
    }
}
