//! Lists of inputs in files: what `-i` reads, and what `-e` writes ready for it.

use super::Failure;
use crate::{
    pipeline::{self, FailedInput},
    report::{Output, one_line},
};
use std::{
    collections::HashSet,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Standard input or output in a file's place.
const STANDARD: &str = "-";

/// The inputs of a file, one a line; lines that are empty or begin with `#` are none. `-` is standard input.
pub(super) fn read(path: &Path) -> Result<Vec<String>, Failure> {
    let unreadable = |error| Failure::usage(format!("can't read the inputs {}: {error}", path.display()));
    let text = if path == Path::new(STANDARD) {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text).map_err(unreadable)?
    } else {
        fs::read_to_string(path).map_err(unreadable)?
    };
    let lines = text.strip_prefix('\u{feff}').unwrap_or(&text).lines().map(str::trim);
    Ok(lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect())
}

/// Writes the inputs that failed, each once, under the reason why. Nothing at all is written into the file where none did.
/// `-` is standard output.
pub(super) fn write(path: &Path, failed: &[FailedInput], out: &mut Output) -> Result<(), Failure> {
    let mut seen = HashSet::new();
    let mut text = String::new();
    for FailedInput { input, reason } in failed {
        let line = pipeline::as_line(&whole(input));
        let reason = one_line(reason);
        let told = if reason.is_empty() { String::new() } else { format!("# {reason}\n") };
        if seen.insert(line.clone()) {
            text.push_str(&format!("{told}{line}\n"));
        }
    }
    if path == Path::new(STANDARD) {
        return out.bytes(text.as_bytes()).map_err(Failure::from);
    }
    fs::write(path, text).map_err(|error| {
        Failure::unexpected(format!("writing the failed inputs to {} failed: {error}", path.display()))
    })
}

/// The input that a place in it belongs to: of `pages.jsonl:7` the file.
fn whole(input: &str) -> String {
    let file = input.rsplit_once(':').filter(|(file, line)| {
        !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit()) && PathBuf::from(file).is_file()
    });
    match file {
        Some((file, _)) if !Path::new(input).exists() => file.to_owned(),
        _ => input.to_owned(),
    }
}
