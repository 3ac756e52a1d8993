//! Rows of the audit log.

use super::text;
use crate::audit::{self, Outcome, Row};
use crate::base::id::AuditId;
use crate::base::{Id, Problem, Timestamp};
use crate::catalogue::Action;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The filters of `GET /audit`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Filter {
    /// An id or a slug.
    pub tenant_id: Option<String>,
    /// An id or a slug.
    pub partner_id: Option<String>,
    actor_id: Option<String>,
    actor_email: Option<String>,
    action: Option<String>,
    resource_type: Option<String>,
    resource_id: Option<String>,
    result: Option<String>,
    start_time: Option<String>,
    end_time: Option<String>,
    ip_address: Option<String>,
}

impl Filter {
    /// As the log takes them, but for tenant and partner.
    ///
    /// # Errors
    /// A problem that names the parameter.
    pub fn read(&self) -> Result<audit::Filter, Problem> {
        let owned = |parameter| text(parameter).map(str::to_owned);
        let known = [Outcome::Success, Outcome::Denied, Outcome::Failure];
        let result = |text: &str| known.into_iter().find(|outcome| outcome.name().eq_ignore_ascii_case(text));
        let outcome = super::one_of("result", &self.result, result, "success, denied, failure")?;
        let actions = text(&self.action).map(|list| list.split(',').map(|one| one.trim().to_owned()).collect());
        let actions: Vec<String> = actions.unwrap_or_default();
        if let Some(rule) = actions.iter().find_map(|action| Action::fault(action)) {
            return Err(Problem::invalid_at("query", "action", rule));
        }
        Ok(audit::Filter {
            from: moment("start_time", &self.start_time)?,
            to: moment("end_time", &self.end_time)?,
            actions,
            actor: owned(&self.actor_id),
            actor_name: owned(&self.actor_email),
            resource_type: owned(&self.resource_type),
            resource_id: owned(&self.resource_id),
            outcome: outcome.map(|outcome| outcome.name().to_owned()),
            ip: owned(&self.ip_address),
            ..audit::Filter::default()
        })
    }
}

fn moment(name: &'static str, parameter: &Option<String>) -> Result<Option<Timestamp>, Problem> {
    text(parameter)
        .map(|text| Timestamp::parse(text).map_err(|rule| Problem::invalid_at("query", name, rule)))
        .transpose()
}

/// A row of the log.
pub fn render(number: u64, row: &Row) -> Value {
    let event = &row.event;
    let details: Map<String, Value> = event.details.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let is_user = event.actor.kind == "user";
    json!({
        "id": AuditId::from_raw(number),
        "timestamp": event.at.iso_millis(),
        "action": event.action,
        "result": event.outcome.name(),
        "actor_type": event.actor.kind,
        "actor_id": event.actor.id,
        "actor_name": event.actor.name,
        "actor_email": is_user.then_some(&event.actor.name),
        "resource_type": event.resource_type,
        "resource_id": event.resource_id,
        "partner_id": event.partner,
        "tenant_id": event.tenant,
        "ip_address": event.ip,
        "user_agent": event.user_agent,
        "request_id": event.request,
        "details": details,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{ActorStamp, Event};
    use crate::base::id::{PartnerId, RequestId, TenantId};
    use std::sync::Arc;

    #[test]
    fn a_service_is_named_by_its_client_id_and_its_name() {
        let event = Event {
            at: Timestamp::from_millis(1_500),
            request: Some(RequestId::from_raw(5)),
            actor: ActorStamp {
                kind: "application".to_owned(),
                id: "skc_9".to_owned(),
                name: "Usage worker".to_owned(),
                identity: "sa:skc_9".to_owned(),
            },
            action: "tenant.create".to_owned(),
            resource_type: "tenant".to_owned(),
            resource_id: "tnt_2".to_owned(),
            partner: Some(PartnerId::from_raw(1)),
            tenant: Some(TenantId::from_raw(2)),
            outcome: Outcome::Success,
            ip: Some("127.0.0.1".to_owned()),
            user_agent: None,
            details: vec![("slug".to_owned(), "acme".to_owned())],
        };
        assert_eq!(
            render(3, &Row { event: Arc::new(event), code: [0; 32] }),
            json!({
                "id": "log_3", "timestamp": "1970-01-01T00:00:01.500Z", "action": "tenant.create", "result": "success",
                "actor_type": "application", "actor_id": "skc_9", "actor_name": "Usage worker", "actor_email": null,
                "resource_type": "tenant", "resource_id": "tnt_2", "partner_id": "prt_1", "tenant_id": "tnt_2",
                "ip_address": "127.0.0.1", "user_agent": null, "request_id": "req_5", "details": {"slug": "acme"},
            })
        );
    }

    #[test]
    fn filters_are_read_and_refused_by_name() {
        let filter = |query: &str| serde_urlencoded::from_str::<Filter>(query).unwrap();
        let read = filter("action=a.b, c.d&result=DENIED&start_time=2026-01-01T00:00:00Z&tenant_id=x").read().unwrap();
        assert_eq!((read.actions.len(), read.outcome.as_deref()), (2, Some("denied")));
        assert!(read.from.is_some() && read.to.is_none() && read.tenant.is_none());
        for (bad, field) in
            [("result=ok", "result"), ("action=user.udpate", "action"), ("end_time=yesterday", "end_time")]
        {
            assert_eq!(filter(bad).read().unwrap_err().fields[0].field, field);
        }
    }
}
