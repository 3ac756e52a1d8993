//! Mail through a real mail server (aiosmtpd): in clear text, with STARTTLS and with TLS, and what happens when it refuses.

use super::server::{Server, binary, clients, run};
use super::wire::{Answer, PATIENCE};
use rcgen::{CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const USER: &str = "sender";
const PASSWORD: &str = "password of the mail server";
const NEW_PASSWORD: &str = "eleven herons by the lock";

/// A mail server; ends when it is dropped.
struct MailServer {
    port: String,
    mails: Receiver<String>,
    child: Child,
    _stdin: ChildStdin,
}

impl MailServer {
    fn start(mode: &str, files: &[&Path]) -> Self {
        let mut command = Command::new(clients().join(".venv/bin/python"));
        command.arg(clients().join("smtp_server.py")).arg(mode).args(files);
        if mode != "none" {
            command.args([USER, PASSWORD]);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (send, mails) = mpsc::channel();
        thread::spawn(move || {
            BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| send.send(line))
        });
        let port = mails.recv_timeout(PATIENCE).unwrap();
        Self { port, mails, child, _stdin: stdin }
    }

    fn next(&self) -> Value {
        serde_json::from_str(&self.mails.recv_timeout(PATIENCE).unwrap()).unwrap()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An authority, and a certificate of it for localhost: the files `ca.pem`, `cert.pem`, `key.pem`.
fn certificates(folder: &Path) -> [PathBuf; 3] {
    let paths = ["ca.pem", "cert.pem", "key.pem"].map(|name| folder.join(name));
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    fs::write(&paths[0], ca.self_signed(&ca_key).unwrap().pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    fs::write(&paths[1], names.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap().pem()).unwrap();
    fs::write(&paths[2], key.serialize_pem()).unwrap();
    paths
}

/// A server that sends by this mail server.
fn server(mail: &MailServer, mode: &str, ca: &str, password: &str) -> Server {
    server_from("id@acme.example", mail, mode, ca, password)
}

fn server_from(sender: &str, mail: &MailServer, mode: &str, ca: &str, password: &str) -> Server {
    let mut settings = vec![
        ("SCAISTACK_MAIL_SMTP_HOST", "localhost"),
        ("SCAISTACK_MAIL_SMTP_PORT", mail.port.as_str()),
        ("SCAISTACK_MAIL_TLS", mode),
        ("SCAISTACK_MAIL_FROM", sender),
        ("SCAISTACK_MAIL_REPLY_TO", "help@acme.example"),
    ];
    if mode != "none" {
        settings.push(("SCAISTACK_MAIL_USERNAME", USER));
        settings.push(("SCAISTACK_SMTP_PASSWORD", password));
    }
    if !ca.is_empty() {
        settings.push(("SCAISTACK_MAIL_CA_FILE", ca));
    }
    let server = Server::start_in(Arc::new(TempDir::new().unwrap()), &settings);
    if mode != "none" {
        server.secret(password);
    }
    server
}

fn invite(server: &Server, email: &str) -> String {
    server.cli(&["user", "create", "--email", email, "--json"]).json()["id"].as_str().unwrap().to_owned()
}

/// The path of the link in a mail. Its token must not be in the log.
fn link(server: &Server, mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    let link = text.split_whitespace().find_map(|word| word.strip_prefix(&server.url)).expect("a link");
    server.secret(link.split_once("token=").unwrap().1);
    link.to_owned()
}

fn post(server: &Server, path: &str, body: &Value) -> Answer {
    server.call("POST", path).json(body).send()
}

/// The one mail in the outbox, as soon as `done` says that it is there.
fn outbox(server: &Server, done: impl Fn(&Value) -> bool) -> Value {
    let token = server.token("admin:write");
    let (start, pause) = (Instant::now(), mpsc::channel::<()>());
    loop {
        let listed = server.get_as(&token, "/api/v1/admin/outbox").expect(200);
        let mail = listed["data"][0].clone();
        if done(&mail) {
            return mail;
        }
        assert!(start.elapsed() < PATIENCE, "{listed:#}");
        let _ = pause.1.recv_timeout(Duration::from_millis(50));
    }
}

#[test]
fn an_invitation_and_a_new_password_by_mail_in_each_kind_of_connection() {
    let folder = TempDir::new().unwrap();
    let [ca, certificate, key] = certificates(folder.path());
    for mode in ["none", "starttls", "tls"] {
        let files: &[&Path] = if mode == "none" { &[] } else { &[&certificate, &key] };
        let mail = MailServer::start(mode, files);
        let ca = if mode == "none" { "" } else { ca.to_str().unwrap() };
        let server = server(&mail, mode, ca, PASSWORD);
        let tested = server.cli(&["outbox", "test", "ops@acme.example", "--json"]).json();
        assert_eq!((&tested["sent"], &tested["error"]), (&json!(true), &json!(null)), "{tested:#}");
        let test = mail.next();
        assert_eq!(
            (&test["to"], &test["headers"]["subject"]),
            (&json!(["ops@acme.example"]), &json!("A test of mail"))
        );
        invite(&server, "nia@acme.example");
        let got = mail.next();
        assert_eq!((&got["from"], &got["to"]), (&json!("id@acme.example"), &json!(["nia@acme.example"])));
        assert_eq!(got["tls"], json!(mode != "none"), "{mode}");
        assert_eq!(got["hello"], "[127.0.0.1]", "the public host");
        assert_eq!(got["user"], if mode == "none" { "" } else { USER });
        let headers = &got["headers"];
        assert_eq!(headers["from"], "scaistack <id@acme.example>");
        assert_eq!(headers["reply-to"], "help@acme.example");
        assert_eq!(headers["auto-submitted"], "auto-generated");
        assert_eq!(headers["subject"], "You are invited to Default");
        let path = link(&server, &got);
        let token = path.split_once("token=").unwrap().1.to_owned();
        assert!(got["html"].as_str().unwrap().contains(&path.replace('&', "&amp;")));
        for _ in 0..3 {
            assert_eq!(server.get(&path).header("Accept", "text/html").send().status, 200, "a mail program looks");
        }
        let accept = json!({ "token": token, "password": server.secret(NEW_PASSWORD), "display_name": "Nia" });
        post(&server, "/api/v1/auth/accept-invitation", &accept).expect(200);
        assert_eq!(post(&server, "/api/v1/auth/accept-invitation", &accept).status, 400);
        let sent = outbox(&server, |mail| mail["status"] == "SENT");
        assert_eq!((&sent["attempts"], &sent["template"]), (&json!(1), &json!("INVITATION")));

        let forgot = "/api/v1/auth/tenants/default/forgot-password";
        let known = post(&server, forgot, &json!({ "email": "nia@acme.example" })).expect(200);
        let unknown = post(&server, forgot, &json!({ "email": "nobody@acme.example" })).expect(200);
        assert_eq!(known["data"], unknown["data"]);
        let path = link(&server, &mail.next());
        let token = path.split_once("token=").unwrap().1;
        let reset = json!({ "token": token, "password": server.secret("twelve swans under the bridge") });
        post(&server, "/api/v1/auth/reset-password", &reset).expect(200);
        assert_eq!(post(&server, "/api/v1/auth/reset-password", &reset).status, 400);
        assert!(mail.next()["headers"]["subject"].as_str().unwrap().contains("was changed"));
        let login = |password: &str| {
            post(&server, "/api/v1/auth/login", &json!({ "email": "nia@acme.example", "password": password })).status
        };
        assert_eq!((login(NEW_PASSWORD), login("twelve swans under the bridge")), (401, 200));
        assert!(mail.mails.try_recv().is_err(), "the stranger got no mail");
    }
}

#[test]
fn a_refused_address_is_given_up_and_a_busy_server_tried_again() {
    let mail = MailServer::start("none", &[]);
    let server = server(&mail, "none", "", "");
    invite(&server, "refused@acme.example");
    let failed = outbox(&server, |mail| mail["status"] == "FAILED");
    assert!(failed["last_error"].as_str().unwrap().contains("no such user"), "{failed:#}");
    let token = server.token("admin:write");
    let id = failed["id"].as_str().unwrap();
    assert_eq!(server.call("DELETE", &format!("/api/v1/admin/outbox/{id}")).bearer(&token).send().status, 204);
    invite(&server, "later@acme.example");
    let waits = outbox(&server, |mail| mail["attempts"] == 1);
    assert_eq!(waits["status"], "WAITING");
    assert!(waits["last_error"].as_str().unwrap().contains("try again later"), "{waits:#}");
    assert!(waits["next_attempt_at"].is_string() && waits["link_expires_at"].is_string());
}

#[test]
fn a_refused_sender_is_no_verdict_about_the_recipient() {
    let mail = MailServer::start("none", &[]);
    let server = server_from("stranger@acme.example", &mail, "none", "", "");
    invite(&server, "nia@acme.example");
    let waits = outbox(&server, |mail| mail["attempts"] == 1);
    assert_eq!(waits["status"], "WAITING", "{waits:#}");
    assert!(waits["last_error"].as_str().unwrap().contains("no such sender"), "{waits:#}");
}

#[test]
fn doctor_signs_in_at_the_mail_server() {
    let folder = TempDir::new().unwrap();
    let [ca, certificate, key] = certificates(folder.path());
    let mail = MailServer::start("starttls", &[&certificate, &key]);
    let data = folder.path().join("data");
    let told = |password: &str| {
        let mut doctor = binary(folder.path());
        doctor.args(["doctor", "--json"]).env("SCAISTACK_DATA", &data).env("SCAISTACK_MAIL_CA_FILE", &ca);
        doctor.env("SCAISTACK_MAIL_SMTP_HOST", "localhost").env("SCAISTACK_MAIL_SMTP_PORT", &mail.port);
        doctor.env("SCAISTACK_MAIL_FROM", "id@acme.example").env("SCAISTACK_MAIL_USERNAME", USER);
        doctor.env("SCAISTACK_SMTP_PASSWORD", password);
        let said = run(doctor, b"").stdout;
        let rows: Value = serde_json::from_str(&said).unwrap();
        let row = rows.as_array().unwrap().iter().find(|row| row["check"] == "mail").unwrap().clone();
        (row["state"].as_str().unwrap().to_owned(), row["message"].as_str().unwrap().to_owned())
    };
    assert_eq!(told(PASSWORD), ("ok".to_owned(), format!("localhost:{} lets us in", mail.port)));
    let (state, words) = told("another");
    assert!(state == "bad" && words.contains("the sign-in") && words.contains("535"), "{words}");
}

#[test]
fn mail_waits_while_the_server_is_not_who_it_should_be_or_does_not_know_us() {
    let folder = TempDir::new().unwrap();
    let [ca, certificate, key] = certificates(folder.path());
    let mail = MailServer::start("starttls", &[&certificate, &key]);
    for (ca, password, words) in [("", PASSWORD, "certificate"), (ca.to_str().unwrap(), "a wrong password", "535")] {
        let server = server(&mail, "starttls", ca, password);
        invite(&server, "nia@acme.example");
        let waits = outbox(&server, |mail| mail["attempts"] == 1);
        assert_eq!(waits["status"], "WAITING");
        let error = waits["last_error"].as_str().unwrap().to_lowercase();
        assert!(error.contains(words), "{error}");
    }
    assert!(mail.mails.try_recv().is_err(), "nothing was sent");
}

#[test]
fn without_a_mail_server_the_operator_finds_the_link_and_no_token_does() {
    let server = Server::start();
    let user = invite(&server, "nia@acme.example");
    let token = server.token("admin:read admin:write");
    let waits = outbox(&server, |mail| mail["status"] == "WAITING");
    assert_eq!((&waits["user_id"], &waits["attempts"]), (&json!(user), &json!(0)));
    assert!(!waits.to_string().contains("slk_"));
    let reveal = format!("/api/v1/admin/outbox/{}/reveal", waits["id"].as_str().unwrap());
    assert_eq!(server.call("POST", &reveal).bearer(&token).json(&json!({})).send().status, 403);
    let resent = format!("/api/v1/admin/users/{user}/resend-invitation");
    server.call("POST", &resent).bearer(&token).json(&json!({})).send().expect(200);
    let newer = outbox(&server, |mail| mail["status"] == "WAITING");
    assert_ne!(newer["id"], waits["id"], "the newer one took its place");
}
