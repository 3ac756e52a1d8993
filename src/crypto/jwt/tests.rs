//! Signing and checking together, with plain `jsonwebtoken` on the other side, and with the examples of the RFCs.

use super::*;
use crate::base::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken as plain;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;
use zeroize::Zeroizing;

const ISSUER: &str = "https://id.example";
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

struct Pair {
    der: Zeroizing<Vec<u8>>,
    signer: Signer,
}

static PAIRS: LazyLock<[Pair; 3]> = LazyLock::new(|| {
    SigningAlg::ALL.map(|alg| {
        let der = generate(alg).unwrap();
        let signer = Signer::from_pkcs8(alg, &der).unwrap();
        Pair { der, signer }
    })
});
static VERIFIER: LazyLock<Verifier> =
    LazyLock::new(|| Verifier::new(PAIRS.iter().map(|pair| pair.signer.public_key())));

fn claims() -> Value {
    json!({ "iss": ISSUER, "sub": "usr_1", "aud": ["a", "b"], "exp": NOW.secs() + 60, "nbf": NOW.secs(), "n": "\u{1F511}é" })
}

fn expect() -> Expect<'static> {
    Expect::new(&[ISSUER], NOW)
}

fn check(token: &str) -> Result<Value, VerifyError> {
    VERIFIER.verify(token, &expect())
}

fn is_invalid<T>(result: Result<T, VerifyError>) -> bool {
    matches!(result, Err(VerifyError::Invalid(_)))
}

fn b64(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn what_is_signed_verifies_here_and_with_plain_jsonwebtoken() {
    for Pair { signer, .. } in PAIRS.iter() {
        for typ in ["JWT", "at+jwt", "logout+jwt"] {
            let token = signer.sign(typ, &claims()).unwrap();
            assert_eq!(check(&token), Ok(claims()));
            let jwk: plain::jwk::Jwk = serde_json::from_value(signer.public_key().to_jwk()).unwrap();
            assert_eq!(jwk.thumbprint(plain::jwk::ThumbprintHash::SHA256).unwrap(), signer.kid());
            let alg = signer.alg().as_str().parse().unwrap();
            let mut validation = plain::Validation::new(alg);
            validation.set_issuer(&[ISSUER]);
            validation.set_audience(&["b"]);
            validation.validate_exp = false;
            let key = plain::DecodingKey::from_jwk(&jwk).unwrap();
            let data = plain::decode::<Value>(&token, &key, &validation).unwrap();
            assert_eq!(data.claims, claims());
            assert_eq!(data.header.kid.as_deref(), Some(signer.kid()));
            assert_eq!(data.header.typ.as_deref(), Some(typ));
        }
    }
}

#[test]
fn what_plain_jsonwebtoken_signs_verifies_here() {
    for Pair { signer, der } in PAIRS.iter() {
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(&**der));
        let key = match signer.alg() {
            SigningAlg::Rs256 => plain::EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
            SigningAlg::Es256 => plain::EncodingKey::from_ec_der(der),
            SigningAlg::EdDsa => plain::EncodingKey::from_ed_der(der),
        };
        let mut header = plain::Header::new(signer.alg().as_str().parse().unwrap());
        header.kid = Some(signer.kid().to_owned());
        let token = plain::encode(&header, &claims(), &key).unwrap();
        assert_eq!(check(&token), Ok(claims()));
    }
}

#[test]
fn a_change_of_any_character_is_refused() {
    for Pair { signer, .. } in PAIRS.iter() {
        let token = signer.sign("at+jwt", &claims()).unwrap();
        for at in 0..token.len() {
            for to in ["A", "w", "_", "."] {
                let mut changed = token.clone();
                changed.replace_range(at..=at, to);
                assert!(changed == token || check(&changed).is_err(), "{} at {at}", signer.alg());
            }
            assert!(check(&token[..at]).is_err());
        }
        for bad in
            [format!("{token}A"), format!("{token}="), format!("{token}."), format!(".{token}"), format!(" {token}")]
        {
            assert!(check(&bad).is_err());
        }
    }
}

