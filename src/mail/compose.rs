//! What mails say, in plain text and in HTML: all of it in this one place.
//!
//! A mail has one link at most, no picture and nothing that is fetched when it is opened. A mail program may follow the
//! link to look at it: that changes nothing, because the page behind it asks first.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "MailTemplate"))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Template {
    /// Somebody asked for a new password.
    ResetPassword,
    /// Whether the address is theirs.
    VerifyEmail,
    /// An admin made an account for them.
    Invitation,
    /// The password was changed by a link.
    PasswordChanged,
}

/// What a template is filled with.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What the reader is called.
    pub name: &'a str,
    /// The tenant's name.
    pub tenant: &'a str,
    /// The address that the mail goes to.
    pub email: &'a str,
    /// The link; none: the mail only tells something.
    pub link: Option<&'a str>,
    /// How long the link works, in words: `1 hour`.
    pub life: &'a str,
}

/// What the reader gets. It may hold a link that lets somebody in: wiped when dropped, never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Content {
    /// For programs that show no HTML.
    pub text: String,
    /// The same with a button.
    pub html: String,
    /// The link in it.
    pub link: Option<String>,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[mail]")
    }
}

/// The words of a template: subject, paragraphs before the link, the link's words, paragraphs after it.
struct Words {
    subject: String,
    before: Vec<String>,
    button: &'static str,
    after: Vec<String>,
}

impl Template {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ResetPassword, Self::VerifyEmail, Self::Invitation, Self::PasswordChanged];

    /// The name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResetPassword => "RESET_PASSWORD",
            Self::VerifyEmail => "VERIFY_EMAIL",
            Self::Invitation => "INVITATION",
            Self::PasswordChanged => "PASSWORD_CHANGED",
        }
    }

    fn words(self, facts: &Facts<'_>) -> Words {
        let Facts { tenant, email, life, .. } = facts;
        match self {
            Self::ResetPassword => Words {
                subject: format!("Set a new password for {tenant}"),
                before: vec![format!("Somebody asked for a new password for the account {email} at {tenant}.")],
                button: "Set a new password",
                after: vec![
                    format!("The link works once, for {life}. It signs you out everywhere."),
                    "If it was not you, do nothing: your password stays as it is.".to_owned(),
                ],
            },
            Self::VerifyEmail => Words {
                subject: format!("Confirm your e-mail address for {tenant}"),
                before: vec![format!("Please confirm that {email} is your address.")],
                button: "Confirm the address",
                after: vec![
                    format!("The link works once, for {life}."),
                    "If you have no account there, do nothing.".to_owned(),
                ],
            },
            Self::Invitation => Words {
                subject: format!("You are invited to {tenant}"),
                before: vec![format!("An account for {email} was made for you at {tenant}.")],
                button: "Accept the invitation",
                after: vec![
                    format!("You choose a password there. The link works once, for {life}."),
                    "If you did not expect this, do nothing.".to_owned(),
                ],
            },
            Self::PasswordChanged => Words {
                subject: format!("Your password for {tenant} was changed"),
                before: vec![
                    format!("The password of the account {email} at {tenant} was changed through a link in a mail."),
                    "All sessions were ended.".to_owned(),
                    "If it was not you, tell your administrator at once.".to_owned(),
                ],
                button: "",
                after: Vec::new(),
            },
        }
    }

    /// The subject, and the mail in both forms.
    pub fn compose(self, facts: &Facts<'_>) -> (String, Content) {
        let words = self.words(facts);
        let hello = format!("Hello {},", facts.name);
        let mut text: Vec<&str> = vec![&hello];
        text.extend(words.before.iter().map(String::as_str));
        let link = facts.link.map(|link| format!("{}:\n{link}", words.button));
        text.extend(link.as_deref());
        text.extend(words.after.iter().map(String::as_str));
        let text = format!("{}\n", text.join("\n\n"));

        let paragraph = |text: &str| format!("<p>{}</p>", escaped(text));
        let mut html = paragraph(&hello);
        html.extend(words.before.iter().map(|text| paragraph(text)));
        if let Some(link) = facts.link {
            let link = escaped(link);
            html.push_str(&format!(
                "<p><a href=\"{link}\" style=\"display:inline-block;padding:10px 18px;border-radius:6px;\
                 background:#1d4ed8;color:#ffffff;text-decoration:none\">{}</a></p>\
                 <p style=\"color:#555555\">Or copy this address:<br><span style=\"word-break:break-all\">{link}</span></p>",
                escaped(words.button)
            ));
        }
        html.extend(words.after.iter().map(|text| paragraph(text)));
        let html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
             <body style=\"font-family:system-ui,sans-serif;font-size:16px;line-height:1.5;color:#111111;\
             background:#ffffff;max-width:34em;margin:24px auto;padding:0 16px\">{html}</body></html>\n",
            escaped(&words.subject)
        );
        (words.subject, Content { text, html, link: facts.link.map(str::to_owned) })
    }
}

/// The subject and the words of a mail that says only that mail works.
pub fn test_mail(url: &str) -> (String, Content) {
    let told = format!("An administrator of {url} has asked for this mail. If you can read it, mail works.");
    let html = format!("<!doctype html><html lang=\"en\"><body><p>{}</p></body></html>\n", escaped(&told));
    ("A test of mail".to_owned(), Content { text: format!("{told}\n"), html, link: None })
}

/// Text as HTML shows it, also inside of quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same_and_names_are_no_markup() {
        let facts = Facts {
            name: "<b>Al</b>",
            tenant: "A & B",
            email: "a@b.example",
            link: Some("https://id.example/login/x?token=slk_1&y=\"2\""),
            life: "1 hour",
        };
        for template in Template::ALL {
            let (subject, content) = template.compose(&facts);
            assert!(subject.contains("A & B") && !subject.contains('\n'), "{subject}");
            assert!(content.text.contains("Hello <b>Al</b>,") && content.text.contains("slk_1&y=\"2\""));
            assert!(content.html.contains("&lt;b&gt;Al") && !content.html.contains("<b>"));
            assert!(content.html.contains("slk_1&amp;y=&quot;2&quot;"));
            for fetched in ["<img", "src=", "<link", "<script", "url("] {
                assert!(!content.html.contains(fetched), "{fetched}");
            }
        }
        let (_, told) = Template::PasswordChanged.compose(&Facts { link: None, ..facts });
        assert!(!told.text.contains("http") && told.link.is_none());
        assert_eq!(format!("{told:?}"), "[mail]");
    }
}
