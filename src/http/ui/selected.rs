//! One thing done to several rows of a list: asked once, done to each as if it were the only one, and told in one message.
//!
//! The boxes of a list send their values to an address for each thing that can be done. The first answer is the question, with the
//! names of all; sent again with [`CONFIRMED`] it is done. Each goes through the service of the single action, in a transaction of
//! its own with its audit row: what is refused for one is done for the others.

use super::context::Ctx;
use super::posted::Posted;
use crate::access::STEP_UP_REQUIRED;
use crate::base::Problem;
use crate::http::kit::list::{BACK, ROW, SIZE};
use crate::http::kit::parts::{Confirm, Form, count, hidden, many};
use actix_web::HttpResponse;
use futures_util::future::join_all;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// The field by which the question is answered.
const CONFIRMED: &str = "confirmed";
/// How many bytes of names and reasons a message holds: it travels in a cookie.
const SAID: usize = 1_600;

/// What is done to the rows that were selected.
#[derive(Debug)]
pub(super) struct Deed<'a> {
    /// The address of the menu's entry.
    pub section: &'a str,
    /// The address of the list.
    pub list: &'a str,
    /// Where the form goes.
    pub action: &'a str,
    /// One of the rows in a word: `user`.
    pub what: &'a str,
    /// What the question's button says, to which the number and the word are added: `Disable`.
    pub verb: &'a str,
    /// What they are afterwards: `disabled`.
    pub done: &'a str,
    /// What that means for them.
    pub means: &'a str,
    /// Whether it destroys or ends something.
    pub destructive: bool,
    /// What else the question asks for.
    pub asks: Markup,
}

/// Asks, or does it. `find` gives the name of a row and what `act` takes; `act` does it to one.
///
/// # Errors
/// What was refused for the only one that was selected; that a recent sign-in is missing.
pub(super) async fn run<T>(
    Posted { ctx, fields }: &Posted,
    deed: &Deed<'_>,
    find: impl Fn(&str) -> Result<(String, T), Problem>,
    act: impl AsyncFn(T) -> Result<(), Problem>,
) -> Result<HttpResponse, Problem> {
    let own =
        |back: &&str| *back == deed.list || back.strip_prefix(deed.list).is_some_and(|rest| rest.starts_with('?'));
    let back = Some(fields.text(BACK)).filter(own).unwrap_or(deed.list);
    let rows: BTreeSet<&str> = fields.all(ROW).take(2 * SIZE).collect();
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for row in &rows {
        match find(row) {
            Ok(thing) => found.push(thing),
            Err(problem) if problem.code == STEP_UP_REQUIRED || rows.len() == 1 => return Err(problem),
            Err(problem) => refused.push(((*row).to_owned(), problem)),
        }
    }
    if rows.is_empty() {
        return Ok(ctx.done_partly(back, "Nothing is selected: tick the boxes of those that are meant."));
    }
    if found.is_empty() {
        return Ok(ctx.done_partly(back, &told(deed, 0, &refused)));
    }
    if fields.text(CONFIRMED).is_empty() {
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        return ask(ctx, deed, back, &rows, (&names, &refused));
    }
    let (names, things): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    let mut done = 0;
    for (name, result) in names.into_iter().zip(join_all(things.into_iter().map(|thing| act(thing))).await) {
        match result {
            Ok(()) => done += 1,
            Err(problem) if problem.code == STEP_UP_REQUIRED || rows.len() == 1 => return Err(problem),
            Err(problem) => refused.push((name, problem)),
        }
    }
    let words = told(deed, done, &refused);
    Ok(if refused.is_empty() { ctx.done(back, &words) } else { ctx.done_partly(back, &words) })
}

/// The question: what happens, and to whom.
fn ask(
    ctx: &Ctx,
    deed: &Deed<'_>,
    back: &str,
    rows: &BTreeSet<&str>,
    (names, refused): (&[&str], &[(String, Problem)]),
) -> Result<HttpResponse, Problem> {
    let (those, csrf, form) = (many(names.len() as u64, deed.what), ctx.csrf(), Form::default());
    let (title, button) = (format!("{} {those}?", deed.verb), format!("{} {those}", deed.verb));
    let what = html! {
        p { (deed.means) }
        ul.selected { @for name in names { li { (name) } } }
        @if !refused.is_empty() { p.muted { (left_out(refused)) } }
    };
    let sends = html! {
        @for row in rows { (hidden(ROW, row)) }
        (hidden(BACK, back))
        (hidden(CONFIRMED, "yes"))
        (deed.asks)
    };
    let (ways, sent) = ((deed.action, back), (csrf.as_str(), &form));
    let question = if deed.destructive {
        Confirm::destructive(&title, &button, ways, sent, what)
    } else {
        Confirm::plain(&title, &button, ways, sent, what)
    };
    ctx.confirm(deed.section, &question.sends(&sends))
}

/// How many it was done to, and to which not, and why.
fn told(deed: &Deed<'_>, done: u64, refused: &[(String, Problem)]) -> String {
    let all = done + refused.len() as u64;
    let (are, those) = (if done == 1 { "is" } else { "are" }, many(all, deed.what));
    if refused.is_empty() {
        return format!("{those} {are} {}.", deed.done);
    }
    let some = if done == 0 { "None".to_owned() } else { count(done) };
    format!("{some} of {those} {are} {}. {}", deed.done, left_out(refused))
}

/// Whom it is not done to, by the reason, as far as a message holds.
fn left_out(refused: &[(String, Problem)]) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, problem) in refused {
        match reasons.iter_mut().find(|(reason, _)| *reason == problem.message) {
            Some((_, names)) => names.push(name),
            None => reasons.push((&problem.message, vec![name])),
        }
    }
    let (mut said, mut unsaid) = (String::new(), 0);
    for (reason, names) in reasons {
        let words = format!("Not {}: {}. ", names.join(", "), reason.trim_end_matches('.'));
        if said.len() + words.len() <= SAID {
            said.push_str(&words);
        } else {
            unsaid += names.len();
        }
    }
    if unsaid > 0 {
        said.push_str(&format!("And {} more.", count(unsaid as u64)));
    }
    said.trim_end().to_owned()
}
