//! Writing a state file anew: beside the old one, and in its place once it is whole and on the disk. Whenever the program
//! ends meanwhile, one of the two is there, and all of it.

use std::fs::File;
use std::io::{Result, Write};
use std::path::{Path, PathBuf};

use super::change::Record;
use super::error::StateError;
use super::file::{Opened, after, lock_file, private};
use super::frame::{self, Encoded, End};
use super::header::Header;
use super::writer::BATCH;

/// Removes what is left of an attempt that the program did not survive. Nobody else has the file.
pub(super) fn clear(path: &Path) -> std::result::Result<(), StateError> {
    match std::fs::remove_file(beside(path)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StateError::system("remove what is left beside", path)(error))
        }
        _ => Ok(()),
    }
}

/// Puts a file that begins with these records in the place of another one, which may stay open. An error: the other one
/// is still there. That the folder knows of the new one is yet to be made sure of.
pub(super) fn write(
    path: &Path,
    header: Header,
    records: impl Iterator<Item = Result<Record>>,
) -> std::result::Result<Opened, StateError> {
    let new = beside(path);
    let failed = StateError::system("write anew", path);
    let written = write_beside(&new, &header, records).map_err(failed).and_then(|(file, end)| {
        lock_file(&file, path)?;
        std::fs::rename(&new, path).map_err(StateError::system("write anew", path))?;
        Ok(Opened { file, header, end })
    });
    // Most often there was no room for it.
    written.inspect_err(|_| _ = std::fs::remove_file(&new))
}

fn write_beside(
    new: &Path,
    header: &Header,
    records: impl Iterator<Item = Result<Record>>,
) -> Result<(File, End)> {
    let mut file = private().create(true).truncate(true).open(new)?;
    let begin = header.encode();
    file.write_all(&begin)?;
    let marker = header.marker();
    let mut end = after(&begin);
    let mut batch: Vec<Encoded> = Vec::new();
    let mut records = records.peekable();
    while let Some(record) = records.next() {
        batch.push(record?.encode());
        let length: u64 = batch.iter().map(Encoded::length).sum();
        if length >= BATCH || records.peek().is_none() {
            let (bytes, next) = frame::batch(&marker, end, &batch);
            file.write_all(&bytes)?;
            (end, batch) = (next, Vec::new());
        }
    }
    file.sync_all()?;
    Ok((file, end))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".anew");
    path.with_file_name(name)
}
