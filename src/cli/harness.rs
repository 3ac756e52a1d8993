//! What the tests of commands share: a server that answers what it is told to, and a place to print that can be read.

use super::client::fake::Fake;
use super::input::Input;
use super::out::Format;
use super::session::{Session, Verb, block_on};
use super::{Failure, Out};
use serde_json::Value;
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

/// A place to print that can be read.
#[derive(Clone, Default)]
pub struct Captured(Rc<RefCell<Vec<u8>>>);

impl Captured {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A session with this server, with nothing on stdin, that prints to nowhere.
pub fn session(fake: Fake) -> (Session, Fake) {
    let out = Out::to(Format::Table, io::sink(), io::sink());
    (Session { client: fake.client(), out, stdin: Input::piped(io::empty()) }, fake)
}

/// What a verb asks of the server, and what it prints or fails with.
pub fn done(
    verb: impl Verb,
    json: bool,
    answers: impl IntoIterator<Item = (u16, Value)>,
    stdin: &'static str,
) -> (Vec<(String, Value)>, Result<String, Failure>) {
    let fake = Fake::answering(answers);
    let printed = done_with(verb, json, &fake, stdin);
    (fake.asked(), printed)
}

/// What a verb prints or fails with when it asks this server.
pub fn done_with(verb: impl Verb, json: bool, fake: &Fake, stdin: &'static str) -> Result<String, Failure> {
    let printed = Captured::default();
    let out = Out::to(if json { Format::Json } else { Format::Table }, printed.clone(), io::sink());
    let mut session = Session { client: fake.client(), out, stdin: Input::piped(stdin.as_bytes()) };
    block_on(verb.run(&mut session)).map(|()| printed.text())
}
