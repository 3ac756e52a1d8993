//! A backup taken while people write, and what comes back from it.

use super::browser::{EMAIL, PASSWORD};
use super::server::{Server, cli, data_file, unique};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

const BLOCK: usize = 4096;

fn restore(backup: &Path, key: &Path, into: &Path) -> super::server::Ran {
    let mut command = super::server::binary(into.parent().unwrap());
    command.arg("restore").arg(backup).arg("--data").arg(into).arg("--key-file").arg(key);
    super::server::run(command, b"")
}

#[test]
fn a_backup_under_load_restores_with_one_command() {
    let server = Server::start();
    let token = server.token("secrets:read secrets:write");
    let made = server.cli(&["token", "create", "--scopes", "secrets:read", "--json"]).json();
    let revoked = server.secret(made["token"].as_str().unwrap());
    server.cli(&["token", "revoke", made["id"].as_str().unwrap()]).ok();
    let app = server.app("SERVICE", "openid admin:read", &[]);

    let (stop, written) = (AtomicBool::new(false), AtomicU64::new(0));
    let path = unique("under-load");
    let put = |n: u64| {
        let body = json!({ "data": { "n": n }, "options": { "max_versions": 1000 } });
        server.call("PUT", &format!("/v1/secrets/{path}")).bearer(&token).json(&body).send().expect_success();
        written.fetch_add(1, Ordering::SeqCst)
    };
    let backup = server.folder().path().join("backup.scai");
    let at_least = thread::scope(|scope| {
        let (started, begun) = mpsc::channel();
        for _ in 0..4 {
            let (started, put, stop) = (started.clone(), &put, &stop);
            scope.spawn(move || {
                let mut n = 0;
                while !stop.load(Ordering::SeqCst) && n < 200 {
                    put(n);
                    n += 1;
                    let _ = started.send(());
                }
            });
        }
        for _ in 0..20 {
            begun.recv_timeout(super::wire::PATIENCE).unwrap();
        }
        let at_least = written.load(Ordering::SeqCst);
        let ran = server.cli(&["backup", &backup.display().to_string()]);
        stop.store(true, Ordering::SeqCst);
        ran.ok();
        at_least
    });
    let at_most = written.load(Ordering::SeqCst);
    assert_ne!(server.cli(&["backup", &backup.display().to_string()]).code, 0, "an existing file is not written over");

    let elsewhere = Arc::new(tempfile::tempdir().unwrap());
    let into = elsewhere.path().join("data");
    restore(&backup, &server.data.join("root.key"), &into).ok();
    let restored = Server::start_in(Arc::clone(&elsewhere), &[]);
    for secret in [&token, &revoked, &app.secret] {
        restored.secret(secret);
    }
    let history = restored.get_as(&token, &format!("/v1/secrets/{path}?view=versions")).expect(200);
    let versions: Vec<u64> =
        history["versions"].as_array().unwrap().iter().map(|row| row["version"].as_u64().unwrap()).rev().collect();
    assert_eq!(versions, (1..=versions.len() as u64).collect::<Vec<_>>(), "gap-free");
    let count = versions.len() as u64;
    assert!(
        (at_least..=at_most).contains(&count),
        "{at_least} were there before, {at_most} after, {count} in the backup"
    );
    for version in versions {
        let target = format!("/v1/secrets/{path}?version={version}");
        let same = |server: &Server| server.get_as(&token, &target).expect(200)["data"].clone();
        assert_eq!(same(&server), same(&restored));
    }
    assert_eq!(restored.get_as(&revoked, "/v1/auth/whoami").status, 401, "revoked before the backup, revoked after it");
    restored.access_token(&app, None, "admin:read");
    restored.cli(&["audit", "verify"]).ok();

    let again = restore(&backup, &server.data.join("root.key"), &into);
    assert_eq!((again.code == 0, again.stderr.starts_with("error: ")), (false, true), "{again:?}");
}

