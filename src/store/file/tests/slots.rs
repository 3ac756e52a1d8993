//! Who may open the file: wrong keys, adding and removing, and power cuts in between.

use super::disk::Disk;
use super::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::fs;

fn id(slots: &[SlotInfo], label: &str) -> KeyId {
    slots.iter().find(|slot| slot.label == label).unwrap().key_id
}

#[test]
fn a_wrong_key_is_named_and_leaves_the_file_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.scai");
    let slots = [key_slot(1, "default"), passphrase_slot("correct horse", "ops")];
    drop(create(&path, &slots, NOW, &options()).unwrap());
    let before = fs::read(&path).unwrap();
    let ops = id(&super::slots(&path).unwrap(), "ops");

    let error = open(&path, &key(2), &options()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "wrong key for this data file (key id 75877bb4; the file accepts: key file 72cd6e84 \"default\", \
             passphrase {ops} \"ops\")"
        )
    );
    let error = open(&path, &passphrase("wrong horse"), &options()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "wrong passphrase for this data file (the file accepts: key file 72cd6e84 \"default\", \
             passphrase {ops} \"ops\")"
        )
    );
    assert!(matches!(add_slot(&path, &key(2), &key_slot(3, "x"), NOW), Err(OpenError::WrongKey(_))));
    assert!(matches!(remove_slot(&path, &key(2), ops), Err(OpenError::WrongKey(_))));
    assert!(matches!(verify(&path, &key(2)), Err(OpenError::WrongKey(_))));
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn keys_come_and_go_without_a_page_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.scai");
    drop(create(&path, &[key_slot(1, "default")], NOW, &options()).unwrap());
    let pages = fs::read(&path).unwrap()[8192..].to_vec();

    add_slot(&path, &key(1), &passphrase_slot("correct horse", "ops"), NOW).unwrap();
    let added = add_slot(&path, &passphrase("correct horse"), &key_slot(2, "spare"), NOW).unwrap();
    assert_eq!((added.kind, added.label.as_str(), added.created_at), (SlotKind::KeyFile, "spare", NOW));
    let listed = slots(&path).unwrap();
    assert_eq!(listed.iter().map(|slot| slot.label.as_str()).collect::<Vec<_>>(), ["default", "ops", "spare"]);

    let again = add_slot(&path, &key(1), &key_slot(2, "again"), NOW);
    assert!(matches!(again, Err(OpenError::Slot(SlotError::Exists(id))) if id == added.key_id));
    remove_slot(&path, &key(2), id(&listed, "default")).unwrap();
    remove_slot(&path, &key(2), id(&listed, "ops")).unwrap();
    let last = remove_slot(&path, &key(2), added.key_id);
    assert!(matches!(last, Err(OpenError::Slot(SlotError::Last(id))) if id == added.key_id));
    let unknown = remove_slot(&path, &key(2), id(&listed, "ops"));
    assert!(matches!(unknown, Err(OpenError::Slot(SlotError::Unknown(_)))));

    assert!(fs::read(&path).unwrap()[8192..] == pages, "the preamble only");
    assert!(matches!(open(&path, &key(1), &options()), Err(OpenError::WrongKey(_))));
    assert!(matches!(open(&path, &passphrase("correct horse"), &options()), Err(OpenError::WrongKey(_))));
    open(&path, &key(2), &options()).unwrap();
}

#[test]
fn keys_change_while_the_database_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.scai");
    let opened = create(&path, &[key_slot(1, "default")], NOW, &options()).unwrap();
    let first = opened.file.slots()[0].key_id;
    for n in 2..=8 {
        put(&opened.db, &[(&[n], b"value")]);
        opened.file.add_slot(&key_slot(n, "more"), NOW).unwrap();
    }
    assert!(matches!(opened.file.add_slot(&key_slot(9, "more"), NOW), Err(SlotError::Full(8))));
    opened.file.remove_slot(first).unwrap();
    put(&opened.db, &[(&[9], b"value")]);
    drop(opened);
    assert!(matches!(open(&path, &key(1), &options()), Err(OpenError::WrongKey(_))));
    let opened = open(&path, &key(8), &options()).unwrap();
    assert_eq!(rows(&opened.db).unwrap().len(), 8);
    assert_eq!(opened.file.info().unwrap().generation, 9);
}

#[test]
fn either_copy_of_the_preamble_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.scai");
    drop(create(&path, &[key_slot(1, "default")], NOW, &options()).unwrap());
    for at in [0, 100, 2120, 2150, 4096, 5000] {
        let mut bytes = fs::read(&path).unwrap();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        assert_eq!(slots(&path).unwrap().len(), 1);
        let opened = open(&path, &key(1), &options()).unwrap();
        assert!(opened.file.info().unwrap().preamble_repaired, "byte {at}");
        drop(opened);
        let bytes = fs::read(&path).unwrap();
        assert!(bytes[..4096] == bytes[4096..8192], "written anew");
    }
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    bytes[4096 + 100] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(matches!(open(&path, &key(1), &options()), Err(OpenError::Damaged(_))));
    assert!(fs::read(&path).unwrap() == bytes);
}

