//! How long the people of an organisation stay signed in.

use super::named::found_for;
use super::view;
use crate::access::permit;
use crate::base::{Kind, Problem};
use crate::http::kit::form::{Fields, Reading};
use crate::http::kit::parts::Form;
use crate::http::ui::context::{Ctx, refused};
use crate::http::ui::nav;
use crate::http::ui::posted::Posted;
use crate::store::{Versioned, Whole, WriteTx};
use crate::tenancy::{self, DetailsPatch, PolicySource, SessionPolicyPatch, Tenant, TenantPatch, TimeUnit};
use actix_web::{HttpResponse, web};

/// The limits of the instance.
fn instance(ctx: &Ctx) -> (i64, i64) {
    let sessions = &ctx.stack.config.sessions;
    (i64::from(sessions.absolute_secs), i64::from(sessions.idle_secs))
}

fn body(ctx: &Ctx, tenant: &Tenant, form: &Form) -> maud::Markup {
    let (absolute, idle) = instance(ctx);
    let standard = tenancy::SessionPolicy::default().effective(absolute, idle);
    view::policy(tenant, &standard, form, &ctx.csrf())
}

/// The form of the policy as it is.
fn values(ctx: &Ctx, tenant: &Tenant) -> Form {
    let (absolute, idle) = instance(ctx);
    let policy = tenant.details.session_policy;
    // The organisation's own values, also while those of the instance hold.
    let own = tenancy::SessionPolicy { source: PolicySource::Custom, ..policy }.effective(absolute, idle);
    let source = if policy.source == PolicySource::Custom { "custom" } else { "application" };
    Form::with([
        ("source", source.to_owned()),
        ("absolute_session_timeout", own.absolute.value.to_string()),
        ("absolute_session_timeout_unit", own.absolute.unit.name().to_owned()),
        ("idle", if own.idle_enabled { "on" } else { "" }.to_owned()),
        ("idle_session_timeout", own.idle.value.to_string()),
        ("idle_session_timeout_unit", own.idle.unit.name().to_owned()),
    ])
    .at(Whole(policy).version())
}

/// `GET /admin/organizations/{id}/sessions`.
pub async fn page(ctx: Ctx, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, _) = found_for::<permit::WriteTenants>(&ctx, &id)?;
    ctx.page("Session policy", nav::ORGANIZATIONS, &body(&ctx, &tenant, &values(&ctx, &tenant)))
}

/// Whether a field of the form says something else than it did when it was shown. One that was not sent says nothing.
fn is_changed(fields: &Fields, shown: &Form, name: &str) -> bool {
    !fields.text(name).is_empty() && fields.text(name) != shown.value(name)
}

/// Says of what was typed beside a choice which leaves it out that it does not count.
fn left_out(reading: &mut Reading<'_>, fields: &Fields, shown: &Form, source: Option<PolicySource>) {
    let counts_not = "counts only for limits of its own: choose these, or leave it as it was";
    if source == Some(PolicySource::Application) {
        for input in [&view::ABSOLUTE, &view::ABSOLUTE_UNIT, &view::IDLE, &view::IDLE_UNIT] {
            if is_changed(fields, shown, input.name) {
                reading.wrong(input, counts_not);
            }
        }
        // A box that is not ticked is not sent: whether it was looked at shows in its neighbours.
        let ticked = fields.text(view::ENDS_IDLE.name);
        if !fields.text(view::IDLE.name).is_empty() && ticked != shown.value(view::ENDS_IDLE.name) {
            reading.wrong(&view::ENDS_IDLE, counts_not);
        }
    } else if fields.text(view::ENDS_IDLE.name) != "on" {
        for input in [&view::IDLE, &view::IDLE_UNIT] {
            if is_changed(fields, shown, input.name) {
                reading
                    .wrong(input, "counts only where sessions that lie unused end: tick that, or leave it as it was");
            }
        }
    }
}

fn read(fields: &Fields, shown: &Form) -> Result<SessionPolicyPatch, Form> {
    let mut reading = Reading::of(fields, view::POLICY);
    let source = reading.chosen(&view::SOURCE, |text| match text {
        "application" => Some(PolicySource::Application),
        "custom" => Some(PolicySource::Custom),
        _ => None,
    });
    left_out(&mut reading, fields, shown, source);
    if source != Some(PolicySource::Custom) {
        let form = reading.done();
        return if form.is_good() { Ok(SessionPolicyPatch { source, ..Default::default() }) } else { Err(form) };
    }
    let number = |text: &str| text.parse::<u32>().map_err(|_| "must be a whole number from 1");
    let absolute = reading.required(&view::ABSOLUTE, number);
    let idle_enabled = fields.all(view::ENDS_IDLE.name).any(|value| value == "on");
    let idle = if idle_enabled { reading.required(&view::IDLE, number) } else { None };
    let patch = SessionPolicyPatch {
        source,
        absolute,
        absolute_unit: TimeUnit::parse(fields.text(view::ABSOLUTE_UNIT.name)),
        idle_enabled: Some(idle_enabled),
        idle,
        idle_unit: if idle.is_some() { TimeUnit::parse(fields.text(view::IDLE_UNIT.name)) } else { None },
    };
    let form = reading.done();
    if form.is_good() { Ok(patch) } else { Err(form) }
}

/// `POST /admin/organizations/{id}/sessions`.
pub async fn edit(Posted { ctx, fields }: Posted, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (tenant, granted) = found_for::<permit::WriteTenants>(&ctx, &id)?;
    let (shown, seen) = (values(&ctx, &tenant), fields.seen());
    // What was changed meanwhile comes first: with what is there now, this form cannot be told from one that was edited.
    let read = match seen.check(Some(&Whole(tenant.details.session_policy))) {
        Ok(()) => read(&fields, &shown),
        Err(_) => Err(fields.met(view::POLICY, shown)),
    };
    let form = match read {
        Ok(session_policy) => {
            let details = DetailsPatch { session_policy, ..DetailsPatch::default() };
            let (patch, id, now) = (TenantPatch { details, ..TenantPatch::default() }, tenant.id, ctx.stack.now());
            let write = move |tx: &mut WriteTx<'_>| {
                let now_there = tenancy::tenant(tx, id)?.map(|tenant| Whole(tenant.details.session_policy));
                seen.check(now_there.as_ref())?;
                tenancy::update_tenant(tx, &granted, id, &patch, now)
            };
            match ctx.stack.store.write(write).await {
                Err(problem) if problem.kind == Kind::Stale => {
                    let (now, _) = found_for::<permit::WriteTenants>(&ctx, &tenant.id.to_string())?;
                    fields.met(view::POLICY, values(&ctx, &now))
                }
                Ok(_) => return Ok(ctx.done(&view::address(id), "The session policy is saved.")),
                Err(problem) => refused(fields.form(view::POLICY), problem)?,
            }
        }
        Err(form) => form,
    };
    ctx.refused_page("Session policy", nav::ORGANIZATIONS, &form, &body(&ctx, &tenant, &form))
}
