//! Passwords: right and wrong, in every form that a keyboard gives them.

use super::*;
use std::time::{Duration, Instant};

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

#[tokio::test]
async fn right_wrong_and_unknown() {
    let passwords = Passwords::for_tests();
    let phc = passwords.hash(secret("correct horse")).await.unwrap();
    assert!(phc.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{phc}");
    assert_ne!(phc, passwords.hash(secret("correct horse")).await.unwrap(), "the salt is new each time");
    let verify =
        async |text: &str, phc: Option<&str>| passwords.verify(secret(text), phc.map(str::to_owned)).await.unwrap();
    assert_eq!(verify("correct horse", Some(&phc)).await, Verdict::Right { needs_rehash: false });
    assert_eq!(verify("correct horsf", Some(&phc)).await, Verdict::Wrong);
    assert_eq!(verify("", Some(&phc)).await, Verdict::Wrong);
    assert_eq!(verify("correct horse", None).await, Verdict::Wrong);
    assert_eq!(verify("correct horse", Some("")).await, Verdict::Wrong);
    assert_eq!(
        verify("correct horse", Some("$argon2id$v=19$m=4194304,t=9,p=1$c2FsdHNhbHQ$aGFzaA")).await,
        Verdict::Wrong
    );
    assert_eq!(verify(&"x".repeat(MAX_BYTES + 1), Some(&phc)).await, Verdict::Wrong);
}

#[tokio::test]
async fn a_password_is_one_however_a_keyboard_writes_its_accents() {
    let passwords = Passwords::for_tests();
    let (composed, apart) = ("g\u{e9}n\u{e9}rateur", "ge\u{301}ne\u{301}rateur");
    let phc = passwords.hash(secret(apart)).await.unwrap();
    for typed in [composed, apart] {
        let verdict = passwords.verify(secret(typed), Some(phc.clone())).await.unwrap();
        assert_eq!(verdict, Verdict::Right { needs_rehash: false }, "{typed:?}");
    }
    let spaced = passwords.hash(secret("a b c d e f")).await.unwrap();
    assert!(passwords.verify(secret("a\u{a0}b c\u{3000}d e f"), Some(spaced)).await.unwrap().is_right());
    assert!(!passwords.verify(secret("generateur"), Some(phc)).await.unwrap().is_right(), "an accent counts");
}

#[tokio::test]
async fn a_hash_of_a_password_as_it_was_typed_goes_on_working_and_is_renewed() {
    let passwords = Passwords::for_tests();
    let typed = "ge\u{301}ne\u{301}rateur";
    let old = passwords.hash_now(typed.as_bytes(), &[7; 16]).unwrap();
    let verdict = passwords.verify(secret(typed), Some(old.clone())).await.unwrap();
    assert_eq!(verdict, Verdict::Right { needs_rehash: true });
    assert_eq!(passwords.verify(secret("ge\u{301}nerateur"), Some(old)).await.unwrap(), Verdict::Wrong);
}

#[tokio::test]
async fn how_many_hashes_a_try_takes_depends_on_what_was_typed_alone() {
    let passwords = Passwords::for_tests();
    let phc = passwords.hash(secret("cafe\u{301} noir")).await.unwrap();
    let taken = async |typed: &str, phc: Option<&str>| {
        let before = passwords.computed.load(std::sync::atomic::Ordering::SeqCst);
        let _ = passwords.verify(secret(typed), phc.map(str::to_owned)).await.unwrap();
        passwords.computed.load(std::sync::atomic::Ordering::SeqCst) - before
    };
    for (typed, hashes) in
        [("plain words", 1), ("caf\u{e9} noir", 1), ("cafe\u{301} noir", 2), ("cafe\u{301} blanc", 2)]
    {
        assert_eq!(taken(typed, Some(&phc)).await, hashes, "{typed:?} of somebody");
        assert_eq!(taken(typed, None).await, hashes, "{typed:?} of nobody");
    }
}

#[test]
fn a_password_is_measured_as_it_is_kept() {
    let four = "e\u{301}".repeat(4);
    assert!(PasswordRules::check(&four).is_err(), "eight code points, four letters");
    assert!(PasswordRules::check(&"e\u{301}".repeat(128)).is_ok());
    assert!(PasswordRules::check(&"\u{958}".repeat(100)).is_err(), "composed it is longer");
}

#[tokio::test]
async fn real_hashes_have_the_agreed_cost_and_older_ones_are_renewed() {
    let passwords = Passwords::default();
    let phc = passwords.hash(secret("correct horse")).await.unwrap();
    assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    assert!(!passwords.needs_rehash(&phc));
    let old = Passwords::for_tests().hash(secret("correct horse")).await.unwrap();
    assert!(passwords.needs_rehash(&old));
    assert!(passwords.needs_rehash("$2b$12$something"));
    assert!(passwords.needs_rehash(&phc.replace("argon2id", "argon2i")));
    assert_eq!(passwords.verify(secret("correct horse"), Some(old)).await, Ok(Verdict::Right { needs_rehash: true }));
}

/// Made with the reference implementation of argon2 (`echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1`).
#[tokio::test]
async fn takes_a_hash_of_the_reference_implementation() {
    let phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    let verdict = Passwords::default().verify(secret("password"), Some(phc.to_owned())).await;
    assert_eq!(verdict, Ok(Verdict::Right { needs_rehash: true }));
}

#[tokio::test]
async fn an_unknown_user_costs_as_much_as_a_wrong_password() {
    let passwords = Passwords::default();
    let phc = passwords.hash(secret("correct horse")).await.unwrap();
    let quickest = async |phc: Option<String>| {
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            assert_eq!(passwords.verify(secret("wrong horse"), phc.clone()).await, Ok(Verdict::Wrong));
            best = best.min(start.elapsed());
        }
        best
    };
    let (known, unknown, broken) =
        (quickest(Some(phc)).await, quickest(None).await, quickest(Some("?".to_owned())).await);
    for other in [unknown, broken] {
        assert!(other > known / 3 && other < known * 3, "known {known:?}, unknown {unknown:?}, broken {broken:?}");
    }
}

