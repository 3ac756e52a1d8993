//! From a data folder to the assembled services: what a first start makes, and what every start checks.

use super::Stack;
use crate::audit;
use crate::base::text::without_mark;
use crate::base::{Clock, Problem, Secret};
use crate::config::{Config, Storage, UnsealWith};
use crate::crypto::keyring::Keyring;
use crate::crypto::random;
use crate::lifecycle;
use crate::store::file::{self, NewSlot, OpenError, Opened, Options, PassphraseCost, Unseal};
use crate::store::migrate::{self, MigrateError};
use crate::store::{Hooks, Store, StoreError, WriteTx, backup};
use crate::telemetry::metrics::Metrics;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the services could not be assembled.
#[derive(Debug, thiserror::Error)]
pub enum OpenStackError {
    /// The data file.
    #[error(transparent)]
    File(#[from] OpenError),
    /// The key file cannot be read or made.
    #[error("the key file {}: {reason}", .path.display())]
    KeyFile {
        /// The path of the key file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The data folder cannot be made.
    #[error("the data folder {}: {reason}", .path.display())]
    Folder {
        /// The path of the data folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rows cannot be brought to this version.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The first rows.
    #[error("the first rows could not be made: {0}")]
    Bootstrap(Problem),
}

impl OpenStackError {
    /// Whether the key was wrong: exit code 2.
    pub fn is_wrong_key(&self) -> bool {
        matches!(self, Self::File(OpenError::WrongKey(_)))
    }
}

/// What a start has made anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The data file.
    pub data_file: bool,
    /// The key file.
    pub key_file: bool,
}

/// Opens the data file of a folder, or makes one, and assembles the services over it.
///
/// `steps` bring an older schema up, see `schema`.
///
/// Makes RSA keys on a first start (a second or less) and blocks meanwhile; call it before serving, off the workers.
///
/// # Errors
/// [`OpenStackError`]. A wrong key leaves the file as it was.
pub fn open(
    config: Config,
    unseal: &UnsealWith,
    clock: Clock,
    metrics: Metrics,
    steps: &'static [migrate::Step],
) -> Result<(Stack, Made), OpenStackError> {
    let storage = &config.storage;
    make_folder(&storage.data)?;
    let (opened, made) = open_file(storage, unseal, &clock)?;
    let Opened { db, key, file } = opened;
    let keyring = Arc::new(Keyring::new(key.derive("keyring").expose()));
    let chain = Arc::clone(&keyring);
    let hook = move |tx: &mut WriteTx<'_>| audit::before_commit(tx, chain.audit());
    let store = Store::start(db, keyring.tokens().clone(), hooks(hook))?;
    migrate::run(&store, steps, |version| {
        let path = storage.data.join(format!("before-schema-{}.scai", version + 1));
        backup::copy(&store.read(), &file, &path, clock.now(), |_| ()).map(drop).map_err(|error| error.to_string())
    })?;
    let stack =
        Stack::assemble(store, Some(file), keyring, clock, config, metrics).map_err(OpenStackError::Bootstrap)?;
    Ok((stack, made))
}

/// What the services give a store: the chain of the audit log, and the table of what ends with what.
pub(super) fn hooks(
    before_commit: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Send + Sync + 'static,
) -> Hooks {
    Hooks { before_commit: Some(Arc::new(before_commit)), above: Some(Arc::new(lifecycle::HANDLER)) }
}

/// Makes a data folder that only its owner can enter, if it is not there.
///
/// # Errors
/// [`OpenStackError::Folder`].
pub fn make_folder(path: &Path) -> Result<(), OpenStackError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|error| OpenStackError::Folder { path: path.to_owned(), reason: error.to_string() })
}

fn open_file(storage: &Storage, unseal: &UnsealWith, clock: &Clock) -> Result<(Opened, Made), OpenStackError> {
    let options = Options { cache_bytes: storage.cache_bytes(), ..Options::default() };
    let path = storage.data_file();
    let mut made = Made::default();
    if path.exists() {
        let unseal = match unseal {
            UnsealWith::KeyFile(path) => Unseal::KeyFile(read_key(path)?),
            UnsealWith::Passphrase(passphrase) => Unseal::Passphrase(passphrase.clone()),
        };
        return Ok((file::open(&path, &unseal, &options)?, made));
    }
    let slot = match unseal {
        UnsealWith::KeyFile(path) => {
            if !path.exists() {
                make_key(path)?;
                made.key_file = true;
            }
            NewSlot::KeyFile { key: read_key(path)?, label: "default".to_owned() }
        }
        UnsealWith::Passphrase(passphrase) => NewSlot::Passphrase {
            passphrase: passphrase.clone(),
            label: "default".to_owned(),
            cost: PassphraseCost::default(),
        },
    };
    made.data_file = true;
    Ok((file::create(&path, &[slot], clock.now(), &options)?, made))
}

/// Reads a key file: 64 hexadecimal digits and a line break.
///
/// # Errors
/// [`OpenStackError::KeyFile`].
pub fn read_key(path: &Path) -> Result<Secret<[u8; 32]>, OpenStackError> {
    let wrong = |reason: String| OpenStackError::KeyFile { path: path.to_owned(), reason };
    let text = Secret::new(std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?);
    let digits = without_mark(text.expose()).trim_end().as_bytes();
    let mut key = [0u8; 32];
    if digits.len() != 64 {
        return Err(wrong("is not 64 hexadecimal digits".to_owned()));
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong("is not 64 hexadecimal digits".to_owned()))?;
    }
    Ok(Secret::new(key))
}

/// Makes a new key file, mode 0600, synced; an existing one is never written over.
///
/// # Errors
/// [`OpenStackError::KeyFile`].
pub fn make_key(path: &Path) -> Result<(), OpenStackError> {
    write_key(path, &Secret::new(random::bytes()))
}

/// Writes a key into a new file as [`make_key`] does. One that could not be written whole is taken away again.
///
/// # Errors
/// [`OpenStackError::KeyFile`].
pub fn write_key(path: &Path, key: &Secret<[u8; 32]>) -> Result<(), OpenStackError> {
    let wrong = |error: std::io::Error| OpenStackError::KeyFile {
        path: path.to_owned(),
        reason: if error.kind() == ErrorKind::AlreadyExists { "exists already".to_owned() } else { error.to_string() },
    };
    let text = Secret::new(key.expose().iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(wrong)?;
    let written =
        out.write_all(text.expose().as_bytes()).and_then(|()| out.write_all(b"\n")).and_then(|()| out.sync_all());
    written.map_err(|error| {
        let _ = std::fs::remove_file(path);
        wrong(error)
    })
}
