//! What the tests of commands share: a server that answers what it is told to, and a place to print that can be read.

use super::client::fake::Fake;
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

/// A session with a server that gives these answers in turn, and with this on stdin.
pub fn session(
    json: bool,
    answers: impl IntoIterator<Item = (u16, Value)>,
    stdin: &'static str,
) -> (Session, Fake, Captured) {
    let fake = Fake::answering(answers);
    let printed = Captured::default();
    let out = Out::to(json, printed.clone(), io::sink());
    (Session { client: fake.client(), out, stdin: Box::new(stdin.as_bytes()) }, fake, printed)
}

/// What a verb asks of the server, and what it prints or fails with.
pub fn done(
    verb: impl Verb,
    json: bool,
    answers: impl IntoIterator<Item = (u16, Value)>,
    stdin: &'static str,
) -> (Vec<(String, Value)>, Result<String, Failure>) {
    let (mut session, fake, printed) = session(json, answers, stdin);
    let result = block_on(verb.run(&mut session));
    (fake.asked(), result.map(|()| printed.text()))
}
