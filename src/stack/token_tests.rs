//! What is kept of the secrets of machines and of links is a keyed hash, and older files are brought to it.

use super::Stack;
use super::testkit::stack;
use crate::access::{Role, permit};
use crate::apps::{self, AppScope, Application, ApplicationType, NewApplication, NewSecret};
use crate::base::{DisplayName, Email, ScopeSet};
use crate::crypto::token::{self, KeptToken, TokenDigest, TokenKind};
use crate::keys::api_keys::{self, ApiKey, Fingerprint, NewApiKey};
use crate::keys::{self, NewToken, PersonalToken};
use crate::mail::{self, OutboxFilter};
use crate::mailed_links::{self, Link};
use crate::people::{self, NewUser};
use crate::portal_links::{self, Looked, NewLink, PortalLink};
use crate::schema::keep_tokens;
use crate::store::{Direction, Paging, RawRead, Read, StoreError, WriteTx};
use crate::tenancy::{self, testkit::all};
use std::ops::{Bound, ControlFlow};

/// One secret of each kind, as its holder has it, in the order of [`KINDS`].
struct Held {
    application: Application,
    texts: [String; 5],
}

const KINDS: [&str; 5] = ["client secret", "personal token", "API key", "mail link", "portal link"];

fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).unwrap()
}

async fn held(stack: &Stack) -> Held {
    let tenant = tenancy::default_tenant(&stack.store.read()).unwrap().unwrap().id;
    let (id, now) = (stack.new_id(), stack.now());
    let new = NewUser::local(Email::parse("ann@example.com").unwrap(), tenant, Role::TenantUser);
    let create = move |tx: &mut WriteTx<'_>| people::create(tx, &all::<permit::WriteUsers>(), &new, id, now);
    let user = stack.store.write(create).await.unwrap().id;

    let ((kept, secret), id) = (NewSecret::make(stack.new_id()), stack.new_id());
    let new = NewApplication::new(name("Worker"), ApplicationType::Service, AppScope::Global);
    let application = stack.store.write(move |tx| apps::create(tx, &all(), &new, id, &kept, now)).await.unwrap();

    let (id, personal) = (stack.new_id(), token::make(TokenKind::PersonalToken));
    let new = NewToken {
        digest: TokenDigest::of(personal.expose()),
        hint: "hint".to_owned(),
        name: name("CI"),
        tenant,
        scopes: ScopeSet::parse("secrets:read").unwrap(),
        life_secs: None,
    };
    let make = move |tx: &mut WriteTx<'_>| keys::create_for(tx, &all(), user, &new, keys::MAX_LIFE_SECS, id, now);
    stack.store.write(make).await.unwrap();

    let (id, api_key) = (stack.new_id(), token::make(TokenKind::ApiKey));
    let new = NewApiKey {
        fingerprint: Fingerprint { digest: TokenDigest::of(api_key.expose()), hint: "hint".to_owned() },
        name: name("backend"),
        scopes: ScopeSet::default(),
        limit: None,
        expires_at: None,
    };
    let place = tenancy::live_place(&stack.store.read(), tenant).unwrap().unwrap();
    let granted = all::<permit::MakeApiKeysForOthers>().actor().grant(place).unwrap();
    stack.store.write(move |tx| api_keys::create_for(tx, &granted, user, &new, 60, id, now)).await.unwrap();

    let new = NewUser::local(Email::parse("ben@example.com").unwrap(), tenant, Role::TenantUser);
    mailed_links::invite(stack, all(), new).await.unwrap();
    let sent = mail::list(&stack.store.read(), &all(), &OutboxFilter::default(), Paging::default()).unwrap();
    let link = mail::open(&stack.keyring, &sent.items[0]).unwrap().link.clone().unwrap();
    let mailed = link.split_once("token=").unwrap().1.to_owned();

    let (id, portal) = (stack.new_id(), token::make(TokenKind::PortalLink));
    let new = NewLink { id, digest: TokenDigest::of(portal.expose()), tenant, features: None };
    stack.store.write(move |tx| portal_links::create(tx, &all(), &new, now)).await.unwrap();
    let [secret, personal, api_key, portal] = [secret, personal, api_key, portal].map(|text| text.expose().clone());
    Held { application, texts: [secret, personal, api_key, mailed, portal] }
}

