//! Lines on standard output, which may be a pipe that nobody reads any more.

use std::fmt::Arguments;
use std::io::{self, Write as _};
use std::sync::OnceLock;

use super::stop::Stop;

/// The first thing that went wrong.
static WRONG: OnceLock<String> = OnceLock::new();

/// Prints a line. It never panics, as `println!` does: see [`all_was_said`].
macro_rules! say {
    () => { $crate::cli::say::line(format_args!("")) };
    ($($text:tt)*) => { $crate::cli::say::line(format_args!($($text)*)) };
}
pub(super) use say;

pub(super) fn line(text: Arguments<'_>) {
    let printed = writeln!(io::stdout().lock(), "{text}");
    note(printed);
}

/// Keeps in mind that something could not be printed. A reader that has seen enough is no mistake.
pub(super) fn note(printed: io::Result<()>) {
    if let Err(error) = printed
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        // The first one is told.
        let _ = WRONG.set(error.to_string());
    }
}

/// An error if something could not be printed, to a full disk for example.
pub(super) fn all_was_said() -> Result<(), Stop> {
    note(io::stdout().flush());
    WRONG.get().map_or(Ok(()), |reason| Err(Stop::set_up(format!("cannot print: {reason}"))))
}
