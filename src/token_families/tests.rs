//! The successor-unused rule, against clients that lose answers and clients that steal.

use super::*;
use crate::access::Method;
use crate::apps::FIRST_PARTY;
use crate::base::Id;
use crate::crypto::digest::MacKey;
use crate::crypto::token::TokenKind;
use crate::store::{Store, StoreError, WriteTx, file};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn pepper() -> MacKey {
    MacKey::new(&[3; 32])
}

fn store() -> Store {
    Store::start(file::in_memory().unwrap(), crate::store::test_token_key(), crate::store::Hooks::default()).unwrap()
}

fn family(id: u64, new: &NewRefresh) -> Family {
    Family {
        id: FamilyId::from_raw(id),
        application: ApplicationId::from_raw(7),
        user: UserId::from_raw(8),
        session: SessionId::from_raw(9),
        tenant: TenantId::from_raw(10),
        scope: ScopeSet::parse("openid").unwrap(),
        evidence: Evidence::of(&[Method::Password], NOW),
        offline: true,
        refresh: Some(Refresh {
            secret: new.digest().kept_under(&crate::store::test_token_key()),
            newest: 1,
            used_at: NOW,
            idle_secs: 1000,
        }),
        created_at: NOW,
        expires_at: NOW.plus_secs(5000),
        ended: None,
        forbidden: Vec::new(),
        environment: false,
    }
}

/// A family in the store, and its first token.
fn start(store: &Store, id: u64) -> String {
    let new = NewRefresh::draw();
    let row = family(id, &new);
    store.write_blocking(move |tx| create(tx, &row)).unwrap_or_else(|error: StoreError| panic!("{error}"));
    new.first(&pepper(), FamilyId::from_raw(id)).unwrap().expose().clone()
}

/// What a token is answered with: the next one, or nothing.
fn present(tx: &mut WriteTx<'_>, token: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
    let Some(text) = RefreshText::read(&pepper(), token) else { return Ok(None) };
    let Presented::Live(family) = Presented::find(tx, &text, now)? else { return Ok(None) };
    Ok(match turn(tx, &family, &text, now)? {
        Turn::Next { number, .. } => Some(text.numbered(number, &pepper()).unwrap().expose().clone()),
        Turn::Replayed => None,
    })
}

fn refresh(store: &Store, token: &str, now: Timestamp) -> Option<String> {
    let token = token.to_owned();
    store.write_blocking(move |tx| present(tx, &token, now)).unwrap()
}

fn row(store: &Store, id: u64) -> Family {
    get(&store.read(), FamilyId::from_raw(id)).unwrap().unwrap()
}

#[test]
fn each_use_gives_a_new_token_of_the_same_family_and_no_text_is_kept() {
    let store = store();
    let first = start(&store, 1);
    let second = refresh(&store, &first, NOW).unwrap();
    let third = refresh(&store, &second, NOW).unwrap();
    assert!(first != second && second != third);
    for token in [&first, &second, &third] {
        let text = RefreshText::read(&pepper(), token).unwrap();
        assert_eq!(text.family(), FamilyId::from_raw(1));
        assert_eq!((token.len(), &token[..4]), (TokenKind::RefreshToken.len(), "srt_"));
        assert!(format!("{text:?}").contains("[secret]"));
    }
    // What is kept does not lead back to the family's secret.
    let kept = format!("{:?}", row(&store, 1));
    assert!(!kept.contains(&first[21..43]));
}

#[test]
fn a_made_up_token_is_refused_without_a_look() {
    let token = NewRefresh::draw().first(&pepper(), FamilyId::from_raw(1)).unwrap().expose().clone();
    assert!(RefreshText::read(&pepper(), &token).is_some());
    assert!(RefreshText::read(&MacKey::new(&[4; 32]), &token).is_none(), "another instance made it");
    for at in 4..65 {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
        let body = String::from_utf8(changed[4..65].to_vec()).unwrap();
        let changed = crate::crypto::token::compose(TokenKind::RefreshToken, &body).unwrap();
        assert!(RefreshText::read(&pepper(), changed.expose()).is_none(), "place {at}, with a right checksum");
    }
    for nonsense in ["", "srt_", "x", &token[1..]] {
        assert!(RefreshText::read(&pepper(), nonsense).is_none());
    }
}

