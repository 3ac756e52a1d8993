//! Unseal slots: each one wraps the root key of a data file under a key file or a passphrase, independently of the
//! others. Below it, the keys that are derived from the root key.

use crate::base::{Secret, Timestamp};
use crate::crypto::digest::{MacKey, hkdf_sha256, sha256};
use crate::crypto::random;
use crate::crypto::seal::{KEY_LEN, OVERHEAD, SealKey, aad};
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of an encoded slot.
pub const SLOT_LEN: usize = 256;
/// The longest label, in bytes.
pub const MAX_LABEL_LEN: usize = 64;
/// The most memory a stored slot may ask argon2id for (1 GiB), so that an altered file cannot ask for all of it.
const MAX_MEMORY_KIB: u32 = 1 << 20;
const MAX_PASSES: u32 = 64;
const MAX_LANES: u32 = 16;
/// A sealed root key.
const WRAPPED_LEN: usize = KEY_LEN + OVERHEAD;
/// Where an encoded slot has it; this part is left out of the associated data.
const WRAPPED: std::ops::Range<usize> = 48..48 + WRAPPED_LEN;

/// A key of 32 bytes by HKDF-SHA-256.
fn derive(secret: &[u8], salt: &[u8], label: &str) -> Secret<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    hkdf_sha256(salt, secret, label.as_bytes(), out.as_mut());
    Secret::new(*out)
}

/// The key from which every key of a data file is derived. It never leaves the process except wrapped in a [`Slot`].
#[derive(Clone, Debug)]
pub struct RootKey(Secret<[u8; 32]>);

impl RootKey {
    /// A new random root key.
    pub fn random() -> Self {
        Self(Secret::new(random::bytes()))
    }

    /// A key for one purpose (`label`) of one file or family of files (`salt`).
    pub fn derive(&self, salt: &[u8; 16], label: &str) -> Secret<[u8; 32]> {
        derive(self.0.expose(), salt, label)
    }

    /// The key that the rest of the program derives its own keys from. The same for a file and its backups.
    pub fn data_key(&self, root_id: &[u8; 16]) -> DataKey {
        DataKey(self.derive(root_id, "scaistack values v1"))
    }

    /// The key that authenticates preambles.
    pub fn preamble_key(&self, root_id: &[u8; 16]) -> MacKey {
        MacKey::new(self.derive(root_id, "scaistack preamble v1").expose())
    }
}

/// The key above everything that is sealed inside the data file; it is derived from the root key and is not it.
#[derive(Clone, Debug)]
pub struct DataKey(Secret<[u8; 32]>);

impl DataKey {
    /// A random one, for a store that lives in memory only.
    pub fn random() -> Self {
        Self(Secret::new(random::bytes()))
    }

    /// The key for one purpose. The same label gives the same key in a file and in all of its backups.
    pub fn derive(&self, label: &str) -> Secret<[u8; 32]> {
        derive(self.0.expose(), b"scaistack derive v1", label)
    }
}

/// What argon2id costs. Stored in the slot, so it can be raised for new slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassphraseCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// How many lanes argon2 works in.
    pub lanes: u32,
}

impl Default for PassphraseCost {
    /// 64 MiB, 3 passes, 1 lane.
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3, lanes: 1 }
    }
}

/// What opens a slot.
#[derive(Clone, Debug)]
pub enum Unseal {
    /// The 32 bytes of a key file.
    KeyFile(Secret<[u8; 32]>),
    /// A passphrase, used byte for byte.
    Passphrase(Secret<String>),
}

/// A slot to be made.
#[derive(Clone, Debug)]
pub enum NewSlot {
    /// One that a key file opens.
    KeyFile {
        /// The 32 bytes of the key file.
        key: Secret<[u8; 32]>,
        /// A name for people, at most [`MAX_LABEL_LEN`] bytes.
        label: String,
    },
    /// One that a passphrase opens.
    Passphrase {
        /// The passphrase.
        passphrase: Secret<String>,
        /// A name for people, at most [`MAX_LABEL_LEN`] bytes.
        label: String,
        /// What guessing it shall cost.
        cost: PassphraseCost,
    },
}

