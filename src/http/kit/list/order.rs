//! The order of a list.

use crate::store::Direction;
use std::cmp::Ordering;

/// By which column a list is sorted, and whether its values fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) struct Order {
    pub by: &'static str,
    pub falls: bool,
}

impl Order {
    /// As an address has it: `name`, or `-name` where the values fall.
    pub(super) fn written(self) -> String {
        format!("{}{}", if self.falls { "-" } else { "" }, self.by)
    }
}

/// A column, and how its values compare.
type Column<T> = (&'static str, fn(&T, &T) -> Ordering);

/// By what a list can be sorted.
pub(in crate::http) struct Sorting<T: 'static> {
    /// The column of the age of the rows, by which they are read from either end, however many there are.
    pub age: &'static str,
    /// From which end, unless it is asked otherwise.
    pub usually: Direction,
    /// The columns by which they are sorted in memory, where there are few.
    pub others: &'static [Column<T>],
}

impl<T> Sorting<T> {
    pub(super) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.others.iter().map(|(column, _)| *column)
    }

    /// Sorts rows. What is alike stays as it stood.
    pub(super) fn sort(&self, mut rows: Vec<T>, order: Order) -> Vec<T> {
        if let Some((_, compare)) = self.others.iter().find(|(column, _)| *column == order.by) {
            rows.sort_by(|one, other| if order.falls { compare(other, one) } else { compare(one, other) });
        }
        rows
    }
}

/// Texts as people sort them: capital and small letters are alike.
pub(in crate::http) fn by_text(one: &str, other: &str) -> Ordering {
    one.to_lowercase().cmp(&other.to_lowercase()).then_with(|| one.cmp(other))
}
