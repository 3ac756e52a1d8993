//! What redb takes for a plain file, sealed page by page.
//!
//! The trailers of all pages are kept in memory (40 bytes for 4 KiB). They are read once when the file is opened, and
//! from then on a page opens only with the trailer that was read then or written since: an older page put back, even one
//! we had sealed ourselves, does not open. What was put back *before* the file is opened is found by redb's checksum
//! tree, which is inside the encryption and is checked at each open.

use super::header::{Header, Target};
use super::layout::{self, BLOCK, GROUP_PAGES, GROUPS_AT, TRAILER_STRIDE};
use super::raw::{RawFile, Watched};
use crate::crypto::page::{PageCipher, Place, TRAILER_LEN, Trailer, Xaes};
use crate::crypto::slot::RootKey;
use std::fmt::{self, Debug};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

const PAGE_KIND: u64 = 0;
const NEVER_WRITTEN: Trailer = [0; TRAILER_LEN];

/// A sealed file.
pub struct Sealed {
    raw: Arc<Watched>,
    file_id: [u8; 16],
    page_cipher: Box<dyn PageCipher>,
    header_cipher: Box<dyn PageCipher>,
    trailers: RwLock<Vec<Trailer>>,
    header: Mutex<Header>,
}

/// What [`Sealed::walk`] has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// Pages that authenticate.
    pub sealed: u64,
    /// Pages that have never been written.
    pub blank: u64,
    /// Pages that do not authenticate. A power cut leaves some where nothing had been committed; redb's own check tells
    /// whether any of them is in use.
    pub refused: u64,
}

impl Sealed {
    /// A file without pages, for redb to begin in.
    ///
    /// # Errors
    /// The disk's.
    pub fn create(raw: Arc<Watched>, root: &RootKey, file_id: [u8; 16]) -> io::Result<Self> {
        raw.set_len(GROUPS_AT)?;
        Ok(Self::new(raw, root, file_id))
    }

    /// A file with pages. The second value: whether one header copy was written but does not authenticate.
    ///
    /// # Errors
    /// The disk's, or `InvalidData` if no header copy authenticates or the file ends before its first page.
    pub fn open(raw: Arc<Watched>, root: &RootKey, file_id: [u8; 16]) -> io::Result<(Self, bool)> {
        let mut sealed = Self::new(raw, root, file_id);
        let len = sealed.raw.len()?;
        if layout::pages(len) == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it ends before its first page"));
        }
        let (header, copy_lost) = Header::load(&*sealed.raw, &*sealed.header_cipher, file_id)?;
        let trailers = load_trailers(&*sealed.raw, layout::pages(len) - 1)?;
        sealed.header = Mutex::new(header);
        sealed.trailers = RwLock::new(trailers);
        Ok((sealed, copy_lost))
    }

    fn new(raw: Arc<Watched>, root: &RootKey, file_id: [u8; 16]) -> Self {
        let cipher = |label| Box::new(Xaes::new(&root.derive(&file_id, label)));
        Self {
            raw,
            file_id,
            page_cipher: cipher("scaistack pages v1"),
            header_cipher: cipher("scaistack header v1"),
            trailers: RwLock::default(),
            header: Mutex::new(Header::blank()),
        }
    }

    /// Opens every page of a file that nobody writes to at the moment.
    ///
    /// # Errors
    /// The disk's.
    pub fn walk(&self) -> io::Result<Walk> {
        let mut seen = Walk::default();
        let mut page = vec![0; BLOCK];
        for number in 1..layout::pages(self.raw.len()?) {
            match self.trailer(number) {
                None | Some(NEVER_WRITTEN) => seen.blank += 1,
                Some(trailer) => {
                    self.raw.read_at(layout::page_at(number), &mut page)?;
                    match self.page_cipher.open(&self.place(number), &mut page, &trailer) {
                        true => seen.sealed += 1,
                        false => seen.refused += 1,
                    }
                }
            }
        }
        Ok(seen)
    }

    fn place(&self, number: u64) -> Place {
        Place { file_id: self.file_id, number, kind: PAGE_KIND }
    }

    fn trailer(&self, number: u64) -> Option<Trailer> {
        let trailers = self.trailers.read().unwrap_or_else(PoisonError::into_inner);
        trailers.get(number as usize - 1).copied()
    }

    fn header(&self) -> MutexGuard<'_, Header> {
        self.header.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn target(&self) -> Target<'_> {
        Target { raw: &*self.raw, cipher: &*self.header_cipher, file_id: self.file_id }
    }

    fn read_pages(&self, first: u64, out: &mut [u8]) -> io::Result<()> {
        for run in layout::runs(first, (out.len() / BLOCK) as u64) {
            let within = (run.start - first) as usize * BLOCK..(run.end - first) as usize * BLOCK;
            self.raw.read_at(layout::page_at(run.start), &mut out[within])?;
        }
        for (number, page) in (first..).zip(out.chunks_mut(BLOCK)) {
            let trailer = self.trailer(number);
            if !trailer.is_some_and(|trailer| self.page_cipher.open(&self.place(number), page, &trailer)) {
                out.fill(0);
                let refused = format!("page {number} does not authenticate");
                return Err(self.raw.report(io::Error::new(io::ErrorKind::InvalidData, refused)));
            }
        }
        Ok(())
    }

    fn write_pages(&self, first: u64, data: &[u8]) -> io::Result<()> {
        let mut pages = data.to_vec();
        let trailers: Vec<Trailer> = (first..)
            .zip(pages.chunks_mut(BLOCK))
            .map(|(number, page)| self.page_cipher.seal(&self.place(number), page))
            .collect();
        for run in layout::runs(first, trailers.len() as u64) {
            let (from, to) = ((run.start - first) as usize, (run.end - first) as usize);
            self.raw.write_at(layout::page_at(run.start), &pages[from * BLOCK..to * BLOCK])?;
            let mut slots = vec![0; (to - from) * TRAILER_STRIDE];
            for (slot, trailer) in slots.chunks_mut(TRAILER_STRIDE).zip(&trailers[from..to]) {
                slot[..TRAILER_LEN].copy_from_slice(trailer);
            }
            self.raw.write_at(layout::trailer_at(run.start), &slots)?;
        }
        let start = first as usize - 1;
        let mut known = self.trailers.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < start + trailers.len() {
            known.resize(start + trailers.len(), NEVER_WRITTEN);
        }
        known[start..start + trailers.len()].copy_from_slice(&trailers);
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        let written = if self.raw.is_healthy() { self.write_other_header_copy() } else { Ok(()) };
        written.and(self.raw.unlock())
    }

    /// So that after a clean close either copy can be lost without losing a commit.
    fn write_other_header_copy(&self) -> io::Result<()> {
        let mut header = self.header();
        if header.write_other_copy(&self.target())? {
            self.raw.sync()?;
            header.synced();
        }
        Ok(())
    }
}

