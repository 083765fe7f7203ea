//! The rules that ARCHITECTURE.md and docs/glossary.md state, checked on the text of the files.
//!
//! `imports` compares the modules with the table of ARCHITECTURE.md, `circles` looks for files that
//! use each other, `words` for terms that the glossary rules out. This file finds the files.

mod circles;
mod imports;
mod words;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A text file of the repository.
struct SourceFile {
    /// Below the root of the repository.
    path: PathBuf,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the files below a folder whose names end with one of the extensions, sorted by path.
fn files(folder: &str, extensions: &[&str]) -> Vec<SourceFile> {
    let mut paths = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if has_extension(&path, extensions) {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.into_iter().map(|path| read(&path)).collect()
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    extensions.iter().any(|extension| path.extension().is_some_and(|found| found == *extension))
}

fn read(path: &Path) -> SourceFile {
    let text = fs::read_to_string(path).unwrap();
    SourceFile { path: path.strip_prefix(root()).unwrap().to_owned(), text }
}

#[test]
fn each_file_has_a_header() {
    for folder in ["src", "tests", "benches"] {
        for file in files(folder, &["rs"]) {
            assert!(file.text.starts_with("//! "), "{} has no //! header", file.path.display());
        }
    }
}
