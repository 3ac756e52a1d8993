//! A disk with a volatile cache of 512-byte sectors, which can lose power.
//!
//! At a power cut each sector written since the last sync is, independently of the others, at any of the versions it has
//! had since; of the changes of length a random prefix has happened.

use super::super::raw::RawFile;
use rand::Rng;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

const SECTOR: usize = 512;

#[derive(Default)]
struct State {
    /// What a reader sees.
    view: Vec<u8>,
    /// What is certainly on the platter.
    durable: Vec<u8>,
    /// The versions of each sector since the last sync.
    versions: BTreeMap<usize, Vec<Vec<u8>>>,
    /// The lengths since the last sync.
    lengths: Vec<usize>,
    /// Writes, changes of length and syncs until the power is cut.
    left: Option<u64>,
    /// Whether the power is off.
    off: bool,
    /// Skips about half of the syncs, in a fixed pattern.
    lazy: bool,
    syncs: u64,
}

/// The disk; clones are the same one.
#[derive(Clone, Default)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
    /// A disk that holds `image`, all of it durable.
    pub fn from_image(image: &[u8]) -> Self {
        let disk = Self::default();
        disk.state().view = image.to_vec();
        disk.state().durable = image.to_vec();
        disk
    }

    /// A disk that says it has synced when half of the time it has not.
    pub fn lazy() -> Self {
        let disk = Self::default();
        disk.state().lazy = true;
        disk
    }

    /// Lets `count` more changes and syncs pass, then cuts the power.
    pub fn cut_after(&self, count: u64) {
        self.state().left = Some(count);
    }

    /// What a reader sees now.
    pub fn image(&self) -> Vec<u8> {
        self.state().view.clone()
    }

    /// Cuts the power and returns what is on the platter.
    pub fn power_cut(&self, rng: &mut impl Rng) -> Vec<u8> {
        let mut state = self.state();
        state.off = true;
        let mut image = state.durable.clone();
        let lengths = rng.random_range(0..=state.lengths.len());
        for len in &state.lengths[..lengths] {
            image.resize(*len, 0);
        }
        // Sometimes almost everything has made it, sometimes almost nothing.
        let made_it = [0.02, 0.3, 0.5, 0.7, 0.98][rng.random_range(0..5)];
        for (sector, versions) in &state.versions {
            if !rng.random_bool(made_it) {
                continue;
            }
            let last = versions.len() - 1;
            let version = &versions[if rng.random_bool(0.7) { last } else { rng.random_range(0..=last) }];
            put_sector(&mut image, *sector, version);
        }
        image
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn powered(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.state();
        if state.off { Err(io::Error::other("the power is off")) } else { Ok(state) }
    }

    fn change(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.powered()?;
        match &mut state.left {
            Some(0) => {
                state.off = true;
                return Err(io::Error::other("the power goes off"));
            }
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(state)
    }
}

/// As much of the sector as lies within the file.
fn put_sector(image: &mut [u8], sector: usize, version: &[u8]) {
    if let Some(rest) = image.get_mut(sector * SECTOR..) {
        let len = version.len().min(rest.len());
        rest[..len].copy_from_slice(&version[..len]);
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disk")
    }
}

impl RawFile for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.powered()?.view.len() as u64)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut state = self.change()?;
        state.view.resize(len as usize, 0);
        state.lengths.push(len as usize);
        Ok(())
    }

    fn read_at(&self, at: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.powered()?;
        let at = at as usize;
        out.copy_from_slice(state.view.get(at..at + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_at(&self, at: u64, data: &[u8]) -> io::Result<()> {
        let mut state = self.change()?;
        let State { view, versions, lengths, .. } = &mut *state;
        let (at, end) = (at as usize, at as usize + data.len());
        if end > view.len() {
            view.resize(end, 0);
            lengths.push(end);
        }
        view[at..end].copy_from_slice(data);
        for sector in at / SECTOR..=(end - 1) / SECTOR {
            let until = view.len().min((sector + 1) * SECTOR);
            versions.entry(sector).or_default().push(view[sector * SECTOR..until].to_vec());
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.change()?;
        state.syncs += 1;
        if state.lazy && state.syncs.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 == 0 {
            return Ok(());
        }
        let State { view, durable, versions, lengths, .. } = &mut *state;
        // A file that shrank and grew again has zeros where it had been cut off.
        for len in lengths.drain(..).chain([view.len()]) {
            durable.resize(len, 0);
        }
        for (sector, _) in std::mem::take(versions) {
            let until = view.len().min((sector + 1) * SECTOR);
            if let Some(now) = view.get(sector * SECTOR..until) {
                put_sector(durable, sector, now);
            }
        }
        debug_assert!(durable.len() == view.len());
        Ok(())
    }

    fn unlock(&self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_synced_sector_survives_and_an_unsynced_one_is_at_any_version() {
    use rand::SeedableRng;
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..200 {
        let disk = Disk::default();
        disk.write_at(0, &[1; 1024]).unwrap();
        disk.sync().unwrap();
        disk.write_at(512, &[2; 512]).unwrap();
        disk.write_at(512, &[3; 512]).unwrap();
        let image = disk.power_cut(&mut rand::rngs::StdRng::seed_from_u64(seed));
        assert_eq!(image[..512], [1; 512]);
        assert!(image[512..].iter().all(|byte| *byte == image[512]), "no sector is torn");
        seen.insert(image[512]);
        assert!(disk.sync().is_err());
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn what_is_durable_follows_what_is_seen() {
    use rand::SeedableRng;
    let mut rng = rand::rngs::StdRng::seed_from_u64(1);
    let disk = Disk::default();
    for _ in 0..300 {
        match rng.random_range(0..4) {
            0 => disk.set_len(rng.random_range(0..20_000)).unwrap(),
            _ => {
                let data = vec![rng.random(); rng.random_range(1..3000)];
                disk.write_at(rng.random_range(0..20_000), &data).unwrap();
            }
        }
        if rng.random_bool(0.3) {
            disk.sync().unwrap();
            let state = disk.state();
            assert!(state.durable == state.view);
        }
    }
}
