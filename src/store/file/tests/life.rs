//! Creating, opening, locking, copying.

use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn what_was_written_is_there_after_a_close_and_another_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.scai");
    let slots = [key_slot(1, "default"), passphrase_slot("correct horse", "ops")];
    let opened = create(&path, &slots, NOW, &options()).unwrap();
    put(&opened.db, &[(b"a", b"1"), (b"b", &[7; 40_000])]);
    let derived = opened.key.derive("x");
    drop(opened);

    for unseal in [key(1), passphrase("correct horse")] {
        let opened = open(&path, &unseal, &options()).unwrap();
        assert_eq!(rows(&opened.db).unwrap().len(), 2);
        assert_eq!(opened.key.derive("x").expose(), derived.expose());
        let info = opened.file.info().unwrap();
        assert_eq!((info.created_at, info.generation, info.slots.len()), (NOW, 1, 2));
        assert!(!info.preamble_repaired && !info.header_copy_lost);
    }
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn an_open_file_is_locked_and_a_closed_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.scai");
    let opened = create(&path, &[key_slot(1, "default")], NOW, &options()).unwrap();
    assert!(matches!(open(&path, &key(1), &options()), Err(OpenError::InUse(_))));
    assert!(matches!(slots(&path), Err(OpenError::InUse(_))));
    assert!(matches!(create(&path, &[key_slot(1, "x")], NOW, &options()), Err(OpenError::AlreadyExists(_))));

    let Opened { db, file, .. } = opened;
    drop(db);
    assert_eq!(slots(&path).unwrap(), file.slots(), "closed with its database, although a handle is left");
    assert!(matches!(file.add_slot(&key_slot(2, "late"), NOW), Err(SlotError::Io(_))), "the handle is dead");
    assert_eq!(rows(&open(&path, &key(1), &options()).unwrap().db).unwrap().len(), 0);
}

#[test]
fn what_is_no_data_file_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.scai");
    let error = |path: &std::path::Path| open(path, &key(1), &options()).unwrap_err();
    assert!(matches!(error(&path), OpenError::NotFound(_)));
    assert!(matches!(error(folder.path()), OpenError::Io { .. } | OpenError::NotADataFile(_)));
    for content in [vec![], b"hello".to_vec(), vec![0; 100_000], vec![b'x'; 100_000]] {
        fs::write(&path, &content).unwrap();
        assert!(matches!(error(&path), OpenError::NotADataFile(_)));
        assert_eq!(fs::read(&path).unwrap(), content);
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(create(&path, &[], NOW, &options()), Err(OpenError::Slot(SlotError::None))));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_copy_opens_with_the_same_keys_and_has_pages_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("data.scai"), folder.path().join("backup.scai"));
    let slots = [key_slot(1, "default"), passphrase_slot("correct horse", "ops")];
    let original = create(&path, &slots, NOW, &options()).unwrap();
    put(&original.db, &[(b"a", b"1")]);
    let made = original.file.create_copy(&copy, NOW, &options()).unwrap();
    put(&made.db, &[(b"a", b"1")]);
    let (info, copy_info) = (original.file.info().unwrap(), made.file.info().unwrap());
    assert_ne!(info.file_id, copy_info.file_id);
    assert_eq!(info.slots, copy_info.slots);
    let derived = original.key.derive("x");
    drop((original, made));
    for unseal in [key(1), passphrase("correct horse")] {
        let opened = open(&copy, &unseal, &options()).unwrap();
        assert_eq!(rows(&opened.db).unwrap().len(), 1);
        assert_eq!(opened.key.derive("x").expose(), derived.expose());
    }
    let mut mixed = fs::read(&copy).unwrap();
    mixed[..8192].copy_from_slice(&fs::read(&path).unwrap()[..8192]);
    fs::write(&copy, mixed).unwrap();
    assert!(matches!(open(&copy, &key(1), &options()), Err(OpenError::Damaged(_))), "another file's preamble");
}

#[test]
fn a_sound_file_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.scai");
    let opened = create(&path, &[key_slot(1, "default")], NOW, &options()).unwrap();
    put(&opened.db, &[(b"a", &[7; 40_000])]);
    drop(opened);
    let verified = verify(&path, &key(1)).unwrap();
    assert!(verified.pages.sealed > 10 && verified.pages.refused == 0, "{:?}", verified.pages);
}

#[test]
fn a_database_in_memory_works() {
    let db = in_memory().unwrap();
    put(&db, &[(b"a", b"1")]);
    assert_eq!(rows(&db).unwrap().len(), 1);
}