/// Why a slot cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotProblem {
    /// The label is empty, too long or has control characters.
    #[error("the label must have 1 to {MAX_LABEL_LEN} bytes and no control characters")]
    Label,
    /// The passphrase is empty.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// argon2id refuses the cost, or there is not enough memory for it.
    #[error("argon2id cannot run with {} KiB, {} passes and {} lanes", .0.memory_kib, .0.passes, .0.lanes)]
    Cost(PassphraseCost),
}

/// What a slot is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// A key file.
    KeyFile,
    /// A passphrase through argon2id.
    Passphrase,
}

impl fmt::Display for SlotKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyFile => "key file",
            Self::Passphrase => "passphrase",
        })
    }
}

/// The first four bytes of a SHA-256, shown as eight hexadecimal digits: of the key for a key file (so that
/// `sha256sum` on the file shows it), of the salt for a passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 4]);

impl KeyId {
    fn of(bytes: &[u8]) -> Self {
        let hash = sha256(bytes);
        Self([hash[0], hash[1], hash[2], hash[3]])
    }

    /// Reads eight hexadecimal digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit());
        let number = plain.then(|| u32::from_str_radix(text, 16).ok()).flatten()?;
        Some(Self(number.to_be_bytes()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// What may be shown of a slot without any key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotInfo {
    /// What opens it.
    pub kind: SlotKind,
    /// Names the slot within its file.
    pub key_id: KeyId,
    /// The name people gave it.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl fmt::Display for SlotInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} \"{}\"", self.kind, self.key_id, self.label)
    }
}

impl Unseal {
    /// The id that a key file's slot would have. A passphrase has none: its id belongs to the slot's salt.
    pub fn key_id(&self) -> Option<KeyId> {
        match self {
            Self::KeyFile(key) => Some(KeyId::of(key.expose())),
            Self::Passphrase(_) => None,
        }
    }
}

/// The root key, wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    info: SlotInfo,
    cost: PassphraseCost,
    salt: [u8; 16],
    wrapped: [u8; WRAPPED_LEN],
}

impl Slot {
    /// Wraps `root` as `new` says. The slot belongs to all files that carry `root_id`.
    ///
    /// # Errors
    /// [`SlotProblem`] if the label, the passphrase or the cost cannot be used.
    pub fn wrap(root: &RootKey, root_id: &[u8; 16], new: &NewSlot, now: Timestamp) -> Result<Self, SlotProblem> {
        let salt = random::bytes::<16>();
        let (kind, key_id, label, cost) = match new {
            NewSlot::KeyFile { key, label } => (SlotKind::KeyFile, KeyId::of(key.expose()), label, NO_COST),
            NewSlot::Passphrase { passphrase, label, cost } => {
                if passphrase.expose().is_empty() {
                    return Err(SlotProblem::EmptyPassphrase);
                }
                (SlotKind::Passphrase, KeyId::of(&salt), label, *cost)
            }
        };
        if label.is_empty() || label.len() > MAX_LABEL_LEN || label.chars().any(char::is_control) {
            return Err(SlotProblem::Label);
        }
        let info = SlotInfo { kind, key_id, label: label.clone(), created_at: now };
        let mut slot = Self { info, cost, salt, wrapped: [0; WRAPPED_LEN] };
        let key = match new {
            NewSlot::KeyFile { key, .. } => slot.key_file_key(key),
            NewSlot::Passphrase { passphrase, .. } => slot.passphrase_key(passphrase).ok_or(SlotProblem::Cost(cost))?,
        };
        let wrapped = key.seal(&slot.place(root_id), root.0.expose());
        slot.wrapped.copy_from_slice(&wrapped);
        Ok(slot)
    }

    /// The root key, if `unseal` opens this slot. A passphrase costs what the slot says.
    pub fn unwrap(&self, root_id: &[u8; 16], unseal: &Unseal) -> Option<RootKey> {
        let key = match (self.info.kind, unseal) {
            (SlotKind::KeyFile, Unseal::KeyFile(key)) if KeyId::of(key.expose()) == self.info.key_id => {
                self.key_file_key(key)
            }
            (SlotKind::Passphrase, Unseal::Passphrase(passphrase)) => self.passphrase_key(passphrase)?,
            _ => return None,
        };
        let opened = key.open(&self.place(root_id), &self.wrapped).ok()?;
        let mut root = Zeroizing::new([0; KEY_LEN]);
        root.copy_from_slice(&opened);
        Some(RootKey(Secret::new(*root)))
    }

