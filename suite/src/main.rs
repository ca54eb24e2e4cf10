//! The program `e2ee-suite`.

/// Plays make many small pieces on one thread that another one frees.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    e2ee_suite::cli::main()
}