#[test]
fn parts_of_two_good_tokens_do_not_make_a_third() {
    let [rsa, ..] = &*PAIRS;
    let one = rsa.signer.sign("JWT", &claims()).unwrap();
    let mut other = claims();
    other["sub"] = "usr_2".into();
    let other = rsa.signer.sign("at+jwt", &other).unwrap();
    let (one, other): (Vec<_>, Vec<_>) = (one.split('.').collect(), other.split('.').collect());
    for mixed in [[other[0], one[1], one[2]], [one[0], other[1], one[2]], [one[0], one[1], other[2]]] {
        assert_eq!(check(&mixed.join(".")), Err(VerifyError::Invalid("signature")));
    }
}

#[test]
fn the_header_does_not_choose_the_algorithm() {
    let payload = b64(&claims().to_string());
    for Pair { signer, .. } in PAIRS.iter() {
        let jwk = signer.public_key().to_jwk();
        let raw = URL_SAFE_NO_PAD.decode(jwk.get("n").or(jwk.get("x")).and_then(Value::as_str).unwrap()).unwrap();
        for secret in [jwk.to_string().into_bytes(), raw, b"".to_vec()] {
            let mut header = plain::Header::new(plain::Algorithm::HS256);
            header.kid = Some(signer.kid().to_owned());
            let token = plain::encode(&header, &claims(), &plain::EncodingKey::from_secret(&secret)).unwrap();
            assert_eq!(check(&token), Err(VerifyError::Invalid("not the algorithm of the key")));
        }
        let good = signer.sign("JWT", &claims()).unwrap();
        let signature = good.rsplit('.').next().unwrap();
        for alg in ["none", "None", "NONE", "", "RS256", "ES256", "EdDSA", "PS256", "RS512", "HS256", "rs256"] {
            let header = b64(&json!({ "alg": alg, "kid": signer.kid() }).to_string());
            for signature in ["", signature] {
                assert!(is_invalid(check(&format!("{header}.{payload}.{signature}"))), "{alg} for {}", signer.alg());
            }
        }
    }
}

#[test]
fn keys_are_found_by_their_id() {
    let [rsa, ec, ed] = &*PAIRS;
    let only = Verifier::new([rsa.signer.public_key()]);
    let token = ec.signer.sign("JWT", &claims()).unwrap();
    assert_eq!(only.verify::<Value>(&token, &expect()), Err(VerifyError::UnknownKey));
    assert_eq!(Verifier::default().verify::<Value>(&token, &expect()), Err(VerifyError::UnknownKey));
    assert!(only.knows(rsa.signer.kid()) && !only.knows(ec.signer.kid()));
    // Without an id in the header: fine with one key in the set, refused with several.
    let key = plain::EncodingKey::from_ed_der(&ed.der);
    let nameless = plain::encode(&plain::Header::new(plain::Algorithm::EdDSA), &claims(), &key).unwrap();
    assert!(Verifier::new([ed.signer.public_key()]).verify::<Value>(&nameless, &expect()).is_ok());
    assert_eq!(check(&nameless), Err(VerifyError::UnknownKey));
    // A key of another id does not stand in, even if it made the signature.
    let renamed = PublicKey::from_jwk(&{
        let mut jwk = ed.signer.public_key().to_jwk();
        jwk["kid"] = "other".into();
        jwk
    });
    let token = ed.signer.sign("JWT", &claims()).unwrap();
    assert_eq!(Verifier::new([&renamed.unwrap()]).verify::<Value>(&token, &expect()), Err(VerifyError::UnknownKey));
}

#[test]
fn time_is_the_given_time() {
    let [_, _, ed] = &*PAIRS;
    let sign = |claims: Value| ed.signer.sign("JWT", &claims).unwrap();
    let token = sign(json!({ "iss": ISSUER, "exp": NOW.secs(), "nbf": NOW.secs() - 10 }));
    let at = |secs: i64, leeway_secs: u32| {
        let expect = Expect { leeway_secs, ..Expect::new(&[ISSUER], NOW.plus_secs(secs)) };
        VERIFIER.verify::<Value>(&token, &expect).map(drop)
    };
    assert_eq!(at(-1, 0), Ok(()));
    assert_eq!(at(0, 0), Err(VerifyError::Expired), "on exp is too late (RFC 7519 §4.1.4)");
    assert_eq!(at(4, 5), Ok(()));
    assert_eq!(at(5, 5), Err(VerifyError::Expired));
    assert_eq!(at(-10, 0), Ok(()));
    assert_eq!(at(-11, 0), Err(VerifyError::Invalid("not yet valid")));
    assert_eq!(at(-15, 5), Ok(()));
    let late = Expect { allow_expired: true, ..Expect::new(&[ISSUER], NOW.plus_secs(1_000_000)) };
    assert!(VERIFIER.verify::<Value>(&token, &late).is_ok());
    assert!(check(&sign(json!({ "iss": ISSUER, "exp": 1_800_000_000.5 }))).is_ok());
    for bad in
        [json!({ "iss": ISSUER }), json!({ "iss": ISSUER, "exp": "2099" }), json!({ "iss": ISSUER, "exp": null })]
    {
        assert!(is_invalid(check(&sign(bad))));
    }
}

