//! What `scaistack secret` reads, sends and prints.

use super::Command;
use super::client::fake::Fake;
use super::failure::Failure;
use super::harness::{done, done_with};
use super::tests::{parse, refused};
use serde_json::{Value, json};

type Asked = Vec<(String, Value)>;

fn ask(
    line: &[&str],
    json: bool,
    answers: impl IntoIterator<Item = (u16, Value)>,
    stdin: &'static str,
) -> (Asked, Result<String, Failure>) {
    match parse(line) {
        Command::Secret(command) => done(command.into_verb(), json, answers, stdin),
        other => panic!("{other:?}"),
    }
}

/// The same with an answer as it is written; gives the body that was sent as it was written.
fn ask_text(line: &[&str], json: bool, answer: &str, stdin: &'static str) -> (String, Result<String, Failure>) {
    let fake = Fake::saying([(200, answer.to_owned())]);
    match parse(line) {
        Command::Secret(command) => {
            let printed = done_with(command.into_verb(), json, &fake, stdin);
            (fake.sent(), printed)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn secrets_come_in_on_stdin() {
    let answer = json!({ "path": "a/b", "version": 1, "created": true });
    let line = ["secret", "put", "a/b", "user=app", "password=-", "--type", "kv", "--tag", "x", "--description", "d"];
    let (asked, printed) = ask(&line, false, [(200, answer.clone())], "p=1\n");
    let body = json!({
        "data": { "user": "app", "password": "p=1\n" }, "secret_type": "kv", "metadata": { "description": "d", "tags": ["x"] },
    });
    assert_eq!(asked, [("PUT /v1/secrets/a/b".to_owned(), body)]);
    assert_eq!(printed.unwrap(), "path     a/b\nversion  1\ncreated  true\n");

    let line = ["secret", "put", "a/b", "--data-stdin"];
    let (asked, _) = ask(&line, true, [(200, answer)], "{\"k\": {\"deep\": 1}}");
    assert_eq!(asked, [("PUT /v1/secrets/a/b".to_owned(), json!({ "data": { "k": { "deep": 1 } } }))]);

    for (line, stdin) in [
        (vec!["secret", "put", "a/b", "hunter2"], ""),
        (vec!["secret", "put", "a/b", "a=-", "b=-"], "x"),
        (vec!["secret", "put", "a/b", "a=1", "a=2"], ""),
        (vec!["secret", "put", "a//b", "a=1"], ""),
        (vec!["secret", "put", "a/../b", "a=1"], ""),
        (vec!["secret", "put", "a/b", "--data-stdin"], "[1]"),
        (vec!["secret", "put", "a/b", "--data-stdin"], "{\"k\": hunter2}"),
    ] {
        let (asked, printed) = ask(&line, false, [], stdin);
        let failure = printed.unwrap_err();
        assert_eq!((asked.len(), failure.code()), (0, 2), "{line:?}");
        assert!(!failure.to_string().contains("hunter2"), "{failure}");
    }
    refused(&["secret", "put", "a/b"]);
    refused(&["secret", "put", "a/b", "a=1", "--data-stdin"]);
}

#[test]
fn secrets_go_out_whole_or_by_field() {
    let answer = json!({ "path": "a", "version": 2, "data": { "password": "p\n", "port": 1 } });
    let get = |line: &[&str], json: bool| ask(line, json, [(200, answer.clone())], "");
    assert_eq!(get(&["secret", "get", "a"], false).1.unwrap(), "password  p\\n\nport      1\n");
    assert_eq!(get(&["secret", "get", "a", "--field", "password"], false).1.unwrap(), "p\n");
    assert_eq!(get(&["secret", "get", "a", "--field", "port"], false).1.unwrap(), "1");
    assert_eq!(get(&["secret", "get", "a", "--field", "no"], false).1.unwrap_err().code(), 1);
    assert_eq!(serde_json::from_str::<Value>(&get(&["secret", "get", "a"], true).1.unwrap()).unwrap(), answer);
    assert_eq!(get(&["secret", "get", "a", "--version", "1"], true).0[0].0, "GET /v1/secrets/a?version=1");

    let (asked, _) = ask(&["secret", "list", "a/"], false, [(200, json!({ "secrets": [] }))], "");
    assert_eq!(asked[0].0, "GET /v1/secrets?prefix=a/&limit=100");
    let (asked, _) = ask(&["secret", "delete", "a", "--permanent"], false, [(204, Value::Null)], "");
    assert_eq!(asked[0].0, "DELETE /v1/secrets/a?permanent=true");
    let history = json!({ "path": "a", "versions": [{ "version": 2, "secret_type": "kv", "destroyed_at": null }] });
    let (asked, printed) = ask(&["secret", "versions", "a"], false, [(200, history)], "");
    assert_eq!(asked[0].0, "GET /v1/secrets/a?view=versions");
    assert_eq!(printed.unwrap(), "VERSION  TYPE  CREATED  BY  DESTROYED\n2        kv    -        -   -\n");
    let (asked, _) = ask(&["secret", "delete", "a", "--version", "3"], false, [(200, json!({}))], "");
    assert_eq!(asked[0].0, "DELETE /v1/secrets/a?version=3");
    let (asked, _) = ask(&["secret", "restore", "a"], false, [(200, json!({}))], "");
    assert_eq!(asked[0].0, "POST /v1/secrets/a?action=restore");
}

/// Digits, escapes and the order of names come out as they were written.
#[test]
fn what_no_number_of_ours_can_hold_is_no_matter() {
    let data = r#"{"z":1e400,"money":1.50,"long":12345678901234567890123,"e":"\u00e9","no":null,"z2":{"b":1,"a":[]}}"#;
    let answer = format!(r#"{{"path":"a","version":1,"data":{data},"metadata":{{}}}}"#);
    let get = |line: &[&str], json: bool| ask_text(line, json, &answer, "").1.unwrap();
    let whole = get(&["secret", "get", "a"], true);
    let order: Vec<_> = ["\"z\": 1e400", "1.50", "12345678901234567890123", "\"\\u00e9\"", "\"b\": 1"]
        .iter()
        .map(|part| whole.find(part).unwrap_or_else(|| panic!("{part} is not in {whole}")))
        .collect();
    assert!(order.is_sorted(), "{whole}");
    let table = get(&["secret", "get", "a"], false);
    assert!(table.starts_with("z      1e400\nmoney  1.50\n") && table.contains("no     null\n"), "{table}");
    for (field, text) in [("z", "1e400"), ("money", "1.50"), ("e", "é"), ("no", "null"), ("z2", r#"{"b":1,"a":[]}"#)] {
        assert_eq!(get(&["secret", "get", "a", "--field", field], false), text);
    }
    assert_eq!(get(&["secret", "get", "a", "--field", "e"], true), "\"\\u00e9\"\n");

    let (sent, _) =
        ask_text(&["secret", "put", "a", "--data-stdin"], false, "{}", "\u{feff}{\"n\": 1e400, \"d\": 1.50}\n");
    assert_eq!(sent, r#"{"data":{"n": 1e400, "d": 1.50}}"#);

    for (line, told) in [
        (vec!["secret", "get", "a", "--field", "k"], "the field k holds half of a surrogate pair"),
        (vec!["secret", "get", "a", "--field", "d"], "more than one field `d`"),
    ] {
        let (_, printed) = ask_text(&line, false, r#"{"data":{"k":"\ud800","d":1,"d":2}}"#, "");
        assert!(printed.unwrap_err().to_string().contains(told), "{told}");
    }
    let (_, printed) = ask_text(&["secret", "get", "a"], false, "{\"path\":\"a\"}", "");
    assert!(printed.unwrap_err().to_string().starts_with("the server's answer cannot be read"));
}

#[test]
fn a_value_may_come_from_a_file_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    std::fs::write(&path, "line\r\n\n").unwrap();
    let from_file = format!("key=@{}", path.display());
    let (sent, _) = ask_text(&["secret", "put", "a", &from_file, "at=@@home"], false, "{}", "");
    assert_eq!(sent, r#"{"data":{"key":"line\r\n\n","at":"@home"}}"#);
    let (sent, printed) = ask_text(&["secret", "put", "a", "key=@/no/such/file"], false, "{}", "");
    let told = printed.unwrap_err();
    assert!(sent.is_empty() && told.code() == 2 && told.to_string().contains("@@ stands for an @"), "{told}");
}

#[test]
fn an_env_file_is_a_secret() {
    let stdin = "# comment\r\nexport USER=app\r\nKEY=\"a\r\nb\"\r\n";
    let (sent, _) = ask_text(&["secret", "put", "a", "--env-stdin"], false, "{}", stdin);
    assert_eq!(sent, r#"{"data":{"USER":"app","KEY":"a\nb"}}"#);
    for (stdin, told) in
        [("", "there is no NAME=value on stdin"), ("# x", "there is no"), ("a=1\nhunter2", "stdin: line 2 has no =")]
    {
        let (sent, printed) = ask_text(&["secret", "put", "a", "--env-stdin"], false, "{}", stdin);
        let failure = printed.unwrap_err();
        assert!(sent.is_empty() && failure.code() == 2 && failure.to_string().contains(told), "{failure}");
    }
    let (_, printed) = ask_text(&["secret", "put", "a", "k=-"], false, "{}", "");
    assert_eq!(printed.unwrap_err(), Failure::usage("there is no value on stdin"));
}
