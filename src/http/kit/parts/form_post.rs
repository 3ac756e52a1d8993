//! The page that posts a form by itself: the one page with a script of its own, which its content policy names by hash.

use super::{bare_without_script, head, hidden};
use crate::crypto::digest::sha256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, PreEscaped, html};

/// The one script of the page.
pub(super) const FORM_POST_SCRIPT: &str = "document.forms[0].submit()";

/// The content policy of the page: its script by hash, and the one target of its form. None: the target is a client's.
pub fn form_post_policy(target: Option<&str>) -> String {
    let hash = STANDARD.encode(sha256(FORM_POST_SCRIPT.as_bytes()));
    let target = target.map(|target| format!("form-action {target}; ")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'sha256-{hash}'; style-src 'self'; img-src 'self'; {target}base-uri 'none'; \
        frame-ancestors 'none'"
    )
}

/// The page that posts a form by itself, or with its button: an answer to the client (OAuth 2.0 Form Post Response Mode), or a
/// request that is too long for an address. `lead` says what happens.
pub fn form_post<'a>(
    action: &str,
    lead: &str,
    fields: impl IntoIterator<Item = (&'static str, std::borrow::Cow<'a, str>)>,
) -> Markup {
    bare_without_script(
        "Signing in",
        &html! {
            (head("Signing you in", lead))
            form.card method="post" action=(action) {
                @for (name, value) in fields { (hidden(name, &value)) }
                button.primary.full { "Continue" }
            }
            script { (PreEscaped(FORM_POST_SCRIPT)) }
        },
    )
}
