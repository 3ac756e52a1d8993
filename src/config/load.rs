//! From the sources to a [`Config`]: each source puts its values over those of the one before, and every value remembers where it came from.

use super::check::Checks;
use super::error::{ConfigError, Origin, Violation};
use super::sources::{ConfigFile, ConfigSources};
use super::{Config, file};
use crate::base::text::without_mark;
use crate::catalogue::did_you_mean;
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

/// What every variable of ours begins with.
pub(super) const PREFIX: &str = "SCAISTACK_";

impl Config {
    /// Reads the sources in their order and checks every value.
    ///
    /// # Errors
    /// A file that cannot be read, a key that does not exist, or every value that is not acceptable, each with where it was set.
    pub fn load(sources: &ConfigSources) -> Result<Self, ConfigError> {
        Loaded::read(sources).map(|loaded| loaded.config)
    }
}

/// A configuration that knows where each of its values was set.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings, checked.
    pub config: Config,
    /// What is allowed but probably not meant, one sentence each.
    pub warnings: Vec<String>,
    origins: BTreeMap<String, Origin>,
}

impl Loaded {
    /// Reads the sources in their order and checks every value.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn read(sources: &ConfigSources) -> Result<Self, ConfigError> {
        let known = defaults();
        let mut layers = Layers { table: Table::new(), origins: BTreeMap::new(), known };
        match &sources.file {
            ConfigFile::Named(path) => layers.file(path, true)?,
            ConfigFile::IfPresent(path) => layers.file(path, false)?,
            ConfigFile::None => {}
        }
        let mut warnings = layers.environment(&sources.environment)?;
        for flag in &sources.flags {
            layers.put(flag.key, &flag.value, Origin::Flag(flag.name))?;
        }
        let Layers { table, origins, .. } = layers;
        // Every layer has been read once before, so nothing is left that could fail here.
        let config: Config = table.try_into().map_err(|error: toml::de::Error| ConfigError::Syntax {
            origin: Origin::Default,
            message: file::one_line(error.message()),
        })?;
        let mut checks = Checks::default();
        config.check(&mut checks);
        if !checks.0.is_empty() {
            let violation = |(key, message): (&str, String)| Violation {
                origin: origins.get(key).cloned().unwrap_or_default(),
                key: key.to_owned(),
                message,
            };
            return Err(ConfigError::Invalid(checks.0.into_iter().map(violation).collect()));
        }
        warnings.extend(config.warnings());
        Ok(Self { config, warnings, origins })
    }

    /// The variables that set what the environment or a flag has set here, each with its value.
    pub fn outside_the_file(&self) -> Vec<(String, String)> {
        self.variables(|origin| matches!(origin, Origin::Environment(_) | Origin::Flag(_)))
    }

    /// The variables that set what was set at all, each with its value.
    pub fn set_values(&self) -> Vec<(String, String)> {
        self.variables(|origin| *origin != Origin::Default)
    }

    fn variables(&self, takes: impl Fn(&Origin) -> bool) -> Vec<(String, String)> {
        let values = Table::try_from(&self.config).unwrap_or_default();
        let set = self.origins.iter().filter(|(_, origin)| takes(origin));
        set.filter_map(|(key, _)| {
            let (section, name) = key.split_once('.')?;
            Some((variable(section, name), text_of(values.get(section)?.get(name)?)?))
        })
        .collect()
    }

    /// The keys that were set and that no variable can set: `scaigrid.models`, which are tables.
    pub fn only_in_a_file(&self) -> Vec<String> {
        let values = Table::try_from(&self.config).unwrap_or_default();
        let set = self.origins.iter().filter(|(_, origin)| **origin != Origin::Default);
        let stays = |key: &str| {
            let (section, name) = key.split_once('.')?;
            Some(text_of(values.get(section)?.get(name)?).is_none())
        };
        set.filter(|(key, _)| stays(key).unwrap_or(false)).map(|(key, _)| key.clone()).collect()
    }

    /// Where the value of a key (`server.listen`) was set.
    pub fn origin(&self, key: &str) -> Origin {
        self.origins.get(key).cloned().unwrap_or_default()
    }
}

/// The built-in settings as sections of keys.
pub(super) fn defaults() -> Table {
    Table::try_from(Config::default()).unwrap_or_default()
}

/// The variable that sets a key: `server.listen` → `SCAISTACK_SERVER_LISTEN`.
pub(super) fn variable(section: &str, key: &str) -> String {
    format!("{PREFIX}{section}_{key}").to_uppercase()
}

/// A value as its variable has it. None: no variable can hold it.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            let parts: Option<Vec<&str>> = parts.iter().map(Value::as_str).collect();
            parts.map(|parts| parts.join(","))
        }
        Value::Table(_) => None,
        other => Some(other.to_string()),
    }
}

/// The values that were set so far, with where.
struct Layers {
    table: Table,
    origins: BTreeMap<String, Origin>,
    known: Table,
}

