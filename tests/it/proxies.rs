//! Behind proxies: whose address counts, cookies, lock-outs, and what the log says of those who fail to authenticate.

use super::audit::wait_for;
use super::browser::{Browser, EMAIL, PASSWORD};
use super::server::{Server, run};
use super::wire::Answer;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use std::sync::Arc;

const PUBLIC: (&str, &str) = ("SCAISTACK_SERVER_PUBLIC_URL", "https://id.example.com");

/// A server behind a proxy on this machine, as the settings say that the operator has set and no other.
fn behind_a_proxy(more: &[(&str, &str)]) -> Server {
    Server::start_in(Arc::new(tempfile::tempdir().unwrap()), &[&[PUBLIC], more].concat())
}

/// A wrong sign-in, as a proxy passes it on.
fn wrong(server: &Server, email: &str, forwarded: &str) -> Answer {
    let body = json!({ "email": email, "password": "wrong wrong wrong" });
    server.call("POST", "/api/v1/auth/login").header("X-Forwarded-For", forwarded).json(&body).send()
}

/// The lines of the log.
fn logged(server: &Server, message: &str) -> Vec<Value> {
    let log = fs::read_to_string(&server.log).unwrap();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["message"].as_str().is_some_and(|found| found.contains(message))).collect()
}

#[test]
fn a_local_proxy_needs_no_further_word_and_each_client_counts_for_itself() {
    let server = behind_a_proxy(&[("SCAISTACK_AUTH_ATTEMPTS_PER_NETWORK", "10")]);
    assert_eq!(server.url, "https://id.example.com");
    let admin = server.token("admin:read admin:write audit:read");
    // One network that guesses at all accounts is held, and no other is.
    let mut last = None;
    for n in 0..11 {
        let answer =
            wrong(&server, &format!("nobody-{n}@example.com"), &format!("198.51.100.{n}, \"203.0.113.7:{n}\""));
        if answer.status == 429 {
            last = Some(answer);
            break;
        }
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    let last = last.expect("the network is held");
    assert!(last.text().contains("Too many wrong tries at all accounts from your network"), "{}", last.text());
    assert_eq!(wrong(&server, "nobody@example.com", "203.0.113.8").status, 401);
    assert_eq!(wrong(&server, "nobody@example.com", "[2001:db8::7]:4711").status, 401);
    let row = wait_for(&server, &admin, "action=login&ip_address=2001:db8::7", |_| true);
    assert_eq!(row["ip_address"], "2001:db8::7");
    // An address that cannot be read is nobody's, and is told.
    assert_eq!(wrong(&server, "nobody@example.com", "203.0.113.7, unknown").status, 401);
    assert_eq!(logged(&server, "writes something into X-Forwarded-For").len(), 1);
    let doctor = server.cli(&["doctor", "--json"]);
    assert!(doctor.stdout.contains("writes something into X-Forwarded-For"), "{doctor:?}");
    // So is one that a proxy does not tell, if the request was for the public address.
    let bare = |host: &str| server.get("/v1/auth/whoami").header("Host", host).bearer("skt_x").send();
    bare("127.0.0.1:8080").expect(401);
    assert_eq!(logged(&server, "does not add the client's address").len(), 0);
    bare("id.example.com").expect(401);
    assert_eq!(logged(&server, "does not add the client's address").len(), 1);
    // An administrator sees who is held, and lifts it.
    let held = server.cli(&["lockout", "list", "--json"]).json();
    assert_eq!(held[0]["network"], "203.0.113.7", "{held:#}");
    server.cli(&["lockout", "lift", "--address", "203.0.113.7"]).ok();
    assert_eq!(wrong(&server, "nobody@example.com", "203.0.113.7").status, 401);
    wait_for(&server, &admin, "action=network.unlock", |row| row["resource_id"] == "203.0.113.7");
}

#[test]
fn a_peer_that_is_no_proxy_is_not_believed_and_that_is_told() {
    let server = Server::start();
    let admin = server.token("admin:read audit:read");
    assert_eq!(wrong(&server, "stranger@example.com", "203.0.113.7").status, 401);
    let row = wait_for(&server, &admin, "action=login", |row| row["actor_name"] == "stranger@example.com");
    assert_eq!(row["ip_address"], "127.0.0.1");
    let told = "add \"127.0.0.1\" to server.trusted_proxies";
    assert_eq!(logged(&server, told).len(), 1);
    let doctor = server.cli(&["doctor", "--json"]);
    assert!(doctor.stdout.contains("server.trusted_proxies"), "{doctor:?}");
}

#[test]
fn cookies_are_for_tls_only_where_the_public_address_is_https() {
    let server = behind_a_proxy(&[]);
    let answer = server.get("/admin/sign-in").send();
    let cookies: Vec<_> = answer.headers.iter().filter(|(name, _)| name == "set-cookie").collect();
    assert!(!cookies.is_empty());
    for (_, cookie) in cookies {
        assert!(cookie.starts_with("__Host-") && cookie.contains("Secure") && cookie.contains("Path=/"), "{cookie}");
    }
}

#[test]
fn an_account_that_is_held_stays_held_over_a_restart_until_it_is_lifted() {
    let server = Server::start();
    server.cli_with(&["user", "create", "--email", EMAIL, "--role", "tenant_admin", "--password-stdin"], PASSWORD).ok();
    let tries = || {
        let browser = Browser::new(&server);
        (0..20).map(|_| browser.sign_in(EMAIL, "wrong wrong wrong").text()).find(|text| text.contains("Too many"))
    };
    let said = tries().expect("it is held");
    assert!(said.contains("Too many wrong tries at this account from your network"), "{said}");
    let folder = server.folder();
    assert!(server.stop().success());

    let server = Server::start_in(folder, &[]);
    server.secret(PASSWORD);
    let browser = Browser::new(&server);
    assert_eq!(browser.sign_in(EMAIL, PASSWORD).status, 429, "a restart forgets nothing");
    let held = server.cli(&["lockout", "list", "--user", EMAIL, "--json"]).json();
    assert_eq!((&held[0]["held"], &held[0]["network"]), (&json!("NETWORK"), &json!("127.0.0.1")), "{held:#}");
    server.cli(&["lockout", "lift", "--user", EMAIL]).ok();
    assert_eq!(browser.sign_in(EMAIL, PASSWORD).status, 303);
}

/// The filter in docs/operating.md, as fail2ban reads it: with a host in the place of `<HOST>`.
fn failregex() -> String {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operating.md")).unwrap();
    let line = page.lines().find_map(|line| line.strip_prefix("failregex = ")).expect("a failregex");
    line.replace("<HOST>", r"(?P<host>[0-9A-Fa-f.:]+)").replace("%%", "%")
}

#[test]
fn the_filter_of_fail2ban_finds_those_who_guess_and_nobody_else() {
    let server = behind_a_proxy(&[]);
    let forged = r#"x","code":"invalid_credentials","ip":"192.0.2.66","message":"authentication failed"@example.com"#;
    assert_eq!(wrong(&server, "ann@example.com", "203.0.113.1").status, 401);
    assert_eq!(wrong(&server, forged, "203.0.113.2").status, 401);
    let guess = |token: &str, from: &str| {
        server.get("/v1/auth/whoami").header("X-Forwarded-For", from).bearer(token).send().expect(401);
    };
    guess("skt_0000000000000000000000000000000000000A", "2001:db8::3");
    let basic = server.call("POST", "/api/v1/platform/oauth/token").header("X-Forwarded-For", "203.0.113.4");
    basic.basic("nobody", "wrong").form("grant_type=client_credentials").send().expect(401);
    // Who sends nothing guesses nothing.
    assert_eq!(server.get("/v1/auth/whoami").header("X-Forwarded-For", "203.0.113.5").send().status, 401);
    assert_eq!(server.get("/health").header("X-Forwarded-For", "203.0.113.6").send().status, 200);

    let script = "import re, sys\nrule = re.compile(sys.argv[1])\n\
        print(*sorted(found['host'] for found in map(rule.search, open(sys.argv[2])) if found))";
    let mut python = Command::new("python3");
    python.args(["-c", script, &failregex()]).arg(&server.log);
    let found = run(python, b"");
    assert_eq!(found.ok(), "2001:db8::3 203.0.113.1 203.0.113.2 203.0.113.4", "{found:?}");
}
