//! A list that is empty says what to do next.

use super::client::fake::Fake;
use super::harness::Captured;
use super::input::Input;
use super::out::Format;
use super::session::{Session, Verb, block_on};
use super::tests::parse;
use super::{Cli, Command, Out};
use clap::{CommandFactory as _, Parser as _};
use serde_json::json;

/// What a list says on stderr when there is nothing in it.
fn told(verb: impl Verb) -> String {
    let (printed, said) = (Captured::default(), Captured::default());
    let fake = Fake::answering((0..3).map(|_| (200, json!({ "data": [] }))));
    let out = Out::to(Format::Table, printed.clone(), said.clone());
    let mut session = Session { client: fake.client(), out, stdin: Input::piped(std::io::empty()) };
    block_on(verb.run(&mut session)).unwrap();
    assert_eq!(printed.text(), "", "no bare heads of columns");
    said.text()
}

/// The words of each empty list, by its command.
fn said(line: &[&str]) -> String {
    match parse(line) {
        Command::Secret(command) => told(command.into_verb()),
        Command::User(command) => told(command.into_verb()),
        Command::Tenant(command) => told(command.into_verb()),
        Command::App(command) => told(command.into_verb()),
        Command::Role(command) => told(command.into_verb()),
        Command::Outbox(command) => told(command.into_verb()),
        Command::Group(command) => told(command.into_verb()),
        Command::Key(command) => told(command.into_verb()),
        Command::Token(command) => told(command.into_verb()),
        Command::Session(command) => told(command.into_verb()),
        Command::Lockout(command) => told(command.into_verb()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_empty_list_says_what_to_do_next() {
    let command = Cli::command();
    // Jobs and unseal slots are always there, and a log has a row of the look itself.
    let full = ["job", "key-slot", "audit"];
    let nouns = command.get_subcommands().filter(|noun| noun.find_subcommand("list").is_some());
    let mut lines: Vec<Vec<&str>> =
        nouns.map(|noun| noun.get_name()).filter(|name| !full.contains(name)).map(|name| vec![name, "list"]).collect();
    assert!(lines.len() > 8, "{lines:?}");
    lines.push(vec!["role", "custom", "list"]);
    lines.push(vec!["group", "members", "grp_1"]);
    for line in lines {
        let said = said(&line);
        let next = said.split_once("scaistack ").unwrap_or_else(|| panic!("{line:?} says no next step: {said}")).1;
        // The step is a command that there is.
        let words: Vec<_> =
            next.split_whitespace().take_while(|word| word.chars().all(|c| c.is_ascii_lowercase())).collect();
        let mut at = &command;
        for word in &words {
            let Some(below) = at.find_subcommand(word) else { break };
            at = below;
        }
        assert!(at.get_name() != command.get_name() && !at.has_subcommands(), "{line:?}: there is no {words:?}");
    }
    assert!(Cli::try_parse_from(["scaistack", "audit", "list", "--action", "login"]).is_ok());
}
