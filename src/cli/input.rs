//! What a command reads: secrets come in on stdin, not in arguments, which every user of the machine can see.

use super::failure::Failure;
use crate::base::Secret;
use std::io::Read;

/// The most that is read, in bytes.
const LIMIT: u64 = 64 * 1024 * 1024;

/// Reads a text to its end. One line break at the end is not part of it.
///
/// # Errors
/// Reading failed, or it is no UTF-8.
pub fn text(from: &mut dyn Read) -> Result<Secret<String>, Failure> {
    let mut text = String::new();
    from.take(LIMIT).read_to_string(&mut text)?;
    let bare = text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text).len());
    text.truncate(bare.unwrap_or(text.len()));
    Ok(Secret::new(text))
}

/// Reads a text that must not be empty. `what` names it: `password`.
///
/// # Errors
/// As [`text`], or it is empty.
pub fn required(from: &mut dyn Read, what: &str) -> Result<Secret<String>, Failure> {
    let text = text(from)?;
    if text.expose().is_empty() { Err(Failure::usage(format!("there is no {what} on stdin"))) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_break_at_the_end_is_dropped() {
        for (given, read) in [("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a ", " a "), ("", "")] {
            assert_eq!(text(&mut given.as_bytes()).unwrap().expose(), read);
        }
        assert_eq!(required(&mut "\n".as_bytes(), "password").unwrap_err().code(), 2);
    }
}