#[test]
fn issuer_audience_and_type_are_asked_for() {
    let [_, _, ed] = &*PAIRS;
    let token = ed.signer.sign("at+jwt", &claims()).unwrap();
    let verify = |expect: Expect<'_>| VERIFIER.verify::<Value>(&token, &expect).map(drop);
    assert_eq!(verify(Expect::new(&["https://other.example", ISSUER], NOW)), Ok(()));
    for issuers in [&[][..], &["https://other.example"], &["https://id.example/"], &["HTTPS://id.example"]] {
        assert_eq!(verify(Expect::new(issuers, NOW)), Err(VerifyError::Invalid("another issuer")));
    }
    assert_eq!(verify(Expect { audience: Some("b"), ..expect() }), Ok(()));
    assert_eq!(verify(Expect { audience: Some("c"), ..expect() }), Err(VerifyError::Invalid("another audience")));
    assert_eq!(verify(Expect { typ: Some("at+jwt"), ..expect() }), Ok(()));
    assert_eq!(verify(Expect { typ: Some("JWT"), ..expect() }), Err(VerifyError::Invalid("another type of token")));
    let long = ed.signer.sign("application/AT+JWT", &claims()).unwrap();
    assert!(VERIFIER.verify::<Value>(&long, &Expect { typ: Some("at+jwt"), ..expect() }).is_ok());
    let one = ed.signer.sign("JWT", &json!({ "iss": ISSUER, "exp": NOW.secs() + 1, "aud": "b" })).unwrap();
    assert!(VERIFIER.verify::<Value>(&one, &Expect { audience: Some("b"), ..expect() }).is_ok());
    let none = ed.signer.sign("JWT", &json!({ "iss": ISSUER, "exp": NOW.secs() + 1 })).unwrap();
    assert!(is_invalid(VERIFIER.verify::<Value>(&none, &Expect { audience: Some("b"), ..expect() })));
}

