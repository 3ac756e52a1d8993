//! Icons.

use crate::http::kit::assets;
use maud::{Markup, html};

/// An icon of the sprite, for the eye only: the words beside it say the same.
pub fn icon(name: &str) -> Markup {
    html! { svg.icon aria-hidden="true" focusable="false" { use href=(format!("{}#{name}", assets::url("icons.svg"))) {} } }
}
