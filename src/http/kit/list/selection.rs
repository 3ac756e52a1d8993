//! Selecting rows of a list: a box at each, and what can be done to those that are ticked.

use super::List;
use crate::http::kit::parts::{Selects, hidden};
use maud::{Markup, html};

/// The field of a ticked box.
pub(in crate::http) const ROW: &str = "row";
/// The field with the address of the page of the list, to come back to.
pub(in crate::http) const BACK: &str = "back";
/// The form that the boxes belong to, wherever they stand.
pub(in crate::http) const FORM: &str = "selected";

/// Something that can be done to rows.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Act {
    /// Where the form goes.
    pub action: &'static str,
    pub label: &'static str,
    /// Whether it destroys or ends something.
    pub destructive: bool,
}

impl List {
    /// The boxes of the rows, if something can be done to them. All are ticked where the address asks for it: that is how one
    /// selects all without a script.
    pub fn selects(&self, acts: &[Act]) -> Option<Selects> {
        let ticked = self.asked.value(FORM) == "all";
        (!acts.is_empty()).then_some(Selects { form: FORM, name: ROW, ticked })
    }

    /// The bar above the rows with what can be done to those that are ticked; empty: nothing can.
    pub fn acts(&self, acts: &[Act], csrf: &str) -> Markup {
        let Some(first) = acts.first() else { return html! {} };
        let place = ["at", "page", "after", "before"].map(|name| (name, self.asked.value(name)));
        let place = place.into_iter().find(|(_, value)| !value.is_empty());
        let here = self.part(place);
        let sign = if here.contains('?') { '&' } else { '?' };
        html! {
            form.acts #(FORM) method="post" action=(first.action) {
                (hidden("csrf", csrf))
                (hidden(BACK, &here))
                a.button.small.quiet href={ (here) (sign) (FORM) "=all" } data-select-all { "Select all on this page" }
                span data-selected role="status" {}
                span.actions {
                    @for act in acts {
                        button.small.danger[act.destructive] formaction=(act.action) { (act.label) }
                    }
                }
            }
        }
    }
}
