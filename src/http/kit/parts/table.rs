//! Tables that turn into cards where their place is too narrow for them.

use maud::{Markup, PreEscaped, Render, html};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Align {
    Start,
    Number,
    End,
}

/// A table: columns first, then rows with as many cells. The first cell of a row names it.
#[derive(Debug)]
pub struct Table {
    caption: String,
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Markup>,
}

impl Table {
    /// `caption` says what the rows are, for those who do not see the page.
    pub fn new(caption: &str) -> Self {
        Self { caption: caption.to_owned(), columns: Vec::new(), rows: Vec::new() }
    }

    /// Adds a column.
    #[must_use]
    pub fn column(mut self, name: &'static str) -> Self {
        self.columns.push((name, Align::Start));
        self
    }

    /// Adds a column of numbers.
    #[must_use]
    pub fn number(mut self, name: &'static str) -> Self {
        self.columns.push((name, Align::Number));
        self
    }

    /// Adds a last column of actions; its name is for those who do not see the page.
    #[must_use]
    pub fn actions(mut self, name: &'static str) -> Self {
        self.columns.push((name, Align::End));
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[Markup]) {
        let row = html! {
            tr {
                @for (at, (cell, (name, align))) in cells.iter().zip(&self.columns).enumerate() {
                    @if at == 0 {
                        th scope="row" { div { (cell) } }
                    } @else if *align == Align::Start {
                        td.none[cell.0.is_empty()] data-label=(name) { div { (cell) } }
                    } @else if *align == Align::Number {
                        td.number.none[cell.0.is_empty()] data-label=(name) { div { (cell) } }
                    } @else {
                        td.end.none[cell.0.is_empty()] { div { (cell) } }
                    }
                }
            }
        };
        self.rows.push(row);
    }

    /// How much room the columns take: the stylesheet turns a table into cards where there is less.
    fn room(&self) -> &'static str {
        match self.columns.len() {
            ..=3 => "narrow",
            4 | 5 => "middle",
            _ => "wide",
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Render for Table {
    fn render(&self) -> Markup {
        html! {
            div.table.(self.room()) {
                table {
                    caption.unseen { (self.caption) }
                    thead {
                        tr {
                            @for (name, align) in &self.columns {
                                @match align {
                                    Align::Start => th scope="col" { (name) },
                                    Align::Number => th.number scope="col" { (name) },
                                    Align::End => th.end scope="col" { span.unseen { (name) } },
                                }
                            }
                        }
                    }
                    tbody { @for row in &self.rows { (PreEscaped(&row.0)) } }
                }
            }
        }
    }
}
