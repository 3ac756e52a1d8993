//! Whether a program on the person's own machine may have what it asks for.

use crate::http::kit::parts::{Facts, bare, head, hidden};
use crate::program_login::Question;
use maud::{Markup, html};

/// The question before a code goes to a loopback address (RFC 8252 §8.6).
pub fn program(question: &Question, csrf: &str) -> Markup {
    let (host, port) = &question.at;
    let name = question.program.as_ref().map_or_else(|| "It does not say".to_owned(), ToString::to_string);
    bare(
        "Sign a program in?",
        &html! {
            (head("Sign a program in?", "A program on this computer asks to act for you."))
            section.card {
                (Facts::new()
                    .fact("What it calls itself", name)
                    .fact("Where it listens", html! { span.mono { (host) } ", port " b.mono { (port) } })
                    .fact("Account", question.user.as_str())
                    .fact("Organisation", question.tenant.as_str()))
                p { "Any program on this computer can ask so. Go on only if you have just started this sign-in yourself." }
                form.actions.even method="post" action="/v1/auth/callback" {
                    (hidden("csrf", csrf))
                    (hidden("flow", &question.flow.to_string()))
                    button name="decision" value="deny" { "Do not sign it in" }
                    button.primary name="decision" value="allow" { "Sign it in" }
                }
            }
        },
    )
}