#[tokio::test]
async fn a_full_queue_is_busy_at_once_and_drains() {
    let passwords = Passwords::with_cost(1, (8, 1, 1));
    let held = Arc::clone(&passwords.running).acquire_owned().await.unwrap();
    let mut waiting: Vec<_> = (0..=MAX_WAITING)
        .map(|_| {
            let passwords = passwords.clone();
            tokio::spawn(async move { passwords.hash(secret("correct horse")).await })
        })
        .collect();
    while passwords.queue.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(passwords.hash(secret("one too many")).await, Err(Busy));
    waiting.pop().unwrap().abort();
    drop(held);
    for task in waiting {
        assert!(task.await.unwrap().is_ok());
    }
    assert!(passwords.hash(secret("room again")).await.is_ok());
}

#[tokio::test]
async fn a_caller_who_gives_up_keeps_the_permit_until_the_work_ends() {
    let passwords = Passwords::with_cost(1, (8, 1, 1));
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let started = passwords.run(move || gate.recv());
    assert!(tokio::time::timeout(Duration::from_millis(20), started).await.is_err());
    assert_eq!(passwords.running.available_permits(), 0);
    go.send(()).unwrap();
    assert!(passwords.hash(secret("next in line")).await.is_ok());
}

#[test]
fn length_rules_count_code_points() {
    for good in ["1234567x", "pässwörd", &"é".repeat(128), &"𝄞".repeat(128), "        "] {
        assert_eq!(PasswordRules::check(good), Ok(()), "{good}");
    }
    for bad in ["", "1234567", "𝄞𝄞𝄞𝄞𝄞𝄞𝄞"] {
        assert!(PasswordRules::check(bad).unwrap_err().contains("at least 8"));
    }
    for bad in ["x".repeat(129), "𝄞".repeat(129), "x".repeat(50_000_000)] {
        assert!(PasswordRules::check(&bad).unwrap_err().contains("at most 128"));
    }
}

/// How often something is timed: on a busy machine one try may wait for its turn.
const TRIES: usize = 50;

fn quickest(times: impl IntoIterator<Item = Duration>) -> Duration {
    times.into_iter().min().unwrap()
}

#[test]
fn no_composition_rules_a_breach_list_and_quick_refusals() {
    for good in ["aaaabbbbaaaab", "        x", "nur kleine buchstaben", "4901 7723 0064"] {
        assert_eq!(PasswordRules::check(good), Ok(()), "{good}");
    }
    for bad in ["password", "PASSWORD", "12345678", "qwertyuiop"] {
        assert!(PasswordRules::check(bad).unwrap_err().contains("tries first"), "{bad}");
    }
    for bad in ["alice.long@acme.example", "ALICE.LONG@acme.example", "alice.long"] {
        let refused = PasswordRules::check_for(bad, "alice.long@acme.example");
        assert!(refused.unwrap_err().contains("e-mail"), "{bad}");
    }
    assert_eq!(PasswordRules::check_for("alice.long.2", "alice.long@acme.example"), Ok(()));
    let long = "x".repeat(50_000_000);
    let refusing = || {
        let start = Instant::now();
        assert!(PasswordRules::check_for(&long, "a@b.c").is_err());
        start.elapsed()
    };
    assert!(quickest((0..TRIES).map(|_| refusing())) < Duration::from_millis(1));
}

#[tokio::test]
async fn a_longer_text_is_wrong_before_anything_is_hashed() {
    let passwords = Passwords::with_cost(1, (8, 1, 1));
    // Nothing could be hashed now: the one permit is taken.
    let _held = Arc::clone(&passwords.running).acquire_owned().await.unwrap();
    for long in ["x".repeat(PasswordRules::MAX + 1), "𝄞".repeat(PasswordRules::MAX + 1), "x".repeat(1 << 20)] {
        let mut times = Vec::new();
        for _ in 0..TRIES {
            let long = secret(&long);
            let start = Instant::now();
            assert_eq!(passwords.verify(long, None).await, Ok(Verdict::Wrong));
            times.push(start.elapsed());
        }
        assert!(quickest(times) < Duration::from_millis(1));
    }
}
