//! What a command reads: secrets come in on stdin or from files, not in arguments, which every user of the machine can see.

use super::failure::Failure;
use crate::base::Secret;
use crate::base::text::{only_line, without_mark};
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

/// The most that is read, in bytes.
const LIMIT: u64 = 64 * 1024 * 1024;

/// Stdin.
pub struct Input {
    from: Box<dyn Read>,
    /// Whether somebody types it.
    is_typed: bool,
}

impl Input {
    /// The process's own stdin.
    pub fn of_process() -> Self {
        Self { from: Box::new(io::stdin()), is_typed: io::stdin().is_terminal() }
    }

    /// What comes out of a pipe.
    pub fn piped(from: impl Read + 'static) -> Self {
        Self { from: Box::new(from), is_typed: false }
    }

    /// What somebody types.
    #[cfg(test)]
    pub fn typed(from: impl Read + 'static) -> Self {
        Self { from: Box::new(from), is_typed: true }
    }

    /// Whether somebody types it, who can be asked.
    pub fn is_typed(&self) -> bool {
        self.is_typed
    }

    /// One line, in lower case and without blanks around it: the answer to a question.
    ///
    /// # Errors
    /// Reading failed.
    pub fn answer(&mut self) -> Result<String, Failure> {
        let (mut line, mut byte) = (Vec::new(), [0]);
        while self.from.read(&mut byte)? == 1 && byte[0] != b'\n' {
            line.push(byte[0]);
        }
        Ok(String::from_utf8_lossy(&line).trim().to_lowercase())
    }

    /// A text byte for byte. Of what somebody types, the line break that ends it is no part. `what` names it: `value`.
    ///
    /// # Errors
    /// Reading failed, there is nothing, or it is no UTF-8.
    pub fn exact(&mut self, what: &str) -> Result<Secret<String>, Failure> {
        let text = text(&mut self.from, "stdin")?;
        let text = if self.is_typed { Secret::new(only_line(text.expose()).to_owned()) } else { text };
        some(text, what)
    }

    /// A text that has one line as a rule, such as a password: a line break at the end and a byte-order mark in front are no part of it.
    ///
    /// # Errors
    /// As [`Input::exact`].
    pub fn line(&mut self, what: &str) -> Result<Secret<String>, Failure> {
        let text = text(&mut self.from, "stdin")?;
        some(Secret::new(only_line(text.expose()).to_owned()), what)
    }

    /// A text in which blanks at its ends say nothing, such as JSON. A byte-order mark in front is no part of it. Lines in front stay,
    /// so that an error names the line that people see.
    ///
    /// # Errors
    /// As [`Input::exact`].
    pub fn document(&mut self, what: &str) -> Result<Secret<String>, Failure> {
        let text = text(&mut self.from, "stdin")?;
        some(Secret::new(without_mark(text.expose()).trim_end().to_owned()), what)
    }
}

impl std::fmt::Debug for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Input")
    }
}

/// A file byte for byte.
///
/// # Errors
/// It cannot be read, or is no UTF-8.
pub fn file(path: &Path) -> Result<Secret<String>, Failure> {
    let name = path.display().to_string();
    let mut file = File::open(path).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    text(&mut file, &name)
}

fn some(text: Secret<String>, what: &str) -> Result<Secret<String>, Failure> {
    if text.expose().is_empty() { Err(Failure::usage(format!("there is no {what} on stdin"))) } else { Ok(text) }
}

fn text(from: &mut dyn Read, name: &str) -> Result<Secret<String>, Failure> {
    let mut bytes = Vec::new();
    from.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(Failure::usage(format!("{name} has more than {} MiB", LIMIT >> 20)));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::usage(format!(
            "{name} is no text in UTF-8, and secrets are texts: encode it first, as base64 for example"
        ))
    })?;
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_kept_where_nobody_typed_them() {
        for (given, exact, typed, line) in [
            ("a\n", "a\n", "a", "a"),
            ("a\r\n", "a\r\n", "a", "a"),
            ("a\n\n", "a\n\n", "a\n", "a\n"),
            (" a ", " a ", " a ", " a "),
            ("\u{feff}a", "\u{feff}a", "a", "a"),
        ] {
            assert_eq!(Input::piped(given.as_bytes()).exact("value").unwrap().expose(), exact);
            assert_eq!(Input::typed(given.as_bytes()).exact("value").unwrap().expose(), typed);
            assert_eq!(Input::piped(given.as_bytes()).line("password").unwrap().expose(), line);
        }
        assert_eq!(Input::piped("\u{feff} {}\n".as_bytes()).document("JSON object").unwrap().expose(), " {}");
        assert_eq!(Input::piped("\n\n{}\n".as_bytes()).document("JSON object").unwrap().expose(), "\n\n{}");
    }

    #[test]
    fn an_answer_is_a_line() {
        let mut input = Input::typed("Y \nrest".as_bytes());
        assert_eq!((input.answer().unwrap().as_str(), input.answer().unwrap().as_str()), ("y", "rest"));
    }

    #[test]
    fn nothing_and_what_is_no_text_are_named() {
        for failure in [
            Input::piped(io::empty()).exact("value").unwrap_err(),
            Input::piped("\n".as_bytes()).line("value").unwrap_err(),
            Input::piped("\u{feff}\n".as_bytes()).document("value").unwrap_err(),
        ] {
            assert_eq!(failure, Failure::usage("there is no value on stdin"));
        }
        let failure = Input::piped([0xff, 0xfe].as_slice()).exact("value").unwrap_err();
        assert!(failure.code() == 2 && failure.to_string().starts_with("stdin is no text in UTF-8"), "{failure}");
        assert!(Input::piped(io::repeat(b'x')).exact("value").unwrap_err().to_string().contains("64 MiB"));
    }

    #[test]
    fn a_file_is_read_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        std::fs::write(&path, "a\r\n\n").unwrap();
        assert_eq!(file(&path).unwrap().expose(), "a\r\n\n");
        assert_eq!(file(&folder.path().join("none")).unwrap_err().code(), 2);
    }
}
