//! Values that are shown once.

use super::{Tone, icon, notice};
use maud::{Markup, html};

/// One value or several that will not be shown again.
#[derive(Debug)]
pub struct OneTime<'a> {
    /// Name and value, as they stand in a file: `CLIENT_SECRET`.
    pub values: &'a [(&'a str, &'a str, &'a str)],
    /// The name of the file to download.
    pub file: &'a str,
    /// What to do if the value is lost.
    pub lost: &'a str,
}

impl OneTime<'_> {
    /// The card. Each value is a triple: its words, its name in the downloaded file, itself.
    pub fn card(&self) -> Markup {
        let file: String = self.values.iter().map(|(_, name, value)| format!("{name}={value}\n")).collect();
        html! {
            section.once aria-label="Shown once" {
                (notice(Tone::Warn, &html! {
                    p { strong { "Copy it now: it is shown this once." } }
                    p { "Only a fingerprint is kept, so nobody can show it again. " (self.lost) }
                }))
                dl {
                    @for (words, name, value) in self.values {
                        div {
                            dt { (words) }
                            dd {
                                code.mono id={ "once-" (name) } { (value) }
                                button type="button" data-copy={ "once-" (name) } hidden { (icon("copy")) "Copy" }
                            }
                        }
                    }
                }
                div.actions {
                    a.button download=(self.file) href={ "data:text/plain;charset=utf-8," (percent(&file)) } {
                        (icon("download")) "Download as " (self.file)
                    }
                }
            }
        }
    }
}

/// Instead of the card when its page is asked for again: what was shown, and how to get another one.
pub fn shown_already(what: &str, instead: &str) -> Markup {
    notice(
        Tone::Warn,
        &html! {
            p { strong { "The " (what) " was shown already." } }
            p { "Only a fingerprint of it is kept. If it is lost, " (instead) }
        },
    )
}

/// RFC 3986 percent-encoding of everything but unreserved characters.
pub(in crate::http) fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
