//! The rule of the two header copies.

use super::disk::Disk;
use super::*;
use crate::crypto::page::{PageCipher, Xaes};
use crate::store::file::header::{Header, Target};
use crate::store::file::sealed::{Backend, Sealed};
use rand::SeedableRng;
use rand::rngs::StdRng;
use redb::StorageBackend;

const FILE_ID: [u8; 16] = [5; 16];

fn cipher() -> impl PageCipher {
    Xaes::new(&Secret::new([7; 32]))
}

/// Runs `steps` (true: write the next number into the header, false: sync) and cuts the power; gives the number that was
/// synced last and the one that is found.
fn cut_after(steps: &[bool], seed: u64) -> (u8, u8) {
    let (disk, cipher) = (Disk::default(), cipher());
    disk.set_len(16_384).unwrap();
    disk.sync().unwrap();
    let to = Target { raw: &disk, cipher: &cipher, file_id: FILE_ID };
    let (mut header, mut written, mut synced) = (Header::blank(), 0, 0);
    for write in steps {
        if *write {
            written += 1;
            // Whole sectors change, so a torn copy cannot pass for a whole one.
            header.write(0, &[written; 1024], &to).unwrap();
        } else {
            disk.sync().unwrap();
            header.synced();
            synced = written;
        }
    }
    let disk = Disk::from_image(&disk.power_cut(&mut StdRng::seed_from_u64(seed)));
    let mut found = [0; 1024];
    Header::load(&disk, &cipher, FILE_ID).unwrap().0.read(0, &mut found);
    assert!(found.iter().all(|byte| *byte == found[0]));
    (synced, found[0])
}

#[test]
fn a_synced_header_is_never_lost_however_often_it_is_written_between_two_syncs() {
    for writes in 1..6 {
        for again in 0..6 {
            let mut steps = vec![true, false];
            steps.extend(vec![true; writes]);
            steps.push(false);
            steps.extend(vec![true; again]);
            for seed in 0..40 {
                let (synced, found) = cut_after(&steps, seed);
                assert!(found >= synced, "{writes} and {again} writes: {synced} was synced, {found} found");
            }
        }
    }
}

#[test]
fn the_last_header_before_a_clean_close_is_in_both_copies() {
    let (disk, cipher) = (Disk::default(), cipher());
    disk.set_len(16_384).unwrap();
    let to = Target { raw: &disk, cipher: &cipher, file_id: FILE_ID };
    let mut header = Header::blank();
    assert!(!header.write_other_copy(&to).unwrap(), "nothing to write yet");
    header.write(0, b"one", &to).unwrap();
    assert!(!header.write_other_copy(&to).unwrap(), "not while something is unsynced");
    disk.sync().unwrap();
    header.synced();
    assert!(header.write_other_copy(&to).unwrap());
    for lost in [8192, 12_288] {
        let disk = Disk::from_image(&disk.image());
        disk.write_at(lost, &[0x55; 4096]).unwrap();
        let (header, copy_lost) = Header::load(&disk, &cipher, FILE_ID).unwrap();
        let mut found = [0; 3];
        header.read(0, &mut found);
        assert_eq!((&found, copy_lost), (b"one", true));
    }
}

#[test]
fn closing_a_file_writes_its_header_to_both_copies_unless_it_failed_to_open() {
    for opened in [true, false] {
        let (disk, root) = (Disk::default(), RootKey::random());
        let watched = Arc::new(Watched::new(Arc::new(disk.clone()), Arc::new(|_| {})));
        let backend = Backend(Arc::new(Sealed::create(watched.clone(), &root, FILE_ID).unwrap()));
        backend.set_len(2 * 4096).unwrap();
        for text in [b"one", b"two"] {
            backend.write(0, text).unwrap();
            backend.sync_data().unwrap();
        }
        if opened {
            watched.arm();
        }
        let before = disk.image();
        backend.close().unwrap();
        assert!(backend.write(0, b"late").is_err(), "closed");
        assert_eq!(disk.image() == before, !opened);
        let found = [8192, 12_288].map(|lost| {
            let disk = Disk::from_image(&disk.image());
            disk.write_at(lost, &[0x55; 4096]).unwrap();
            let watched = Arc::new(Watched::new(Arc::new(disk), Arc::new(|_| {})));
            let mut text = [0; 3];
            Backend(Arc::new(Sealed::open(watched, &root, FILE_ID).unwrap().0)).read(0, &mut text).unwrap();
            text
        });
        assert_eq!(found.iter().all(|text| text == b"two"), opened);
    }
}
