//! What a command prints: tables and lines for people, JSON for machines. Notes for people go to stderr, so that stdout can be piped.

use super::failure::Failure;
use serde_json::Value;
use std::io::{self, Write};

/// Where a command prints.
pub struct Out {
    json: bool,
    stdout: Box<dyn Write>,
    stderr: Box<dyn Write>,
}

impl std::fmt::Debug for Out {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Out")
    }
}

impl Out {
    /// To the process's own stdout and stderr.
    pub fn of_process(json: bool) -> Self {
        Self { json, stdout: Box::new(io::stdout()), stderr: Box::new(io::stderr()) }
    }

    /// To these two.
    pub fn to(json: bool, stdout: impl Write + 'static, stderr: impl Write + 'static) -> Self {
        Self { json, stdout: Box::new(stdout), stderr: Box::new(stderr) }
    }

    /// Whether JSON was asked for.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A line as it is. Not for texts of others: a terminal obeys what they may hold.
    ///
    /// # Errors
    /// Writing failed.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(self.stdout, "{text}")?)
    }

    /// A note for people, on stderr. Nothing with `--json`.
    ///
    /// # Errors
    /// Writing failed.
    pub fn note(&mut self, text: &str) -> Result<(), Failure> {
        if !self.json {
            writeln!(self.stderr, "{text}")?;
        }
        Ok(())
    }

    /// Rows: JSON as they are, or a table of the columns `(title, field)`, where a field may lie deeper: `/actor/name`.
    ///
    /// # Errors
    /// Writing failed.
    pub fn rows(&mut self, rows: &[Value], columns: &[(&str, &str)]) -> Result<(), Failure> {
        if self.json {
            return self.json(&Value::Array(rows.to_vec()));
        }
        let mut lines: Vec<Vec<String>> = vec![columns.iter().map(|(title, _)| (*title).to_owned()).collect()];
        lines.extend(rows.iter().map(|row| {
            columns.iter().map(|(_, name)| field(row, name).map_or_else(|| "-".to_owned(), cell)).collect()
        }));
        self.aligned(&lines)
    }

    /// One thing: JSON as it is, or a line for each of its fields.
    ///
    /// # Errors
    /// Writing failed.
    pub fn object(&mut self, value: &Value) -> Result<(), Failure> {
        match value.as_object() {
            Some(fields) if !self.json => {
                let lines: Vec<_> = fields.iter().map(|(name, value)| vec![printable(name), cell(value)]).collect();
                self.aligned(&lines)
            }
            _ => self.json(value),
        }
    }

    /// JSON, whatever was asked for.
    ///
    /// # Errors
    /// Writing failed.
    pub fn json(&mut self, value: &Value) -> Result<(), Failure> {
        Ok(writeln!(self.stdout, "{value:#}")?)
    }

    /// That something was done: `{"id": …, "done": what}`, or `what id`.
    ///
    /// # Errors
    /// Writing failed.
    pub fn done(&mut self, what: &str, id: &str) -> Result<(), Failure> {
        if self.json {
            return self.json(&serde_json::json!({ "id": id, "done": what }));
        }
        self.line(&format!("{what} {}", printable(id)))
    }

    /// Lines with their columns under each other, two blanks apart.
    fn aligned(&mut self, lines: &[Vec<String>]) -> Result<(), Failure> {
        let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for line in lines {
            let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            writeln!(self.stdout, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// A field by its name, or by its pointer if it begins with a slash.
fn field<'a>(row: &'a Value, name: &str) -> Option<&'a Value> {
    if name.starts_with('/') { row.pointer(name) } else { row.get(name) }
}

/// A value in one line.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => printable(text),
        Value::Array(values) if values.iter().all(|value| !value.is_object() && !value.is_array()) => {
            if values.is_empty() { "-".to_owned() } else { values.iter().map(cell).collect::<Vec<_>>().join(" ") }
        }
        other => printable(&other.to_string()),
    }
}

/// A text that a terminal shows and does not obey: control characters are written as `\u{1b}`.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::harness::Captured;
    use serde_json::json;

    #[test]
    fn tables_are_aligned_and_obey_nobody() {
        let text = Captured::default();
        let mut out = Out::to(false, text.clone(), io::sink());
        let rows = [
            json!({ "id": "tnt_1", "name": "Ärger", "roles": ["a", "b"], "who": { "name": "x" } }),
            json!({ "id": "tnt_22", "name": "\u{1b}[2J", "roles": [], "n": 3 }),
        ];
        out.rows(&rows, &[("ID", "id"), ("NAME", "name"), ("ROLES", "roles"), ("WHO", "/who/name"), ("N", "n")])
            .unwrap();
        let lines =
            "ID      NAME       ROLES  WHO  N\ntnt_1   Ärger      a b    x    -\ntnt_22  \\u{1b}[2J  -      -    3\n";
        assert_eq!(text.text(), lines);
    }

    #[test]
    fn json_is_what_the_server_said() {
        let text = Captured::default();
        let mut out = Out::to(true, text.clone(), text.clone());
        out.rows(&[json!({ "id": 1, "more": true })], &[("ID", "id")]).unwrap();
        out.note("not for machines").unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text.text()).unwrap(), json!([{ "id": 1, "more": true }]));
    }
}
