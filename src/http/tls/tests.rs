use super::*;
use rustls::pki_types::CertificateDer;
use std::fs;
use std::os::unix::fs::PermissionsExt;

const START: Timestamp = Timestamp::from_secs(1_776_952_800);
const DAY: i64 = 86_400;

fn shown(tls: &Tls) -> CertificateDer<'static> {
    tls.shown.0.load().cert.first().unwrap().clone()
}

fn names(public_host: &str) -> Vec<String> {
    local::names(Some(public_host), None).unwrap()
}

#[test]
fn an_authority_is_made_once_and_a_certificate_renewed_under_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("tls");
    let first = Tls::local_for(&folder, names("id.example.com"), START).unwrap();
    let ca = first.ca_pem().unwrap().unwrap();
    assert!(ca.starts_with("-----BEGIN CERTIFICATE-----"));

    let again = Tls::local_for(&folder, names("id.example.com"), START.plus_secs(366 * DAY)).unwrap();
    assert_eq!(shown(&again), shown(&first));
    let later = Tls::local_for(&folder, names("id.example.com"), START.plus_secs(368 * DAY)).unwrap();
    assert_ne!(shown(&later), shown(&first));
    assert_eq!(later.ca_pem().unwrap().unwrap(), ca);

    first.reload(START.plus_secs(368 * DAY)).unwrap();
    assert_eq!(shown(&first), shown(&later));
}

#[test]
fn other_names_bring_another_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let first = Tls::local_for(folder.path(), names("id.example.com"), START).unwrap();
    let second = Tls::local_for(folder.path(), names("sso.example.com"), START).unwrap();
    assert_ne!(shown(&first), shown(&second));
    assert_eq!(first.ca_pem().unwrap(), second.ca_pem().unwrap());
}

#[test]
fn an_authority_at_its_end_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let first = Tls::local_for(folder.path(), names("id.example.com"), START).unwrap();
    let ca = first.ca_pem().unwrap();
    // Near the end the certificate ends with the authority; after it, both are new.
    Tls::local_for(folder.path(), names("id.example.com"), START.plus_secs(3500 * DAY)).unwrap();
    assert_eq!(first.ca_pem().unwrap(), ca);
    Tls::local_for(folder.path(), names("id.example.com"), START.plus_secs(3630 * DAY)).unwrap();
    assert_ne!(first.ca_pem().unwrap(), ca);
}

#[test]
fn keys_are_for_the_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    Tls::local_for(folder.path(), names("localhost"), START).unwrap();
    for key in ["ca.key", "server.key"] {
        assert_eq!(fs::metadata(folder.path().join(key)).unwrap().permissions().mode() & 0o777, 0o600, "{key}");
    }
}

#[test]
fn a_half_written_pair_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = Tls::local_for(folder.path(), names("localhost"), START).unwrap();
    let other = tempfile::tempdir().unwrap();
    Tls::local_for(other.path(), names("localhost"), START).unwrap();
    fs::copy(other.path().join("server.key"), folder.path().join("server.key")).unwrap();
    let again = Tls::local_for(folder.path(), names("localhost"), START).unwrap();
    assert_ne!(shown(&first), shown(&again));
}

#[test]
fn files_are_read_and_read_again() {
    let made = tempfile::tempdir().unwrap();
    Tls::local_for(made.path(), names("localhost"), START).unwrap();
    let (certificate, key) = (made.path().join("server.pem"), made.path().join("server.key"));
    let tls = Tls::from_files(&certificate, &key).unwrap();
    let before = shown(&tls);
    assert!(tls.ca_pem().unwrap().is_none());

    fs::write(&certificate, "nothing").unwrap();
    assert!(matches!(tls.reload(START), Err(TlsError::Pem { what: "certificate", .. })));
    assert_eq!(shown(&tls), before);
    Tls::local_for(made.path(), names("localhost"), START).unwrap();
    tls.reload(START).unwrap();
    assert_ne!(shown(&tls), before);

    let other = tempfile::tempdir().unwrap();
    Tls::local_for(other.path(), names("localhost"), START).unwrap();
    assert!(matches!(Tls::from_files(&certificate, &other.path().join("server.key")), Err(TlsError::Unusable { .. })));
}

#[test]
fn names_are_hosts() {
    let all = local::names(Some("[2001:db8::1]"), Some("Machine.Example.")).unwrap();
    assert_eq!(all, ["localhost", "127.0.0.1", "::1", "2001:db8::1", "machine.example"]);
    assert_eq!(local::names(Some("localhost"), Some("not a name")).unwrap().len(), 3);
    assert!(matches!(local::names(Some("no host"), None), Err(TlsError::Name(_))));
}
