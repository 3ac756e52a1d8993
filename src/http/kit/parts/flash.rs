//! Messages on a page.

use super::{Tone, icon};
use maud::{Markup, html};

/// A message about what has happened, or what to know. Bad news are read out at once.
pub fn notice(tone: Tone, body: &Markup) -> Markup {
    let symbol = match tone {
        Tone::Good => "check",
        Tone::Warn | Tone::Bad => "alert",
        Tone::Plain | Tone::Info => "info",
    };
    let role = if tone == Tone::Bad { "alert" } else { "status" };
    html! {
        div.notice.(tone.class().unwrap_or_default()) role=(role) {
            (icon(symbol))
            div { (body) }
        }
    }
}
