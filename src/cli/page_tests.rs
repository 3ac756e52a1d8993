//! `docs/cli.md` is made from the commands. `UPDATE_DOCS=1` writes it anew.

use super::Cli;
use clap::{Command, CommandFactory as _};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const WIDTH: usize = 100;

const INTRODUCTION: &str = "\
# The command line

This page is made from the commands in `src/cli`. `scaistack COMMAND --help` prints the same.

Commands that speak to a server ask the one that runs on the same data folder, over its socket. Without a running server \
they open the data file themselves. With `--server` they ask a server elsewhere, with a token.

A command waits 30 seconds for an answer; `--timeout` sets another time. What takes longer by its nature, such as a backup, \
says every few seconds that it goes on.

`--output json`, `yaml` or `csv` prints for programs; `--json` is the same as `--output json`, and makes errors JSON too, on \
stderr: `{\"error\": {\"code\": …, \"message\": …}}`, with the `status` and the `request_id` if it was the server that refused. \
CSV has the columns of the table.

A password or a passphrase that comes on stdin ends before the line break at its end; a byte-order mark in front is no part of \
it. The values of secrets are taken byte for byte.

Exit codes: 0 done, 1 failed, 2 usage or wrong key.
";

/// A command without the flags that all commands have which speak to a server, as its `--help`.
fn help(command: &Command) -> String {
    let mut own = command.clone().mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
    let text = own.render_long_help().to_string();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// The flags that every command has which speaks to a server.
fn connection(root: &Command) -> String {
    let backup = root.find_subcommand("backup").unwrap();
    let all = backup.clone().mut_args(|arg| if arg.is_global_set() { arg } else { arg.hide(true) });
    let text = all.disable_help_flag(true).render_long_help().to_string();
    let options = text.find("Options:").unwrap();
    let end = text.find("Example").unwrap_or(text.len());
    text[options..end].lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The sections of a command and of what is below it.
fn sections(command: &Command, path: &str, page: &mut String) {
    let marks = "#".repeat(1 + path.split(' ').count());
    write!(page, "\n{marks} {path}\n\n```text\n{}\n```\n", help(command)).unwrap();
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        sections(below, &format!("{path} {}", below.get_name()), page);
    }
}

#[test]
fn the_page_of_the_command_line_is_made_from_the_commands() {
    let mut root = Cli::command().term_width(WIDTH);
    root.build();
    let mut page = INTRODUCTION.to_owned();
    write!(page, "\n## Flags of all commands that speak to a server\n\n```text\n{}\n```\n", connection(&root)).unwrap();
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        sections(command, command.get_name(), &mut page);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(written, page, "docs/cli.md is old: run this test with UPDATE_DOCS=1");
}