#[test]
fn the_same_answer_until_the_successor_is_used_and_then_the_end() {
    let store = store();
    let first = start(&store, 1);
    let second = refresh(&store, &first, NOW).unwrap();
    for wait in [0, 1, 30, 900] {
        assert_eq!(refresh(&store, &first, NOW.plus_secs(wait)).as_ref(), Some(&second), "no clock window: {wait}");
    }
    let third = refresh(&store, &second, NOW).unwrap();
    assert!(row(&store, 1).is_live(NOW));
    assert_eq!(refresh(&store, &first, NOW), None, "its successor was used");
    assert_eq!(row(&store, 1).ended, Some((NOW, EndReason::RefreshReplayed)));
    for token in [&first, &second, &third] {
        assert_eq!(refresh(&store, token, NOW), None);
    }
}

#[test]
fn clients_that_lose_answers_in_10_000_refreshes_end_no_family() {
    const FAMILIES: u64 = 40;
    const ROUNDS: usize = 120;
    let (store, mut rng) = (store(), StdRng::seed_from_u64(11));
    let (mut refreshes, mut lost) = (0, 0);
    for id in 1..=FAMILIES {
        let first = start(&store, id);
        let seed = rng.random::<u64>();
        let (done, gone) = store
            .write_blocking(move |tx| {
                let mut rng = StdRng::seed_from_u64(seed);
                // What the tabs of one browser share.
                let (mut shared, mut done, mut gone) = (first.clone(), 0u32, 0u32);
                for _ in 0..ROUNDS {
                    // One to three tabs find the token too old at the same time; each may send it twice.
                    let (tabs, mut answers) = (rng.random_range(1..=3), Vec::new());
                    for _ in 0..tabs {
                        for _ in 0..rng.random_range(1..=2) {
                            let answer = present(tx, &shared, NOW)?.expect("a false logout");
                            done += 1;
                            if rng.random_bool(0.3) { gone += 1 } else { answers.push(answer) }
                        }
                    }
                    answers.dedup();
                    assert!(answers.len() <= 1, "all tabs got the same");
                    shared = answers.pop().unwrap_or(shared);
                }
                Ok::<_, StoreError>((done, gone))
            })
            .unwrap();
        refreshes += done;
        lost += gone;
        assert!(row(&store, id).is_live(NOW));
    }
    assert!(refreshes >= 10_000 && lost > 2_000, "{refreshes} {lost}");
}

#[test]
fn every_replay_after_use_is_caught() {
    let (store, mut rng) = (store(), StdRng::seed_from_u64(12));
    for id in 1..=400 {
        let mut chain = vec![start(&store, id)];
        for _ in 0..rng.random_range(2..8) {
            let next = refresh(&store, chain.last().unwrap(), NOW).unwrap();
            // Sometimes the answer is lost and asked for again.
            if rng.random_bool(0.5) {
                assert_eq!(refresh(&store, chain.last().unwrap(), NOW).as_ref(), Some(&next));
            }
            chain.push(next);
        }
        // A thief has any token whose successor was used.
        let stolen = rng.random_range(0..chain.len() - 2);
        assert_eq!(refresh(&store, &chain[stolen], NOW), None, "token {stolen} of {}", chain.len());
        assert!(row(&store, id).ended.is_some());
        assert_eq!(refresh(&store, chain.last().unwrap(), NOW), None);
    }
    for id in 1000..1100 {
        // A thief with the newest token and its owner take turns: whoever comes second is caught, at the latest one use on.
        let newest = start(&store, id);
        let thiefs = refresh(&store, &newest, NOW).unwrap();
        let owners = refresh(&store, &newest, NOW).unwrap();
        assert_eq!(thiefs, owners, "nobody can tell yet");
        let ahead = refresh(&store, &thiefs, NOW).unwrap();
        refresh(&store, &ahead, NOW).unwrap();
        assert_eq!(refresh(&store, &owners, NOW), None);
        assert!(row(&store, id).ended.is_some());
    }
}

