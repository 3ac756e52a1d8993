//! What has to happen before a code is given.

use super::authorize::{CALLBACK, application, id_token, query, try_check};
use super::*;
use crate::access::{Evidence, Method};
use crate::apps::{AppScope, ApplicationType};
use crate::base::id::{TenantId, UserId};
use crate::oauth::authorize::{Facts, Progress, Request, SignedIn, Step, next_step};

fn who(tenants: &[TenantId], age: i64) -> SignedIn {
    SignedIn {
        user: UserId::from_raw(77),
        tenant: tenants.first().copied().unwrap_or(TenantId::from_raw(1)),
        evidence: Evidence::of(&[Method::Password], NOW.plus_secs(-age)),
        tenants: tenants.to_vec(),
    }
}

/// The next step of a request; `agreed` is whether the application may without asking.
fn step(request: &Request, progress: Progress, who: Option<&SignedIn>, agreed: bool) -> Step {
    next_step(request, progress, who, NOW, &Known { agreed, second_factor: false }).unwrap()
}

struct Known {
    agreed: bool,
    second_factor: bool,
}

impl Facts for Known {
    fn wants_second_factor(&self, _: TenantId) -> Result<bool, crate::store::StoreError> {
        Ok(self.second_factor)
    }
    fn has_second_factor(&self, user: UserId) -> Result<bool, crate::store::StoreError> {
        Ok(user == UserId::from_raw(77))
    }
    fn agreed(&self, _: TenantId) -> Result<bool, crate::store::StoreError> {
        Ok(self.agreed)
    }
}

#[test]
fn a_tenant_that_wants_a_second_factor_gets_one_before_the_code() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    let asked = |prompt| try_check(&world, &Flavour::Platform, &query(&app, &[("prompt", prompt)])).unwrap();
    let strict = Known { agreed: true, second_factor: true };
    let one = who(&[world.home], 10);
    let next =
        |request: &Request, who: &SignedIn| next_step(request, Progress::default(), Some(who), NOW, &strict).unwrap();
    assert_eq!(next(&asked(""), &one), Step::StepUp(world.home));
    assert_eq!(failed(&next(&asked("none"), &one)), "login_required");
    let two_factors = Evidence::of(&[Method::Password, Method::Totp], NOW);
    assert_eq!(next(&asked("none"), &SignedIn { evidence: two_factors, ..one }), Step::Issue(world.home));
}

#[test]
fn acr_values_ask_for_the_second_factor_of_whoever_has_one() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    let (sfa, mfa) = ("https://refeds.org/profile/sfa", "https://refeds.org/profile/mfa");
    let asked = |acr: &str, prompt| {
        try_check(&world, &Flavour::Platform, &query(&app, &[("acr_values", acr), ("prompt", prompt)])).unwrap()
    };
    let one = who(&[world.home], 10);
    let next = |request: &Request, who: &SignedIn| step(request, Progress::default(), Some(who), true);
    for wanting in [mfa.to_owned(), format!("urn:unknown {mfa} {sfa}")] {
        assert_eq!(next(&asked(&wanting, ""), &one), Step::StepUp(world.home), "{wanting}");
    }
    let issue = Step::Issue(world.home);
    for content in [String::new(), sfa.to_owned(), format!("{sfa} {mfa}"), "urn:unknown".to_owned()] {
        assert_eq!(next(&asked(&content, ""), &one), issue, "{content}");
    }
    // It is a wish: who has none goes on, and so does a request that may ask nothing. The acr tells.
    assert_eq!(next(&asked(mfa, ""), &SignedIn { user: UserId::from_raw(78), ..one.clone() }), issue);
    assert_eq!(next(&asked(mfa, "none"), &one), issue);
    let two_factors = Evidence::of(&[Method::Password, Method::Totp], NOW);
    assert_eq!(next(&asked(mfa, ""), &SignedIn { evidence: two_factors, ..one }), issue);
}

