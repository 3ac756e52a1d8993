use super::load::{defaults, variable};
use super::*;
use crate::crypto::jwt::SigningAlg;
use std::path::PathBuf;

/// A file with this text, read before these variables and flags.
fn load(
    text: &str,
    environment: &[(&str, &str)],
    flags: &[(&'static str, &'static str, &str)],
) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scaistack.toml");
    std::fs::write(&path, text).unwrap();
    let sources = ConfigSources {
        file: ConfigFile::Named(path),
        environment: environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        flags: flags.iter().map(|(name, key, value)| Flag { name, key, value: (*value).to_owned() }).collect(),
    };
    let shown = format!("{}/", folder.path().display());
    Loaded::read(&sources).map_err(|error| error.to_string().replace(&shown, ""))
}

fn refused(text: &str) -> String {
    load(text, &[], &[]).unwrap_err()
}

#[test]
fn the_example_is_the_defaults_and_has_every_key() {
    assert_eq!(toml::from_str::<Config>(EXAMPLE).unwrap(), Config::default());
    let example: toml::Table = toml::from_str(EXAMPLE).unwrap();
    assert_eq!(example, defaults());
    assert_eq!(load(EXAMPLE, &[], &[]).unwrap().config, Config::default());
    assert!(EXAMPLE.lines().all(|line| line.len() <= 140));
}

#[test]
fn each_source_beats_the_one_before() {
    let file =
        "[server]\nlisten = '127.0.0.1:1'\nworkers = 3\n[storage]\ndata = '/file'\n[tokens]\nsigning_alg = 'ES256'";
    let environment = [("SCAISTACK_SERVER_LISTEN", "127.0.0.1:2"), ("SCAISTACK_DATA", "/environment")];
    let loaded = load(file, &environment, &[("--listen", "server.listen", "127.0.0.1:3")]).unwrap();
    let config = &loaded.config;
    assert_eq!(config.server.listen.0.port(), 3);
    assert_eq!(config.server.workers, 3);
    assert_eq!(config.storage.data, PathBuf::from("/environment"));
    assert_eq!(config.tokens.signing_alg, SigningAlg::Es256);
    assert_eq!(config.vault, Vault::default());
    assert_eq!(loaded.origin("server.listen"), Origin::Flag("--listen"));
    assert_eq!(loaded.origin("storage.data").to_string(), "SCAISTACK_DATA");
    assert!(loaded.origin("server.workers").to_string().ends_with("scaistack.toml:3"));
    assert_eq!(loaded.origin("vault.max_versions"), Origin::Default);

    let long = [("SCAISTACK_DATA", "/short"), ("SCAISTACK_STORAGE_DATA", "/long")];
    assert_eq!(load("", &long, &[]).unwrap().config.storage.data, PathBuf::from("/long"));
}

#[test]
fn a_file_may_be_absent_unless_it_was_named() {
    let missing = PathBuf::from("/nowhere/scaistack.toml");
    let mut sources = ConfigSources { file: ConfigFile::IfPresent(missing.clone()), ..ConfigSources::none() };
    assert_eq!(Config::load(&sources).unwrap(), Config::default());
    sources.file = ConfigFile::Named(missing);
    let message = Config::load(&sources).unwrap_err().to_string();
    assert!(message.starts_with("/nowhere/scaistack.toml: cannot be read: "), "{message}");
}

#[test]
fn every_key_has_a_variable() {
    for (section, keys) in &defaults() {
        for (key, value) in keys.as_table().unwrap() {
            let text = match value {
                toml::Value::String(text) => text.clone(),
                toml::Value::Array(_) => String::new(),
                other => other.to_string(),
            };
            let loaded = load("", &[(&variable(section, key), &text)], &[]).unwrap();
            assert_eq!(loaded.config, Config::default());
            assert_eq!(loaded.origin(&format!("{section}.{key}")).to_string(), variable(section, key));
        }
    }
    let both = [("SCAISTACK_SERVER_TRUSTED_PROXIES", "10.0.0.7, fd00::/8"), ("SCAISTACK_TLS_ENABLED", "0")];
    let config = load("", &both, &[]).unwrap().config;
    assert_eq!(config.server.trusted_proxies.0.len(), 2);
    assert!(!config.tls.enabled);
}

#[test]
fn unknown_keys_are_named_with_their_line() {
    for (text, message) in [
        ("\n[server]\n\nlisen = 1", "scaistack.toml:4: unknown key server.lisen; did you mean server.listen?"),
        (
            "[vault]\nretention_days = 1",
            "scaistack.toml:2: unknown key vault.retention_days; did you mean audit.retention_days?",
        ),
        ("[sever]\nlisten = 1", "scaistack.toml:1: unknown section [sever]; did you mean [server]?"),
        ("listen = '127.0.0.1:1'", "scaistack.toml:1: unknown key listen; did you mean server.listen?"),
        ("# a\nserver.colour = 'red'", "scaistack.toml:2: unknown key server.colour"),
        ("server = 1", "scaistack.toml:1: [server] is a section, not a value"),
    ] {
        assert_eq!(refused(text), message);
    }
}

