//! The binary: everything it does is in the library's `commands`.

use clap::Parser;
use embalm::{
    commands::{self, Cli},
    report,
};
use std::process::ExitCode;

fn main() -> ExitCode {
    commands::answer_shell();
    let cli = Cli::parse();
    let colour = cli.global.colour();
    match commands::run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            if let Some(message) = failure.message {
                report::error(&message, failure.code, colour);
            }
            ExitCode::from(failure.code)
        }
    }
}