impl Layers {
    fn file(&mut self, path: &Path, must_exist: bool) -> Result<(), ConfigError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => return Ok(()),
            Err(source) => return Err(ConfigError::Unreadable { path: path.to_owned(), source }),
        };
        let text = without_mark(&text);
        let lines = file::lines(path, text, &self.known)?;
        if let Err(error) = toml::from_str::<Config>(text) {
            let line = file::line_of(text, error.span().map_or(0, |span| span.start));
            let key = lines.iter().find(|(_, at)| **at == line).map(|(key, _)| format!("{key} ")).unwrap_or_default();
            let origin = Origin::File { path: path.to_owned(), line };
            return Err(ConfigError::Syntax { origin, message: format!("{key}{}", file::one_line(error.message())) });
        }
        self.table = toml::from_str(text).map_err(|error| ConfigError::Syntax {
            origin: Origin::File { path: path.to_owned(), line: 1 },
            message: file::one_line(error.message()),
        })?;
        for (key, line) in lines {
            self.origins.insert(key, Origin::File { path: path.to_owned(), line });
        }
        Ok(())
    }

    /// Takes over every variable that sets a key. Gives a warning for each that looks like ours and sets nothing.
    fn environment(&mut self, environment: &BTreeMap<String, String>) -> Result<Vec<String>, ConfigError> {
        let mut warnings = Vec::new();
        if let Some(data) = environment.get("SCAISTACK_DATA").filter(|data| !data.is_empty()) {
            self.put("storage.data", data, Origin::Environment("SCAISTACK_DATA".to_owned()))?;
        }
        let keys: Vec<(String, String)> = self
            .known
            .iter()
            .filter_map(|(section, keys)| Some((section, keys.as_table()?)))
            .flat_map(|(section, keys)| {
                keys.keys().map(move |key| (variable(section, key), format!("{section}.{key}")))
            })
            .collect();
        for (name, value) in environment.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
            if let Some((_, key)) = keys.iter().find(|(variable, _)| variable == name) {
                self.put(key, value, Origin::Environment(name.clone()))?;
            } else if !elsewhere(name) {
                let in_section = self.known.keys().any(|section| name.starts_with(&variable(section, "")));
                let names: Vec<String> = keys.iter().map(|(variable, _)| variable.clone()).collect();
                let hint = did_you_mean(name, names.iter().map(String::as_str)).map(str::to_owned);
                if in_section {
                    let origin = Origin::Environment(name.clone());
                    return Err(ConfigError::Unknown { origin, name: "setting".to_owned(), hint });
                }
                let hint = hint.map(|hint| format!("; did you mean {hint}?")).unwrap_or_default();
                warnings.push(format!("{name} is set but is no setting{hint}"));
            }
        }
        Ok(warnings)
    }

    /// Puts a value that came as text over what is there.
    fn put(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), ConfigError> {
        let wrong = |message: String| {
            ConfigError::Invalid(vec![Violation { origin: origin.clone(), key: key.to_owned(), message }])
        };
        let known =
            key.split_once('.').and_then(|(section, name)| Some((section, name, self.known.get(section)?.get(name)?)));
        let Some((section, name, default)) = known else {
            return Err(ConfigError::Unknown { origin, name: format!("key {key}"), hint: None });
        };
        let value = parse(default, text).map_err(wrong)?;
        let mut table = self.table.clone();
        let keys = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(keys) = keys {
            keys.insert(name.to_owned(), value);
        }
        table.clone().try_into::<Config>().map_err(|error| wrong(file::one_line(error.message())))?;
        self.table = table;
        self.origins.insert(key.to_owned(), origin);
        Ok(())
    }
}

/// Reads a text as the kind of value that the built-in one is. A list has commas between its parts.
fn parse(default: &Value, text: &str) -> Result<Value, String> {
    match default {
        Value::Integer(_) => {
            let digits = text.trim().replace('_', "");
            let number = digits.parse::<i64>().ok().filter(|number| *number >= 0);
            number.map(Value::Integer).ok_or_else(|| format!("must be {}", file::with_article("integer")))
        }
        Value::Boolean(_) => match text.trim() {
            "true" | "1" => Ok(Value::Boolean(true)),
            "false" | "0" => Ok(Value::Boolean(false)),
            _ => Err(format!("must be {}", file::with_article("boolean"))),
        },
        Value::Array(_) => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Ok(Value::Array(parts.map(|part| Value::String(part.to_owned())).collect()))
        }
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// Whether a variable that sets no key is read somewhere else, or comes from Kubernetes, which sets `SCAISTACK_SERVER_PORT` and the like for
/// a service of that name.
fn elsewhere(name: &str) -> bool {
    const OURS: [&str; 8] = ["CA", "CONFIG", "DATA", "PASSPHRASE", "SMTP_PASSWORD", "TIMEOUT", "TOKEN", "URL"];
    let rest = name.strip_prefix(PREFIX).unwrap_or(name);
    OURS.contains(&rest)
        || rest == "PORT"
        || rest.ends_with("_PORT")
        || rest.ends_with("SERVICE_HOST")
        || rest.contains("SERVICE_PORT")
        || rest.contains("PORT_") && (rest.contains("_TCP") || rest.contains("_UDP"))
}
