//! What was measured, beside what could be: as a table for people and as JSON for machines.

use super::load::Outcome;
use serde_json::{Value, json};

/// Which side of the target is good.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
}

impl Target {
    fn met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }

    fn text(self) -> String {
        match self {
            Self::AtLeast(least) => format!(">= {least}"),
            Self::AtMost(most) => format!("<= {most}"),
        }
    }
}

/// A limit that was measured in the same run.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    /// How much, in the unit of what stands beside it.
    pub(super) value: f64,
    /// What was measured, and its unit if that is another one.
    pub(super) of: &'static str,
}

/// What a target is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Aim {
    /// The figure divided by its limit.
    Ratio(Target),
    /// The figure itself.
    Figure(Target),
    /// Nothing: the figure is shown for what it is.
    None,
}

/// One figure.
#[derive(Clone, Debug)]
pub(super) struct Figure {
    /// What it is.
    pub(super) what: &'static str,
    /// In which unit.
    pub(super) unit: &'static str,
    /// What was measured, in that unit.
    pub(super) value: f64,
    /// What could be, if it was measured.
    pub(super) limit: Option<Limit>,
    /// What it should be.
    pub(super) aim: Aim,
}

impl Figure {
    /// Whether it is what it should be; none without a target. A ratio without its limit is not.
    fn met(&self) -> Option<bool> {
        match self.aim {
            Aim::Ratio(target) => Some(self.ratio().is_some_and(|ratio| target.met(ratio))),
            Aim::Figure(target) => Some(target.met(self.value)),
            Aim::None => None,
        }
    }

    fn ratio(&self) -> Option<f64> {
        self.limit.as_ref().filter(|limit| limit.value > 0.0).map(|limit| self.value / limit.value)
    }

    fn target(&self) -> Option<String> {
        match self.aim {
            Aim::Ratio(target) => Some(format!("{} x", target.text())),
            Aim::Figure(target) => Some(format!("{} {}", target.text(), self.unit)),
            Aim::None => None,
        }
    }

    fn json(&self) -> Value {
        json!({
            "what": self.what, "unit": self.unit, "value": self.value, "limit": self.limit.as_ref().map(|limit| limit.value),
            "limit_of": self.limit.as_ref().map(|limit| limit.of), "ratio": self.ratio(), "target": self.target(), "met": self.met(),
        })
    }
}

/// What was measured of one case.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    /// The name of the case.
    pub(super) case: &'static str,
    /// The load, if the case is one.
    pub(super) load: Option<Outcome>,
    /// The figures, each with its limit and its target.
    pub(super) figures: Vec<Figure>,
}

/// All of a run.
#[derive(Clone, Debug)]
pub(super) struct Report(pub(super) Vec<Measured>);

impl Report {
    /// The report as JSON.
    pub(super) fn json(&self) -> Value {
        let load = |load: &Outcome| {
            json!({
                "seconds": load.elapsed.as_secs_f64(), "requests": load.times.count(), "failures": load.failures,
                "rate": load.rate(), "p50_ms": millis(load, 0.5), "p99_ms": millis(load, 0.99), "cpu_us": load.cpu_micros(),
            })
        };
        let cases = self.0.iter().map(|measured| {
            json!({
                "case": measured.case, "load": measured.load.as_ref().map(load),
                "figures": measured.figures.iter().map(Figure::json).collect::<Vec<_>>(),
            })
        });
        json!({ "cases": cases.collect::<Vec<_>>() })
    }

