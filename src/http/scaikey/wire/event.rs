//! Rows of the audit log.

use super::text;
use crate::audit::{self, Outcome, Row};
use crate::base::id::{AuditId, PartnerId, RequestId, TenantId};
use crate::base::{Id, Problem, Timestamp};
use crate::catalogue::Action;
use crate::http::extract::optional_flag;
use crate::http::reply::ExactMoment;
use serde::{Deserialize, Serialize, Serializer};

/// The filters of `GET /audit`.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AuditEventQuery {
    /// An id or a slug.
    pub tenant_id: Option<String>,
    /// An id or a slug.
    pub partner_id: Option<String>,
    /// A user's id, an application's client_id, or an identity such as `user:ann@example.com`.
    actor_id: Option<String>,
    /// A user's e-mail, or an application's name.
    actor_email: Option<String>,
    /// One action, or several with commas between them.
    action: Option<String>,
    /// The kind of thing, one of `GET /audit/resource-types`.
    resource_type: Option<String>,
    /// The whole id, or the path, of the thing.
    resource_id: Option<String>,
    /// `success`, `denied` or `failure`.
    result: Option<String>,
    /// Only events of this moment or later (RFC 3339).
    start_time: Option<String>,
    /// Only events of this moment or earlier (RFC 3339).
    end_time: Option<String>,
    /// The client's address.
    ip_address: Option<String>,
    /// `false`: without the rows of `audit.read` that reading this log makes, unless `action` names them.
    #[serde(default, deserialize_with = "optional_flag")]
    own_reads: Option<bool>,
}

impl AuditEventQuery {
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
            without_own_reads: self.own_reads == Some(false),
            ..audit::Filter::default()
        })
    }
}

fn moment(name: &'static str, parameter: &Option<String>) -> Result<Option<Timestamp>, Problem> {
    text(parameter)
        .map(|text| Timestamp::parse(text).map_err(|rule| Problem::invalid_at("query", name, rule)))
        .transpose()
}

/// Something that happened: a row of the audit log.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AuditEvent {
    id: AuditId,
    /// When it happened.
    timestamp: ExactMoment,
    /// What was done, such as `user.update`; rows of an older version may have other names than those of today.
    action: String,
    /// How it ended.
    result: Outcome,
    /// `user`, `application`, `operator` or `anonymous`.
    actor_type: String,
    /// A user's id, an application's client_id; empty for the operator and for nobody.
    actor_id: String,
    /// Who did it, as they were called at that time: a user's e-mail, an application's name, `operator`.
    actor_name: String,
    /// The e-mail of a user; null for others.
    actor_email: Option<String>,
    /// The kind of thing that it was done to.
    resource_type: String,
    /// Which one: an id or a path.
    resource_id: String,
    /// The partner that it concerns, if any.
    partner_id: Option<PartnerId>,
    /// The tenant that it concerns, if any.
    tenant_id: Option<TenantId>,
    /// The client's address.
    ip_address: Option<String>,
    /// What the client says it is.
    user_agent: Option<String>,
    /// The request that did it; null for what the server did by itself.
    request_id: Option<RequestId>,
    details: EventDetails,
}

/// Further facts about an event, as texts by name.
#[derive(Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EventDetails(
    #[cfg_attr(test, schemars(with = "std::collections::BTreeMap<String, String>"))] Vec<(String, String)>,
);

impl Serialize for EventDetails {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // An object has a name once: of two facts with one name, the value of the later one counts.
        let facts = &self.0;
        let is_first = |at: usize, name: &str| facts.iter().take(at).all(|(earlier, _)| earlier != name);
        let last = |name: &str| facts.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value);
        let names = facts.iter().enumerate().filter(|(at, (name, _))| is_first(*at, name));
        serializer.collect_map(names.map(|(_, (name, _))| (name, last(name))))
    }
}

impl AuditEvent {
    /// The row with this number.
    pub fn new(number: u64, row: &Row) -> Self {
        let event = &row.event;
        let is_user = event.actor.kind == "user";
        Self {
            id: AuditId::from_raw(number),
            timestamp: ExactMoment(event.at),
            action: event.action.clone(),
            result: event.outcome,
            actor_type: event.actor.kind.clone(),
            actor_id: event.actor.id.clone(),
            actor_name: event.actor.name.clone(),
            actor_email: is_user.then(|| event.actor.name.clone()),
            resource_type: event.resource_type.clone(),
            resource_id: event.resource_id.clone(),
            partner_id: event.partner,
            tenant_id: event.tenant,
            ip_address: event.ip.clone(),
            user_agent: event.user_agent.clone(),
            request_id: event.request,
            details: EventDetails(event.details.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{ActorStamp, Event};
    use serde_json::json;
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
            json!(AuditEvent::new(3, &Row { event: Arc::new(event), code: [0; 32] })),
            json!({
                "id": "log_3", "timestamp": "1970-01-01T00:00:01.500Z", "action": "tenant.create", "result": "success",
                "actor_type": "application", "actor_id": "skc_9", "actor_name": "Usage worker", "actor_email": null,
                "resource_type": "tenant", "resource_id": "tnt_2", "partner_id": "prt_1", "tenant_id": "tnt_2",
                "ip_address": "127.0.0.1", "user_agent": null, "request_id": "req_5", "details": {"slug": "acme"},
            })
        );
    }

    #[test]
    fn a_fact_has_its_name_once() {
        let facts = [("a", "1"), ("b", "2"), ("a", "3")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(serde_json::to_string(&EventDetails(facts.to_vec())).unwrap(), r#"{"a":"3","b":"2"}"#);
    }

    #[test]
    fn filters_are_read_and_refused_by_name() {
        let filter = |query: &str| serde_urlencoded::from_str::<AuditEventQuery>(query).unwrap();
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
