//! The page of the jobs, as markup.

use crate::base::Timestamp;
use crate::http::kit::parts::{Table, Tone, ago, badge, head, hidden, notice};
use crate::jobs::{Outcome, Status};
use maud::{Markup, html};

pub(super) const ROOT: &str = "/admin/settings/jobs";

/// A length of time in words, from milliseconds.
fn took(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        _ => format!("{} min", millis / 60_000),
    }
}

/// A period in words, from seconds.
fn every(secs: u32) -> String {
    match secs {
        1 => "second".to_owned(),
        60 => "minute".to_owned(),
        3600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        secs if secs % 3600 == 0 => format!("{} hours", secs / 3600),
        secs if secs % 60 == 0 => format!("{} minutes", secs / 60),
        secs => format!("{secs} seconds"),
    }
}

fn result(job: &Status) -> Markup {
    if job.running_since.is_some() {
        return badge(Tone::Info, "Running");
    }
    match job.last.as_ref().map(|last| &last.outcome) {
        None => badge(Tone::Plain, "Not yet run"),
        Some(Outcome::Done(0)) => html! { (badge(Tone::Good, "Done")) " " span.muted { "nothing to do" } },
        Some(Outcome::Done(rows)) => html! { (badge(Tone::Good, "Done")) " " span.muted { (rows) } },
        Some(Outcome::Failed { message, .. }) => {
            let failures = job.last.as_ref().map_or(0, |last| last.failures);
            html! {
                (badge(Tone::Bad, "Failed")) " "
                span.muted { (message) @if failures > 1 { ", " (failures) " times" } }
            }
        }
    }
}

/// The list; `csrf` for a reader who may have jobs run.
pub(super) fn list(jobs: &[Status], csrf: Option<&str>, now: Timestamp) -> Markup {
    let failing: Vec<&str> = jobs.iter().filter(|job| job.is_failing()).map(|job| job.name).collect();
    html! {
        (head("Jobs", "What the server does by itself. A job that fails is tried again, later each time."))
        @if !failing.is_empty() {
            (notice(Tone::Bad, &html! {
                p { strong { "Failing: " (failing.join(", ")) "." } }
                p { "The log of the server has the cause." }
            }))
        }
        (table(jobs, csrf, now))
    }
}

fn table(jobs: &[Status], csrf: Option<&str>, now: Timestamp) -> Table {
    let mut table = Table::new("Jobs").column("Job").column("Every").column("Last run").column("Result").column("Next");
    if csrf.is_some() {
        table = table.actions("Run");
    }
    for job in jobs {
        let mut cells = vec![
            html! { strong { (job.name) } br; span.muted { (job.about) } },
            html! { (every(job.every_secs)) },
            html! {
                @if let Some(last) = &job.last { (ago(last.started_at, now)) " " span.muted { (took(last.took_millis)) } }
                @else { span.muted { "never" } }
            },
            result(job),
            html! { @if let Some(next) = job.next_at { (ago(next, now)) } @else { "now" } },
        ];
        if let Some(csrf) = csrf {
            cells.push(html! {
                form method="post" action={ (ROOT) "/" (job.name) "/run" } {
                    (hidden("csrf", csrf))
                    button aria-label={ "Run now: " (job.name) } { "Run now" }
                }
            });
        }
        table.row(&cells);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_words() {
        assert_eq!(
            [0, 999, 1_000, 59_999, 60_000, 7_200_000].map(took),
            ["0 ms", "999 ms", "1.0 s", "59.9 s", "1 min", "120 min"]
        );
        assert_eq!(
            [1, 2, 60, 120, 3600, 7200, 86_400].map(every),
            ["second", "2 seconds", "minute", "2 minutes", "hour", "2 hours", "day"]
        );
    }
}
