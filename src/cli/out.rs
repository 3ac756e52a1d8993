//! What a command prints: tables and lines for people; JSON, YAML or CSV for machines. Notes for people go to stderr, so that stdout can
//! be piped.

use super::failure::Failure;
use super::yaml;
use crate::base::json_text::indented;
use crate::http::csv;
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::io::{self, IsTerminal, Write};

/// In which form a command prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: columns under each other
    #[default]
    Table,
    /// All that the server said
    Json,
    /// The same as YAML
    Yaml,
    /// The columns of the table, for spreadsheets (RFC 4180)
    Csv,
}

/// The flags for the form.
#[derive(Args, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// In which form to print
    #[arg(long, short, value_name = "FORMAT", global = true, conflicts_with = "json")]
    output: Option<Format>,
    /// Print JSON: --output json. Errors are JSON too, on stderr
    #[arg(long, global = true)]
    json: bool,
}

impl Form {
    /// Which one was asked for.
    pub fn format(self) -> Format {
        if self.json { Format::Json } else { self.output.unwrap_or_default() }
    }
}

/// Where a command prints.
pub struct Out {
    format: Format,
    /// Whether people look at stdout, and not a program at the other end of a pipe.
    is_seen: bool,
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
    pub fn of_process(format: Format) -> Self {
        let is_seen = io::stdout().is_terminal();
        Self { format, is_seen, stdout: Box::new(io::stdout()), stderr: Box::new(io::stderr()) }
    }

    /// To these two, which are no terminals.
    pub fn to(format: Format, stdout: impl Write + 'static, stderr: impl Write + 'static) -> Self {
        Self { format, is_seen: false, stdout: Box::new(stdout), stderr: Box::new(stderr) }
    }

    /// Which form was asked for.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether the columns of a table are printed, for people or for a spreadsheet.
    pub fn is_table(&self) -> bool {
        matches!(self.format, Format::Table | Format::Csv)
    }

    /// Whether a program reads it.
    pub fn is_for_machines(&self) -> bool {
        self.format != Format::Table
    }

