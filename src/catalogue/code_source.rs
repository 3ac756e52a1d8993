//! Where each code of an error stands in the source, and of which family the problem is.

use std::fs;
use std::path::Path;

/// A place that makes a problem with a code.
pub(crate) struct CodeUse {
    pub code: String,
    /// The name of the [`crate::base::Kind`]: `NotFound`.
    pub kind: String,
    /// The file, from `src` on: `vault/service/read.rs`.
    pub file: String,
}

/// The calls that make a problem, and the family that each stands for. None: it stands first in the call.
const CALLS: [(&str, Option<&str>); 8] = [
    ("Problem::forbidden(", Some("Forbidden")),
    ("Problem::not_found(", Some("NotFound")),
    ("Problem::conflict(", Some("Conflict")),
    ("Problem::malformed(", Some("Malformed")),
    ("Problem::unauthenticated(", Some("Unauthenticated")),
    ("Problem::new(Kind::", None),
    ("Self::new(Kind::", None),
    ("missing(", Some("NotFound")),
];

/// The sources of the server without their tests and without the list of codes: file and text.
pub(crate) fn sources() -> Vec<(String, String)> {
    let mut all = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut all);
    all.sort();
    all
}

fn walk(folder: &Path, front: &str, into: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{front}{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() && !name.ends_with("/tests") {
            walk(&path, &format!("{name}/"), into);
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") && name != "catalogue/code.rs" {
            let text = fs::read_to_string(&path).unwrap();
            into.push((name, text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned()));
        }
    }
}

/// The code that stands first in the arguments, if it stands there as a text: behind the family, if that comes first.
fn first_code(arguments: &str) -> Option<&str> {
    let at = arguments.find('"').filter(|at| !arguments[..*at].contains([')', ';']))?;
    let code = arguments[at + 1..].split('"').next()?;
    (!code.is_empty() && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')).then_some(code)
}

/// All places.
pub(crate) fn uses() -> Vec<CodeUse> {
    let mut found = Vec::new();
    for (file, text) in sources() {
        for (call, kind) in CALLS {
            for (at, _) in text.match_indices(call) {
                let arguments = &text[at + call.len()..];
                let Some(code) = first_code(arguments) else { continue };
                let first: String = arguments.chars().take_while(char::is_ascii_alphabetic).collect();
                let kind = kind.map_or(first, str::to_owned);
                found.push(CodeUse { code: code.to_owned(), kind, file: file.clone() });
            }
        }
    }
    found
}