#[test]
fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let server = Server::start();
    let value = server.secret("a value of the damaged backup");
    server.cli_with(&["secret", "put", "a/b", "value=-"], &value).ok();
    let backup = server.folder().path().join("backup.scai");
    server.cli(&["backup", &backup.display().to_string()]).ok();
    let good = fs::read(&backup).unwrap();
    let key = server.data.join("root.key");
    let folder = tempfile::tempdir().unwrap();
    let damaged = folder.path().join("damaged.scai");
    let into = folder.path().join("data");
    let refuse = |content: &[u8], what: &str| {
        fs::write(&damaged, content).unwrap();
        let ran = restore(&damaged, &key, &into);
        assert_ne!(ran.code, 0, "{what}: {ran:?}");
        assert!(ran.stderr.starts_with("error: "), "{what}: {ran:?}");
        assert!(!data_file(&into).exists(), "{what}: something was left");
    };
    // Who may open it, and the head of the tree, stand there twice: one damaged copy is refused, or does no harm.
    for block in 0..4 {
        for at in [0, 20, 100, 2112].map(|within| block * BLOCK + within) {
            let mut flipped = good.clone();
            flipped[at] ^= 1;
            fs::write(&damaged, flipped).unwrap();
            let ran = restore(&damaged, &key, &into);
            if ran.code == 0 {
                assert_eq!(cli(&into, &["secret", "get", "a/b", "--field", "value"], "").ok(), value);
                fs::remove_dir_all(&into).unwrap();
            } else {
                assert!(ran.stderr.starts_with("error: ") && !data_file(&into).exists(), "{ran:?}");
            }
        }
    }
    let mut written = 0;
    for (number, block) in
        good.chunks(BLOCK).enumerate().skip(4).filter(|(_, block)| block.iter().any(|byte| *byte != 0))
    {
        // The first bytes, because not every block of trailers is full.
        let mut flipped = good.clone();
        flipped[number * BLOCK + 20] ^= 1;
        refuse(&flipped, &format!("a bit in block {number} of {}", block.len()));
        written += 1;
    }
    assert!(written > 5, "{written}");
    refuse(&good[..good.len() / 2], "half of it");
    refuse(&good[..good.len() - 4096], "without its last page");
    refuse(b"", "nothing");
    refuse(b"not a backup at all", "something else");
    fs::write(&damaged, &good).unwrap();
    let wrong = folder.path().join("wrong.key");
    fs::write(&wrong, "cd".repeat(32)).unwrap();
    assert_eq!(restore(&damaged, &wrong, &into).code, 2);
    restore(&damaged, &key, &into).ok();
    assert!(data_file(&into).exists());
}

#[test]
fn a_folder_that_has_data_is_not_restored_into() {
    let server = Server::start();
    let backup = server.folder().path().join("backup.scai");
    server.cli(&["backup", &backup.display().to_string()]).ok();
    let key = server.data.join("root.key");
    let other = Server::start();
    other.token("openid");
    let (folder, data) = (other.folder(), other.data.clone());
    assert!(other.stop().success());
    let before = fs::read(data_file(&data)).unwrap();
    assert_ne!(restore(&backup, &key, &data).code, 0);
    assert!(fs::read(data_file(&data)).unwrap() == before);
    let tokens: Value = cli(&data, &["token", "list", "--json"], "").json();
    assert_eq!(tokens.as_array().unwrap().len(), 1, "what was there is there");
    drop(folder);
}