fn failed(step: &Step) -> &'static str {
    match step {
        Step::Fail(fault) => fault.code.as_str(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn prompt_and_max_age_each_ask_for_what_they_say() {
    let world = World::new();
    let app = application(&world, ApplicationType::Web, AppScope::Global, &[CALLBACK]);
    let asked = |with: &[(&str, &str)]| try_check(&world, &Flavour::Platform, &query(&app, with)).unwrap();
    let (home, acme) = (world.home, world.acme);
    let (fresh, nobody) = (Progress::default(), None);
    let came = Progress { signed_in: true, ..fresh };
    let (one, two) = (who(&[home], 10), who(&[home, acme], 10));
    let plain = asked(&[]);
    assert_eq!(step(&plain, fresh, nobody, true), Step::SignIn);
    assert_eq!(step(&plain, fresh, Some(&one), true), Step::Issue(home));
    assert_eq!(step(&plain, fresh, Some(&one), false), Step::Consent(home));
    assert_eq!(step(&plain, fresh, Some(&two), true), Step::Issue(home), "who was in goes on where they are");
    assert_eq!(step(&plain, came, Some(&two), true), Step::ChooseAccount, "who has just come in is asked");
    assert_eq!(step(&plain, Progress { tenant: Some(acme), ..came }, Some(&two), true), Step::Issue(acme));
    let elsewhere = Progress { tenant: Some(world.other), ..came };
    assert_eq!(step(&plain, elsewhere, Some(&two), true), Step::ChooseAccount, "not one of theirs");
    assert_eq!(step(&plain, fresh, Some(&who(&[], 10)), true), Step::NoAccess);

    let none = asked(&[("prompt", "none")]);
    assert_eq!(failed(&step(&none, fresh, nobody, true)), "login_required");
    assert_eq!(failed(&step(&none, fresh, Some(&one), false)), "consent_required");
    assert_eq!(failed(&step(&none, fresh, Some(&who(&[], 1)), true)), "interaction_required");
    assert_eq!(step(&none, fresh, Some(&two), true), Step::Issue(home));
    let lost = SignedIn { tenant: world.other, ..two.clone() };
    assert_eq!(failed(&step(&none, fresh, Some(&lost), true)), "account_selection_required");

    let login = asked(&[("prompt", "login")]);
    assert_eq!(step(&login, fresh, Some(&who(&[home], 0)), true), Step::SignIn, "however fresh");
    assert_eq!(step(&login, came, Some(&who(&[home], 0)), true), Step::Issue(home));

    let select = asked(&[("prompt", "select_account")]);
    assert_eq!(step(&select, fresh, Some(&one), true), Step::ChooseAccount);
    assert_eq!(step(&select, came, Some(&one), true), Step::ChooseAccount);
    let chosen = Progress { account_chosen: true, tenant: Some(home), ..fresh };
    assert_eq!(step(&select, chosen, Some(&two), true), Step::Issue(home));

    let consent = asked(&[("prompt", "consent")]);
    assert_eq!(step(&consent, fresh, Some(&one), true), Step::Consent(home), "although it is remembered");

    for (max_age, age, again) in [("1", 2, true), ("1", 1, false), ("10000", 2, false), ("0", 0, true)] {
        let request = asked(&[("max_age", max_age)]);
        let now = step(&request, fresh, Some(&who(&[home], age)), true);
        assert_eq!(now, if again { Step::SignIn } else { Step::Issue(home) }, "{max_age} {age}");
        assert_eq!(step(&request, came, Some(&who(&[home], 0)), true), Step::Issue(home));
        let silent = asked(&[("max_age", max_age), ("prompt", "none")]);
        let now = step(&silent, fresh, Some(&who(&[home], age)), true);
        assert_eq!(now == Step::Issue(home), !again);
    }

    let hint = id_token(Issuer::Platform, &app.client_id(), UserId::from_raw(78), "JWT", 0);
    let other = asked(&[("id_token_hint", &hint)]);
    assert_eq!(step(&other, fresh, Some(&one), true), Step::SignIn);
    assert_eq!(failed(&step(&other, came, Some(&one), true)), "login_required");
    let silent = asked(&[("id_token_hint", &hint), ("prompt", "none")]);
    assert_eq!(failed(&step(&silent, fresh, Some(&one), true)), "login_required");
    let same = SignedIn { user: UserId::from_raw(78), ..one };
    assert_eq!(step(&silent, fresh, Some(&same), true), Step::Issue(home));
}
