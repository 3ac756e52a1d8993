//! `.env` files: lines of `NAME=value`.
//!
//! Empty lines and lines that begin with `#` say nothing, and `export` in front of a name is dropped. A value without quotes goes to the
//! end of its line, or to a `#` with a blank before it, without the blanks around it. In quotes everything counts, line breaks too; in
//! double quotes `\n`, `\r`, `\t`, `\\`, `\"` and `\$` are escapes, and other backslashes are themselves. Nothing is put in for `$NAME`.

use std::fmt;

/// What is wrong with which line. It never says what stands there: that may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The number of the line; the first is 1.
    pub line: usize,
    /// What is wrong with it: `has no =`.
    pub rule: &'static str,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} {}", self.line, self.rule)
    }
}

/// The names with their values, as they stand in the file.
///
/// # Errors
/// The first line that says nothing that could be meant.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, Wrong> {
    let text = super::text::without_mark(text).replace("\r\n", "\n");
    let mut found: Vec<(String, String)> = Vec::new();
    let (mut rest, mut line) = (text.as_str(), 1);
    while !rest.is_empty() {
        let wrong = |rule| Wrong { line, rule };
        let whole = rest.split('\n').next().unwrap_or_default();
        let trimmed = whole.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            (rest, line) = (after(rest, whole.len()), line + 1);
            continue;
        }
        let at = whole.find('=').ok_or_else(|| wrong("has no ="))?;
        let (front, value) = rest.split_at(at);
        let name = name(front).map_err(wrong)?;
        if found.iter().any(|(known, _)| known == name) {
            return Err(wrong("has a name that stands above already"));
        }
        let (value, end) = read(&value[1..]).map_err(wrong)?;
        let taken = &rest[..at + 1 + end];
        found.push((name.to_owned(), value));
        line += 1 + taken.matches('\n').count();
        rest = after(rest, taken.len());
    }
    Ok(found)
}

/// What is left of a text behind a place and the line break there.
fn after(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    rest.strip_prefix('\n').unwrap_or(rest)
}

fn name(front: &str) -> Result<&str, &'static str> {
    let front = front.trim();
    let exported = front.strip_prefix("export").filter(|rest| rest.starts_with(char::is_whitespace));
    match exported.unwrap_or(front).trim() {
        "" => Err("has no name before the ="),
        name if name.contains(char::is_whitespace) => Err("has a blank in the name before the ="),
        name => Ok(name),
    }
}

/// A value, and where its line ends.
fn read(text: &str) -> Result<(String, usize), &'static str> {
    let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
    let inner = &text[blanks..];
    match inner.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let (value, length) = quoted(&inner[1..], quote).ok_or("begins a value in quotes that does not end")?;
            let end = blanks + 1 + length;
            let rest = text[end..].split('\n').next().unwrap_or_default();
            let left = rest.trim();
            let is_comment = left.starts_with('#') && rest.starts_with(char::is_whitespace);
            if !left.is_empty() && !is_comment {
                return Err("has text behind the closing quote; write \\\" for a quote within double quotes");
            }
            Ok((value, end + rest.len()))
        }
        _ => {
            let whole = text.split('\n').next().unwrap_or_default();
            let mut last = ' ';
            let comment = whole.char_indices().find(|(_, c)| {
                let begins = *c == '#' && last.is_whitespace();
                last = *c;
                begins
            });
            let value = comment.and_then(|(at, _)| whole.get(..at)).unwrap_or(whole);
            Ok((value.trim().to_owned(), whole.len()))
        }
    }
}

/// What stands before the closing quote, and where that quote ends; nothing if there is none.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Some((value, at + 1)),
            '\\' if quote == '"' => match chars.next()?.1 {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                't' => value.push('\t'),
                c @ ('\\' | '"' | '$') => value.push(c),
                other => value.extend(['\\', other]),
            },
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_forms_that_files_have() {
        let file = concat!(
            "\u{feff}# a comment\r\n",
            "\r\n",
            "PLAIN=a b\r\n",
            "  SPACED  =  x y  \r\n",
            "export EXPORTED=1\r\n",
            "export\tTABBED=2\r\n",
            "exported=3\r\n",
            "EMPTY=\r\n",
            "HASH=a#b # a comment\r\n",
            "ONLY= # a comment\r\n",
            "EQUALS=a=b==\r\n",
            "SINGLE='a \\n # \"b\" $C'\r\n",
            "DOUBLE=\"a\\tb\\\"c\\\\ \\$D $E \\d # f\"  # a comment\r\n",
            "KEY=\"-----BEGIN KEY-----\r\nMIIE=\r\n-----END KEY-----\"\r\n",
            "INNER=a\"b\"'c\r\n",
            "LAST='1\n2'",
        );
        let found = parse(file).unwrap();
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            found,
            [
                ("PLAIN", "a b"),
                ("SPACED", "x y"),
                ("EXPORTED", "1"),
                ("TABBED", "2"),
                ("exported", "3"),
                ("EMPTY", ""),
                ("HASH", "a#b"),
                ("ONLY", ""),
                ("EQUALS", "a=b=="),
                ("SINGLE", "a \\n # \"b\" $C"),
                ("DOUBLE", "a\tb\"c\\ $D $E \\d # f"),
                ("KEY", "-----BEGIN KEY-----\nMIIE=\n-----END KEY-----"),
                ("INNER", "a\"b\"'c"),
                ("LAST", "1\n2"),
            ]
        );
        assert_eq!(parse(""), Ok(Vec::new()));
    }

    #[test]
    fn an_error_names_the_line() {
        for (file, line, rule) in [
            ("a=1\nhunter2", 2, "has no ="),
            ("a='1\n2'\n\n=x", 4, "has no name before the ="),
            ("a=1\n#\na=2", 3, "has a name that stands above already"),
            ("a b=1", 1, "has a blank in the name before the ="),
            ("a=1\nb=\"2\nc=3\n", 2, "begins a value in quotes that does not end"),
            ("a=\"b\\\"", 1, "begins a value in quotes that does not end"),
            ("a=\"b\"c\"", 1, "has text behind the closing quote; write \\\" for a quote within double quotes"),
            ("a='b'#c", 1, "has text behind the closing quote; write \\\" for a quote within double quotes"),
        ] {
            assert_eq!(parse(file), Err(Wrong { line, rule }), "{file:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "[a='\"\\\\#\\n\\r \u{e9}]{0,40}", value in "\\PC{0,20}") {
            let _ = parse(&text);
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            prop_assert_eq!(parse(&format!("a=\"{escaped}\"\n")).unwrap(), [("a".to_owned(), value)]);
        }
    }
}
