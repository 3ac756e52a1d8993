//! The permission table: roles, scopes, places, and what asks for a recent sign-in.

use super::granted::decide;
use super::*;
use crate::base::id::{ApplicationId, PartnerId, RequestId, SessionId, TenantId, UserId};
use crate::base::{Email, Id, ScopeSet};
use std::sync::Arc;

fn actor(roles: Vec<Assignment>, scopes: Option<&str>) -> Arc<Actor> {
    Arc::new(Actor {
        principal: Principal::User { id: UserId::from_raw(1), email: Email::parse("a@b.c").unwrap() },
        tenant: TenantId::from_raw(1),
        partner: PartnerId::from_raw(1),
        credential: Credential::Local,
        proof: Proof::Recent,
        roles,
        custom: CoreSet::default(),
        scopes: scopes.map(|scopes| ScopeSet::parse(scopes).unwrap()),
        expires_at: None,
        mfa_at: None,
        origin: Origin { request: RequestId::from_raw(1), ip: None, user_agent: None },
    })
}

fn tenant(id: u64) -> Place {
    Place::Tenant { partner: PartnerId::from_raw(1), tenant: TenantId::from_raw(id) }
}

#[test]
fn a_right_needs_role_and_scope_and_place() {
    let admin = vec![Assignment { role: Role::TenantAdmin, place: tenant(1) }];
    let reason =
        |actor: &Arc<Actor>, place| actor.grant::<permit::ReadSecrets>(place).err().map(|denied| denied.reason);
    assert_eq!(reason(&actor(admin.clone(), None), tenant(1)), None);
    assert_eq!(reason(&actor(admin.clone(), None), tenant(2)), Some(Reason::Place));
    assert_eq!(reason(&actor(admin.clone(), Some("secrets:write")), tenant(1)), Some(Reason::Scope));
    assert_eq!(reason(&actor(admin, Some("secrets:read")), tenant(1)), None);
    assert_eq!(reason(&actor(vec![], None), tenant(1)), Some(Reason::Role));
}

#[test]
fn scopes_never_widen_a_role() {
    let viewer = vec![Assignment { role: Role::TenantViewer, place: tenant(1) }];
    let actor = actor(viewer, Some("secrets:read secrets:write admin:write"));
    assert!(actor.grant::<permit::WriteSecrets>(tenant(1)).is_err());
    assert!(actor.grant::<permit::ListSecrets>(tenant(1)).is_ok());
}

#[test]
fn a_custom_role_leads_to_its_lines_at_home_and_nowhere_else() {
    let mut custom = Arc::unwrap_or_clone(actor(vec![], None));
    custom.custom = CoreSet::named("users:manage").unwrap();
    let custom = Arc::new(custom);
    assert!(custom.grant::<permit::ReadUsers>(tenant(1)).is_ok());
    for place in [tenant(2), Place::Partner(PartnerId::from_raw(1)), Place::Platform] {
        assert!(custom.grant::<permit::ReadUsers>(place).is_err(), "{place:?}");
    }
    // What hands something out, or shows secrets, comes from built-in roles only.
    assert!(custom.grant::<permit::WriteUsers>(tenant(1)).is_err());
    assert!(custom.grant::<permit::ReadAudit>(tenant(1)).is_err());
    assert!(custom.grant::<permit::ReadSecrets>(tenant(1)).is_err());
}

/// The lines that a scope alone opens for whoever holds every role.
fn opened(scope: &str) -> Vec<&'static str> {
    let everywhere = vec![Assignment { role: Role::SuperAdmin, place: Place::Platform }];
    let actor = actor(everywhere, Some(scope));
    PERMISSIONS.iter().filter(|rule| actor.may_rule(rule, tenant(1))).map(|rule| rule.name).collect()
}

#[test]
fn a_finer_scope_opens_what_it_says_and_nothing_else() {
    for (scope, lines) in [
        ("organizations:read", &["tenants.read", "roles.read"][..]),
        ("organizations:write", &["tenants.read", "tenants.write", "roles.read"]),
        ("organizations:delete", &["tenants.delete"]),
        ("portal_links:manage", &["portal_links.manage"]),
        ("users:read", &["users.read", "sessions.read"]),
        (
            "users:write",
            &[
                "users.read",
                "users.write",
                "reset_links.send",
                "custom_roles.assign",
                "users.delete",
                "sessions.read",
                "sessions.revoke",
            ],
        ),
        ("users:delete", &["users.delete"]),
        ("sessions:read", &["sessions.read"]),
        ("sessions:revoke", &["sessions.read", "sessions.revoke"]),
        ("app_authorization:read", &["roles.read"]),
        ("app_authorization:write", &["custom_roles.assign", "roles.read", "roles.write"]),
        ("api_credentials:write", &[]),
    ] {
        assert_eq!(opened(scope), lines, "{scope}");
    }
}

