//! Where things are in the file.
//!
//! ```text
//! block 0, 1   preamble, two copies
//! block 2, 3   header, two copies: the first KiB of redb's page 0, sealed
//! block 4 …    groups: a block of 64 trailers, then the 64 pages they belong to, sealed
//! ```
//!
//! A block and a page have 4096 bytes. redb sees pages 0, 1, 2 … of one plain file; page 1 is the first in the groups.
//! The trailers stand apart so that pages stay aligned to the blocks of the disk.

use std::ops::Range;

/// Bytes of a block and of a page.
pub const BLOCK: usize = 4096;
/// Where the two copies of the preamble are.
pub const PREAMBLE_AT: [u64; 2] = [0, BLOCK as u64];
/// Where the two copies of the header are.
pub const HEADER_AT: [u64; 2] = [2 * BLOCK as u64, 3 * BLOCK as u64];
/// Where the groups begin: the length of a file without pages.
pub const GROUPS_AT: u64 = 4 * BLOCK as u64;
/// Pages of a group.
pub const GROUP_PAGES: u64 = 64;
/// Bytes between two trailers: 40 for the trailer, 24 kept free.
pub const TRAILER_STRIDE: usize = BLOCK / GROUP_PAGES as usize;
const GROUP_BYTES: u64 = (GROUP_PAGES + 1) * BLOCK as u64;

/// Length of the file that holds `pages` pages, page 0 among them.
pub const fn file_len(pages: u64) -> u64 {
    let grouped = pages.saturating_sub(1);
    let (full, rest) = (grouped / GROUP_PAGES, grouped % GROUP_PAGES);
    let tail = if rest > 0 { (1 + rest) * BLOCK as u64 } else { 0 };
    GROUPS_AT + full * GROUP_BYTES + tail
}

/// How many whole pages a file of `len` bytes holds, page 0 among them; 0 without any group.
pub const fn pages(len: u64) -> u64 {
    if len <= GROUPS_AT {
        return 0;
    }
    let (full, rest) = ((len - GROUPS_AT) / GROUP_BYTES, (len - GROUPS_AT) % GROUP_BYTES);
    1 + full * GROUP_PAGES + (rest / BLOCK as u64).saturating_sub(1)
}

/// Where page `number` (1 or more) is.
pub const fn page_at(number: u64) -> u64 {
    let (group, within) = ((number - 1) / GROUP_PAGES, (number - 1) % GROUP_PAGES);
    GROUPS_AT + group * GROUP_BYTES + (1 + within) * BLOCK as u64
}

/// Where the trailer of page `number` (1 or more) is.
pub const fn trailer_at(number: u64) -> u64 {
    let (group, within) = ((number - 1) / GROUP_PAGES, (number - 1) % GROUP_PAGES);
    GROUPS_AT + group * GROUP_BYTES + within * TRAILER_STRIDE as u64
}

/// Cuts pages `first .. first + count` (1 or more) into runs that are contiguous in the file.
pub fn runs(first: u64, count: u64) -> impl Iterator<Item = Range<u64>> {
    let end = first + count;
    let mut next = first;
    std::iter::from_fn(move || {
        let start = next;
        let group_end = start - (start - 1) % GROUP_PAGES + GROUP_PAGES;
        next = group_end.min(end);
        (start < end).then_some(start..next)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_trailers_do_not_overlap_and_lengths_agree() {
        let mut taken = std::collections::BTreeSet::new();
        for number in 1..300 {
            assert!(taken.insert(page_at(number)));
            assert_eq!(page_at(number) % BLOCK as u64, 0);
            taken.insert(trailer_at(number) / BLOCK as u64 * BLOCK as u64);
            assert_eq!(pages(file_len(number)), if number == 1 { 0 } else { number }, "{number}");
            assert!(number == 1 || file_len(number) == page_at(number - 1) + BLOCK as u64);
            assert_eq!(pages(file_len(number) + 100), if number == 1 { 1 } else { number });
        }
        let blocks: Vec<u64> = (4..).take(taken.len()).map(|block| block * BLOCK as u64).collect();
        assert_eq!(taken.into_iter().collect::<Vec<_>>(), blocks, "no hole, no page on a trailer block");
    }

    #[test]
    fn runs_are_contiguous_and_complete() {
        for first in 1..140 {
            for count in [0, 1, 2, 63, 64, 65, 200] {
                let runs: Vec<_> = runs(first, count).collect();
                let all: Vec<u64> = runs.iter().cloned().flatten().collect();
                assert_eq!(all, (first..first + count).collect::<Vec<_>>());
                for run in runs {
                    assert_eq!(page_at(run.end - 1) - page_at(run.start), (run.end - 1 - run.start) * BLOCK as u64);
                    assert_eq!(trailer_at(run.end - 1) / BLOCK as u64, trailer_at(run.start) / BLOCK as u64);
                }
            }
        }
    }
}
