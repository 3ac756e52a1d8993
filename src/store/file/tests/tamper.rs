//! What can be read in the file, and what is noticed of those who write in it.

use super::disk::Disk;
use super::*;
use crate::store::file::data_file;
use crate::store::file::layout::{self, BLOCK, GROUPS_AT, HEADER_AT, TRAILER_STRIDE};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

const NEEDLES: [&str; 5] = ["secrets_by_tenant_path", "acme/prod/db", "alice@example.com", "hunter2-correct", "redb"];

/// A file at two moments of its life, closed both times.
struct Images {
    older: Vec<u8>,
    newer: Vec<u8>,
    older_rows: Rows,
    newer_rows: Rows,
}

static IMAGES: LazyLock<Images> = LazyLock::new(|| {
    let (disk, root) = (Disk::default(), RootKey::random());
    let preamble = Preamble::new(&root, &[key_slot(1, "default")], NOW).unwrap();
    let opened = data_file::create_in(Arc::new(disk.clone()), Path::new("disk"), root, preamble, &options()).unwrap();
    let fill = |db: &redb::Database, batches: usize, value: &str| {
        for batch in 0..batches {
            let keys: Vec<String> =
                (0..40).map(|i| format!("acme/prod/db/password/{batch}/{i}/alice@example.com")).collect();
            let values: Vec<String> = (0..40).map(|i| format!("{value}-{batch}-{i}").repeat(4)).collect();
            let rows: Vec<_> = keys.iter().zip(&values).map(|(k, v)| (k.as_bytes(), v.as_bytes())).collect();
            put(db, &rows);
        }
        rows(db).unwrap()
    };
    let older_rows = fill(&opened.db, 40, "hunter2-correct-horse");
    drop(opened);
    let older = disk.image();
    let opened = open_disk(&disk, 1 << 20).unwrap();
    let newer_rows = fill(&opened.db, 25, "hunter2-correct-staple");
    drop(opened);
    Images { older, newer: disk.image(), older_rows, newer_rows }
});

fn open_disk(disk: &Disk, cache_bytes: usize) -> Result<Opened, OpenError> {
    let options = Options { cache_bytes, ..options() };
    data_file::open(Arc::new(disk.clone()), Path::new("disk"), &key(1), &options)
}

/// The numbers of the pages that were written at least once.
fn written(image: &[u8]) -> Vec<u64> {
    (1..layout::pages(image.len() as u64)).filter(|page| image[trailer(*page)].iter().any(|b| *b != 0)).collect()
}

fn page(number: u64) -> std::ops::Range<usize> {
    let at = layout::page_at(number) as usize;
    at..at + BLOCK
}

fn trailer(number: u64) -> std::ops::Range<usize> {
    let at = layout::trailer_at(number) as usize;
    at..at + TRAILER_STRIDE
}

/// How an altered file answers. Wrong data is not among the answers: that fails the test.
#[derive(Debug, Default, PartialEq, Eq)]
struct Answers {
    refused_at_open: u64,
    error_on_read: u64,
    /// The page was not in use.
    unharmed: u64,
}

impl Answers {
    fn add(&mut self, answer: Result<Result<Rows, redb::Error>, OpenError>, expected: &Rows, what: &str) {
        match answer {
            Err(OpenError::Damaged(_)) => self.refused_at_open += 1,
            Err(other) => panic!("{what}: {other:?}"),
            Ok(Err(_)) => self.error_on_read += 1,
            Ok(Ok(rows)) => {
                assert!(rows == *expected, "{what}: wrong data");
                self.unharmed += 1;
            }
        }
    }

    fn noticed(&self) -> u64 {
        self.refused_at_open + self.error_on_read
    }
}

/// Opens the file and reads every row. A panic in redb counts as an error on read.
fn read_all(image: &[u8]) -> Result<Result<Rows, redb::Error>, OpenError> {
    let opened = open_disk(&Disk::from_image(image), 1 << 20)?;
    let read = catch_unwind(AssertUnwindSafe(|| rows(&opened.db)));
    let _ = catch_unwind(AssertUnwindSafe(|| drop(opened)));
    Ok(read.unwrap_or(Err(redb::Error::PreviousIo)))
}

#[test]
fn nothing_that_was_written_can_be_read_in_the_file() {
    for image in [&IMAGES.older, &IMAGES.newer] {
        for needle in NEEDLES {
            assert!(!image.windows(needle.len()).any(|part| part == needle.as_bytes()), "{needle}");
        }
        let mut counts = [0u64; 256];
        let pages = written(image);
        for number in &pages {
            image[page(*number)].iter().for_each(|byte| counts[usize::from(*byte)] += 1);
        }
        let total = (pages.len() * BLOCK) as f64;
        let entropy: f64 = counts.iter().map(|n| *n as f64 / total).filter(|p| *p > 0.0).map(|p| -p * p.log2()).sum();
        println!("{} written pages, {entropy:.5} bits a byte", pages.len());
        assert!(entropy > 7.99, "{entropy}");
    }
    let plain = IMAGES.older_rows.iter().flat_map(|(key, value)| [key.as_slice(), value]).collect::<Vec<_>>().concat();
    let found = |needle: &&str| plain.windows(needle.len()).any(|part| part == needle.as_bytes());
    assert_eq!(NEEDLES.iter().filter(|needle| found(needle)).count(), 3, "the needles are in the rows");
}