/// Somebody who holds every role, with this credential.
fn with(credential: Credential, proof: Proof, scopes: Option<&str>) -> Arc<Actor> {
    let everywhere = vec![Assignment { role: Role::SuperAdmin, place: Place::Platform }];
    let base = Arc::unwrap_or_clone(actor(everywhere, scopes));
    Arc::new(Actor { credential, proof, ..base })
}

fn user_token() -> Credential {
    Credential::UserToken {
        jti: "1".to_owned(),
        session: SessionId::from_raw(1),
        application: ApplicationId::from_raw(1),
    }
}

#[test]
fn a_line_that_asks_for_a_recent_sign_in_refuses_every_other_proof() {
    for rule in PERMISSIONS.iter().filter(|rule| rule.step_up != StepUp::No) {
        let reason = |actor: Arc<Actor>| decide(&actor, rule, tenant(1)).err().map(|denied| denied.reason);
        for proof in [Proof::Stale, Proof::Stored] {
            let refused = reason(with(Credential::Local, proof, None));
            assert_eq!(refused, Some(Reason::StepUp(proof)), "{}", rule.name);
        }
        assert_eq!(reason(with(Credential::Local, Proof::Recent, None)), None, "{}", rule.name);
        // Who lacks the right is told that, not asked for a password.
        assert_eq!(reason(actor(vec![], None)), Some(Reason::Role), "{}", rule.name);
    }
    for rule in PERMISSIONS.iter().filter(|rule| rule.step_up == StepUp::No) {
        assert!(decide(&with(Credential::Local, Proof::Stored, None), rule, tenant(1)).is_ok(), "{}", rule.name);
    }
}

#[test]
fn a_program_needs_admin_write_where_a_person_is_asked() {
    let narrower = [
        // Scalekit's own scope for nothing but this.
        "portal_links.manage",
        // Goes to the mailbox of the person, and is of use to nobody else.
        "reset_links.send",
        // Open nothing here.
        "custom_roles.assign",
        // Only people have keys.
        "api_keys.create",
    ];
    for rule in PERMISSIONS.iter().filter(|rule| rule.step_up != StepUp::No && !rule.scopes.is_empty()) {
        if narrower.contains(&rule.name) {
            assert!(rule.scopes.contains(&"admin:write"), "{}", rule.name);
        } else {
            assert_eq!(rule.scopes, ["admin:write"], "{}", rule.name);
        }
        let program = with(Credential::Local, Proof::Program, Some("admin:write"));
        assert!(decide(&program, rule, tenant(1)).is_ok(), "{}", rule.name);
    }
}

#[test]
fn an_application_that_acts_for_somebody_makes_no_credentials() {
    let third_party = with(user_token(), Proof::Recent, Some("admin:write api_keys:manage"));
    let first_party = with(user_token(), Proof::Recent, None);
    for rule in PERMISSIONS.iter().filter(|rule| rule.step_up == StepUp::Person && !rule.scopes.is_empty()) {
        let refused = decide(&third_party, rule, tenant(1)).unwrap_err();
        assert_eq!(refused.reason, Reason::Delegated, "{}", rule.name);
        assert_eq!(crate::base::Problem::from(refused).code, "delegation_refused");
        assert!(decide(&first_party, rule, tenant(1)).is_ok(), "{}", rule.name);
    }
    assert!(third_party.grant::<permit::ManageApiKeys>(tenant(1)).is_ok(), "it may see and end keys");
    assert!(third_party.grant::<permit::ManageCredentials>(tenant(1)).is_err(), "a password is a credential too");
    assert!(third_party.grant::<permit::SendResetLinks>(tenant(1)).is_ok(), "it may have a link mailed");
}

#[test]
fn what_a_page_offers_does_not_depend_on_when_somebody_signed_in() {
    let may = |proof| with(Credential::Local, proof, None).may::<permit::MakeTokens>(tenant(1));
    assert!(may(Proof::Stale) && may(Proof::Recent) && !may(Proof::Stored));
}

#[test]
fn the_table_has_no_repeats() {
    let mut names: Vec<_> = PERMISSIONS.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), PERMISSIONS.len());
}

#[test]
fn a_tenant_never_covers_another() {
    let partner = PartnerId::from_raw(1);
    let a = Place::Tenant { partner, tenant: TenantId::from_raw(1) };
    let b = Place::Tenant { partner, tenant: TenantId::from_raw(2) };
    assert!(a.covers(a) && !a.covers(b) && !a.covers(Place::Partner(partner)) && !a.covers(Place::Platform));
    assert!(Place::Partner(partner).covers(b) && !Place::Partner(PartnerId::from_raw(2)).covers(b));
    assert!(Place::Platform.covers(b) && !Place::Partner(partner).covers(Place::Platform));
}
