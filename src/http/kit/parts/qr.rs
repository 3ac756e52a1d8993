//! QR codes, drawn into the page: no picture to fetch, no style, no script.

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// The light margin that readers want around a code, in modules (ISO/IEC 18004).
const MARGIN: usize = 4;

/// A QR code of a text, dark on light in every colour scheme, for scanners know nothing else. Nothing for a text that is too
/// long for one: what it says stands beside it in words anyway.
pub fn qr(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M) else { return html! {} };
    let width = code.width();
    let mut path = String::with_capacity(width * width * 4);
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                // Writing into a text does not fail.
                let _ = write!(path, "M{} {}h{}v1h-{}z", x + MARGIN, y + MARGIN, run.len(), run.len());
            }
            x += run.len();
        }
    }
    let side = width + 2 * MARGIN;
    html! {
        svg.qr role="img" aria-label=(label) viewBox={ "0 0 " (side) " " (side) } shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_the_dark_modules_of_the_code() {
        let text = "otpauth://totp/keys.example:alice%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let drawn = qr(text, "QR code").0;
        let dark: usize =
            drawn.split('h').skip(1).filter_map(|part| part.split_once("v1")?.0.parse::<usize>().ok()).sum();
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        assert_eq!(dark, code.to_colors().iter().filter(|color| **color == Color::Dark).count());
        assert!(drawn.contains("role=\"img\"") && !drawn.contains("style") && !drawn.contains("GEZDG"));
        assert_eq!(qr(&"x".repeat(10_000), "too long").0, "");
    }
}
