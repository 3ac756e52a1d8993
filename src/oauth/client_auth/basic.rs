//! `client_secret_basic`: HTTP Basic, id and secret each form-encoded before they are joined (RFC 6749 §2.3.1, RFC 7617).

use super::presented::{Method, Presented, Sent};
use crate::base::Secret;
use crate::oauth::error::OAuthError;
use crate::oauth::form;
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

/// The longest header that is looked at, in bytes.
const MAX_LEN: usize = 4096;
/// The standard alphabet; clients that leave the padding off are understood.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The method.
#[derive(Clone, Copy, Debug)]
pub struct Basic;

impl Method for Basic {
    const NAME: &'static str = "client_secret_basic";
    const PROVES: bool = true;

    fn is_used(sent: &Sent<'_>) -> bool {
        sent.authorization.is_some()
    }

    fn read(sent: &Sent<'_>) -> Result<Presented, OAuthError> {
        read(sent.authorization.unwrap_or_default())
    }
}

/// Reads the value of an `Authorization` header.
fn read(header: &str) -> Result<Presented, OAuthError> {
    let wrong = || OAuthError::invalid_client("The Authorization header does not hold Basic credentials");
    if header.len() > MAX_LEN {
        return Err(wrong());
    }
    let (scheme, encoded) = header.split_once(' ').ok_or_else(wrong)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(OAuthError::invalid_client("Clients authenticate with HTTP Basic or in the form"));
    }
    let decoded = Zeroizing::new(BASE64.decode(encoded.trim_matches(' ')).map_err(|_| wrong())?);
    // The first colon: one inside the id or the secret is written %3A.
    let at = decoded.iter().position(|byte| *byte == b':').ok_or_else(wrong)?;
    let part = |bytes| {
        form::decode(bytes).ok_or_else(|| {
            OAuthError::invalid_client("The Basic credentials are not form-encoded: write a percent sign as %25")
        })
    };
    let (client_id, secret) = (part(&decoded[..at])?.into_owned(), part(&decoded[at + 1..])?.into_owned());
    if client_id.is_empty() {
        return Err(wrong());
    }
    Ok(Presented { client_id, secret: (!secret.is_empty()).then(|| Secret::new(secret)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::ErrorCode;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    fn header(credentials: &str) -> String {
        format!("Basic {}", STANDARD.encode(credentials))
    }

    fn form_encode(text: &str) -> String {
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
    }

    fn parts(header: &str) -> (String, Option<String>) {
        let presented = read(header).unwrap();
        (presented.client_id.clone(), presented.secret.map(|secret| secret.expose().clone()))
    }

    #[test]
    fn credentials_are_form_decoded() {
        for (id, secret) in
            [("a:b", "c:d"), ("100%", "50% off"), ("a+b", "c d+e"), ("größe", "пароль"), ("a", "scs_0Az")]
        {
            let header = header(&format!("{}:{}", form_encode(id), form_encode(secret)));
            assert_eq!(parts(&header), (id.to_owned(), Some(secret.to_owned())));
        }
        assert_eq!(parts(&header("a:b:c")), ("a".to_owned(), Some("b:c".to_owned())), "the first colon divides");
        assert_eq!(parts(&header("a:")), ("a".to_owned(), None));
        assert_eq!(parts("bAsIc   YTpi"), ("a".to_owned(), Some("b".to_owned())));
        assert_eq!(parts("Basic YWE6Yg"), ("aa".to_owned(), Some("b".to_owned())), "without padding");
    }

    #[test]
    fn what_is_not_basic_is_refused_in_words() {
        let long = header(&"a".repeat(5000));
        for bad in [
            "",
            "Basic",
            "Basic ",
            "Basic !",
            "Basic YTpi YTpi",
            "Bearer x",
            &header("ab"),
            &header(":b"),
            &header("a:%"),
            &long,
        ] {
            let error = read(bad).unwrap_err();
            assert_eq!(
                (error.code, error.status, error.www_authenticate),
                (ErrorCode::InvalidClient, 401, true),
                "{bad}"
            );
        }
        assert!(read(&format!("Basic {}", STANDARD.encode(b"a:\xff"))).is_err(), "not UTF-8");
    }

    proptest! {
        #[test]
        fn no_header_breaks_the_parser(text in ".{0,80}", bytes: Vec<u8>) {
            let _ = read(&text);
            let _ = read(&format!("Basic {text}"));
            let _ = read(&format!("Basic {}", STANDARD.encode(bytes)));
        }

        #[test]
        fn what_a_client_encodes_comes_back(id in ".{1,40}", secret in ".{1,60}") {
            let header = header(&format!("{}:{}", form_encode(&id), form_encode(&secret)));
            prop_assert_eq!(parts(&header), (id, Some(secret)));
        }
    }
}
