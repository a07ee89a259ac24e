//! Long output on a terminal goes through the pager that its user has chosen, as git's does.
//!
//! `EMBALM_PAGER`, else `PAGER`, else `less`; empty or `cat` is none. `less` is told to end by itself where all fits on the
//! screen (`F`), to leave colours alone (`R`) and the screen as it was (`X`), unless `LESS` says something else.

use std::{
    env,
    io::{self, BufWriter, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

/// What only a shell understands.
const SHELL: &[char] =
    &['|', '&', ';', '<', '>', '(', ')', '$', '`', '\\', '"', '\'', '*', '?', '[', '#', '~', '=', '%'];

/// Somebody has pressed Ctrl-C: nothing more is written, and the pager shows what it has.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// A pager that is being written to. When it is dropped, its reader is waited for.
pub(super) struct Pager {
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
}

impl Pager {
    /// Starts it. None where none is wanted, or where it can't be started.
    pub(super) fn start() -> Option<Self> {
        let set = |name: &str| env::var(name).ok();
        let wanted = set("EMBALM_PAGER").or_else(|| set("PAGER")).unwrap_or_else(|| "less".to_owned());
        let wanted = wanted.trim();
        if wanted.is_empty() || wanted == "cat" {
            return None;
        }
        let mut command = if wanted.contains(SHELL) {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(wanted);
            shell
        } else {
            let mut words = wanted.split_whitespace();
            let mut command = Command::new(words.next()?);
            command.args(words);
            command
        };
        for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
            if env::var_os(name).is_none() {
                command.env(name, value);
            }
        }
        let mut child = command.stdin(Stdio::piped()).spawn().ok()?;
        let input = child.stdin.take().map(BufWriter::new);
        outlive_interrupts();
        Some(Self { child, input })
    }
}

/// Ctrl-C is for the pager: whoever ended before it would leave it alone with the terminal.
fn outlive_interrupts() {
    thread::spawn(|| {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() else { return };
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                INTERRUPTED.store(true, Ordering::Relaxed);
            }
        });
    });
}

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.input {
            Some(input) if !INTERRUPTED.load(Ordering::Relaxed) => input.write(bytes),
            _ => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.input.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        // Its reader may have left already, which is their right.
        drop(self.input.take().map(|mut input| input.flush()));
        let _ = self.child.wait();
    }
}
