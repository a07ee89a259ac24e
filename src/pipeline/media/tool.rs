//! Other programs (`ffmpeg`, `yt-dlp`), run as strangers: fixed arguments and no shell, a folder of their own, an empty
//! environment, nothing to read on their input, and a limit of time and of bytes.
//!
//! The only place that starts a process.

use std::{
    ffi::OsString,
    fs::{self, Metadata},
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
};

/// How often the size of what a program writes is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What is kept of a program's complaints, in bytes; the last ones say why it gave up.
const MAX_COMPLAINT_BYTES: usize = 16 * 1024;

/// What is told of them, in characters.
const MAX_TOLD_CHARS: usize = 300;

/// One call of a program.
pub(super) struct Job<'a> {
    pub(super) program: &'a Path,
    pub(super) arguments: Vec<OsString>,
    /// Where it works and writes; its home and its place for temporary files, too.
    pub(super) folder: &'a Path,
    pub(super) environment: Vec<(&'static str, String)>,
    pub(super) time_limit: Duration,
    /// Of everything in the folder, beyond what is there at the start.
    pub(super) max_bytes: u64,
}

/// Why a program did not do its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum ToolError {
    /// It could not be started.
    #[error("it could not be started: {0}")]
    Start(io::Error),
    /// It said that it failed.
    #[error("it failed: {0}")]
    Failed(String),
    /// It took too long.
    #[error("it took longer than {} s", .0.as_secs())]
    Time(Duration),
    /// It wrote too much.
    #[error("it wrote more than {0} bytes")]
    Size(u64),
}

/// The program of that name on the search path, whose folders must be absolute.
pub(in crate::pipeline) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders.find_map(|folder| {
        let program = folder.join(name);
        fs::metadata(&program).is_ok_and(|found| is_program(&found)).then_some(program)
    })
}

#[cfg(unix)]
fn is_program(found: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.is_file() && found.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_program(found: &Metadata) -> bool {
    found.is_file()
}

/// Runs a program to its end. It is killed where it goes over a limit, and where the caller goes away.
pub(super) async fn run(job: Job<'_>) -> Result<(), ToolError> {
    let before = size_of(job.folder);
    let mut command = Command::new(job.program);
    command.args(&job.arguments).current_dir(job.folder).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    for name in ["HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
        command.env(name, job.folder);
    }
    command.envs(job.environment).env("LC_ALL", "C.UTF-8");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().map_err(ToolError::Start)?;
    let complaints = tokio::spawn(last_words(child.stderr.take()));
    let mut look = tokio::time::interval(LOOK_EVERY);
    let deadline = tokio::time::sleep(job.time_limit);
    tokio::pin!(deadline);
    let ended = loop {
        tokio::select! {
            ended = child.wait() => break ended.map_err(ToolError::Start)?,
            () = &mut deadline => {
                let _ = child.kill().await;
                return Err(ToolError::Time(job.time_limit));
            }
            _ = look.tick() => {
                if size_of(job.folder).saturating_sub(before) > job.max_bytes {
                    let _ = child.kill().await;
                    return Err(ToolError::Size(job.max_bytes));
                }
            }
        }
    };
    if size_of(job.folder).saturating_sub(before) > job.max_bytes {
        return Err(ToolError::Size(job.max_bytes));
    }
    if ended.success() {
        return Ok(());
    }
    let words = complaints.await.unwrap_or_default();
    Err(ToolError::Failed(if words.is_empty() { ended.to_string() } else { words }))
}

/// The last words on the error stream, as one line.
async fn last_words(stream: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stream) = stream else { return String::new() };
    let (mut kept, mut part) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = stream.read(&mut part).await {
        kept.extend_from_slice(&part[..read]);
        if kept.len() > MAX_COMPLAINT_BYTES {
            kept.drain(..kept.len() - MAX_COMPLAINT_BYTES / 2);
        }
    }
    let words = String::from_utf8_lossy(&kept);
    let last = words.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(MAX_TOLD_CHARS).collect()
}

/// Bytes of the files in a folder.
fn size_of(folder: &Path) -> u64 {
    let files = walkdir::WalkDir::new(folder).max_depth(4).into_iter().filter_map(Result::ok);
    files.filter_map(|entry| entry.metadata().ok()).filter(Metadata::is_file).map(|found| found.len()).sum()
}