#[test]
fn values_of_another_kind_are_named_with_their_line() {
    for (text, message) in [
        ("[server]\nworkers = '2'", "scaistack.toml:2: server.workers must be a whole number, not a text in quotes"),
        ("[server]\nworkers = -1", "scaistack.toml:2: server.workers must not be negative"),
        ("[tls]\nenabled = 1", "scaistack.toml:2: tls.enabled must be true or false, not a whole number"),
        (
            "[log]\nformat = 'xml'",
            "scaistack.toml:2: log.format unknown variant `xml`, expected one of `auto`, `json`, `text`",
        ),
        (
            "[server]\n\nlisten = '8080'",
            "scaistack.toml:3: server.listen must be an address with a port, such as 127.0.0.1:8080 or [::]:8080",
        ),
    ] {
        assert_eq!(refused(text), message);
    }
    assert!(refused("[server]\nlisten 1").starts_with("scaistack.toml:2: "));
    assert!(refused("[server]\nworkers = 1\nworkers = 2").starts_with("scaistack.toml:3: "));
}

#[test]
fn variables_and_flags_are_named_when_they_are_wrong() {
    let wrong = |name: &str, value: &str| load("", &[(name, value)], &[]).unwrap_err();
    assert_eq!(
        wrong("SCAISTACK_SERVER_WORKERS", "two"),
        "SCAISTACK_SERVER_WORKERS: server.workers must be a whole number"
    );
    assert_eq!(wrong("SCAISTACK_TLS_ENABLED", "yes"), "SCAISTACK_TLS_ENABLED: tls.enabled must be true or false");
    assert_eq!(
        wrong("SCAISTACK_SERVER_TRUSTED_PROXIES", "10.0.0.0/99"),
        "SCAISTACK_SERVER_TRUSTED_PROXIES: server.trusted_proxies must have addresses or ranges such as 10.0.0.7 or 10.0.0.0/8"
    );
    assert_eq!(
        wrong("SCAISTACK_SERVER_LISEN", "x"),
        "SCAISTACK_SERVER_LISEN: unknown setting; did you mean SCAISTACK_SERVER_LISTEN?"
    );
    let flag = load("", &[], &[("--listen", "server.listen", "here")]).unwrap_err();
    assert!(flag.starts_with("--listen: server.listen must be an address"), "{flag}");
}

