//! Second factors: the field for a code, what to do with a new app, recovery codes.

use super::{Field, Form, Tone, copyable, icon, notice, percent, qr};
use crate::base::Secret;
use crate::mfa::Setup;
use maud::{Markup, html};

/// The name of the file that recovery codes are kept in.
const FILE: &str = "recovery-codes.txt";

/// The field for a code of the app; with `recovery`, for a recovery code as well.
pub fn code_field(form: &Form, recovery: bool) -> Field<'_> {
    let field = Field::text(form, "code", "Code").mono().attr("autocomplete", "one-time-code").attr("maxlength", "100");
    if recovery {
        field.help("Six digits from your authenticator app, or one of your recovery codes.")
    } else {
        field.attr("inputmode", "numeric").help("Six digits from your authenticator app.")
    }
}

/// What to do with a new app: scan, or type.
pub fn app_setup(setup: &Setup) -> Markup {
    let groups: Vec<&str> =
        setup.secret.expose().as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    html! {
        ol.steps {
            li {
                p { "Scan this with an authenticator app, such as the one in your password manager." }
                (qr(setup.uri.expose(), "QR code for the authenticator app; the same stands below as a key to type"))
                p.help { "No camera? " a href=(setup.uri.expose()) { "Open it on this device" } ", or type this key:" }
                (copyable("totp-key", &groups.join(" ")))
            }
            li { p { "Then type the code that the app shows." } }
        }
    }
}

/// Recovery codes, shown once.
pub fn recovery_codes(codes: &[Secret<String>]) -> Markup {
    let file: String = codes.iter().map(|code| format!("{}\n", code.expose())).collect();
    html! {
        section.once aria-label="Shown once" {
            (notice(Tone::Warn, &html! {
                p { strong { "Keep these codes: they are shown this once." } }
                p { "Each signs you in once when your phone is not at hand. Keep them where the phone is not." }
            }))
            pre.codes tabindex="0" aria-label="Recovery codes" { code id="recovery-codes" {
                @for code in codes { (code.expose()) "\n" }
            } }
            div.actions {
                button type="button" data-copy="recovery-codes" hidden { (icon("copy")) "Copy" }
                a.button download=(FILE) href={ "data:text/plain;charset=utf-8," (percent(&file)) } {
                    (icon("download")) "Download"
                }
            }
        }
    }
}