/// Someone who can write the file makes the digest right again, but has no key for the MAC.
#[test]
fn a_forged_preamble_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.scai");
    drop(create(&path, &[key_slot(1, "default"), key_slot(2, "spare")], NOW, &options()).unwrap());
    let good = fs::read(&path).unwrap();
    let forge = |block: &[u8]| {
        let mut forged = block.to_vec();
        forged[12] = 1; // drop the second slot
        forged[16] = 9; // and claim to be newer
        forged[64 + 256..64 + 512].fill(0);
        let digest = crate::crypto::digest::sha256(&forged[..2144]);
        forged[2144..2176].copy_from_slice(&digest);
        forged
    };
    let mut both = good.clone();
    both[..4096].copy_from_slice(&forge(&good[..4096]));
    let one = both.clone();
    both[4096..8192].copy_from_slice(&forge(&good[..4096]));
    fs::write(&path, &both).unwrap();
    assert!(matches!(open(&path, &key(1), &options()), Err(OpenError::Damaged(_))));
    fs::write(&path, &one).unwrap();
    assert_eq!(open(&path, &key(1), &options()).unwrap().file.slots().len(), 2, "the other copy is genuine");

    let mut newer = good;
    newer[8] = 2;
    let digest = crate::crypto::digest::sha256(&newer[..2144]);
    newer[2144..2176].copy_from_slice(&digest);
    fs::write(&path, &newer).unwrap();
    assert!(matches!(open(&path, &key(1), &options()), Err(OpenError::UnsupportedFormat { found: 2, supported: 1 })));
}

fn keys(disk: &Disk, unseal: &Unseal) -> Result<(Keys, bool), OpenError> {
    let watched = Watched::new(Arc::new(disk.clone()), Arc::new(|_| {}));
    Keys::open(Arc::new(watched), Path::new("disk"), unseal)
}

fn preamble_only(slots: &[NewSlot]) -> Vec<u8> {
    let (disk, root) = (Disk::default(), RootKey::random());
    let preamble = Preamble::new(&root, slots, NOW).unwrap();
    let watched = Watched::new(Arc::new(disk.clone()), Arc::new(|_| {}));
    Keys::create(Arc::new(watched), root, preamble).unwrap();
    disk.image()
}

/// Cuts the power after `cut` writes of `change` and, later, after `cut` writes of the repair.
fn after_a_cut(image: &[u8], cut: u64, seed: u64, change: impl Fn(&Keys) -> bool) -> (bool, Disk) {
    let mut rng = StdRng::seed_from_u64(seed);
    let disk = Disk::from_image(image);
    let (open, _) = keys(&disk, &key(1)).unwrap();
    disk.cut_after(cut);
    let acknowledged = change(&open);
    let torn = Disk::from_image(&disk.power_cut(&mut rng));
    torn.cut_after(seed % 3);
    let _ = keys(&torn, &key(1));
    (acknowledged, Disk::from_image(&torn.power_cut(&mut rng)))
}

#[test]
fn a_power_cut_at_any_write_of_an_added_key_leaves_the_old_keys_or_the_new() {
    let image = preamble_only(&[key_slot(1, "default")]);
    let (mut with, mut without) = (0, 0);
    for cut in 0..5 {
        for seed in 0..100 {
            let add = |keys: &Keys| keys.add(&key_slot(2, "new"), NOW).is_ok();
            let (acknowledged, disk) = after_a_cut(&image, cut, seed, add);
            assert_eq!(acknowledged, cut == 4);
            let count = keys(&disk, &key(1)).unwrap().0.preamble().slots().len();
            let new = keys(&disk, &key(2));
            assert_eq!(new.is_ok(), count == 2);
            assert!(!acknowledged || count == 2);
            if count == 2 { with += 1 } else { without += 1 }
        }
    }
    assert!(with > 100 && without > 100, "{with} with, {without} without");
}

#[test]
fn a_power_cut_at_any_write_of_a_removed_key_leaves_a_key_that_opens() {
    let image = preamble_only(&[key_slot(1, "default"), key_slot(2, "old")]);
    for cut in 0..5 {
        for seed in 0..100 {
            let remove = |keys: &Keys| keys.remove(id(&keys.preamble().slots(), "old")).is_ok();
            let (acknowledged, disk) = after_a_cut(&image, cut, seed, remove);
            assert_eq!(acknowledged, cut == 4);
            let count = keys(&disk, &key(1)).unwrap().0.preamble().slots().len();
            assert_eq!(keys(&disk, &key(2)).is_ok(), count == 2);
            assert!(!acknowledged || count == 1);
        }
    }
}