#[test]
fn variables_of_others_are_let_be() {
    let kubernetes = [
        ("SCAISTACK_PORT", "tcp://10.0.0.1:8080"),
        ("SCAISTACK_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("SCAISTACK_SERVER_SERVICE_HOST", "10.0.0.1"),
        ("SCAISTACK_SERVER_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("SCAISTACK_TOKEN", "skt_x"),
        ("PATH", "/bin"),
    ];
    assert_eq!(load("", &kubernetes, &[]).unwrap().warnings, Vec::<String>::new());
    let typo = load("", &[("SCAISTACK_LISTEN", "x")], &[]).unwrap();
    assert_eq!(typo.warnings.len(), 1);
}

#[test]
fn clear_text_stays_on_this_machine() {
    let reachable = "[server]\nlisten = '0.0.0.0:8080'\n";
    let message = refused(reachable);
    assert!(
        message.starts_with("scaistack.toml:2: server.listen 0.0.0.0:8080 would take passwords in clear text"),
        "{message}"
    );
    assert!(message.contains("Set server.clear_text = \"loopback\""), "{message}");
    assert!(load(&format!("{reachable}clear_text = 'loopback'"), &[], &[]).is_ok());
    assert!(load(&format!("{reachable}behind_tls_proxy = true"), &[], &[]).is_ok());
    let without = refused(&format!("{reachable}clear_text = 'loopback'\n[tls]\nenabled = false"));
    assert!(without.contains("Set tls.enabled = true"), "{without}");
    assert!(load("[server]\nlisten = '[::ffff:127.0.0.1]:0'", &[], &[]).is_ok());
    assert!(load("[server]\nlisten = 'localhost:0'", &[], &[]).is_ok());
}

#[test]
fn each_rule_names_its_key_and_where_it_was_broken() {
    for (text, begins) in [
        ("[server]\npublic_url = 'id.example.com'", "scaistack.toml:2: server.public_url must be an origin such as"),
        (
            "[server]\ntrusted_proxies = ['0.0.0.0/0']",
            "scaistack.toml:2: server.trusted_proxies must not be every address",
        ),
        (
            "[server]\ncors_origins = ['https://app.example', 'https://app.example/']",
            "scaistack.toml:2: server.cors_origins must be origins as a browser names them",
        ),
        ("[server]\ncors_origins = ['*']", "scaistack.toml:2: server.cors_origins must be origins"),
        ("[server]\nworkers = 1000", "scaistack.toml:2: server.workers must be 0 to 512, not 1000"),
        (
            "[server]\nbody_limit_bytes = 1",
            "scaistack.toml:2: server.body_limit_bytes must be 16384 to 67108864, not 1",
        ),
        ("[server]\nrequest_timeout_secs = 0", "scaistack.toml:2: server.request_timeout_secs must be"),
        ("[server]\nshutdown_secs = 9999", "scaistack.toml:2: server.shutdown_secs must be"),
        ("[tls]\ncertificate = 'a.pem'", "scaistack.toml:2: tls.certificate needs tls.key beside it"),
        ("[tls]\nkey = 'a.key'", "scaistack.toml:2: tls.key needs tls.certificate beside it"),
        ("[storage]\ndata = ''", "scaistack.toml:2: storage.data must name a folder"),
        ("[storage]\ncache_mib = 0", "scaistack.toml:2: storage.cache_mib must be"),
        ("[tokens]\naccess_secs = 1", "scaistack.toml:2: tokens.access_secs must be"),
        ("[tokens]\npersonal_days = 0", "scaistack.toml:2: tokens.personal_days must be"),
        ("[sessions]\nidle_secs = 1", "scaistack.toml:2: sessions.idle_secs must be"),
        ("[sessions]\nabsolute_secs = 1", "scaistack.toml:2: sessions.absolute_secs must be"),
        ("[sessions]\nstep_up_secs = 0", "scaistack.toml:2: sessions.step_up_secs must be"),
        ("[vault]\nmax_versions = 0", "scaistack.toml:2: vault.max_versions must be"),
        ("[vault]\nvalue_limit_bytes = 1", "scaistack.toml:2: vault.value_limit_bytes must be"),
        ("[vault]\nsoft_delete_days = 99999", "scaistack.toml:2: vault.soft_delete_days must be"),
        ("[audit]\nretention_days = 0", "scaistack.toml:2: audit.retention_days must be"),
        ("[log]\nlevel = 'loud'", "scaistack.toml:2: log.level must be error, warn, info"),
        ("[log]\nlevel = 'info,a=b=c'", "scaistack.toml:2: log.level must be"),
        ("[auth]\nattempts_per_account = 0", "scaistack.toml:2: auth.attempts_per_account must be"),
        ("[auth]\nattempts_per_network = 0", "scaistack.toml:2: auth.attempts_per_network must be"),
        ("[auth]\nwindow_secs = 0", "scaistack.toml:2: auth.window_secs must be"),
        (
            "[outbound]\nallowed_networks = ['::/0']",
            "scaistack.toml:2: outbound.allowed_networks must not be every address",
        ),
        ("[login]\nredirect_uris = ['/here']", "scaistack.toml:2: login.redirect_uris must be absolute"),
        ("[login]\nclient_id = 'x'", "scaistack.toml:2: login.client_id needs login.issuer"),
        (
            "[login]\nissuer = 'http://id.example'\nclient_id = 'x'",
            "scaistack.toml:2: login.issuer must be an https address",
        ),
        ("[auth]\nwait_secs = 0", "scaistack.toml:2: auth.wait_secs must be"),
    ] {
        let message = refused(text);
        assert!(message.starts_with(begins), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn every_fault_is_told_at_once() {
    assert_eq!(refused("[vault]\nmax_versions = 0\n[audit]\nretention_days = 0").lines().count(), 2);
}

#[test]
fn what_is_probably_not_meant_is_warned_of() {
    let warnings = |text: &str| load(text, &[], &[]).unwrap().warnings;
    assert_eq!(warnings(EXAMPLE), Vec::<String>::new());
    assert_eq!(warnings("[server]\nbehind_tls_proxy = true").len(), 2);
    assert_eq!(warnings("[server]\nbehind_tls_proxy = true\npublic_url = 'https://id.example.com'").len(), 0);
    assert_eq!(warnings("[server]\npublic_url = 'http://id.example.com'").len(), 1);
    assert_eq!(warnings("[server]\npublic_url = 'http://localhost:8080'").len(), 0);
}

#[test]
fn a_proxy_on_this_machine_is_trusted_where_it_alone_can_be_meant() {
    let trusts = |text: &str, address: &str| load(text, &[], &[]).unwrap().config.trusts(address.parse().unwrap());
    let local = "[server]\npublic_url = 'https://id.example.com'\n";
    for (text, address, expected) in [
        (local, "127.0.0.1", true),
        (local, "::1", true),
        (local, "::ffff:127.0.0.1", true),
        (local, "10.0.0.1", false),
        ("", "127.0.0.1", false),
        ("[server]\npublic_url = 'http://id.example.com'", "127.0.0.1", false),
        ("[server]\npublic_url = 'https://localhost:8443'", "127.0.0.1", false),
        (&format!("{local}listen = '0.0.0.0:8080'\nbehind_tls_proxy = true"), "127.0.0.1", false),
        (&format!("{local}trusted_proxies = ['10.0.0.1']"), "127.0.0.1", false),
        (&format!("{local}trusted_proxies = ['10.0.0.1']"), "10.0.0.1", true),
        // It ends TLS itself; whoever forwards to it passes on what clients say.
        (&format!("{local}[tls]\ncertificate = '/c.pem'\nkey = '/k.pem'"), "127.0.0.1", false),
    ] {
        assert_eq!(trusts(text, address), expected, "{address}: {text}");
    }
}