#[test]
fn a_flipped_bit_in_any_page_or_trailer_never_gives_wrong_data() {
    let Images { newer, newer_rows, .. } = &*IMAGES;
    let (mut pages, mut trailers) = (Answers::default(), Answers::default());
    for number in written(newer) {
        let mut image = newer.clone();
        image[page(number).start + (number as usize * 37) % BLOCK] ^= 1 << (number % 8);
        pages.add(read_all(&image), newer_rows, "a page");
        let mut image = newer.clone();
        image[trailer(number).start + (number as usize * 7) % 40] ^= 1 << (number % 8);
        trailers.add(read_all(&image), newer_rows, "a trailer");
    }
    println!("pages {pages:?}, trailers {trailers:?}");
    assert!(pages.noticed() > pages.unharmed && pages == trailers);
}

#[test]
fn swapped_pages_never_give_wrong_data() {
    let Images { newer, newer_rows, .. } = &*IMAGES;
    let mut answers = Answers::default();
    for pair in written(newer).chunks_exact(2) {
        let mut image = newer.clone();
        for (one, two) in [(page(pair[0]), page(pair[1])), (trailer(pair[0]), trailer(pair[1]))] {
            image[one.clone()].copy_from_slice(&newer[two.clone()]);
            image[two].copy_from_slice(&newer[one]);
        }
        answers.add(read_all(&image), newer_rows, "a swap");
    }
    println!("{answers:?}");
    assert!(answers.noticed() > answers.unharmed);
}

/// Pages that were sealed at both moments, and differently.
fn rewritten() -> Vec<u64> {
    let Images { older, newer, .. } = &*IMAGES;
    written(older).into_iter().filter(|n| page(*n).end <= newer.len() && older[page(*n)] != newer[page(*n)]).collect()
}

#[test]
fn an_old_page_put_back_before_the_open_never_gives_wrong_data() {
    let Images { older, newer, newer_rows, .. } = &*IMAGES;
    let mut answers = Answers::default();
    for number in rewritten() {
        let mut image = newer.clone();
        for range in [page(number), trailer(number)] {
            image[range.clone()].copy_from_slice(&older[range]);
        }
        answers.add(read_all(&image), newer_rows, "a replay");
    }
    println!("{answers:?}");
    assert!(answers.noticed() >= 10, "{answers:?}");
}

#[test]
fn an_old_page_put_back_while_the_file_is_open_never_gives_wrong_data() {
    let Images { older, newer, newer_rows, .. } = &*IMAGES;
    let (mut answers, reported) = (Answers::default(), Arc::new(AtomicU64::new(0)));
    for number in rewritten() {
        let disk = Disk::from_image(newer);
        let count = reported.clone();
        let on_io_error = Arc::new(move |_: &std::io::Error| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        let options = Options { cache_bytes: 0, on_io_error };
        let opened = data_file::open(Arc::new(disk.clone()), Path::new("disk"), &key(1), &options).unwrap();
        for range in [page(number), trailer(number)] {
            disk.write_at(range.start as u64, &older[range]).unwrap();
        }
        let read = catch_unwind(AssertUnwindSafe(|| rows(&opened.db))).unwrap_or(Err(redb::Error::PreviousIo));
        answers.add(Ok(read), newer_rows, "a replay");
        let _ = catch_unwind(AssertUnwindSafe(|| drop(opened)));
    }
    let reported = reported.load(Ordering::Relaxed);
    println!("{answers:?}, {reported} reported");
    assert!(answers.error_on_read >= 10 && reported >= answers.error_on_read, "{answers:?}, {reported} reported");
}

#[test]
fn a_shortened_file_is_refused_and_never_taken_for_a_new_one() {
    let Images { newer, .. } = &*IMAGES;
    for blocks in 1..newer.len() / BLOCK - 6 {
        let image = &newer[..newer.len() - blocks * BLOCK];
        assert!(matches!(read_all(image), Err(OpenError::Damaged(_))), "{blocks} blocks less");
    }
    for len in [GROUPS_AT as usize + 2 * BLOCK, GROUPS_AT as usize, 3 * BLOCK, 2 * BLOCK] {
        assert!(matches!(read_all(&newer[..len]), Err(OpenError::Damaged(_))), "{len} bytes");
    }
    for len in [2 * BLOCK - 1, BLOCK, 100, 0] {
        assert!(matches!(read_all(&newer[..len]), Err(OpenError::NotADataFile(_))), "{len} bytes");
    }
}

#[test]
fn after_a_clean_close_either_header_copy_can_be_lost() {
    let Images { newer, newer_rows, .. } = &*IMAGES;
    for at in HEADER_AT {
        for destroyed in [vec![0x55; BLOCK], vec![0; BLOCK]] {
            let disk = Disk::from_image(newer);
            disk.write_at(at, &destroyed).unwrap();
            let opened = open_disk(&disk, 1 << 20).unwrap();
            assert_eq!(opened.file.info().unwrap().header_copy_lost, destroyed[0] != 0);
            assert!(rows(&opened.db).unwrap() == *newer_rows);
            drop(opened);
            assert!(!open_disk(&disk, 1 << 20).unwrap().file.info().unwrap().header_copy_lost, "good again");
        }
    }
    let mut image = newer.clone();
    for at in HEADER_AT {
        image[at as usize + 10] ^= 1;
    }
    assert!(matches!(read_all(&image), Err(OpenError::Damaged(_))), "both lost");
}

#[test]
fn header_copies_do_not_change_places() {
    let Images { newer, .. } = &*IMAGES;
    let mut image = newer.clone();
    let [one, two] = HEADER_AT.map(|at| at as usize..at as usize + BLOCK);
    image[one.clone()].copy_from_slice(&newer[two.clone()]);
    image[two].copy_from_slice(&newer[one]);
    assert!(matches!(read_all(&image), Err(OpenError::Damaged(_))));
}