    /// What may be shown of it.
    pub fn info(&self) -> &SlotInfo {
        &self.info
    }

    /// The encoded slot.
    pub fn encode(&self) -> [u8; SLOT_LEN] {
        let label = self.info.label.as_bytes();
        let mut out = [0; SLOT_LEN];
        out[0] = match self.info.kind {
            SlotKind::KeyFile => 1,
            SlotKind::Passphrase => 2,
        };
        out[1] = label.len() as u8;
        out[4..8].copy_from_slice(&self.info.key_id.0);
        out[8..16].copy_from_slice(&self.info.created_at.millis().to_le_bytes());
        out[16..20].copy_from_slice(&self.cost.memory_kib.to_le_bytes());
        out[20..24].copy_from_slice(&self.cost.passes.to_le_bytes());
        out[24..28].copy_from_slice(&self.cost.lanes.to_le_bytes());
        out[32..48].copy_from_slice(&self.salt);
        out[WRAPPED].copy_from_slice(&self.wrapped);
        out[120..120 + label.len()].copy_from_slice(label);
        out
    }

    /// Reads an encoded slot; `None` if it is not one.
    pub fn decode(bytes: &[u8; SLOT_LEN]) -> Option<Self> {
        let kind = match bytes[0] {
            1 => SlotKind::KeyFile,
            2 => SlotKind::Passphrase,
            _ => return None,
        };
        let label_len = usize::from(bytes[1]);
        if label_len > MAX_LABEL_LEN {
            return None;
        }
        let info = SlotInfo {
            kind,
            key_id: KeyId(array(bytes, 4)),
            label: String::from_utf8(bytes[120..120 + label_len].to_vec()).ok()?,
            created_at: Timestamp::from_millis(i64::from_le_bytes(array(bytes, 8))),
        };
        let number = |at| u32::from_le_bytes(array(bytes, at));
        let cost = PassphraseCost { memory_kib: number(16), passes: number(20), lanes: number(24) };
        let slot = Self { info, cost, salt: array(bytes, 32), wrapped: array(bytes, WRAPPED.start) };
        (slot.encode() == *bytes).then_some(slot)
    }

    fn key_file_key(&self, key: &Secret<[u8; 32]>) -> SealKey {
        self.wrapping_key(key.expose(), "scaistack slot key file v1")
    }

    fn passphrase_key(&self, passphrase: &Secret<String>) -> Option<SealKey> {
        let PassphraseCost { memory_kib, passes, lanes } = self.cost;
        if memory_kib > MAX_MEMORY_KIB || passes > MAX_PASSES || lanes > MAX_LANES {
            return None;
        }
        let params = argon2::Params::new(memory_kib, passes, lanes, Some(KEY_LEN)).ok()?;
        let mut stretched = Zeroizing::new([0; KEY_LEN]);
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), &self.salt, stretched.as_mut())
            .ok()?;
        Some(self.wrapping_key(stretched.as_ref(), "scaistack slot passphrase v1"))
    }

    fn wrapping_key(&self, secret: &[u8], label: &str) -> SealKey {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        hkdf_sha256(&self.salt, secret, label.as_bytes(), key.as_mut());
        SealKey::new(key)
    }

    /// The wrapped key is bound to the root's id and to everything else that the slot says.
    fn place(&self, root_id: &[u8; 16]) -> Vec<u8> {
        let mut bound = self.encode();
        bound[WRAPPED].fill(0);
        aad(&[b"slot", root_id, &bound])
    }
}

const NO_COST: PassphraseCost = PassphraseCost { memory_kib: 0, passes: 0, lanes: 0 };

