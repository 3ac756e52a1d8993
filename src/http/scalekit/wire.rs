//! The binary form of messages, written straight from what they are made of (Protocol Buffers, Encoding). As in the generated
//! code, a field that holds its default is left out.
//!
//! Only for answers that are asked for so often that it counts: a generated message is a copy of everything, in many pieces
//! of memory, that is thrown away when it is written.

use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};

/// Writes a text of a field without presence: an empty one is left out.
pub(super) fn text(out: &mut Vec<u8>, field: u32, text: &str) {
    if !text.is_empty() {
        present(out, field, text);
    }
}

/// A text of a field with presence: an empty one is written.
pub(super) fn present(out: &mut Vec<u8>, field: u32, text: &str) {
    encode_key(field, WireType::LengthDelimited, out);
    encode_varint(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

/// An unsigned number, an enumeration of such, or a truth.
pub(super) fn number(out: &mut Vec<u8>, field: u32, number: u64) {
    if number != 0 {
        encode_key(field, WireType::Varint, out);
        encode_varint(number, out);
    }
}

/// A message with the fields that `fields` writes.
pub(super) fn message(out: &mut Vec<u8>, field: u32, fields: impl FnOnce(&mut Vec<u8>)) {
    encode_key(field, WireType::LengthDelimited, out);
    let at = out.len();
    out.push(0);
    fields(out);
    let length = out.len() - at - 1;
    match u8::try_from(length) {
        // One byte holds the length.
        Ok(short) if short < 0x80 => out[at] = short,
        _ => {
            let mut front = Vec::with_capacity(5);
            encode_varint(length as u64, &mut front);
            out.splice(at..=at, front);
        }
    }
}

/// A generated message.
pub(super) fn generated(out: &mut Vec<u8>, field: u32, message: &impl Message) {
    prost::encoding::message::encode(field, message, out);
}
