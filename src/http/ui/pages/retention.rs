//! How long what was deleted can be restored, in the words of the pages.

use crate::base::Timestamp;
use crate::http::kit::parts::{ago, count};
use crate::http::ui::context::Ctx;
use maud::{Markup, html};

/// The time within which something that was deleted can be restored (`storage.deleted_days`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Retention {
    days: u32,
}

impl Retention {
    /// That of this instance.
    pub(super) fn of(ctx: &Ctx) -> Self {
        Self { days: ctx.stack.config.storage.deleted_days }
    }

    /// What stands before and after something is deleted: `name` is what nobody else can have until then, `slug`.
    pub(super) fn words(self, name: &str) -> String {
        match self.days {
            0 => format!("It cannot be restored, and its {name} is free again soon after."),
            days => {
                let days = format!("{} day{}", count(days.into()), if days == 1 { "" } else { "s" });
                format!("It can be restored for {days}; until then nobody else can have its {name}.")
            }
        }
    }

    /// Until when something can be restored that was deleted at a moment.
    pub(super) fn until(self, deleted_at: Option<Timestamp>, now: Timestamp) -> Markup {
        let end = deleted_at.map(|at| at.plus_secs(i64::from(self.days) * 86_400));
        html! {
            // Whoever takes it away comes by from time to time.
            @match end.filter(|end| *end > now) { Some(end) => (ago(end, now)), None => "Any moment" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_said_as_it_is_set() {
        let words = |days| Retention { days }.words("slug");
        assert_eq!(words(30), "It can be restored for 30 days; until then nobody else can have its slug.");
        assert!(words(1).contains("for 1 day;") && words(0).starts_with("It cannot be restored"));
        let until = |days, now| {
            let deleted_at = Some(Timestamp::from_secs(0));
            Retention { days }.until(deleted_at, Timestamp::from_secs(now)).into_string()
        };
        assert!(until(30, 86_400).contains("1970-01-31T00:00:00Z") && until(30, 86_400).contains("in 1 month"));
        assert_eq!((until(30, 30 * 86_400), until(0, 0)), ("Any moment".to_owned(), "Any moment".to_owned()));
    }
}
