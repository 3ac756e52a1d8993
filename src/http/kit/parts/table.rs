//! Tables that turn into cards where their place is too narrow for them.

use super::icon;
use maud::{Markup, PreEscaped, Render, html};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Align {
    Start,
    Number,
    End,
}

/// The head of a column by which the rows can be sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// What tells the link from others of the page.
    pub id: String,
    /// Where it leads: to the rows in its order, or in the reverse of it.
    pub href: String,
    /// Whether the rows are in its order now, and fall.
    pub falls: Option<bool>,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    align: Align,
    heading: Option<Heading>,
}

impl Column {
    fn head(&self) -> Markup {
        let (sorted, sign) = match self.heading.as_ref().map(|heading| heading.falls) {
            None | Some(None) => (None, "sort"),
            Some(Some(true)) => (Some("descending"), "sort-down"),
            Some(Some(false)) => (Some("ascending"), "sort-up"),
        };
        html! {
            th.number[self.align == Align::Number] scope="col" aria-sort=[sorted] {
                @match &self.heading {
                    Some(heading) => a.sort #(heading.id) href=(heading.href) { (self.name) (icon(sign)) },
                    None => (self.name),
                }
            }
        }
    }
}

/// The boxes by which rows are selected.
#[derive(Clone, Copy, Debug)]
pub struct Selects {
    /// The id of the form that they belong to.
    pub form: &'static str,
    /// Their name.
    pub name: &'static str,
    /// Whether they are ticked.
    pub ticked: bool,
}

/// A table: columns first, then rows with as many cells. The first cell of a row names it.
#[derive(Debug)]
pub struct Table {
    caption: String,
    columns: Vec<Column>,
    selects: Option<Selects>,
    rows: Vec<Markup>,
}

impl Table {
    /// `caption` says what the rows are, for those who do not see the page.
    pub fn new(caption: &str) -> Self {
        Self { caption: caption.to_owned(), columns: Vec::new(), selects: None, rows: Vec::new() }
    }

    /// Adds a column.
    #[must_use]
    pub fn column(mut self, name: &'static str) -> Self {
        self.columns.push(Column { name, align: Align::Start, heading: None });
        self
    }

    /// Adds a column of numbers.
    #[must_use]
    pub fn number(mut self, name: &'static str) -> Self {
        self.columns.push(Column { name, align: Align::Number, heading: None });
        self
    }

    /// Adds a last column of actions; its name is for those who do not see the page.
    #[must_use]
    pub fn actions(mut self, name: &'static str) -> Self {
        self.columns.push(Column { name, align: Align::End, heading: None });
        self
    }

    /// The last column can be sorted by, if there is a heading.
    #[must_use]
    pub fn by(mut self, heading: Option<Heading>) -> Self {
        if let Some(last) = self.columns.last_mut() {
            last.heading = heading;
        }
        self
    }

    /// With a box before each row, if there is something to select for.
    #[must_use]
    pub fn selects(mut self, selects: Option<Selects>) -> Self {
        self.selects = selects;
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[Markup]) {
        self.row_of(None, cells);
    }

    /// Adds a row that can be selected by a value; the name says which one it is. None: this one cannot.
    pub fn row_of(&mut self, select: Option<(&str, &str)>, cells: &[Markup]) {
        let row = html! {
            tr {
                @if let Some(Selects { form, name, ticked }) = self.selects {
                    td.select.none[select.is_none()] {
                        @if let Some((value, called)) = select {
                            @let id = format!("row-{}", self.rows.len());
                            input type="checkbox" id=(id) form=(form) name=(name) value=(value) checked[ticked];
                            label.unseen for=(id) { "Select " (called) }
                        }
                    }
                }
                @for (at, (cell, Column { name, align, .. })) in cells.iter().zip(&self.columns).enumerate() {
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
                            @if self.selects.is_some() { th.select scope="col" { span.unseen { "Select" } } }
                            @for column in &self.columns {
                                @if column.align == Align::End {
                                    th.end scope="col" { span.unseen { (column.name) } }
                                } @else {
                                    (column.head())
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
