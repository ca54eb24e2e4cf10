//! Vectors in fewer files: one for each family, and one archive of all.

use std::fs;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use serde_json::json;

use crate::error::Error;
use crate::families::FAMILIES;
use crate::folder;
use crate::vector::Vector;

const ARCHIVE: &str = "e2ee-golden-vectors.tar.gz";

/// Reads the vectors of `dir` and writes into `out` one file `FAMILY.json` for each family, and the archive
/// `e2ee-golden-vectors.tar.gz` of the whole folder. The same vectors give the same bytes. Returns the paths
/// of what was written.
///
/// # Errors
/// [`Error::File`], [`Error::NotAVector`] or [`Error::Empty`].
pub fn export(dir: &Path, out: &Path) -> Result<Vec<PathBuf>, Error> {
    let vectors = folder::read(dir)?;
    fs::create_dir_all(out).map_err(Error::file(out))?;
    let mut written = Vec::new();
    for family in FAMILIES {
        let own: Vec<&Vector> = vectors.iter().filter(|vector| vector.family == family.name).collect();
        if own.is_empty() {
            continue;
        }
        let path = out.join(format!("{}.json", family.name));
        let flat = json!({ "family": family.name, "summary": family.summary, "vectors": own });
        fs::write(&path, folder::json(&flat)?).map_err(Error::file(&path))?;
        written.push(path);
    }
    let path = out.join(ARCHIVE);
    write_archive(dir, &path)?;
    written.push(path);
    Ok(written)
}

fn write_archive(dir: &Path, path: &Path) -> Result<(), Error> {
    let file = fs::File::create(path).map_err(Error::file(path))?;
    let compressed = GzBuilder::new().mtime(0).write(file, Compression::best());
    let mut archive = tar::Builder::new(compressed);
    for name in all_files(dir)? {
        let source = dir.join(&name);
        let content = fs::read(&source).map_err(Error::file(&source))?;
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(0);
        let within = Path::new("golden").join(name);
        archive.append_data(&mut header, within, &content[..]).map_err(Error::file(path))?;
    }
    let compressed = archive.into_inner().map_err(Error::file(path))?;
    compressed.finish().map(drop).map_err(Error::file(path))
}

/// The files of the folder, relative to it, sorted.
fn all_files(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let (mut files, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        let absolute = dir.join(&folder);
        for entry in fs::read_dir(&absolute).map_err(Error::file(&absolute))? {
            let entry = entry.map_err(Error::file(&absolute))?;
            let kind = entry.file_type().map_err(Error::file(entry.path()))?;
            let list = if kind.is_dir() { &mut folders } else { &mut files };
            list.push(folder.join(entry.file_name()));
        }
    }
    files.sort();
    Ok(files)
}
