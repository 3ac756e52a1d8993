//! The name that was most likely meant.

/// The name of `known` that is closest to `written`, if one is close enough: at most a third of its letters differ, and at
/// most two. Letters that changed places count once. Case does not count.
pub fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Names are short; what is longer than any of them was no slip of the hand.
    let written: Vec<char> = written.chars().flat_map(char::to_lowercase).take(65).collect();
    let within = (written.len() / 3).clamp(1, 2);
    known
        .into_iter()
        .map(|name| (distance(&written, &name.chars().flat_map(char::to_lowercase).collect::<Vec<_>>()), name))
        .filter(|(distance, _)| *distance <= within)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters have to be put in, taken out, replaced or swapped with their neighbour to make one of the other
/// (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut rows: Vec<usize> = (0..(a.len() + 1) * width).map(|at| if at < width { at } else { at / width }).collect();
    let get = |rows: &[usize], i: usize, j: usize| rows.get(i * width + j).copied().unwrap_or(usize::MAX / 2);
    for (i, left) in a.iter().enumerate() {
        for (j, right) in b.iter().enumerate() {
            let replaced = get(&rows, i, j) + usize::from(left != right);
            let mut best = replaced.min(get(&rows, i, j + 1) + 1).min(get(&rows, i + 1, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(right) && b.get(j - 1) == Some(left) {
                best = best.min(get(&rows, i - 1, j - 1) + 1);
            }
            if let Some(cell) = rows.get_mut((i + 1) * width + j + 1) {
                *cell = best;
            }
        }
    }
    get(&rows, a.len(), b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_a_strange_word_is_not() {
        let known = ["admin:read", "admin:write", "users:read", "secrets:read", "openid"];
        for (written, meant) in [
            ("admin:reed", Some("admin:read")),
            ("admin:raed", Some("admin:read")),
            ("Admin:Read", Some("admin:read")),
            ("admn:write", Some("admin:write")),
            ("user:read", Some("users:read")),
            ("opendi", Some("openid")),
            ("secret", None),
            ("offline", None),
            ("", None),
        ] {
            assert_eq!(did_you_mean(written, known), meant, "{written}");
        }
        assert_eq!(did_you_mean(&"x".repeat(10_000), known), None);
        assert_eq!(did_you_mean("server_lisen", ["SERVER_LISTEN", "SERVER_WORKERS"]), Some("SERVER_LISTEN"));
    }

    #[test]
    fn distances_are_those_of_the_definition() {
        let distance =
            |a: &str, b: &str| super::distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        for (a, b, far) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("abc", "acb", 1),
            ("kitten", "sitting", 3),
            ("ca", "abc", 3),
        ] {
            assert_eq!(distance(a, b), far, "{a} {b}");
            assert_eq!(distance(b, a), far, "{b} {a}");
        }
    }
}