/// The trailers of `pages` pages, from the first.
fn load_trailers(raw: &dyn RawFile, pages: u64) -> io::Result<Vec<Trailer>> {
    let mut trailers = Vec::with_capacity(pages as usize);
    let mut block = vec![0; BLOCK];
    for first in (1..=pages).step_by(GROUP_PAGES as usize) {
        raw.read_at(layout::trailer_at(first), &mut block)?;
        let left = pages as usize - trailers.len();
        trailers.extend(block.chunks(TRAILER_STRIDE).take(left).map(|slot| {
            let mut trailer = NEVER_WRITTEN;
            trailer.copy_from_slice(&slot[..TRAILER_LEN]);
            trailer
        }));
    }
    Ok(trailers)
}

/// The sealed file as redb's storage.
pub struct Backend(pub Arc<Sealed>);

impl Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Backend({:?})", self.0.raw)
    }
}

/// redb touches page 0 at its beginning and all others in whole pages; anything else would be a redb we do not know.
fn page_of(offset: u64, len: usize) -> io::Result<u64> {
    let page = BLOCK as u64;
    let inside_first = offset < page && offset + len as u64 <= page;
    if inside_first || (offset >= page && offset.is_multiple_of(page) && len.is_multiple_of(BLOCK)) {
        return Ok(offset / page);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{len} bytes at {offset} are no whole pages")))
}

impl redb::StorageBackend for Backend {
    fn len(&self) -> io::Result<u64> {
        Ok(layout::pages(self.0.raw.len()?) * BLOCK as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match page_of(offset, out.len())? {
            0 => {
                self.0.header().read(offset as usize, out);
                Ok(())
            }
            first => self.0.read_pages(first, out),
        }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        match page_of(offset, data.len())? {
            0 => self.0.header().write(offset as usize, data, &self.0.target()),
            first => self.0.write_pages(first, data),
        }
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        if !len.is_multiple_of(BLOCK as u64) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{len} bytes are no whole pages")));
        }
        let pages = len / BLOCK as u64;
        let mut trailers = self.0.trailers.write().unwrap_or_else(PoisonError::into_inner);
        trailers.truncate(pages.saturating_sub(1) as usize);
        self.0.raw.set_len(layout::file_len(pages))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut header = self.0.header();
        self.0.raw.sync()?;
        header.synced();
        Ok(())
    }

    fn close(&self) -> io::Result<()> {
        self.0.close()
    }
}