    /// For people: two tables, what the load saw, and each figure beside its limit.
    pub(super) fn text(&self) -> String {
        let loads = self.0.iter().filter_map(|measured| {
            let load = measured.load.as_ref()?;
            Some(vec![
                measured.case.to_owned(),
                number(load.rate()),
                number(millis(load, 0.5)),
                number(millis(load, 0.99)),
                number(load.cpu_micros()),
                load.times.count().to_string(),
                load.failures.to_string(),
            ])
        });
        let figures = self.0.iter().flat_map(|measured| {
            measured.figures.iter().map(|figure| {
                let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
                vec![
                    measured.case.to_owned(),
                    figure.what.to_owned(),
                    format!("{} {}", number(figure.value), figure.unit),
                    or_dash(figure.limit.as_ref().map(|limit| format!("{} {}", number(limit.value), limit.of))),
                    or_dash(figure.ratio().map(|ratio| format!("{ratio:.2}"))),
                    or_dash(figure.target()),
                    or_dash(figure.met().map(|met| if met { "yes" } else { "NO" }.to_owned())),
                ]
            })
        });
        let loads = table(&["case", "rate/s", "p50 ms", "p99 ms", "CPU us/req", "requests", "failures"], loads);
        let figures = table(&["case", "figure", "measured", "limit in this run", "ratio", "target", "met"], figures);
        [loads, figures].into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}

fn millis(load: &Outcome, quantile: f64) -> f64 {
    load.times.quantile(quantile).as_secs_f64() * 1e3
}

/// With as many digits as mean something.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 1000.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Columns under each other, two blanks apart. None without a row.
fn table(titles: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Option<String> {
    let mut lines: Vec<Vec<String>> = vec![titles.iter().map(|title| (*title).to_owned()).collect()];
    lines.extend(rows);
    if lines.len() == 1 {
        return None;
    }
    let width = |column: usize| {
        lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::super::histogram::Histogram;
    use super::*;
    use std::time::Duration;

    fn report() -> Report {
        let mut times = Histogram::new();
        (0..1000).for_each(|_| times.record(Duration::from_millis(2)));
        let load = Outcome {
            elapsed: Duration::from_secs(2),
            times,
            cpu: Duration::from_secs(1),
            failures: 0,
            first_failure: None,
        };
        let limit = |value| Some(Limit { value, of: "bare" });
        let figure = |what, value, limit, aim| Figure { what, unit: "us", value, limit, aim };
        Report(vec![
            Measured {
                case: "a",
                load: Some(load),
                figures: vec![
                    figure("ratio", 1.1, limit(1.0), Aim::Ratio(Target::AtMost(1.15))),
                    figure("without its limit", 1.1, None, Aim::Ratio(Target::AtMost(1.15))),
                ],
            },
            Measured {
                case: "b",
                load: None,
                figures: vec![
                    figure("itself", 4.0, limit(8.0), Aim::Figure(Target::AtLeast(5.0))),
                    figure("shown", 12_345.6, None, Aim::None),
                ],
            },
        ])
    }

    #[test]
    fn people_see_two_tables() {
        let expected = "\
case  rate/s  p50 ms  p99 ms  CPU us/req  requests  failures
a     500.0   2.02    2.02    1000        1000      0

case  figure             measured  limit in this run  ratio  target   met
a     ratio              1.10 us   1.00 bare          1.10   <= 1.15 x  yes
a     without its limit  1.10 us   -                  -      <= 1.15 x  NO
b     itself             4.00 us   8.00 bare          0.50   >= 5 us    NO
b     shown              12346 us  -                  -      -          -
";
        let squeezed = |text: &str| {
            text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(squeezed(&report().text()), squeezed(expected));
    }

    #[test]
    fn machines_see_the_same() {
        let json = report().json();
        assert_eq!(json["cases"][0]["load"]["rate"], 500.0);
        assert_eq!(json["cases"][0]["load"]["cpu_us"], 1000.0);
        assert_eq!(json["cases"][0]["figures"][0]["met"], true);
        assert_eq!(json["cases"][0]["figures"][1]["ratio"], Value::Null);
        assert_eq!(json["cases"][1]["figures"][0]["met"], false);
        assert_eq!(json["cases"][1]["figures"][1]["target"], Value::Null);
    }
}