#[test]
fn what_comes_back_with_a_restore_is_listed_and_ended() {
    // The issuer of tokens, on whatever port.
    let public = [("SCAISTACK_SERVER_PUBLIC_URL", "http://localhost:9")];
    let server = Server::start_in(Arc::new(tempfile::tempdir().unwrap()), &public);
    server.secret(PASSWORD);
    server.cli_with(&["user", "create", "--email", EMAIL, "--role", "tenant_admin", "--password-stdin"], PASSWORD).ok();
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    let signed_in = server.call("POST", "/api/v1/auth/login").json(&login).send().expect(200);
    let signed_in = signed_in.get("data").cloned().unwrap_or(signed_in);
    let session = signed_in["session_id"].as_str().unwrap().to_owned();
    let access = server.secret(signed_in["access_token"].as_str().unwrap());
    let forgot = server.call("POST", "/api/v1/auth/tenants/default/forgot-password");
    forgot.json(&json!({ "email": EMAIL })).send().expect(200);
    let made = server.cli(&["token", "create", "--scopes", "admin:read", "--json"]).json();
    let (token, id) = (server.secret(made["token"].as_str().unwrap()), made["id"].as_str().unwrap().to_owned());
    let backup = server.folder().path().join("one.scai");
    server.cli(&["backup", &backup.display().to_string()]).ok();
    server.cli(&["token", "revoke", &id]).ok();
    server.cli(&["session", "end", &session]).ok();
    let (folder, key) = (server.folder(), server.data.join("root.key"));
    let live = server.data.clone();
    assert!(server.stop().success());

    let restored = |name: &str, more: &[&str]| {
        let into = folder.path().join(name).join("data");
        let mut command = super::server::binary(folder.path());
        command.arg("restore").arg(&backup).arg("--data").arg(&into).arg("--key-file").arg(&key).args(more);
        (super::server::run(command, b""), into)
    };
    // Nothing says what has happened since: that is told.
    let (plain, _) = restored("plain", &[]);
    assert!(plain.ok().contains("What that is, is not known here; --live names"), "{plain:?}");
    let live = live.display().to_string();
    let (listed, into) = restored("listed", &["--live", &live, "--json"]);
    let undone = listed.json()["undone"].clone();
    let of: Vec<_> =
        undone.as_array().unwrap().iter().map(|row| (row["action"].clone(), row["resource"].clone())).collect();
    assert!(of.contains(&(json!("token.revoke"), json!(format!("token {id}")))), "{undone:#}");
    assert!(of.contains(&(json!("session.revoke"), json!(format!("session {session}")))), "{undone:#}");
    let works = |into: &Path| {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        fs::rename(into, folder.path().join("data")).unwrap();
        let server = Server::start_in(folder, &public);
        [&token, &access].iter().for_each(|text| drop(server.secret(text)));
        let status = |token: &str| server.get_as(token, "/api/v1/me").status;
        let rows = server.cli(&["audit", "list", "--json", "--action", "instance.restore"]).json();
        (status(&token) != 401, status(&access) != 401, rows.as_array().unwrap().len())
    };
    assert_eq!(works(&into), (true, true, 1), "both came back, and a row says so");
    let flags = ["--live", &live, "--end-sessions", "--end-keys-older-than-restore"];
    let (ended, into) = restored("ended", &flags);
    assert!(ended.ok().contains("token.revoke") && ended.ok().contains("ended 1 sessions"), "{ended:?}");
    assert!(ended.ok().contains("and 1 links"), "{ended:?}");
    assert_eq!(works(&into), (false, false, 1));
    let (wrong, into) = restored("wrong", &["--live", "/nowhere"]);
    assert!(wrong.code == 1 && !into.join("scaistack.db").exists(), "{wrong:?}");
    // What cannot be finished leaves nothing that a server would open, so it can be done again.
    let into = folder.path().join("again").join("data");
    let restore = |key_file: &Path| {
        let mut command = super::server::binary(folder.path());
        command.arg("restore").arg(&backup).arg("--data").arg(&into).arg("--key-file").arg(&key);
        command.arg("--end-keys-older-than-restore").env("SCAISTACK_STORAGE_KEY_FILE", key_file);
        super::server::run(command, b"")
    };
    let late = restore(Path::new("/nowhere/root.key"));
    assert!(late.code == 1 && fs::read_dir(&into).unwrap().next().is_none(), "{late:?}");
    restore(&folder.path().join("kept.key")).ok();
    let left: Vec<_> = fs::read_dir(&into).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["scaistack.db"]);
    assert_eq!(fs::read(folder.path().join("kept.key")).unwrap(), fs::read(&key).unwrap());
}