    /// A line as it is. Not for texts of others: a terminal obeys what they may hold.
    ///
    /// # Errors
    /// Writing failed.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(self.stdout, "{text}")?)
    }

    /// A text byte for byte; on a terminal a line break follows, so that the prompt does not.
    ///
    /// # Errors
    /// Writing failed.
    pub fn exact(&mut self, text: &str) -> Result<(), Failure> {
        self.stdout.write_all(text.as_bytes())?;
        if self.is_seen && !text.ends_with('\n') {
            self.stdout.write_all(b"\n")?;
        }
        Ok(self.stdout.flush()?)
    }

    /// A piece of something that comes bit by bit, byte for byte.
    ///
    /// # Errors
    /// Writing failed.
    pub fn piece(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.stdout.write_all(bytes).and_then(|()| self.stdout.flush())?)
    }

    /// A note for people, on stderr. Nothing for machines.
    ///
    /// # Errors
    /// Writing failed.
    pub fn note(&mut self, text: &str) -> Result<(), Failure> {
        if !self.is_for_machines() {
            writeln!(self.stderr, "{text}")?;
        }
        Ok(())
    }

    /// Rows: as they are, or a table of the columns `(title, field)`, where a field may lie deeper: `/actor/name`.
    ///
    /// # Errors
    /// Writing failed.
    pub fn rows(&mut self, rows: &[Value], columns: &[(&str, &str)]) -> Result<(), Failure> {
        match self.format {
            Format::Json | Format::Yaml => self.value(&Value::Array(rows.to_vec())),
            Format::Csv => {
                let names = columns.iter().map(|(_, name)| name.trim_start_matches('/'));
                let mut text = csv::line(names);
                for row in rows {
                    let cells: Vec<String> =
                        columns.iter().map(|(_, name)| field(row, name).map(plain).unwrap_or_default()).collect();
                    text.push_str(&csv::line(cells.iter().map(String::as_str)));
                }
                Ok(self.stdout.write_all(text.as_bytes())?)
            }
            Format::Table => {
                let mut lines: Vec<Vec<String>> = vec![columns.iter().map(|(title, _)| (*title).to_owned()).collect()];
                let shown = |row: &Value, name: &str| field(row, name).map_or_else(|| "-".to_owned(), cell);
                lines.extend(rows.iter().map(|row| columns.iter().map(|(_, name)| shown(row, name)).collect()));
                self.aligned(&lines)
            }
        }
    }

    /// The rows of a list that may be empty: then people hear it, with `none`, and see no bare heads of columns.
    ///
    /// # Errors
    /// Writing failed.
    pub fn list(&mut self, rows: &[Value], columns: &[(&str, &str)], none: &str) -> Result<(), Failure> {
        if rows.is_empty() && !self.is_for_machines() { self.note(none) } else { self.rows(rows, columns) }
    }

    /// Some rows of many that come one after another: of a table without its heads, for machines an object a line.
    ///
    /// # Errors
    /// Writing failed.
    pub fn stream(&mut self, rows: &[Value], columns: &[(&str, &str)]) -> Result<(), Failure> {
        let cells = |row: &Value, text: fn(&Value) -> String| -> Vec<String> {
            columns.iter().map(|(_, name)| field(row, name).map(text).unwrap_or_default()).collect()
        };
        for row in rows {
            match self.format {
                Format::Table => writeln!(self.stdout, "{}", cells(row, cell).join("  "))?,
                Format::Csv => {
                    let cells = cells(row, plain);
                    self.stdout.write_all(csv::line(cells.iter().map(String::as_str)).as_bytes())?;
                }
                Format::Json => writeln!(self.stdout, "{row}")?,
                Format::Yaml => write!(self.stdout, "---\n{}", yaml::document(row))?,
            }
        }
        Ok(self.stdout.flush()?)
    }

    /// One thing: as it is, or a line for each of its fields.
    ///
    /// # Errors
    /// Writing failed.
    pub fn object(&mut self, value: &Value) -> Result<(), Failure> {
        match (self.format, value.as_object()) {
            (Format::Table, Some(fields)) => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), cell(value))).collect();
                self.fields(&fields)
            }
            (Format::Csv, Some(fields)) => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), plain(value))).collect();
                self.texts(&fields)
            }
            _ => self.value(value),
        }
    }

    /// Names with what stands beside each, one a line.
    ///
    /// # Errors
    /// Writing failed.
    pub fn fields(&mut self, fields: &[(&str, String)]) -> Result<(), Failure> {
        let lines: Vec<_> = fields.iter().map(|(name, value)| vec![printable(name), value.clone()]).collect();
        self.aligned(&lines)
    }

    /// Names with the text of each: as [`Out::fields`], or as one row of CSV.
    ///
    /// # Errors
    /// Writing failed.
    pub fn texts(&mut self, fields: &[(&str, String)]) -> Result<(), Failure> {
        if self.format != Format::Csv {
            let fields: Vec<_> = fields.iter().map(|(name, text)| (*name, printable(text))).collect();
            return self.fields(&fields);
        }
        let names = csv::line(fields.iter().map(|(name, _)| *name));
        let text = format!("{names}{}", csv::line(fields.iter().map(|(_, text)| text.as_str())));
        Ok(self.stdout.write_all(text.as_bytes())?)
    }

    /// A value for machines: YAML if that was asked for, else JSON.
    ///
    /// # Errors
    /// Writing failed.
    pub fn value(&mut self, value: &Value) -> Result<(), Failure> {
        match self.format {
            Format::Yaml => Ok(self.stdout.write_all(yaml::document(value).as_bytes())?),
            _ => Ok(writeln!(self.stdout, "{value:#}")?),
        }
    }

    /// JSON as it was written, indented: digits, escapes and order stay. YAML takes JSON as it is.
    ///
    /// # Errors
    /// Writing failed.
    pub fn written(&mut self, json: &str) -> Result<(), Failure> {
        self.line(&indented(json))
    }

    /// That something was done: `{"id": …, "done": what}`, or `what id`.
    ///
    /// # Errors
    /// Writing failed.
    pub fn done(&mut self, what: &str, id: &str) -> Result<(), Failure> {
        if self.is_for_machines() {
            return self.object(&serde_json::json!({ "id": id, "done": what }));
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

/// A value as a text for programs: nothing for `null`, texts as they are.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.iter().all(|value| !value.is_object() && !value.is_array()) => {
            values.iter().map(plain).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

/// A text that a terminal shows and does not obey: control characters are written as `\u{1b}`.
pub fn printable(text: &str) -> String {
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
        let mut out = Out::to(Format::Table, text.clone(), io::sink());
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
        let mut out = Out::to(Format::Json, text.clone(), text.clone());
        out.rows(&[json!({ "id": 1, "more": true })], &[("ID", "id")]).unwrap();
        out.note("not for machines").unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text.text()).unwrap(), json!([{ "id": 1, "more": true }]));
    }
    #[test]
    fn csv_has_the_columns_and_yaml_everything() {
        let rows = [
            json!({ "id": 1, "name": "a, \"b\"", "tags": ["x", "y"], "who": { "name": "=1" }, "more": null }),
            json!({ "id": 2, "name": null }),
        ];
        let columns = [("ID", "id"), ("NAME", "name"), ("TAGS", "tags"), ("WHO", "/who/name")];
        let print = |format| {
            let text = Captured::default();
            Out::to(format, text.clone(), io::sink()).rows(&rows, &columns).unwrap();
            text.text()
        };
        let csv = "id,name,tags,who/name\r\n1,\"a, \"\"b\"\"\",x y,'=1\r\n2,,,\r\n";
        assert_eq!(print(Format::Csv), csv);
        assert!(
            print(Format::Yaml).starts_with("- id: 1\n  name: \"a, \\\"b\\\"\"\n  tags:\n  - x\n"),
            "{}",
            print(Format::Yaml)
        );
    }

    #[test]
    fn texts_stand_under_each_other_or_in_a_row() {
        let print = |format| {
            let text = Captured::default();
            let fields = [("user", "ann".to_owned()), ("pass", "a,\tb".to_owned())];
            Out::to(format, text.clone(), io::sink()).texts(&fields).unwrap();
            text.text()
        };
        assert_eq!(print(Format::Table), "user  ann\npass  a,\\tb\n");
        assert_eq!(print(Format::Csv), "user,pass\r\nann,\"a,\tb\"\r\n");
    }

    #[test]
    fn what_is_piped_gets_nothing_added() {
        let (text, notes) = (Captured::default(), Captured::default());
        let mut out = Out::to(Format::Table, text.clone(), notes.clone());
        out.exact("a\n\nb").unwrap();
        out.list(&[], &[("ID", "id")], "There are none.").unwrap();
        assert_eq!((text.text(), notes.text()), ("a\n\nb".to_owned(), "There are none.\n".to_owned()));
    }
}
