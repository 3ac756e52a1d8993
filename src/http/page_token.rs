//! Page tokens: places in a list as opaque text, the same on both wires. A server keeps nothing for them, so one holds for
//! ever and after a restart; what came and went meanwhile shifts nothing.

use crate::base::Problem;
use crate::crypto::digest::sha256;
use crate::store::{Seek, Slice, Window};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

/// How many there are on a page when nothing is said.
pub const DEFAULT: u32 = 10;
/// The direction, the place and the check.
const LEN: usize = 1 + 8 + 4;
const OLDER: u8 = 1;
const NEWER: u8 = 2;

/// Which stretch of a list a request asks for: `page_size` and `page_token`. A size of 0 is the field not given.
///
/// # Errors
/// A problem that names the field: a size above `max`, a token that this server did not give.
pub fn window(size: u32, token: &str, default: u32, max: u32) -> Result<Window, Problem> {
    if size > max {
        return Err(Problem::invalid("page_size", format!("must be at most {max}")));
    }
    up_to(size, token, default, max)
}

/// As [`window`], for a list whose size has no rule: one above `max` is taken as `max`.
///
/// # Errors
/// A problem that names `page_token`.
pub fn up_to(size: u32, token: &str, default: u32, max: u32) -> Result<Window, Problem> {
    let size = if size == 0 { default } else { size.min(max) };
    let seek = if token.is_empty() { Some(Seek::Start) } else { parse(token) };
    match seek {
        Some(seek) => Ok(Window::new(seek, size)),
        None => Err(Problem::invalid("page_token", "must be a token from an answer of this list, or left out")),
    }
}

/// The tokens of the next page and of the one before: empty at the ends.
pub fn tokens<T>(slice: &Slice<T>) -> (String, String) {
    let text = |seek: Option<Seek>| seek.map_or_else(String::new, render);
    (text(slice.next), text(slice.prev))
}

/// The token of a place.
pub fn at(seek: Seek) -> String {
    render(seek)
}

/// The total as the messages carry it.
pub fn total<T>(slice: &Slice<T>) -> u32 {
    u32::try_from(slice.total).unwrap_or(u32::MAX)
}

fn render(seek: Seek) -> String {
    let (way, place) = match seek {
        // The start needs no token; of a list that begins at the newest one would lead there all the same.
        Seek::Start => (OLDER, u64::MAX),
        Seek::OlderThan(place) => (OLDER, place),
        Seek::NewerThan(place) => (NEWER, place),
    };
    let mut bytes = Vec::with_capacity(LEN);
    bytes.push(way);
    bytes.extend_from_slice(&place.to_be_bytes());
    bytes.extend_from_slice(&check(&bytes));
    BASE64.encode(bytes)
}

/// Tells a mistyped or cut token from a good one. It is no secret: a place in a list opens nothing.
fn check(bytes: &[u8]) -> [u8; 4] {
    let digest = sha256(bytes);
    [digest[0], digest[1], digest[2], digest[3]]
}

fn parse(token: &str) -> Option<Seek> {
    let bytes: [u8; LEN] = BASE64.decode(token).ok()?.try_into().ok()?;
    let (said, checked) = bytes.split_at(LEN - 4);
    if check(said) != checked {
        return None;
    }
    let place = u64::from_be_bytes(said.get(1..)?.try_into().ok()?);
    match said[0] {
        OLDER => Some(Seek::OlderThan(place)),
        NEWER => Some(Seek::NewerThan(place)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slice(next: Option<Seek>, prev: Option<Seek>) -> Slice<()> {
        Slice { next, prev, ..Slice::empty() }
    }

    fn refused(size: u32, token: &str) -> (String, String) {
        let problem = window(size, token, DEFAULT, 30).unwrap_err();
        (problem.fields[0].field.clone(), problem.fields[0].message.clone())
    }

    #[test]
    fn sizes_have_a_default_and_a_limit() {
        for (size, shown) in [(0, 10), (1, 1), (30, 30)] {
            assert_eq!(window(size, "", DEFAULT, 30).unwrap(), Window::new(Seek::Start, shown));
        }
        assert_eq!(refused(31, ""), ("page_size".into(), "must be at most 30".into()));
        assert_eq!(up_to(31, "", DEFAULT, 30).unwrap().size(), 30);
    }

    #[test]
    fn the_ends_have_no_token() {
        assert_eq!(tokens(&slice(None, None)), (String::new(), String::new()));
        let (next, prev) = tokens(&slice(Some(Seek::OlderThan(42)), None));
        assert!(!next.is_empty() && prev.is_empty());
    }

    proptest! {
        #[test]
        fn places_come_back(place: u64, size in 1u32..=30, newer: bool) {
            let seek = if newer { Seek::NewerThan(place) } else { Seek::OlderThan(place) };
            let (next, prev) = tokens(&slice(Some(seek), Some(seek)));
            prop_assert_eq!(&next, &prev);
            prop_assert_eq!(window(size, &next, DEFAULT, 30).unwrap(), Window::new(seek, size));
        }

        #[test]
        fn no_other_text_is_a_token(text in "\\PC{1,40}") {
            prop_assert_eq!(refused(1, &text).0, "page_token");
        }

        #[test]
        fn a_changed_token_is_none(place: u64, at in 0usize..18, letter in "[A-Za-z0-9_-]") {
            let good = tokens(&slice(Some(Seek::OlderThan(place)), None)).0;
            let mut bad = good.clone();
            bad.replace_range(at..=at, &letter);
            prop_assume!(bad != good);
            prop_assert_eq!(refused(1, &bad).0, "page_token");
            prop_assert_eq!(refused(1, &good[..at.max(1)]).0, "page_token");
        }
    }
}
