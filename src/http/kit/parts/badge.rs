//! States in words, with a colour that only repeats what the word says.

use maud::{Markup, html};

/// What a state means for the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    Plain,
    /// It works as it should.
    Good,
    /// Somebody should look at it.
    Warn,
    /// Refused, ended, broken.
    Bad,
    /// A property worth seeing.
    Info,
}

impl Tone {
    /// Its class in the stylesheet.
    pub(super) const fn class(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Good => Some("good"),
            Self::Warn => Some("warn"),
            Self::Bad => Some("bad"),
            Self::Info => Some("info"),
        }
    }
}

/// A state in a word or two, coloured by what it means.
pub fn badge(tone: Tone, text: &str) -> Markup {
    html! { span.badge.(tone.class().unwrap_or_default()) { (text) } }
}

/// Texts, one badge each; a dash when there is none.
pub fn badges<'a>(texts: impl IntoIterator<Item = &'a str>) -> Markup {
    let mut texts = texts.into_iter().peekable();
    html! {
        @if texts.peek().is_none() {
            span.muted { "None" }
        } @else {
            span.badges { @for text in texts { span.badge.mono { (text) } } }
        }
    }
}
