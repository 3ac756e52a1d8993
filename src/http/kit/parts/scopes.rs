//! Scopes on pages: boxes to tick, and badges.

use super::{Choice, Form, Input};
use crate::catalogue::{Holder, Scope};
use maud::{Markup, html};

/// Boxes for the scopes that `holder` can have and `offered` takes, under the headings of their groups. Others that are set stay
/// as they are.
pub fn scope_choices(form: &Form, input: &Input, holder: Holder, offered: impl Fn(&Scope) -> bool) -> Markup {
    let choice = |scope: &Scope| {
        let is_fixed = !offered(scope);
        let stays = if is_fixed { ". It stays: you do not hold it yourself" } else { "" };
        let what = format!("{}{stays}", scope.about.trim_end_matches('.'));
        Choice { under: scope.group.heading(), is_fixed, ..Choice::new(scope.name, scope.name, what) }
    };
    let options: Vec<_> =
        Scope::of(holder).filter(|scope| offered(scope) || form.has(input.name, scope.name)).map(choice).collect();
    input.boxes(form, &options)
}

/// Scopes, one badge each; a dash when there is none. Those that `exists` does not take are left from an older version, or
/// from a permission that is gone: they give nothing, and say so.
pub fn scopes<'a>(scopes: impl IntoIterator<Item = &'a str>, exists: impl Fn(&str) -> bool) -> Markup {
    let mut scopes = scopes.into_iter().peekable();
    html! {
        @if scopes.peek().is_none() {
            span.muted { "None" }
        } @else {
            span.badges {
                @for scope in scopes {
                    @if exists(scope) {
                        span.badge.mono { (scope) }
                    } @else {
                        span.badge.mono.warn title="There is no such scope: it gives nothing" { (scope) " (unknown)" }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_that_is_none_any_more_is_shown_as_such() {
        let shown = scopes(["admin:read", "admin:reed"], Scope::exists).into_string();
        assert!(shown.contains(">admin:read</span>") && shown.contains("admin:reed (unknown)"), "{shown}");
    }

    #[test]
    fn a_picker_keeps_what_is_set_and_not_to_be_given() {
        let form = Form::with([("scopes", "admin:write".to_owned())]);
        let picker = scope_choices(&form, &Input::options("scopes", "Scopes"), Holder::Token, |scope| {
            scope.name == "admin:read"
        });
        let picker = picker.into_string();
        assert!(picker.contains("value=\"admin:read\">") && !picker.contains("value=\"audit:read\""), "{picker}");
        assert!(picker.contains("type=\"hidden\" name=\"scopes\" value=\"admin:write\""), "{picker}");
        assert!(picker.contains("value=\"admin:write\" checked disabled"), "{picker}");
    }

    #[test]
    fn a_picker_has_all_that_its_credential_can_have_under_headings() {
        let picker =
            scope_choices(&Form::default(), &Input::options("scopes", "Scopes"), Holder::Token, |_| true).into_string();
        for scope in Scope::of(Holder::Token) {
            assert!(picker.contains(&format!("value=\"{}\"", scope.name)), "{}", scope.name);
        }
        assert_eq!(picker.matches("Organizations</strong>").count(), 1);
        assert!(!picker.contains("offline_access"), "a token is not refreshed");
    }
}
