//! The binary as a user runs it, for the tests that do.

use assert_cmd::Command;
use std::path::Path;

/// The binary in a world of its own: no environment, its home and its archive in `folder`.
pub(crate) fn embalm(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_embalm"));
    command.env_clear().env("HOME", folder).env("EMBALM_ARCHIVE", folder.join("test.db"));
    command
}

/// A command that must end with this code; what it printed on both streams.
pub(crate) fn ends(command: &mut Command, code: i32) -> (String, String) {
    let output = command.output().expect("the binary runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "stdout:\n{out}\nstderr:\n{err}");
    (out, err)
}
