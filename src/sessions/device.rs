//! What a browser says it runs on, as far as it is known: for people who look for a session that is not theirs. It proves
//! nothing, since a client says what it likes.

/// A device by its own words; what is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// `Windows`, `macOS`, `Android`, …
    pub os: String,
    /// The version of that.
    pub os_version: String,
    /// `Firefox`, `Chrome`, …
    pub browser: String,
    /// The version of that.
    pub browser_version: String,
    /// `desktop`, `mobile`, `tablet`, or `bot` for a program.
    pub kind: String,
}

/// The sign of a browser in its `User-Agent`, and its name. The most telling comes first: Edge and Opera also say Chrome, and
/// Chrome also says Safari.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("curl/", "curl"),
    ("python-requests/", "Python"),
];
/// The same for operating systems. Android also says Linux, and an iPhone says Mac OS X.
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows NT ", "Windows"),
    ("iPhone OS ", "iOS"),
    ("CPU OS ", "iPadOS"),
    ("Android ", "Android"),
    ("Mac OS X ", "macOS"),
    ("CrOS ", "ChromeOS"),
    ("Linux", "Linux"),
];

/// The version that begins a text: digits and what separates them.
fn version(text: &str) -> String {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(text.len());
    text.get(..end).unwrap_or_default().replace('_', ".").trim_matches('.').chars().take(20).collect()
}

fn first(known: &[(&str, &str)], user_agent: &str) -> (String, String) {
    let found = known.iter().find_map(|(sign, name)| user_agent.split_once(sign).map(|(_, rest)| (name, rest)));
    found.map_or_else(Default::default, |(name, rest)| ((*name).to_owned(), version(rest)))
}

impl Device {
    /// Reads a `User-Agent`.
    pub fn of(user_agent: &str) -> Self {
        let (browser, browser_version) = first(&BROWSERS, user_agent);
        let (os, os_version) = first(&SYSTEMS, user_agent);
        let has = |word| user_agent.contains(word);
        let kind = if matches!(browser.as_str(), "curl" | "Python") {
            "bot"
        } else if has("iPad") || (has("Android") && !has("Mobile")) {
            "tablet"
        } else if has("Mobile") || has("iPhone") {
            "mobile"
        } else if os.is_empty() {
            ""
        } else {
            "desktop"
        };
        Self { os, os_version, browser, browser_version, kind: kind.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(user_agent: &str) -> [String; 5] {
        let Device { os, os_version, browser, browser_version, kind } = Device::of(user_agent);
        [os, os_version, browser, browser_version, kind]
    }

    #[test]
    fn usual_browsers_are_known() {
        let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0";
        assert_eq!(words(firefox), ["Windows", "10.0", "Firefox", "128.0", "desktop"]);
        let edge =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.87";
        assert_eq!(words(edge), ["Linux", "", "Edge", "126.0.2592.87", "desktop"]);
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148";
        assert_eq!(words(phone), ["iOS", "17.5", "Safari", "17.5", "mobile"]);
        let tablet = "Mozilla/5.0 (Linux; Android 14; SM-X810) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36";
        assert_eq!(words(tablet), ["Android", "14", "Chrome", "126.0.0.0", "tablet"]);
        assert_eq!(words("curl/8.5.0"), ["", "", "curl", "8.5.0", "bot"]);
        assert_eq!(words("test"), [""; 5]);
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "\\PC{0,80}(Windows NT |Chrome/|Android )?\\PC{0,40}") {
            let device = Device::of(&text);
            prop_assert!(device.os_version.chars().chain(device.browser_version.chars())
                .all(|c| c.is_ascii_digit() || c == '.'));
        }
    }
}
