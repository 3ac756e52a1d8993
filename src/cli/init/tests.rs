//! What the files say. That the programs take them is tested with these programs, in `tests/it`.

use super::super::Failure;
use super::super::serve::SettingsFlags;
use super::facts::Facts;
use super::{container, proxy, systemd};
use clap::Parser;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    settings: SettingsFlags,
}

fn facts(words: &[&str], file: &str) -> Result<Facts, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scaistack.toml");
    std::fs::write(&path, file).unwrap();
    let all = ["init", "--config", path.to_str().unwrap()].into_iter().chain(words.iter().copied());
    Facts::of(&Cli::try_parse_from(all).unwrap_or_else(|error| panic!("{error}")).settings)
}

fn lines<'t>(text: &'t str, front: &str) -> Vec<&'t str> {
    text.lines().filter_map(|line| line.strip_prefix(front)).collect()
}

#[test]
fn a_unit_names_the_settings_that_the_file_does_not_hold() {
    let facts = facts(
        &["--data", "/var/lib/a b/100%", "--public-url", "https://id.example.com"],
        "[server]\nshutdown_secs = 7\n[tls]\nenabled = false",
    )
    .unwrap();
    let unit = systemd::unit(&facts);
    let environment = lines(&unit, "Environment=");
    assert_eq!(environment[0], "\"SCAISTACK_DATA=/var/lib/a b/100%%\"");
    assert!(environment[1].starts_with("SCAISTACK_CONFIG=/") && environment[1].ends_with("scaistack.toml"));
    assert_eq!(environment[2..], ["SCAISTACK_SERVER_PUBLIC_URL=https://id.example.com"]);
    assert_eq!(lines(&unit, "StateDirectory="), ["\"a b/100%%\" \"a b/100%%-backups\""]);
    assert_eq!(lines(&unit, "TimeoutStopSec="), ["17"]);
    assert_eq!(lines(&unit, "CapabilityBoundingSet="), [""]);
    assert_eq!(lines(&unit, "ExecReload="), Vec::<&str>::new(), "it has no certificate");
    assert_eq!(lines(&unit, "PrivateTmp="), ["no"], "the settings file is there");
}

#[test]
fn a_unit_has_its_own_folder_and_may_take_a_low_port_where_that_is_set() {
    let unit = systemd::unit(&facts(&[], "").unwrap());
    assert_eq!(lines(&unit, "Environment=")[0], "SCAISTACK_DATA=/var/lib/scaistack");
    assert_eq!(lines(&unit, "StateDirectory="), ["scaistack scaistack-backups"]);
    assert_eq!(lines(&unit, "ExecReload=").len(), 1);
    let low = systemd::unit(&facts(&["--data", "/srv/id", "--listen", "127.0.0.1:443"], "").unwrap());
    assert_eq!(lines(&low, "CapabilityBoundingSet="), ["CAP_NET_BIND_SERVICE"]);
    assert_eq!(lines(&low, "PrivateUsers="), Vec::<&str>::new(), "it would take the capability away");
    assert_eq!(lines(&low, "ReadWritePaths="), ["/srv/id /srv/id-backups"]);
}

#[test]
fn proxies_want_an_https_address_and_a_port() {
    let site = |words: &[&str]| facts(words, "[server]\nbody_limit_bytes = 65536").unwrap().site();
    let site_of = site(&["--public-url", "https://id.example.com", "--listen", "127.0.0.1:9000"]).unwrap();
    assert_eq!(
        (site_of.host.as_str(), site_of.port, site_of.upstream.to_string().as_str()),
        ("id.example.com", 443, "127.0.0.1:9000")
    );
    let nginx = proxy::nginx(&site_of, None, None);
    for part in [
        "listen 443 ssl http2;",
        "server_name id.example.com;",
        "\"/etc/letsencrypt/live/id.example.com/privkey.pem\";",
        "client_max_body_size 65536;",
        "grpc_pass grpc://127.0.0.1:9000;",
    ] {
        assert!(nginx.contains(part), "{part}: {nginx}");
    }
    assert!(proxy::traefik(&site_of).contains("- url: \"h2c://127.0.0.1:9000\"\n"));
    for (words, told) in [
        (vec![], "server.public_url must be the https address"),
        (vec!["--public-url", "http://id.example.com"], "server.public_url must be the https address"),
        (vec!["--public-url", "https://id.example.com", "--listen", "127.0.0.1:0"], "server.listen has port 0"),
    ] {
        let refused = site(&words).unwrap_err().to_string();
        assert!(refused.contains(told), "{refused}");
    }
}

#[test]
fn a_container_has_all_settings_and_is_reached_under_tls_only() {
    let behind =
        container::file(&facts(&["--public-url", "https://id.example.com"], "[log]\nlevel = 'warn,a=debug'").unwrap());
    for part in [
        "SCAISTACK_LOG_LEVEL=warn,a=debug",
        "SCAISTACK_SERVER_BEHIND_TLS_PROXY=true",
        "SCAISTACK_SERVER_LISTEN=0.0.0.0:8080",
        "# Add the address of the proxy",
    ] {
        assert!(behind.contains(part), "{part}: {behind}");
    }
    let alone = container::file(&facts(&["--listen", "127.0.0.1:8443"], "").unwrap());
    assert!(alone.contains("SCAISTACK_SERVER_CLEAR_TEXT=loopback") && alone.contains("EXPOSE 8443"), "{alone}");
}

#[test]
fn words_of_a_unit_mean_themselves() {
    for (text, word) in
        [("a/b-c", "a/b-c"), ("50%", "50%%"), ("a $b", "\"a $$b\""), ("a \"b\\", "\"a \\\"b\\\\\""), ("", "\"\"")]
    {
        assert_eq!(systemd::word(text), word);
    }
    for (text, setting) in [("50%", "50%%"), ("a$b", "a$b"), ("a $b", "\"a $b\""), ("a\nb", "\"a\\nb\"")] {
        assert_eq!(systemd::setting(text), setting);
    }
}
