//! Creation that stops half-way, and other oddities of files.

use super::disk::Disk;
use super::*;
use crate::store::file::data_file;
use crate::store::file::raw::{publish, temporary_name};
use crate::store::file::sealed::{Backend, Sealed};
use rand::SeedableRng;
use rand::rngs::StdRng;
use redb::StorageBackend;
use std::fs;
use std::path::Path;

/// The file has no name yet when this happens; even so nothing half made is taken for a database.
#[test]
fn a_creation_cut_anywhere_is_refused_or_an_empty_database() {
    let (mut refused, mut empty) = (0, 0);
    for cut in 0..60 {
        for seed in 0..4 {
            let (disk, root) = (Disk::default(), RootKey::random());
            let preamble = Preamble::new(&root, &[key_slot(1, "default")], NOW).unwrap();
            disk.cut_after(cut);
            let made = data_file::create_in(Arc::new(disk.clone()), Path::new("disk"), root, preamble, &options());
            let complete = made.is_ok() && disk.sync().is_ok();
            let image = disk.power_cut(&mut StdRng::seed_from_u64(seed));
            drop(made);
            let torn = Arc::new(Disk::from_image(&image));
            match data_file::open(torn, Path::new("disk"), &key(1), &options()) {
                Ok(opened) => {
                    assert_eq!(rows(&opened.db).unwrap().len(), 0);
                    empty += 1;
                }
                Err(error) => {
                    assert!(!complete, "cut {cut}: created and synced, but {error}");
                    refused += 1;
                }
            }
        }
    }
    println!("{refused} refused, {empty} empty databases");
    assert!(refused > 20 && empty > 20, "{refused} refused, {empty} empty");
}

#[test]
fn what_a_stopped_creation_left_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.scai");
    fs::write(temporary_name(&path), vec![0x55; 300_000]).unwrap();
    drop(create(&path, &[key_slot(1, "default")], NOW, &options()).unwrap());
    assert!(!temporary_name(&path).exists());
    assert_eq!(verify(&path, &key(1)).unwrap().pages.refused, 0);
}

#[test]
fn two_creations_at_once_do_not_meet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.scai");
    let others = OsFile::create(&temporary_name(&path)).unwrap();
    assert!(matches!(create(&path, &[key_slot(1, "x")], NOW, &options()), Err(OpenError::InUse(_))));
    assert!(temporary_name(&path).exists() && !path.exists());
    drop(others);
    create(&path, &[key_slot(1, "x")], NOW, &options()).unwrap();
}

#[test]
fn a_finished_file_never_replaces_another() {
    let folder = tempfile::tempdir().unwrap();
    let (made, taken) = (folder.path().join("made"), folder.path().join("taken"));
    fs::write(&made, "new").unwrap();
    fs::write(&taken, "old").unwrap();
    assert!(matches!(publish(&made, &taken), Err(OpenError::AlreadyExists(_))));
    assert_eq!(fs::read(&taken).unwrap(), b"old");
    publish(&made, &folder.path().join("free")).unwrap();
    assert!(!made.exists());
}

fn backend(disk: &Disk) -> Backend {
    let watched = Arc::new(Watched::new(Arc::new(disk.clone()), Arc::new(|_| {})));
    Backend(Arc::new(Sealed::create(watched, &RootKey::random(), [1; 16]).unwrap()))
}

#[test]
fn requests_that_redb_does_not_make_are_refused() {
    let backend = backend(&Disk::default());
    backend.set_len(10 * 4096).unwrap();
    assert_eq!(backend.len().unwrap(), 10 * 4096);
    backend.write(1000, &[1; 24]).unwrap();
    assert!(backend.write(1000, &[1; 25]).is_err(), "beyond the kept part of the header");
    assert!(backend.write(0, &[1; 4096]).is_err());
    assert!(backend.write(4000, &[1; 200]).is_err(), "across the first page");
    assert!(backend.write(4096 + 10, &[1; 4096]).is_err());
    assert!(backend.write(4096, &[1; 100]).is_err());
    assert!(backend.read(4096 + 1, &mut [0; 4096]).is_err());
    assert!(backend.set_len(5000).is_err());

    let mut out = [9; 48];
    backend.read(1000, &mut out).unwrap();
    assert_eq!(out[..24], [1; 24]);
    assert_eq!(out[24..], [0; 24], "what is not kept reads as zeros");
}

#[test]
fn a_page_that_was_never_written_does_not_read() {
    let backend = backend(&Disk::default());
    backend.set_len(200 * 4096).unwrap();
    assert!(backend.read(4096, &mut [0; 4096]).is_err());
    let data: Vec<u8> = (0..130 * 4096).map(|i| (i / 4096) as u8).collect();
    backend.write(4096 * 3, &data).unwrap();
    let mut out = vec![0; data.len()];
    backend.read(4096 * 3, &mut out).unwrap();
    assert!(out == data, "a run over three groups");
    assert!(backend.read(4096 * 2, &mut [0; 8192]).is_err());
}

#[test]
fn nothing_is_written_after_a_failed_write() {
    let disk = Disk::default();
    let backend = backend(&disk);
    backend.set_len(10 * 4096).unwrap();
    disk.cut_after(0);
    assert!(backend.write(4096, &[1; 4096]).is_err());
    let later = backend.sync_data().unwrap_err();
    assert!(later.to_string().contains("an earlier write"), "{later}");
}
