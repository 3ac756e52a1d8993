//! The frame around a message: a byte that tells whether it is compressed, four of its length, the message.

use crate::base::Problem;
use bytes::{Buf, Bytes};
use flate2::read::GzDecoder;
use http::HeaderValue;
use std::io::Read;

/// The encodings of a request that are understood.
pub const ACCEPTED: &str = "identity,gzip";

/// The bytes in front of a message.
const FRONT: usize = 5;

/// Why a request's frame was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is compressed otherwise than by gzip.
    Encoding,
    /// The message is larger than the limit, unpacked.
    TooLarge,
    /// It is no frame, or not exactly one.
    Broken(&'static str),
}

/// The one message of a unary request. `most`: the limit in bytes, unpacked.
///
/// # Errors
/// [`Refused`].
pub fn read(mut body: Bytes, encoding: Option<&HeaderValue>, most: usize) -> Result<Bytes, Refused> {
    if body.len() < FRONT {
        return Err(Refused::Broken("The request holds no message"));
    }
    let flag = body.get_u8();
    let length = body.get_u32() as usize;
    if length > most {
        return Err(Refused::TooLarge);
    }
    if body.len() != length {
        return Err(Refused::Broken(if body.len() < length {
            "The message is shorter than its frame says"
        } else {
            "The request holds more than one message"
        }));
    }
    match (flag, encoding.map(HeaderValue::as_bytes)) {
        (0, _) => Ok(body),
        (1, Some(b"gzip")) => unpack(&body, most),
        (1, Some(b"identity") | None) => Err(Refused::Broken("The message is compressed, and no encoding is named")),
        (1, Some(_)) => Err(Refused::Encoding),
        (2.., _) => Err(Refused::Broken("The first byte of a frame must be 0 or 1")),
    }
}

fn unpack(packed: &[u8], most: usize) -> Result<Bytes, Refused> {
    let mut message = Vec::new();
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    GzDecoder::new(packed)
        .take(bound)
        .read_to_end(&mut message)
        .map_err(|_| Refused::Broken("The message cannot be unpacked"))?;
    if message.len() > most { Err(Refused::TooLarge) } else { Ok(message.into()) }
}

/// The message that `message` appends in its frame, not compressed: a client need not accept anything else.
///
/// # Errors
/// What `message` fails with; no other that occurs: messages are bounded by the pages of the operations, far below 4 GiB.
pub fn write(message: impl FnOnce(&mut Vec<u8>) -> Result<(), Problem>) -> Result<Vec<u8>, Problem> {
    // Most answers are shorter. To ask for the length first would be to walk through the message once more.
    let mut frame = Vec::with_capacity(1000);
    frame.extend_from_slice(&[0; FRONT]);
    message(&mut frame)?;
    let length = u32::try_from(frame.len() - FRONT).map_err(Problem::internal)?;
    if let Some(place) = frame.get_mut(1..FRONT) {
        place.copy_from_slice(&length.to_be_bytes());
    }
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::scalekit::operation::Reply;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use prost::Message;
    use std::io::Write;

    fn gzip(message: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(message).unwrap();
        encoder.finish().unwrap()
    }

    fn framed(flag: u8, message: &[u8]) -> Bytes {
        let mut frame = vec![flag];
        frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        frame.extend(message);
        frame.into()
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = gzip(&vec![0; 10 << 20]);
        assert!(bomb.len() < 100_000);
        let encoding = HeaderValue::from_static("gzip");
        assert_eq!(read(framed(1, &bomb), Some(&encoding), 1 << 20), Err(Refused::TooLarge));
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        let gzip = HeaderValue::from_static("gzip");
        let other = HeaderValue::from_static("br");
        for (body, encoding, want) in [
            (Bytes::new(), None, Refused::Broken("The request holds no message")),
            (Bytes::from_static(&[0, 0, 0, 0]), None, Refused::Broken("The request holds no message")),
            (
                Bytes::from_static(&[0, 0, 0, 0, 2, 1]),
                None,
                Refused::Broken("The message is shorter than its frame says"),
            ),
            (Bytes::from_static(&[0, 0, 0, 0, 0, 0]), None, Refused::Broken("The request holds more than one message")),
            (Bytes::from_static(&[7, 0, 0, 0, 0]), None, Refused::Broken("The first byte of a frame must be 0 or 1")),
            (framed(1, b"x"), None, Refused::Broken("The message is compressed, and no encoding is named")),
            (framed(1, b"x"), Some(&gzip), Refused::Broken("The message cannot be unpacked")),
            (framed(1, b"x"), Some(&other), Refused::Encoding),
            (framed(0, &[0; 65]), None, Refused::TooLarge),
        ] {
            assert_eq!(read(body, encoding, 64), Err(want));
        }
    }

    proptest! {
        #[test]
        fn what_is_framed_is_read(message in prop::collection::vec(any::<u8>(), 0..200), packed: bool) {
            let encoding = HeaderValue::from_static("gzip");
            let encoded = message.encode_to_vec();
            let frame = if packed { framed(1, &gzip(&encoded)) } else { write(|out| message.binary(out)).unwrap().into() };
            prop_assert_eq!(read(frame, packed.then_some(&encoding), 300), Ok(encoded.into()));
        }

        #[test]
        fn no_bytes_harm(body in prop::collection::vec(any::<u8>(), 0..64)) {
            let encoding = HeaderValue::from_static("gzip");
            let _ = read(body.into(), Some(&encoding), 32);
        }
    }
}