#[test]
fn odd_headers_and_doubled_names_are_refused() {
    let [_, ec, _] = &*PAIRS;
    let key = plain::EncodingKey::from_ec_der(&ec.der);
    let sign = |header: &str, payload: &str| {
        let message = format!("{}.{}", b64(header), b64(payload));
        let signature = plain::crypto::sign(message.as_bytes(), &key, plain::Algorithm::ES256).unwrap();
        format!("{message}.{signature}")
    };
    let kid = ec.signer.kid();
    let header = format!(r#"{{"alg":"ES256","kid":"{kid}"}}"#);
    let payload = r#"{"iss":"https://id.example","exp":1900000000}"#;
    assert!(check(&sign(&header, payload)).is_ok());
    for header in [
        format!(r#"{{"alg":"ES256","kid":"{kid}","crit":["b64"],"b64":false}}"#),
        format!(r#"{{"alg":"ES256","kid":"{kid}","crit":[]}}"#),
        format!(r#"{{"alg":"none","alg":"ES256","kid":"{kid}"}}"#),
        format!(r#"{{"kid":"{kid}"}}"#),
        format!(r#"{{"alg":["ES256"],"kid":"{kid}"}}"#),
        format!(r#"["ES256","{kid}",null,null]"#),
        "null".to_owned(),
        String::new(),
    ] {
        assert!(is_invalid(check(&sign(&header, payload))), "{header}");
    }
    for payload in [
        r#"{"iss":"https://evil.example","iss":"https://id.example","exp":1900000000}"#,
        r#"{"iss":"https://id.example","exp":1,"exp":1900000000}"#,
        r#"{"iss":["https://id.example"],"exp":1900000000}"#,
        r#"{"iss":"https://id.example","exp":1e999}"#,
        r#"["https://id.example",1900000000,null,null]"#,
        "[]",
        "",
    ] {
        assert!(is_invalid(check(&sign(&header, payload))), "{payload}");
    }
}

#[test]
fn a_long_token_is_refused_unread() {
    let [_, _, ed] = &*PAIRS;
    let long = |len: usize| {
        let mut claims = claims();
        claims["pad"] = "x".repeat(len).into();
        ed.signer.sign("JWT", &claims).unwrap()
    };
    assert!(check(&long(5_500)).is_ok());
    assert_eq!(check(&long(8_192)), Err(VerifyError::Invalid("too long")));
}

#[test]
fn keys_hold_their_algorithm_and_hide_their_secret() {
    for Pair { der, signer } in PAIRS.iter() {
        for other in SigningAlg::ALL.into_iter().filter(|other| *other != signer.alg()) {
            assert_eq!(Signer::from_pkcs8(other, der).unwrap_err(), KeyError::Private);
        }
        assert_eq!(Signer::from_pkcs8(signer.alg(), &der[..der.len() - 1]).unwrap_err(), KeyError::Private);
        let jwk = signer.public_key().to_jwk();
        let mut names: Vec<_> = jwk.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        let wanted: &[&str] = match signer.alg() {
            SigningAlg::Rs256 => &["alg", "e", "kid", "kty", "n", "use"],
            SigningAlg::Es256 => &["alg", "crv", "kid", "kty", "use", "x", "y"],
            SigningAlg::EdDsa => &["alg", "crv", "kid", "kty", "use", "x"],
        };
        assert_eq!(names, wanted);
        assert_eq!(PublicKey::from_jwk(&jwk).as_ref(), Ok(signer.public_key()));
        assert_eq!(format!("{signer:?}"), format!("Signer({} {}, [secret])", signer.alg(), signer.kid()));
    }
    let [rsa, ..] = &*PAIRS;
    assert_eq!(rsa.signer.public_key().to_jwk()["e"], "AQAB");
}

#[test]
fn poor_public_keys_are_refused() {
    let good = PAIRS[0].signer.public_key().to_jwk();
    let with = |name: &str, value: Value| {
        let mut jwk = good.clone();
        jwk[name] = value;
        jwk
    };
    let small = URL_SAFE_NO_PAD.encode([0xff; 128]);
    for bad in [
        with("n", small.into()),
        with("n", "".into()),
        with("e", "AQ".into()),
        with("e", "AQAA".into()),
        with("n", format!("AA{}", good["n"].as_str().unwrap()).into()),
        with("alg", "RS512".into()),
        with("use", "enc".into()),
        with("kid", 7.into()),
        with("kty", "oct".into()),
        json!({ "kty": "oct", "k": "AAAA" }),
        json!({ "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA" }),
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "AA" }),
        json!([]),
        Value::Null,
    ] {
        assert_eq!(PublicKey::from_jwk(&bad), Err(KeyError::Public), "{bad}");
    }
    let set = json!({ "keys": [{ "kty": "oct", "k": "AAAA" }, good] });
    assert!(Verifier::from_jwks(&set).knows(PAIRS[0].signer.kid()));
    assert!(!Verifier::from_jwks(&json!({})).knows(""));
}

/// RFC 7515 A.2 and A.3: a token of someone else's making, for either algorithm.
#[test]
fn the_examples_of_rfc_7515_verify() {
    const PAYLOAD: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let rsa = json!({ "kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ" });
    let rsa_token = format!(
        "eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    );
    let ec = json!({ "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" });
    let ec_token = format!(
        "eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    );
    for (jwk, token) in [(rsa, rsa_token), (ec, ec_token)] {
        let verifier = Verifier::new([&PublicKey::from_jwk(&jwk).unwrap()]);
        let at = |secs| verifier.verify::<Value>(&token, &Expect::new(&["joe"], Timestamp::from_secs(secs)));
        assert_eq!(at(1_300_819_379).unwrap()["http://example.com/is_root"], true);
        assert_eq!(at(1_300_819_380), Err(VerifyError::Expired));
    }
}

/// RFC 7638 §3.1 and RFC 8037 A.3.
#[test]
fn the_thumbprints_of_the_rfcs() {
    let rsa = json!({ "kty": "RSA", "e": "AQAB", "alg": "RS256", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw" });
    assert_eq!(PublicKey::from_jwk(&rsa).unwrap().kid(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    let ed = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    assert_eq!(PublicKey::from_jwk(&ed).unwrap().kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

#[test]
fn algorithm_names() {
    for alg in SigningAlg::ALL {
        assert_eq!(SigningAlg::from_name(alg.as_str()), Some(alg));
        assert_eq!(serde_json::to_value(alg).unwrap(), alg.to_string());
    }
    for bad in ["none", "HS256", "rs256", "ES384", ""] {
        assert_eq!(SigningAlg::from_name(bad), None);
    }
}

/// `cargo test --release --lib -- --ignored --nocapture cost_of_a_token`: each figure beside the bare signature.
#[test]
#[ignore = "a measurement"]
fn cost_of_a_token() {
    use aws_lc_rs::{rand::SystemRandom, signature as bare};
    let micros = |rounds: u32, work: &mut dyn FnMut()| {
        let start = std::time::Instant::now();
        (0..rounds).for_each(|_| work());
        start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds)
    };
    let claims = json!({ "iss": ISSUER, "sub": "skc_1", "aud": "skc_1", "exp": NOW.secs() + 3600, "iat": NOW.secs(),
        "jti": "7289000000000000000", "client_id": "skc_1", "scope": "users:read users:write", "token_type": "x" });
    let (rng, message) = (SystemRandom::new(), [b'x'; 480]);
    for Pair { der, signer } in PAIRS.iter() {
        let rounds = if signer.alg() == SigningAlg::Rs256 { 2_000 } else { 10_000 };
        let alone = match signer.alg() {
            SigningAlg::Rs256 => {
                let pair = bare::RsaKeyPair::from_pkcs8(der).unwrap();
                let mut out = [0; 256];
                micros(rounds, &mut || pair.sign(&bare::RSA_PKCS1_SHA256, &rng, &message, &mut out).unwrap())
            }
            SigningAlg::Es256 => {
                let pair = bare::EcdsaKeyPair::from_pkcs8(&bare::ECDSA_P256_SHA256_FIXED_SIGNING, der).unwrap();
                micros(rounds, &mut || _ = pair.sign(&rng, &message).unwrap())
            }
            SigningAlg::EdDsa => {
                let pair = bare::Ed25519KeyPair::from_pkcs8(der).unwrap();
                micros(rounds, &mut || _ = pair.sign(&message))
            }
        };
        let sign = micros(rounds, &mut || drop(signer.sign("at+jwt", &claims).unwrap()));
        let token = signer.sign("at+jwt", &claims).unwrap();
        let verify = micros(rounds, &mut || drop(check(&token).unwrap()));
        println!("{}: bare signature {alone:.1} us, sign {sign:.1} us, verify {verify:.1} us", signer.alg());
    }
}

proptest! {
    #[test]
    fn garbage_is_refused_and_never_panics(bytes: Vec<u8>, a: String, b: String, c: String) {
        prop_assert!(check(&String::from_utf8_lossy(&bytes)).is_err());
        prop_assert!(check(&[a.as_str(), &b, &c].join(".")).is_err());
        let parts = [&a, &b, &c].map(|part| b64(part));
        prop_assert!(check(&parts.join(".")).is_err());
        for Pair { signer, .. } in PAIRS.iter() {
            let header = b64(&json!({ "alg": signer.alg(), "kid": signer.kid() }).to_string());
            prop_assert!(check(&[header.as_str(), &parts[1], &parts[2]].join(".")).is_err());
        }
    }

    #[test]
    fn any_claims_come_back(sub: String, list: Vec<String>, number: i64) {
        let mut claims = claims();
        claims["sub"] = sub.into();
        claims["list"] = list.into();
        claims["number"] = number.into();
        let token = PAIRS[2].signer.sign("JWT", &claims).unwrap();
        prop_assume!(token.len() <= MAX_TOKEN_LEN);
        prop_assert_eq!(check(&token), Ok(claims));
    }
}
