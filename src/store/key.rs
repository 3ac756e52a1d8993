//! Keys as bytes that sort as their values do, so that a range of keys is a range of rows.

use super::StoreError;
use crate::base::id::Id;
use crate::base::{EmailKey, ExternalId, SecretPath, Slug, Timestamp};
use smallvec::SmallVec;
use std::ops::Deref;

/// The bytes of a key. Most are two or three numbers behind that of their table, which needs no memory of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyBytes(SmallVec<[u8; 48]>);

impl KeyBytes {
    /// Appends bytes. One function for all keys: written out in each it made the program larger and no faster.
    #[inline(never)]
    pub fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// The first bytes behind all that start with these; none: nothing is behind them.
    pub(super) fn after(mut self) -> Option<Self> {
        while let Some(last) = self.0.pop() {
            if last < 0xff {
                self.0.push(last + 1);
                return Some(self);
            }
        }
        None
    }
}

impl Deref for KeyBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// A value that can be a key, or a part of one in a tuple.
///
/// Numbers are big-endian. Text is escaped (`00` → `00 FF`) and ends with `00 00`, so that a shorter text sorts first and
/// a tuple's parts never run together.
pub trait Key: Sized {
    /// Appends the bytes of this key.
    fn encode(&self, out: &mut KeyBytes);

    /// Reads a key from the front of `input` and moves it on.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the bytes are not such a key.
    fn decode(input: &mut &[u8]) -> Result<Self, StoreError>;
}

fn take<'a>(input: &mut &'a [u8], len: usize) -> Result<&'a [u8], StoreError> {
    let (head, tail) = input.split_at_checked(len).ok_or(StoreError::Corrupt("a key is too short"))?;
    *input = tail;
    Ok(head)
}

impl Key for () {
    fn encode(&self, _: &mut KeyBytes) {}
    fn decode(_: &mut &[u8]) -> Result<Self, StoreError> {
        Ok(())
    }
}

impl Key for u8 {
    fn encode(&self, out: &mut KeyBytes) {
        out.put(&[*self]);
    }
    fn decode(input: &mut &[u8]) -> Result<Self, StoreError> {
        Ok(take(input, 1)?[0])
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Key for $number {
            fn encode(&self, out: &mut KeyBytes) { out.put(&self.to_be_bytes()); }
            fn decode(input: &mut &[u8]) -> Result<Self, StoreError> {
                let bytes = take(input, size_of::<$number>())?;
                Ok(Self::from_be_bytes(bytes.try_into().map_err(|_| StoreError::Corrupt("a number in a key"))?))
            }
        }
    )*};
}
numbers!(u16, u32, u64);

impl<const N: usize> Key for [u8; N] {
    fn encode(&self, out: &mut KeyBytes) {
        out.put(self);
    }
    fn decode(input: &mut &[u8]) -> Result<Self, StoreError> {
        take(input, N)?.try_into().map_err(|_| StoreError::Corrupt("bytes in a key"))
    }
}

impl Key for Timestamp {
    fn encode(&self, out: &mut KeyBytes) {
        // The sign bit turned over, so that moments before 1970 sort first.
        ((self.millis() as u64) ^ (1 << 63)).encode(out);
    }
    fn decode(input: &mut &[u8]) -> Result<Self, StoreError> {
        Ok(Self::from_millis((u64::decode(input)? ^ (1 << 63)) as i64))
    }
}

impl<I: Id> Key for I {
    fn encode(&self, out: &mut KeyBytes) {
        self.raw().encode(out);
    }
    fn decode(input: &mut &[u8]) -> Result<Self, StoreError> {
        u64::decode(input).map(I::from_raw)
    }
}

/// Appends text without its end, so that keys whose text starts with it follow: the front part for
/// [`super::Read::scan_front`].
pub(super) fn encode_text_front(text: &str, out: &mut KeyBytes) {
    let mut parts = text.split('\0');
    out.put(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        out.put(&[0, 0xff]);
        out.put(part.as_bytes());
    }
}

fn decode_text(input: &mut &[u8]) -> Result<String, StoreError> {
    const WRONG: StoreError = StoreError::Corrupt("text in a key");
    let mut bytes = Vec::new();
    loop {
        match take(input, 1)?[0] {
            0 => match take(input, 1)?[0] {
                0 => break,
                0xff => bytes.push(0),
                _ => return Err(WRONG),
            },
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| WRONG)
}

impl Key for String {
    fn encode(&self, out: &mut KeyBytes) {
        encode_text_front(self, out);
        out.put(&[0, 0]);
    }
    fn decode(input: &mut &[u8]) -> Result<Self, StoreError> {
        decode_text(input)
    }
}

macro_rules! texts {
    ($($name:ty),*) => {$(
        impl Key for $name {
            fn encode(&self, out: &mut KeyBytes) {
                encode_text_front(self.as_str(), out);
                out.put(&[0, 0]);
            }
            fn decode(input: &mut &[u8]) -> Result<Self, StoreError> {
                decode_text(input).map(Self::stored)
            }
        }
    )*};
}
texts!(Slug, EmailKey, ExternalId, SecretPath);

/// A text part of a key that stands for every text starting with it. Only for scans: it cannot be read back.
#[derive(Clone, Copy, Debug)]
pub struct TextFront<'a>(pub &'a str);

impl Key for TextFront<'_> {
    fn encode(&self, out: &mut KeyBytes) {
        encode_text_front(self.0, out);
    }
    fn decode(_: &mut &[u8]) -> Result<Self, StoreError> {
        Err(StoreError::Corrupt("a front part is never stored"))
    }
}

macro_rules! tuples {
    ($(($($part:ident $at:tt),+);)*) => {$(
        impl<$($part: Key),+> Key for ($($part,)+) {
            fn encode(&self, out: &mut KeyBytes) { $(self.$at.encode(out);)+ }
            fn decode(input: &mut &[u8]) -> Result<Self, StoreError> { Ok(($($part::decode(input)?,)+)) }
        }
    )*};
}
tuples! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(key: &impl Key) -> KeyBytes {
        let mut out = KeyBytes::default();
        key.encode(&mut out);
        out
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_values(a in any::<(u64, String, u32)>(), b in any::<(u64, String, u32)>()) {
            prop_assert_eq!(bytes(&a).cmp(&bytes(&b)), a.cmp(&b));
        }

        #[test]
        fn keys_come_back(a in any::<(u64, String, u32)>(), at in any::<i64>()) {
            let encoded = bytes(&(a.clone(), Timestamp::from_millis(at)));
            let mut input = &*encoded;
            let back = <((u64, String, u32), Timestamp)>::decode(&mut input).unwrap();
            prop_assert_eq!(back, (a, Timestamp::from_millis(at)));
            prop_assert!(input.is_empty());
        }

        #[test]
        fn no_bytes_break_the_reader(input in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = <(u64, String, SecretPath)>::decode(&mut input.as_slice());
        }

        #[test]
        fn moments_sort(a in any::<i64>(), b in any::<i64>()) {
            let (a, b) = (Timestamp::from_millis(a), Timestamp::from_millis(b));
            prop_assert_eq!(bytes(&a).cmp(&bytes(&b)), a.cmp(&b));
        }
    }
}
