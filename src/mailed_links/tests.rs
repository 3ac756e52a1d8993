//! The rules of one-time links.

mod handed;
mod invitations;

use super::*;
use crate::access::{Evidence, Method, Place, Role, permit};
use crate::base::id::SessionId;
use crate::base::{Id, Problem, Secret};
use crate::crypto::token::{self, TokenDigest, TokenKind};
use crate::keys;
use crate::mail::{self, OutboxFilter};
use crate::mfa;
use crate::people::{self, NewUser, Status, User, UserPatch};
use crate::sessions::{self, CsrfSecret, NewSession};
use crate::stack::Stack;
use crate::stack::testkit::stack;
use crate::store::{Entity, Paging, Read};
use crate::tenancy::testkit::{all, code, email, new_tenant, origin};
use crate::tenancy::{self, Tenant};
use std::sync::Arc;

const PASSWORD: &str = "correct horse battery";

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn default_tenant(stack: &Stack) -> Tenant {
    tenancy::default_tenant(&stack.store.read()).unwrap().unwrap()
}

async fn alice(stack: &Stack) -> User {
    let (tenant, id, now) = (default_tenant(stack).id, stack.new_id(), stack.now());
    let new = NewUser {
        password_hash: Some("$argon2id$old".into()),
        ..NewUser::local(email("alice@a.example"), tenant, Role::TenantUser)
    };
    stack.store.write(move |tx| people::create(tx, &all(), &new, id, now)).await.unwrap()
}

/// The tokens in the mails that wait, the oldest first.
fn tokens(stack: &Stack) -> Vec<String> {
    let granted = all::<permit::ManageOutbox>();
    let listed = mail::list(&stack.store.read(), &granted, &OutboxFilter::default(), Paging::default()).unwrap();
    let links = listed.items.iter().filter_map(|mail| mail::open(&stack.keyring, mail).unwrap().link.clone());
    links.map(|link| link.split_once("?token=").unwrap().1.to_owned()).collect()
}

