//! The journey through a link to the portal, in a browser.

use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::http::testkit::{browser, stack};
use crate::portal_links::{self, LIFE_SECS, NewLink};
use crate::stack::Stack;
use crate::tenancy::{self, DetailsPatch, Feature, Features, TenantPatch, testkit::all};

/// A link of the default tenant. Gives its path.
async fn link(stack: &Stack, features: Option<Features>) -> String {
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let (token, now) = (token::make(TokenKind::PortalLink), stack.now());
    let new = NewLink { id: stack.new_id(), digest: TokenDigest::of(token.expose()), tenant, features };
    stack.store.write(move |tx| portal_links::create(tx, &all(), &new, now)).await.unwrap();
    let location = portal_links::location(stack.public_url(), token.expose());
    location.strip_prefix(stack.public_url()).unwrap().to_owned()
}

async fn switch_on(stack: &Stack, feature: Feature) {
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let details = DetailsPatch { features: vec![(feature, true)], ..DetailsPatch::default() };
    let (patch, now) = (TenantPatch { details, ..TenantPatch::default() }, stack.now());
    stack.store.write(move |tx| tenancy::update_tenant(tx, &all(), tenant, &patch, now)).await.unwrap();
}

#[actix_web::test]
async fn a_scanner_spends_nothing_and_the_button_opens_it_once() {
    let stack = stack();
    switch_on(&stack, Feature::Sso).await;
    let path = link(&stack, None).await;
    let mut scanner = browser(&stack).await;
    for _ in 0..3 {
        assert_eq!(scanner.get(&path).await.status, 200);
    }
    let forged = scanner.post_as(&path, &[("csrf", "x")], &[]).await;
    assert!(forged.status == 403 && forged.body.contains("Try again"), "{}", forged.body);
    let mut admin = browser(&stack).await;
    let door = admin.get(&path).await;
    assert!(door.body.contains("Single sign-on") && !door.body.contains("Directory sync"), "{}", door.body);
    let opened = admin.post(&path, &[]).await;
    assert!(opened.status == 200 && opened.body.contains("The portal of Default"), "{}", opened.body);
    assert_eq!(opened.headers["cache-control"], "no-store");
    let again = admin.get(&path).await;
    assert!(again.status == 410 && again.body.contains("The link was used"), "{}", again.body);
    assert_eq!(admin.post(&path, &[]).await.status, 410);
    assert_eq!(scanner.get(&path).await.status, 410);
}

#[actix_web::test]
async fn it_says_what_will_be_there_and_what_is_off() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    let nothing = admin.get(&link(&stack, None).await).await;
    assert!(nothing.body.contains("Nothing is switched on"), "{}", nothing.body);
    switch_on(&stack, Feature::DirSync).await;
    let both = admin.get(&link(&stack, Some(Features { sso: true, dir_sync: true })).await).await;
    assert!(both.body.contains("Single sign-on") && both.body.contains("Directory sync"));
    assert_eq!(both.body.matches("Not switched on").count(), 1);
    let sync = admin.get(&link(&stack, Some(Features { sso: false, dir_sync: true })).await).await;
    assert!(!sync.body.contains("Single sign-on") && !sync.body.contains("Not switched on"), "{}", sync.body);
}

#[actix_web::test]
async fn a_link_that_does_not_work_says_why() {
    let stack = stack();
    let mut admin = browser(&stack).await;
    let path = link(&stack, None).await;
    admin.get(&path).await;
    stack.clock.advance_secs(LIFE_SECS);
    let old = admin.get(&path).await;
    assert!(old.status == 410 && old.body.contains("too old"), "{}", old.body);
    let other = token::make(TokenKind::PortalLink);
    for unknown in [other.expose().as_str(), "lnk_42", "spl_x", "a%20b"] {
        let got = admin.get(&format!("/magicLink/{unknown}")).await;
        assert!(got.status == 404 && got.body.contains("There is no such link"), "{unknown}: {}", got.status);
    }
}