#[test]
fn a_restored_backup_neither_loses_the_client_nor_trusts_an_old_token() {
    let store = store();
    let first = start(&store, 1);
    let second = refresh(&store, &first, NOW).unwrap();
    let backup = row(&store, 1);
    let third = refresh(&store, &second, NOW).unwrap();
    let fourth = refresh(&store, &third, NOW).unwrap();
    // The file is as it was when the second token had not been used.
    let restore = || {
        let old = backup.clone();
        store.write_blocking(move |tx| create(tx, &old)).unwrap_or_else(|error: StoreError| panic!("{error}"));
    };
    restore();
    let fifth = refresh(&store, &fourth, NOW).expect("it was ours, so its owner goes on");
    assert_eq!(refresh(&store, &fourth, NOW).as_ref(), Some(&fifth));
    assert_eq!(refresh(&store, &second, NOW), None, "a copy from before is caught");
    assert!(row(&store, 1).ended.is_some());
    // The thief comes first: the owner still holds a later token, and the thief is caught at the next use.
    restore();
    let thiefs = refresh(&store, &second, NOW).unwrap();
    let owners = refresh(&store, &fourth, NOW).unwrap();
    assert!(refresh(&store, &owners, NOW).is_some());
    assert_eq!(refresh(&store, &thiefs, NOW), None);
    assert!(row(&store, 1).ended.is_some());
}

#[test]
fn idle_and_absolute_expiry_are_both_kept() {
    let store = store();
    let first = start(&store, 1);
    assert_eq!(refresh(&store, &first, NOW.plus_secs(1000)), None, "unused for too long");
    let mut token = start(&store, 2);
    let mut at = NOW;
    while at < NOW.plus_secs(4500) {
        at = at.plus_secs(900);
        token = refresh(&store, &token, at).unwrap();
    }
    assert_eq!(at, NOW.plus_secs(4500));
    assert_eq!(refresh(&store, &token, NOW.plus_secs(5000)), None, "too old, however busy");
    assert!(refresh(&store, &token, NOW.plus_secs(4999)).is_some());
}

#[test]
fn of_200_uses_at_once_one_state_is_left() {
    let store = store();
    let token = start(&store, 1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let answers = runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let (store, token) = (store.clone(), token.clone());
            tasks.spawn(async move { store.write(move |tx| present(tx, &token, NOW)).await.unwrap() });
        }
        tasks.join_all().await
    });
    let first = answers[0].clone().unwrap();
    assert!(answers.iter().all(|answer| answer.as_ref() == Some(&first)), "one branch");
    let family = row(&store, 1);
    assert!(family.is_live(NOW) && family.refresh.unwrap().newest == 2);
}

#[test]
fn families_end_by_session_user_member_and_client() {
    let store = store();
    let mut rows = Vec::new();
    for (id, application, user, session, tenant) in
        [(1, 7, 8, 9, 10), (2, 70, 8, 9, 10), (3, 7, 8, 90, 100), (4, 7, 80, 91, 10)]
    {
        rows.push(Family {
            application: ApplicationId::from_raw(application),
            user: UserId::from_raw(user),
            session: SessionId::from_raw(session),
            tenant: TenantId::from_raw(tenant),
            ..family(id, &NewRefresh::draw())
        });
    }
    rows.push(Family { application: FIRST_PARTY, ..rows[0].clone() });
    rows[4].id = FamilyId::from_raw(5);
    let reset = || {
        let rows = rows.clone();
        store
            .write_blocking(move |tx| rows.iter().try_for_each(|row| create(tx, row)))
            .unwrap_or_else(|error: StoreError| panic!("{error}"));
    };
    let ended = |run: fn(&mut WriteTx<'_>) -> Result<u64, StoreError>| {
        reset();
        let count = store.write_blocking(run).unwrap();
        let gone: Vec<u64> = (1..=5).filter(|id| row(&store, *id).ended.is_some()).collect();
        assert_eq!(gone.len() as u64, count);
        gone
    };
    assert_eq!(ended(|tx| end_of_session(tx, SessionId::from_raw(9), NOW)), [1, 2, 5]);
    assert_eq!(ended(|tx| end_of_user(tx, UserId::from_raw(8), None, EndReason::UserDisabled, NOW)), [1, 2, 3, 5]);
    let spare = |tx: &mut WriteTx<'_>| {
        end_of_user(tx, UserId::from_raw(8), Some(SessionId::from_raw(9)), EndReason::PasswordChanged, NOW)
    };
    assert_eq!(ended(spare), [1, 2, 3], "our own client in the session that changed the password stays");
    let member = |tx: &mut WriteTx<'_>| {
        end_of_member(tx, TenantId::from_raw(10), UserId::from_raw(8), EndReason::MembershipRemoved, NOW)
    };
    assert_eq!(ended(member), [1, 2, 5]);
    let client = |tx: &mut WriteTx<'_>| {
        end_of_client_in(tx, ApplicationId::from_raw(7), UserId::from_raw(8), TenantId::from_raw(10), NOW)
    };
    assert_eq!(ended(client), [1], "in that tenant");
    assert_eq!(ended(|tx| end_of_tenant(tx, TenantId::from_raw(10), NOW)), [1, 2, 4, 5]);
    reset();
    assert_eq!(of_user(&store.read(), UserId::from_raw(8)).unwrap().len(), 4);
}