/// `N` bytes of `bytes` from `at`.
fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: PassphraseCost = PassphraseCost { memory_kib: 64, passes: 1, lanes: 1 };
    const ROOT_ID: [u8; 16] = [3; 16];

    fn key_file(byte: u8) -> Secret<[u8; 32]> {
        Secret::new([byte; 32])
    }

    fn wrap(root: &RootKey, new: &NewSlot) -> Slot {
        Slot::wrap(root, &ROOT_ID, new, Timestamp::from_secs(1_776_952_800)).unwrap()
    }

    fn both(root: &RootKey) -> [(Slot, Unseal); 2] {
        let passphrase = Secret::new("correct horse".to_owned());
        let new = NewSlot::Passphrase { passphrase: passphrase.clone(), label: "ops".into(), cost: CHEAP };
        let file = NewSlot::KeyFile { key: key_file(1), label: "default".into() };
        [(wrap(root, &file), Unseal::KeyFile(key_file(1))), (wrap(root, &new), Unseal::Passphrase(passphrase))]
    }

    #[test]
    fn a_slot_opens_with_its_own_secret_only() {
        let root = RootKey::random();
        for (slot, unseal) in both(&root) {
            let opened = slot.unwrap(&ROOT_ID, &unseal).unwrap();
            assert_eq!(opened.0.expose(), root.0.expose());
            assert!(slot.unwrap(&[4; 16], &unseal).is_none(), "another root id");
            assert!(slot.unwrap(&ROOT_ID, &Unseal::KeyFile(key_file(2))).is_none());
            assert!(slot.unwrap(&ROOT_ID, &Unseal::Passphrase(Secret::new("wrong horse".into()))).is_none());
        }
    }

    #[test]
    fn a_changed_slot_does_not_open() {
        for (slot, unseal) in both(&RootKey::random()) {
            let bytes = slot.encode();
            assert_eq!(Slot::decode(&bytes).as_ref(), Some(&slot));
            for at in 0..SLOT_LEN {
                let mut bytes = bytes;
                bytes[at] ^= 1;
                let opened = Slot::decode(&bytes).and_then(|slot| slot.unwrap(&ROOT_ID, &unseal));
                assert!(opened.is_none(), "byte {at}");
            }
        }
    }

    #[test]
    fn the_key_id_of_a_key_file_is_the_start_of_its_sha256() {
        let (slot, _) = &both(&RootKey::random())[0];
        // printf '\x01%.0s' {1..32} | sha256sum
        assert_eq!(slot.info().key_id.to_string(), "72cd6e84");
        assert_eq!(KeyId::parse("72cd6e84"), Some(slot.info().key_id));
        assert_eq!(slot.info().to_string(), "key file 72cd6e84 \"default\"");
        for bad in ["", "72cd6e8", "72cd6e844", "+2cd6e84", "72cd6e8g"] {
            assert_eq!(KeyId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_a_slot_is_refused() {
        let root = RootKey::random();
        let refuse = |new: NewSlot| Slot::wrap(&root, &ROOT_ID, &new, Timestamp::default()).unwrap_err();
        for label in [String::new(), "x".repeat(65), "a\nb".into()] {
            assert_eq!(refuse(NewSlot::KeyFile { key: key_file(1), label }), SlotProblem::Label);
        }
        let passphrase = |text: &str, cost| NewSlot::Passphrase {
            passphrase: Secret::new(text.to_owned()),
            label: "x".into(),
            cost,
        };
        assert_eq!(refuse(passphrase("", CHEAP)), SlotProblem::EmptyPassphrase);
        for cost in [
            PassphraseCost { memory_kib: 1, ..CHEAP },
            PassphraseCost { memory_kib: u32::MAX, ..CHEAP },
            PassphraseCost { passes: 0, ..CHEAP },
            PassphraseCost { lanes: u32::MAX, ..CHEAP },
        ] {
            assert_eq!(refuse(passphrase("x", cost)), SlotProblem::Cost(cost));
        }
    }

    #[test]
    fn derived_keys_differ_by_purpose_and_file() {
        let root = RootKey::random();
        let data = root.data_key(&ROOT_ID);
        assert_eq!(data.derive("a").expose(), root.clone().data_key(&ROOT_ID).derive("a").expose());
        assert_ne!(data.derive("a").expose(), data.derive("b").expose());
        assert_ne!(data.derive("a").expose(), root.data_key(&[4; 16]).derive("a").expose());
        assert_ne!(root.derive(&[1; 16], "pages").expose(), root.derive(&[2; 16], "pages").expose());
        assert_eq!(format!("{root:?} {data:?}"), "RootKey([secret]) DataKey([secret])");
    }
}
