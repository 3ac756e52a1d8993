//! The list of checks that `tests/switch-off` switches off one at a time names what is there.

use super::server::files;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    switch: Vec<Switch>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    name: String,
    file: String,
    find: String,
    put: String,
    #[serde(default)]
    lib: bool,
    test: String,
}

#[test]
fn each_switch_names_a_line_and_a_test_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let all = |folder: &str| files(&root.join(folder)).iter().map(|path| read(path)).collect::<Vec<_>>().join("\n");
    let (inside, outside) = (all("src"), all("tests/it"));
    let list: List = toml::from_str(&read(&root.join("tests/switches.toml"))).unwrap();
    let names: BTreeSet<_> = list.switch.iter().map(|switch| &switch.name).collect();
    assert!(names.len() == list.switch.len() && names.len() >= 25);
    for switch in &list.switch {
        let source = read(&root.join("src").join(&switch.file));
        assert_eq!(source.matches(&switch.find).count(), 1, "{}: {} in {}", switch.name, switch.find, switch.file);
        assert_ne!(switch.find, switch.put, "{}", switch.name);
        let (_, test) = switch.test.rsplit_once("::").unwrap();
        let sources = if switch.lib { &inside } else { &outside };
        assert!(sources.contains(&format!("fn {test}(")), "{}: no test {}", switch.name, switch.test);
    }
}
