//! The local certificate authority: made once, it signs the certificate of this server and nothing else.

use super::error::TlsError;
use super::files;
use super::pair::{load, provider};
use crate::base::{Secret, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

/// The authority's certificate, which clients are to trust.
pub(super) const CA_CERTIFICATE: &str = "ca.pem";
const CA_KEY: &str = "ca.key";
const CERTIFICATE: &str = "server.pem";
const KEY: &str = "server.key";

const DAY: i64 = 86_400;
/// How long the authority lives.
const CA_LIFE: i64 = 3650 * DAY;
/// An authority with less than this left is replaced when it would have to sign.
const CA_TOO_OLD: i64 = 60 * DAY;
/// How long a certificate lives; browsers take at most 398 days.
const LIFE: i64 = 397 * DAY;
/// A certificate with less than this left is replaced.
const RENEW_AT: i64 = 30 * DAY;
/// Certificates begin in the past, for clients whose clock is slow.
const BACKDATED: i64 = 3600;

/// What the text before a PEM block starts with (RFC 7468 §2 lets text stand there). It keeps what a parser would be needed for.
const NAMES: &str = "Names: ";
const VALID_UNTIL: &str = "Valid-Until: ";

/// The names of a certificate for this machine, each once.
///
/// # Errors
/// `public_host` is no host name and no address. A machine's own name that is none is left out.
pub(super) fn names(public_host: Option<&str>, machine: Option<&str>) -> Result<Vec<String>, TlsError> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    let mut add = |name: &str| -> Result<(), TlsError> {
        let bare = name.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
        ServerName::try_from(bare.as_str()).map_err(|_| TlsError::Name(name.to_owned()))?;
        if !names.contains(&bare) {
            names.push(bare);
        }
        Ok(())
    };
    if let Some(host) = public_host {
        add(host)?;
    }
    if let Some(Err(error)) = machine.map(add) {
        tracing::debug!(%error, "the machine's name is left out of the certificate");
    }
    Ok(names)
}

/// Gives the certificate in `folder` if it is good for `names` and long enough, or makes it, and the authority first if there is none.
pub(super) fn ensure(folder: &Path, names: &[String], now: Timestamp) -> Result<CertifiedKey, TlsError> {
    files::make_folder(folder)?;
    let ca_exists = files::exists(&folder.join(CA_CERTIFICATE))?;
    if !ca_exists {
        make_authority(folder, now)?;
    } else if let Some(good) = good(folder, names, now) {
        return Ok(good);
    }
    issue(folder, names, now)?;
    let made = load(&folder.join(CERTIFICATE), &folder.join(KEY))?;
    // Fails when somebody has put an authority of their own here whose key or name is not what is taken for granted.
    verify(folder, &made, names, now)?;
    Ok(made)
}

/// The certificate in the folder, if it can stay.
fn good(folder: &Path, names: &[String], now: Timestamp) -> Option<CertifiedKey> {
    let path = folder.join(CERTIFICATE);
    if note(&files::read(&path).ok()?, NAMES)? != names.join(", ") {
        return None;
    }
    let found = load(&path, &folder.join(KEY)).ok()?;
    verify(folder, &found, names, now).ok()?;
    verify(folder, &found, names, now.plus_secs(RENEW_AT)).ok()?;
    Some(found)
}

/// Checks as a client that trusts the authority would, at the time `at`.
fn verify(folder: &Path, shown: &CertifiedKey, names: &[String], at: Timestamp) -> Result<(), TlsError> {
    let path = folder.join(CA_CERTIFICATE);
    let wrong = |source| TlsError::Unusable { path: path.clone(), source };
    let ca = CertificateDer::from_pem_slice(files::read(&path)?.as_bytes())
        .map_err(|_| TlsError::Pem { path: path.clone(), what: "certificate" })?;
    let mut roots = RootCertStore::empty();
    roots.add(ca).map_err(wrong)?;
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
        .build()
        .map_err(|error| wrong(rustls::Error::General(error.to_string())))?;
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at.secs()).unwrap_or(0)));
    let leaf = shown.cert.first().ok_or_else(|| wrong(rustls::Error::NoCertificatesPresented))?;
    for name in names {
        let host = ServerName::try_from(name.as_str()).map_err(|_| TlsError::Name(name.clone()))?;
        verifier.verify_server_cert(leaf, &[], &host, &[], at).map_err(wrong)?;
    }
    Ok(())
}

/// Makes the authority's key and certificate. The key comes first: a certificate stands for a pair that is complete.
fn make_authority(folder: &Path, now: Timestamp) -> Result<(), TlsError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let until = now.plus_secs(CA_LIFE);
    let mut params = authority();
    params.not_before = moment(now.plus_secs(-BACKDATED));
    params.not_after = moment(until);
    let certificate = params.self_signed(&key)?;
    let pem = Secret::new(key.serialize_pem());
    let text = Secret::new(format!("{VALID_UNTIL}{}\n{}", until.iso_secs(), pem.expose()));
    files::replace(&folder.join(CA_KEY), text.expose(), 0o600)?;
    files::replace(&folder.join(CA_CERTIFICATE), &certificate.pem(), 0o644)
}

/// What the authority is, apart from its key and its time.
fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "scaistack");
    params.distinguished_name.push(DnType::CommonName, "scaistack local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// Makes a certificate for `names` under the authority in `folder`.
fn issue(folder: &Path, names: &[String], now: Timestamp) -> Result<(), TlsError> {
    let path = folder.join(CA_KEY);
    let mut text = files::read_secret(&path)?;
    let mut ca_until = valid_until(text.expose(), now);
    if ca_until < now.plus_secs(CA_TOO_OLD) {
        tracing::warn!(folder = %folder.display(), "the local certificate authority is at its end and was replaced: clients must trust the new one");
        make_authority(folder, now)?;
        text = files::read_secret(&path)?;
        ca_until = valid_until(text.expose(), now);
    }
    let pem = pem_part(text.expose()).ok_or_else(|| TlsError::Pem { path, what: "private key" })?;
    let issuer = Issuer::new(authority(), KeyPair::from_pem(pem)?);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "scaistack");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let from = now.plus_secs(-BACKDATED);
    params.not_before = moment(from);
    params.not_after = moment(from.plus_secs(LIFE).min(ca_until));
    let certificate = params.signed_by(&key, &issuer)?;
    files::replace(&folder.join(KEY), Secret::new(key.serialize_pem()).expose(), 0o600)?;
    let text = format!("{NAMES}{}\n{}", names.join(", "), certificate.pem());
    files::replace(&folder.join(CERTIFICATE), &text, 0o644)
}

/// Until when the authority is valid, as its key file notes. A file without the note is somebody's own: it is taken to live long enough.
fn valid_until(key_file: &str, now: Timestamp) -> Timestamp {
    note(key_file, VALID_UNTIL).and_then(|at| Timestamp::parse(at).ok()).unwrap_or(now.plus_secs(CA_LIFE))
}

/// The rest of the line that starts with `start` before the PEM block.
fn note<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.lines().take_while(|line| !line.starts_with("-----")).find_map(|line| line.strip_prefix(start))
}

/// The text from its first PEM block on.
fn pem_part(text: &str) -> Option<&str> {
    text.find("-----BEGIN ").and_then(|at| text.get(at..))
}

fn moment(at: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.secs()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
