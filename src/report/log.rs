//! Diagnostics for who looks for a fault: what the library says of itself while it works, on stderr.

use super::Style;

/// Diagnostics of the library on stderr, by `-v` or `RUST_LOG`.
pub fn log_to_stderr(verbose: u8, style: Style) {
    let level = match verbose {
        0 => "warn",
        1 => "embalm=info,warn",
        _ => "embalm=debug,warn",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    // A second call (tests) finds one installed already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(style.is_on())
        .without_time()
        .try_init();
}