async fn reset(stack: &Stack, token: &str) -> Result<User, Problem> {
    reset_password(stack, token, secret(PASSWORD), &origin()).await
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_ends_all_sessions() {
    let stack = stack();
    let user = alice(&stack).await;
    let session = NewSession {
        id: SessionId::from_raw(7),
        digest: TokenDigest::of("cookie"),
        user: user.id,
        tenant: user.home_tenant,
        csrf_secret: CsrfSecret([1; 32]),
        life_secs: None,
        email: user.email.clone(),
        evidence: Evidence::of(&[Method::Password], stack.now()),
        origin: origin(),
    };
    let now = stack.now();
    stack.store.write(move |tx| sessions::create(tx, &session, now)).await.unwrap();
    forgot_password(&stack, None, "Alice@A.example", &origin()).await.unwrap();
    let token = tokens(&stack).remove(0);
    assert!(
        stack.store.read().get(&Link::TABLE, &stack.store.read().keep(&TokenDigest::of(&token)).0).unwrap().is_some(),
        "only its hash"
    );
    for _ in 0..3 {
        assert_eq!(look(&stack, Purpose::ResetPassword, &token).unwrap().user.id, user.id, "looking uses nothing up");
    }
    let weak = reset_password(&stack, &token, secret("short"), &origin()).await;
    assert_eq!(weak.unwrap_err().fields[0].field, "password");
    let changed = reset(&stack, &token).await.unwrap();
    assert!(changed.email_verified && changed.password_hash != user.password_hash);
    let state = sessions::resolve_id(&stack.store.read(), SessionId::from_raw(7), stack.now(), 3600).unwrap();
    assert!(matches!(state, sessions::State::Ended(_)));
    assert_eq!(code(reset(&stack, &token).await), "link_invalid");
    let subjects = mail::list(&stack.store.read(), &all(), &OutboxFilter::default(), Paging::default()).unwrap();
    let templates: Vec<_> = subjects.items.iter().map(|mail| mail.template.name()).collect();
    assert_eq!(templates, ["RESET_PASSWORD", "PASSWORD_CHANGED"]);
}

#[tokio::test]
async fn fifty_at_once_use_a_link_once() {
    let stack = stack();
    alice(&stack).await;
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    let token: Arc<str> = tokens(&stack).remove(0).into();
    let mut tries = Vec::new();
    for _ in 0..50 {
        let (stack, token) = (Arc::clone(&stack), Arc::clone(&token));
        tries.push(tokio::spawn(async move { reset(&stack, &token).await }));
    }
    let mut won = 0;
    for tried in tries {
        match tried.await.unwrap() {
            Ok(_) => won += 1,
            Err(problem) => assert!(["link_invalid", "service_unavailable"].contains(&problem.code), "{problem}"),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn asking_for_a_link_tells_nothing_about_accounts() {
    let stack = stack();
    let user = alice(&stack).await;
    let now = stack.now();
    let new = new_tenant("other", crate::tenancy::partner_by_text(&stack.store.read(), "default").unwrap().unwrap().id);
    let other = crate::base::id::TenantId::from_raw(77);
    let other = stack.store.write(move |tx| tenancy::create_tenant(tx, &all(), &new, other, now)).await.unwrap();
    let (id, off) = (user.id, UserPatch { status: Some(Status::Disabled), ..UserPatch::default() });
    for unknown in ["nobody@a.example", "", "no address", "bob@a.example"] {
        forgot_password(&stack, None, unknown, &origin()).await.unwrap();
    }
    forgot_password(&stack, Some(&other), "alice@a.example", &origin()).await.unwrap();
    assert_eq!(tokens(&stack), [""; 0], "she is not in that tenant");
    stack.store.write(move |tx| people::update(tx, &all(), id, &off, now)).await.unwrap();
    forgot_password(&stack, Some(&default_tenant(&stack)), "alice@a.example", &origin()).await.unwrap();
    assert_eq!(tokens(&stack), [""; 0], "a disabled account gets none");
    let log = crate::tenancy::testkit::actions(&stack.store.read());
    assert_eq!(log.iter().filter(|action| *action == "user.forgot_password").count(), 6, "each leaves a row");
}

#[tokio::test]
async fn mails_are_limited_for_known_and_unknown_addresses_alike() {
    let stack = stack();
    alice(&stack).await;
    for address in ["alice@a.example", "nobody@a.example"] {
        for _ in 0..5 {
            forgot_password(&stack, None, address, &origin()).await.unwrap();
        }
        let refused = forgot_password(&stack, None, address, &origin()).await.unwrap_err();
        assert_eq!(refused.code, "too_many_attempts");
        assert!(matches!(refused.kind, crate::base::Kind::RateLimited { retry_after_secs: 1.. }));
    }
    stack.clock.advance_secs(901);
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    assert_eq!(tokens(&stack).len(), 1, "a newer link takes the place of the older ones");
}

#[tokio::test]
async fn links_end_by_time_by_a_newer_one_and_by_another_address() {
    let stack = stack();
    let user = alice(&stack).await;
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    let first = tokens(&stack).remove(0);
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    let second = tokens(&stack).remove(0);
    assert_eq!(code(reset(&stack, &first).await), "link_invalid");
    assert!(look(&stack, Purpose::Invitation, &second).is_err(), "it is for one thing only");
    stack.clock.advance_secs(3599);
    assert!(look(&stack, Purpose::ResetPassword, &second).is_ok());
    stack.clock.advance_secs(1);
    assert_eq!(code(reset(&stack, &second).await), "link_invalid");
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    let third = tokens(&stack).remove(0);
    let (now, id) = (stack.now(), user.id);
    let patch = UserPatch { email: Some(email("ann@a.example")), ..UserPatch::default() };
    stack.store.write(move |tx| people::update(tx, &all(), id, &patch, now)).await.unwrap();
    assert_eq!(code(reset(&stack, &third).await), "link_invalid", "it went to an address that is no longer hers");
    for bad in ["", "slk_", &third[1..], "slk_00000000000000000000000000000000000000"] {
        assert_eq!(code(reset(&stack, bad).await), "link_invalid");
    }
    let later = now.plus_secs(7200);
    assert_eq!(stack.store.write(move |tx| sweep(tx, later, 9)).await.unwrap(), 1);
}

#[tokio::test]
async fn an_invitation_makes_an_account_that_its_reader_finishes() {
    let stack = stack();
    let tenant = default_tenant(&stack);
    let new = NewUser::local(email("new@a.example"), tenant.id, Role::TenantUser);
    let user = invite(&stack, all(), new).await.unwrap();
    assert_eq!((user.status, user.password_hash.is_none()), (Status::Invited, true));
    assert!(!people::may_use(&user));
    assert_eq!(code(send_reset(&stack, all(), user.id).await), "user_inactive");
    let first = tokens(&stack).remove(0);
    resend_invitation(&stack, all(), user.id).await.unwrap();
    let second = tokens(&stack).remove(0);
    let accept = |token: String| {
        let names = Names { first_name: crate::base::DisplayName::parse("Nia").ok(), ..Names::default() };
        let stack = Arc::clone(&stack);
        async move { accept_invitation(&stack, &token, Some(secret(PASSWORD)), names, &origin()).await }
    };
    assert_eq!(code(accept(first).await), "link_invalid", "the first was replaced");
    stack.clock.advance_secs(7 * 86_400 - 1);
    let joined = accept(second.clone()).await.unwrap();
    assert_eq!((joined.status, joined.email_verified, joined.called()), (Status::Active, true, "Nia".to_owned()));
    assert_eq!(code(accept(second).await), "link_invalid");
    assert_eq!(code(resend_invitation(&stack, all(), user.id).await), "not_invited");
}

#[tokio::test]
async fn an_invited_user_who_forgot_gets_the_invitation_again() {
    let stack = stack();
    let new = NewUser::local(email("new@a.example"), default_tenant(&stack).id, Role::TenantUser);
    invite(&stack, all(), new).await.unwrap();
    forgot_password(&stack, None, "new@a.example", &origin()).await.unwrap();
    let found = tokens(&stack);
    assert_eq!(found.len(), 1);
    assert!(look(&stack, Purpose::Invitation, &found[0]).is_ok());
}

#[tokio::test]
async fn ones_own_address_is_confirmed_by_a_link() {
    let stack = stack();
    let user = alice(&stack).await;
    let place = tenancy::place_of(&stack.store.read(), user.home_tenant).unwrap().unwrap();
    let me = crate::tenancy::testkit::acting(&stack.store, &user, place, stack.now());
    assert!(ask_to_verify(&stack, &me).await.unwrap());
    let token = tokens(&stack).remove(0);
    assert!(verify_email(&stack, &token, &origin()).await.unwrap().email_verified);
    assert_eq!(code(verify_email(&stack, &token, &origin()).await), "link_invalid");
    assert!(!ask_to_verify(&stack, &me).await.unwrap(), "it is known already");
    let program = crate::tenancy::testkit::operator();
    assert_eq!(code(ask_to_verify(&stack, &program).await), "not_a_user");
    assert_eq!(me.home().partner(), Place::partner(place));
}

/// A second tenant, and its id.
async fn another_tenant(stack: &Stack) -> crate::base::id::TenantId {
    let now = stack.now();
    let partner = crate::tenancy::partner_by_text(&stack.store.read(), "default").unwrap().unwrap().id;
    let (new, id) = (new_tenant("other", partner), crate::base::id::TenantId::from_raw(77));
    stack.store.write(move |tx| tenancy::create_tenant(tx, &all(), &new, id, now)).await.unwrap().id
}

/// Takes a membership away, accepted or not.
async fn withdraw(stack: &Stack, user: &User, tenant: crate::base::id::TenantId) {
    let (id, now) = (user.id, stack.now());
    stack.store.write(move |tx| people::remove_membership(tx, &all(), id, tenant, now)).await.unwrap();
}

#[tokio::test]
async fn a_withdrawn_invitation_sets_no_password_and_is_not_sent_again() {
    let stack = stack();
    let home = default_tenant(&stack).id;
    let new = NewUser::local(email("new@a.example"), home, Role::TenantUser);
    let user = invite(&stack, all(), new).await.unwrap();
    let token = tokens(&stack).remove(0);
    assert!(look(&stack, Purpose::Invitation, &token).is_ok());
    withdraw(&stack, &user, home).await;
    assert_eq!(look(&stack, Purpose::Invitation, &token).unwrap_err().code, "link_invalid");
    let accepted = accept_invitation(&stack, &token, Some(secret(PASSWORD)), Names::default(), &origin()).await;
    assert_eq!(code(accepted), "link_invalid");
    assert!(people::user(&stack.store.read(), user.id).unwrap().unwrap().password_hash.is_none());
    forgot_password(&stack, None, "new@a.example", &origin()).await.unwrap();
    assert_eq!(tokens(&stack).len(), 1, "nothing was sent");
    assert_eq!(code(resend_invitation(&stack, all(), user.id).await), "not_invited");
    // Asked anew, in the same moment: the new link works and the old one does not.
    let again = people::NewMembership::at_once(Role::TenantUser);
    let names = crate::roles::RoleNames::default();
    add_member(&stack, all(), (user.id, home), again, names, Entry::Invited).await.unwrap();
    let newer = tokens(&stack).pop().unwrap();
    assert_eq!(look(&stack, Purpose::Invitation, &token).unwrap_err().code, "link_invalid");
    assert_eq!(accept(&stack, &newer, Some(PASSWORD)).await.unwrap().status, Status::Active);
}

async fn accept(stack: &Stack, token: &str, password: Option<&str>) -> Result<User, Problem> {
    accept_invitation(stack, token, password.map(secret), Names::default(), &origin()).await
}

#[tokio::test]
async fn who_left_everywhere_gets_no_link_and_an_older_one_is_dead() {
    let stack = stack();
    let user = alice(&stack).await;
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    let before = tokens(&stack);
    assert_eq!(before.len(), 1);
    withdraw(&stack, &user, user.home_tenant).await;
    assert_eq!(code(reset(&stack, &before[0]).await), "link_invalid");
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    assert_eq!(tokens(&stack).len(), 1, "nothing was sent");
}

#[tokio::test]
async fn a_reset_is_for_the_password_that_was_there() {
    let stack = stack();
    let user = alice(&stack).await;
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    let token = tokens(&stack).remove(0);
    let (id, now) = (user.id, stack.now());
    // In the very same millisecond.
    stack.store.write(move |tx| people::set_password(tx, &all(), id, "$argon2id$new", now)).await.unwrap();
    assert_eq!(code(reset(&stack, &token).await), "link_invalid");
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    assert!(reset(&stack, &tokens(&stack).remove(0)).await.is_ok());
}

#[tokio::test]
async fn links_of_an_older_version_are_held_to_the_time_at_which_they_were_made() {
    let stack = stack();
    let user = alice(&stack).await;
    let forget = async |token: &str| {
        let kept = stack.store.read().keep(&TokenDigest::of(token));
        let strip = move |tx: &mut crate::store::WriteTx<'_>| -> Result<(), Problem> {
            let link = tx.get(&Link::TABLE, &kept.0)?.unwrap();
            Ok(tx.save(&Link { made: None, ..link })?)
        };
        stack.store.write(strip).await.unwrap();
    };
    stack.clock.advance_secs(60);
    forgot_password(&stack, None, "alice@a.example", &origin()).await.unwrap();
    let token = tokens(&stack).remove(0);
    forget(&token).await;
    assert!(look(&stack, Purpose::ResetPassword, &token).is_ok());
    stack.clock.advance_secs(1);
    let (id, now) = (user.id, stack.now());
    stack.store.write(move |tx| people::set_password(tx, &all(), id, "$argon2id$new", now)).await.unwrap();
    assert_eq!(code(reset(&stack, &token).await), "link_invalid");
    let (other, again) = (another_tenant(&stack).await, people::NewMembership::at_once(Role::TenantUser));
    let names = crate::roles::RoleNames::default();
    add_member(&stack, all(), (user.id, other), again, names, Entry::Invited).await.unwrap();
    let invitation = tokens(&stack).pop().unwrap();
    forget(&invitation).await;
    assert!(look(&stack, Purpose::Invitation, &invitation).is_ok());
}

/// Alice's account as another tenant made it: with a password that its administrator knows, an asserted address, a session, a
/// second factor, a personal token and an API key.
async fn pre_hijacked(stack: &Stack) -> User {
    let user = alice(stack).await;
    let (id, tenant, now) = (user.id, user.home_tenant, stack.now());
    let verified = UserPatch { email_verified: Some(true), ..UserPatch::default() };
    let user = stack.store.write(move |tx| people::update(tx, &all(), id, &verified, now)).await.unwrap();
    let ring = Arc::clone(&stack.keyring);
    let made = mfa::new_recovery_codes(&ring, id);
    let place = tenancy::place_of(&stack.store.read(), tenant).unwrap().unwrap();
    let who = mfa::Who { user: id, email: user.email.clone(), home: place, origin: origin() };
    let token = token::make(TokenKind::PersonalToken);
    let new = keys::NewToken {
        digest: TokenDigest::of(token.expose()),
        hint: token::hint(token.expose()).to_owned(),
        name: crate::tenancy::testkit::name("mine"),
        tenant,
        scopes: crate::base::ScopeSet::parse("secrets:read").unwrap(),
        life_secs: None,
    };
    let me = crate::tenancy::testkit::acting(&stack.store, &user, place, now);
    let own = me.grant::<permit::MakeTokens>(place).unwrap();
    let seed = mfa::seal_secret(&ring, id, &[7; 20]);
    let write = move |tx: &mut crate::store::WriteTx<'_>| -> Result<(), Problem> {
        mfa::begin(tx, id, [0; 32], &seed, now)?;
        let code = crate::crypto::totp::code(&[7; 20], crate::crypto::totp::step_at(now));
        mfa::confirm(tx, &ring, &who, [0; 32], &code, &made, now)?;
        keys::create_own(tx, &own, &new, 90 * 86_400, crate::base::id::TokenId::from_raw(5), now)?;
        Ok(())
    };
    stack.store.write(write).await.unwrap();
    let key = keys::api_keys::NewApiKey {
        fingerprint: keys::api_keys::Fingerprint { digest: TokenDigest::of("key"), hint: "WXYZ".to_owned() },
        name: crate::tenancy::testkit::name("backend"),
        scopes: crate::base::ScopeSet::default(),
        limit: None,
        expires_at: None,
    };
    let own = me.grant::<permit::MakeApiKeys>(place).unwrap();
    let (key_id, now) = (stack.new_id(), stack.now());
    let make = move |tx: &mut crate::store::WriteTx<'_>| keys::api_keys::create(tx, &own, &key, 60, key_id, now);
    stack.store.write(make).await.unwrap();
    let started = NewSession {
        id: SessionId::from_raw(7),
        digest: TokenDigest::of("cookie"),
        user: user.id,
        tenant,
        csrf_secret: CsrfSecret([1; 32]),
        life_secs: None,
        email: user.email.clone(),
        evidence: Evidence::of(&[Method::Password], stack.now()),
        origin: origin(),
    };
    stack.store.write(move |tx| sessions::create(tx, &started, now)).await.unwrap();
    user
}

#[tokio::test]
async fn a_mailbox_that_was_never_proven_begins_afresh_at_its_first_acceptance() {
    let stack = stack();
    let user = pre_hijacked(&stack).await;
    let other = another_tenant(&stack).await;
    let names = crate::roles::RoleNames::default;
    let new = people::NewMembership::at_once(Role::TenantUser);
    add_member(&stack, all(), (user.id, other), new.clone(), names(), Entry::Invited).await.unwrap();
    let token = tokens(&stack).pop().unwrap();
    let found = look(&stack, Purpose::Invitation, &token).unwrap();
    assert!(found.sets_password() && !found.makes_account(), "an asserted address proves nothing");
    assert_eq!(accept(&stack, &token, None).await.unwrap_err().fields[0].field, "password");
    let joined = accept(&stack, &token, Some(PASSWORD)).await.unwrap();
    assert_ne!(joined.password_hash, user.password_hash);
    let snapshot = stack.store.read();
    assert!(!mfa::factors(&snapshot, user.id).unwrap().is_enrolled());
    assert!(!keys::any_of(&snapshot, user.id, stack.now()).unwrap());
    let session = sessions::resolve_id(&snapshot, SessionId::from_raw(7), stack.now(), 3600).unwrap();
    assert!(matches!(session, sessions::State::Ended(_)));
    let log = crate::tenancy::testkit::actions(&snapshot);
    for ended in ["token.revoke", "api_key.delete"] {
        assert_eq!(log.iter().filter(|action| *action == ended).count(), 1, "{ended} is in the log");
    }
    assert!(people::membership(&snapshot, other, user.id).unwrap().is_some());
    // From now on it is proven: the next tenant is joined with a click, and nothing ends.
    let partner = tenancy::partner_by_text(&snapshot, "default").unwrap().unwrap().id;
    let (third, now) = (crate::base::id::TenantId::from_raw(78), stack.now());
    let made = new_tenant("third", partner);
    stack.store.write(move |tx| tenancy::create_tenant(tx, &all(), &made, third, now)).await.unwrap();
    add_member(&stack, all(), (user.id, third), new.clone(), names(), Entry::Invited).await.unwrap();
    let token = tokens(&stack).pop().unwrap();
    assert!(!look(&stack, Purpose::Invitation, &token).unwrap().sets_password());
    // Unless an administrator sets a password that they know.
    let (id, now) = (user.id, stack.now());
    stack.store.write(move |tx| people::set_password(tx, &all(), id, "$argon2id$known", now)).await.unwrap();
    assert!(look(&stack, Purpose::Invitation, &token).unwrap().sets_password());
    assert_eq!(accept(&stack, &token, None).await.unwrap_err().fields[0].field, "password");
    assert!(accept(&stack, &token, Some(PASSWORD)).await.is_ok());
}

mod proofs;
