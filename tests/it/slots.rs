//! Several keys open the data file, each on its own; the last one stays.

use super::server::{Server, data_file};
use serde_json::Value;
use std::fs;

const PASSPHRASE: &str = "a passphrase kept in the safe";

#[test]
fn a_passphrase_takes_the_place_of_the_key_file() {
    let server = Server::start();
    server.secret(PASSPHRASE);
    let token = server.token("openid");
    let first = slots(&server.cli(&["key-slot", "list", "--json"]).json());
    let [(key_file, kind)] = first.as_slice() else { panic!("{first:?}") };
    assert_eq!(kind, "key_file");
    assert_eq!(server.cli(&["key-slot", "remove", key_file]).code, 1, "the last one cannot be removed");

    let add = ["key-slot", "add", "--passphrase-stdin", "--label", "in the safe", "--json"];
    let added = server.cli_with(&add, &format!("{PASSPHRASE}\n")).json();
    let passphrase = added["key_id"].as_str().unwrap().to_owned();
    assert_eq!(slots(&server.cli(&["key-slot", "list", "--json"]).json()).len(), 2);
    let (folder, data) = (server.folder(), server.data.clone());
    assert!(server.stop().success());

    // Each opens it on its own.
    let by_key = Server::start_in(folder.clone(), &[]);
    by_key.get_as(&token, "/v1/auth/whoami").expect(200);
    assert!(by_key.stop().success());
    let key = fs::read(data.join("root.key")).unwrap();
    fs::remove_file(data.join("root.key")).unwrap();
    let by_passphrase = Server::start_in(folder.clone(), &[("SCAISTACK_PASSPHRASE", PASSPHRASE)]);
    by_passphrase.secret(PASSPHRASE);
    by_passphrase.get_as(&token, "/v1/auth/whoami").expect(200);
    by_passphrase.cli(&["key-slot", "remove", key_file]).ok();
    assert_eq!(by_passphrase.cli(&["key-slot", "remove", &passphrase]).code, 1, "the last one cannot be removed");
    assert!(by_passphrase.stop().success());

    // The removed one opens nothing any more.
    fs::write(data.join("root.key"), key).unwrap();
    let before = fs::read(data_file(&data)).unwrap();
    assert!(Server::try_start_in(folder.clone(), &[]).is_err_and(|said| said.contains("wrong key")));
    let wrong = Server::try_start_in(folder.clone(), &[("SCAISTACK_PASSPHRASE", "another passphrase")]);
    assert!(wrong.is_err_and(|said| said.contains("wrong key")));
    assert!(fs::read(data_file(&data)).unwrap() == before, "the data file was touched");
    fs::remove_file(data.join("root.key")).unwrap();
    let last = Server::start_in(folder, &[("SCAISTACK_PASSPHRASE", PASSPHRASE)]);
    last.get_as(&token, "/v1/auth/whoami").expect(200);
}

#[test]
fn a_second_key_file_is_made_and_opens() {
    let server = Server::start();
    let second = server.folder().path().join("second.key");
    let path = second.display().to_string();
    server.cli(&["key-slot", "add", "--key-file", &path]).ok();
    server.secret(fs::read_to_string(&second).unwrap().trim());
    assert_eq!(server.cli(&["key-slot", "add", "--key-file", &path]).code, 1, "an existing file is not written over");
    assert_eq!(server.cli(&["key-slot", "remove", "00000000"]).code, 1);
    assert_eq!(server.cli(&["key-slot", "remove", "nonsense"]).code, 2);
    let folder = server.folder();
    assert!(server.stop().success());
    fs::remove_file(folder.path().join("data/root.key")).unwrap();
    let again = Server::start_in(folder, &[("SCAISTACK_STORAGE_KEY_FILE", &path)]);
    again.get("/v1/health/ready").send().expect(200);
}

/// Id and kind of each slot.
fn slots(list: &Value) -> Vec<(String, String)> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    list.as_array().unwrap().iter().map(|row| (text(row, "key_id"), text(row, "kind"))).collect()
}