#[test]
fn rows_go_when_nothing_of_them_holds() {
    let store = store();
    start(&store, 1);
    start(&store, 2);
    let family = row(&store, 2);
    store
        .write_blocking(move |tx| end(tx, &family, EndReason::Revoked, NOW))
        .unwrap_or_else(|error: StoreError| panic!("{error}"));
    let swept =
        |at| store.write_blocking(move |tx| sweep(tx, at, 10)).unwrap_or_else(|error: StoreError| panic!("{error}"));
    assert_eq!(swept(NOW.plus_secs(5000)), 0);
    assert_eq!(swept(NOW.plus_secs(5001)), 2);
    assert_eq!(swept(NOW.plus_secs(5001)), 0);
}

#[test]
fn families_from_before_go_on_under_the_key() {
    let store = store();
    let token = start(&store, 1);
    let text = RefreshText::read(&pepper(), &token).unwrap();
    let live = |store: &Store| matches!(Presented::find(&store.read(), &text, NOW).unwrap(), Presented::Live(_));
    assert!(live(&store));
    // As it was kept before: the SHA-256 itself.
    let bare = crate::crypto::token::KeptToken(text.digest().0);
    store
        .write_blocking(move |tx| {
            tx.rewrite(|_, mut family: Family| {
                family.refresh.as_mut().unwrap().secret = bare;
                family
            })
        })
        .unwrap_or_else(|error: StoreError| panic!("{error}"));
    assert!(!live(&store));
    store.write_blocking(table::keep_tokens).unwrap_or_else(|error: StoreError| panic!("{error}"));
    assert!(live(&store));
}

#[test]
fn families_of_older_versions_say_of_the_sign_in_what_they_said() {
    let new = family(1, &NewRefresh::draw());
    let two_factors = ("https://refeds.org/profile/mfa", ["pwd", "otp", "mfa"].as_slice());
    let one_factor = ("https://refeds.org/profile/sfa", ["pwd"].as_slice());
    for (acr, amr) in [one_factor, two_factors] {
        // A tuple is written as a row with these fields.
        let old = (
            (new.id, new.application, new.user, new.session, new.tenant, &new.scope, (NOW, acr, amr), new.offline),
            (&new.refresh, new.created_at, new.expires_at, new.ended, &new.forbidden),
        );
        let first = postcard::to_allocvec(&old).unwrap();
        let second = postcard::to_allocvec(&(&old, true)).unwrap();
        for (version, bytes, environment) in [(1, first, false), (2, second, true)] {
            let read = <Family as crate::store::Row>::upgrade(version, &bytes).unwrap();
            assert_eq!((read.evidence.at(), read.evidence.acr()), (NOW, acr));
            assert_eq!(serde_json::json!(read.evidence.amr()), serde_json::json!(amr));
            assert_eq!(
                Family { evidence: new.evidence, environment, ..new.clone() },
                Family { evidence: new.evidence, ..read }
            );
        }
    }
    for (version, bytes) in [(1, &[1, 2, 3][..]), (4, &[])] {
        assert!(<Family as crate::store::Row>::upgrade(version, bytes).is_err());
    }
}
