//! `docs/configuration.md` is made from `scaistack.toml`. `UPDATE_DOCS=1` writes it anew.

use super::EXAMPLE;
use super::load::variable;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const INTRODUCTION: &str = "\
# Settings

This page is made from `scaistack.toml`, which names every setting at its default. `scaistack config example` prints that \
file, `scaistack config show` the settings that hold here and where each was set.

The settings are read from the file that `--config` or `SCAISTACK_CONFIG` names, else from the first `scaistack.toml` that \
can be read in the working folder, in `~/.config/scaistack/` (or under `XDG_CONFIG_HOME`) and in `/etc/scaistack/`. \
The environment beats the file, and flags beat the environment. In the environment a list has commas between its \
parts; `scaigrid.models` can be set in the file only. A key that does not exist, and a value that is not acceptable, is an \
error: the server does not start, and says the file and the line.

Durations are whole numbers; the end of the name is the unit.

## Variables that are no settings

| variable | what it is |
| --- | --- |
| `SCAISTACK_CONFIG` | the settings file, as `--config` |
| `SCAISTACK_DATA` | short for `SCAISTACK_STORAGE_DATA` |
| `SCAISTACK_PASSPHRASE` | the passphrase that opens the data file |
| `SCAISTACK_SMTP_PASSWORD` | the password for the mail server |
| `SCAISTACK_URL` | the server that the command line asks, as `--server` |
| `SCAISTACK_TOKEN` | the token for that server, as `--token` |
| `SCAISTACK_CA` | the certificate authority to trust for it, as `--ca` |
| `SCAISTACK_TIMEOUT` | how long the command line waits for an answer, as `--timeout` |
";

/// Settings that share a comment.
#[derive(Default)]
struct Shared {
    /// The lines of the comment, without the mark.
    comment: Vec<String>,
    /// Each key with its default as TOML has it.
    keys: Vec<(String, String)>,
}

impl Shared {
    fn write(&self, section: &str, page: &mut String) {
        if self.keys.is_empty() {
            return;
        }
        let names: Vec<_> = self.keys.iter().map(|(key, _)| format!("`{section}.{key}`")).collect();
        writeln!(page, "\n### {}\n\n| default | variable |\n| --- | --- |", names.join(", ")).unwrap();
        for (key, value) in &self.keys {
            writeln!(page, "| `{value}` | `{}` |", variable(section, key)).unwrap();
        }
        let (code, text): (Vec<&String>, Vec<&String>) = self.comment.iter().partition(|line| line.starts_with("  "));
        let text: Vec<_> = text.iter().map(|line| line.trim()).collect();
        writeln!(page, "\n{}", text.join(" ")).unwrap();
        if !code.is_empty() {
            let code: Vec<_> = code.iter().map(|line| line.trim()).collect();
            writeln!(page, "\n```toml\n{}\n```", code.join("\n")).unwrap();
        }
    }
}

#[test]
fn the_page_of_the_settings_is_made_from_the_example() {
    let mut page = INTRODUCTION.to_owned();
    let (mut section, mut shared) = (String::new(), Shared::default());
    let first = EXAMPLE.find("\n[").unwrap();
    for line in EXAMPLE[first..].lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            std::mem::take(&mut shared).write(&section, &mut page);
            name.clone_into(&mut section);
            writeln!(page, "\n## [{section}]").unwrap();
        } else if let Some(comment) = line.strip_prefix('#') {
            if !shared.keys.is_empty() {
                std::mem::take(&mut shared).write(&section, &mut page);
            }
            shared.comment.push(comment.strip_prefix(' ').unwrap_or(comment).to_owned());
        } else if let Some((key, value)) = line.split_once(" = ") {
            shared.keys.push((key.to_owned(), value.to_owned()));
        }
    }
    shared.write(&section, &mut page);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "docs/configuration.md is old: run this test with UPDATE_DOCS=1");
}
