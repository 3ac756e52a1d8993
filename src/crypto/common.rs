//! The passwords that guessing begins with: a list from public breaches, in the binary, asked of nobody
//! (`assets/passwords/README.md`).

use super::digest::sha256;

/// The first bytes of the SHA-256 of each password in lower case, sorted.
const LIST: &[u8] = include_bytes!("../../assets/passwords/common.bin");
/// How many bytes of each.
const FRONT: usize = 5;

/// Whether a password is one of them, in whatever case.
pub(super) fn is_common(password: &str) -> bool {
    let digest = sha256(password.to_lowercase().as_bytes());
    let (list, _) = LIST.as_chunks::<FRONT>();
    digest.first_chunk::<FRONT>().is_some_and(|front| list.binary_search(front).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_long_and_sorted() {
        let (list, rest) = LIST.as_chunks::<FRONT>();
        assert!(rest.is_empty() && list.len() >= 10_000, "{}", list.len());
        assert!(list.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn common_passwords_are_known_in_any_case() {
        for common in ["password", "Password1", "QWERTYUIOP", "12345678", "iloveyou", "TrustNo1"] {
            assert!(is_common(common), "{common}");
        }
        for own in ["correct horse battery", "pässwörd", "another few words to remember", ""] {
            assert!(!is_common(own), "{own}");
        }
    }
}
