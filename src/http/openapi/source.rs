//! The docstrings of handlers, read from their source: the program has none.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

/// The docstrings of the functions of a surface, by `module::function`, or by `function` alone in the surface's own file.
pub(super) struct Docstrings(HashMap<String, Docstring>);

/// What a docstring says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Docstring {
    text: String,
    /// Why it is refused, by the status: the lines of its section on errors that begin with one.
    pub refusals: BTreeMap<String, String>,
}

impl Docstring {
    /// What the operation of this id does. A handler for many kinds of rows says `one row`: `users_show` shows one user.
    pub fn about(&self, id: &str) -> String {
        let kind = id.split('_').next().unwrap_or_default();
        let noun = kind.strip_suffix('s').unwrap_or(kind);
        self.text.replace("One row", &format!("One {noun}")).replace("one row", &format!("one {noun}"))
    }
}

impl Docstrings {
    /// Reads `src/http/<surface>.rs` and all below `src/http/<surface>/`.
    pub fn of(surface: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
        let mut found = HashMap::new();
        read(&root.join(format!("{surface}.rs")), "", &mut found);
        walk(&root.join(surface), "", &mut found);
        Self(found)
    }

    /// The docstring that begins with the name of an RPC, without it.
    pub fn of_rpc(&self, rpc: &str) -> Option<&str> {
        let front = format!("`{rpc}`");
        let found = self.0.values().find_map(|said| said.text.strip_prefix(&front))?;
        Some(found.trim_start_matches([':', '.', ',', ';']).trim()).filter(|text| !text.is_empty())
    }

    /// The docstring of a handler, as the route table names it; its first line without the method and the address.
    pub fn get(&self, handler: &str) -> Option<&Docstring> {
        let name: String = handler.chars().filter(|c| !c.is_whitespace()).collect();
        let name = name.split("::<").next().unwrap_or_default();
        self.0.get(name)
    }
}

fn walk(folder: &Path, module: &str, found: &mut HashMap<String, Docstring>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    for path in paths {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let inner = if stem == "mod" { module.to_owned() } else { format!("{module}{stem}::") };
        if path.is_dir() {
            walk(&path, &inner, found);
        } else {
            read(&path, &inner, found);
        }
    }
}

fn read(path: &Path, module: &str, found: &mut HashMap<String, Docstring>) {
    let Ok(text) = fs::read_to_string(path) else { return };
    let mut said: Vec<&str> = Vec::new();
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("///") {
            said.push(words.trim());
        } else if let Some(rest) =
            line.strip_prefix("pub async fn ").or_else(|| line.strip_prefix("pub(super) async fn "))
        {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.insert(format!("{module}{name}"), Docstring { text: words(&said), refusals: refusals(&said) });
            said.clear();
        } else if !line.starts_with("#[") {
            said.clear();
        }
    }
}

/// The lines of the section on errors that begin with a status: ``400 `link_dead`: it was used.``
fn refusals(lines: &[&str]) -> BTreeMap<String, String> {
    let section = lines.iter().skip_while(|line| **line != "# Errors").skip(1);
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut last = None;
    for line in section {
        match line.split_once(' ') {
            Some((status, why)) if status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()) => {
                last = Some(status.to_owned());
                found.insert(status.to_owned(), why.to_owned());
            }
            _ => {
                if let Some(why) = last.as_ref().and_then(|status| found.get_mut(status)).filter(|_| !line.is_empty()) {
                    why.push(' ');
                    why.push_str(line);
                }
            }
        }
    }
    found
}

/// A docstring as paragraphs, without the address that it begins with and without its section on errors.
fn words(lines: &[&str]) -> String {
    let own: Vec<&str> = lines.iter().copied().take_while(|line| !line.starts_with('#')).collect();
    let text = own.join("\n").replace("\n\n", "\u{0}").replace('\n', " ").replace('\u{0}', "\n\n");
    let text = text.trim();
    // `GET /users`: what follows.
    let bare = match text.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
        Some((address, rest)) if address.contains('/') => rest.trim_start_matches([':', '.', ',', ';']).trim(),
        _ => text,
    };
    let mut letters = bare.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_docstring_loses_its_address_and_its_errors() {
        let lines = ["`POST /jobs/{name}/run`: now, whenever it is", "due.", "", "More.", "", "# Errors", "None."];
        assert_eq!(words(&lines), "Now, whenever it is due.\n\nMore.");
        assert!(refusals(&lines).is_empty());
        let lines =
            ["Accepts it.", "", "# Errors", "400 `link_dead`: it was used,", "or is too old.", "409 it is taken."];
        let wanted = [("400", "`link_dead`: it was used, or is too old."), ("409", "it is taken.")];
        assert_eq!(refusals(&lines), wanted.map(|(status, why)| (status.to_owned(), why.to_owned())).into());
        let said = Docstring { text: "One row, as it is.".to_owned(), refusals: BTreeMap::new() };
        assert_eq!(said.about("users_show"), "One user, as it is.");
        assert_eq!(words(&["`GET /jobs`."]), "");
        assert_eq!(words(&["The public keys."]), "The public keys.");
    }
}