/// Which of them are found.
fn found(stack: &Stack, held: &Held) -> [bool; 5] {
    let (tx, now) = (stack.store.read(), stack.now());
    let [secret, personal, api_key, mailed, portal] = held.texts.each_ref().map(|text| TokenDigest::of(text));
    let application = apps::client(&tx, &held.application.client_id()).unwrap().unwrap();
    [
        application.secret_with(&tx.keep(&secret)).is_some(),
        matches!(keys::resolve(&tx, &personal, now).unwrap(), keys::Resolved::Live(_)),
        matches!(
            api_keys::authenticate(&held.texts[2], || tx.clone(), now).unwrap(),
            api_keys::Resolved::Live(live) if live.key.digest == tx.keep(&api_key)
        ),
        mailed_links::look(stack, mailed_links::Purpose::Invitation, &held.texts[3])
            .is_ok_and(|_| tx.keep(&mailed).0 != mailed.0),
        matches!(portal_links::look(&tx, &portal, now).unwrap(), Looked::Open(_)),
    ]
}

/// How many rows hold these bytes, in their key or value.
fn rows_with(stack: &Stack, what: &[u8]) -> usize {
    let mut count = 0;
    let visit = &mut |key: &[u8], row: &[u8]| {
        count += usize::from([key, row].iter().any(|bytes| bytes.windows(what.len()).any(|part| part == what)));
        Ok(ControlFlow::Continue(()))
    };
    stack.store.read().raw_scan(Bound::Unbounded, Bound::Unbounded, Direction::Forward, visit).unwrap();
    count
}

#[tokio::test]
async fn of_a_secret_only_a_keyed_hash_is_kept() {
    let stack = stack();
    let held = held(&stack).await;
    assert_eq!(found(&stack, &held), [true; 5]);
    for (kind, text) in KINDS.iter().zip(&held.texts) {
        let digest = TokenDigest::of(text);
        assert_eq!(rows_with(&stack, &text.as_bytes()[4..36]), 0, "{kind}: the secret itself");
        assert_eq!(rows_with(&stack, &digest.0), 0, "{kind}: its SHA-256, which anybody can compute");
        assert!(rows_with(&stack, &digest.kept_under(stack.keyring.tokens()).0) > 0, "{kind}: its keyed hash");
    }
}

#[tokio::test]
async fn what_older_files_keep_is_brought_under_the_key_and_goes_on_working() {
    let stack = stack();
    let held = held(&stack).await;
    // As it was kept before: the SHA-256 itself.
    let [secret, personal, api_key, mailed, portal] =
        held.texts.each_ref().map(|text| KeptToken(TokenDigest::of(text).0));
    let age = move |tx: &mut WriteTx<'_>| {
        tx.rewrite(|_, mut row: Application| {
            row.secrets[0].digest = secret;
            row
        })?;
        tx.rewrite(|_, row: PersonalToken| PersonalToken { digest: personal, ..row })?;
        tx.rewrite(|_, row: ApiKey| ApiKey { digest: api_key, ..row })?;
        tx.rewrite(|_, row: Link| Link { digest: mailed, ..row })?;
        tx.rewrite(|_, row: PortalLink| PortalLink { digest: portal, ..row })
    };
    stack.store.write::<_, StoreError, _>(age).await.unwrap();
    assert_eq!(found(&stack, &held), [false; 5]);
    stack.store.write::<_, StoreError, _>(keep_tokens).await.unwrap();
    assert_eq!(found(&stack, &held), [true; 5]);
    for (kind, text) in KINDS.iter().zip(&held.texts) {
        assert_eq!(
            rows_with(&stack, &TokenDigest::of(text).0),
            0,
            "{kind}: nothing of before is left, in indexes neither"
        );
    }
}
