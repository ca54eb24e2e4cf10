//! The program `e2ee-suite`.

fn main() -> std::process::ExitCode {
    e2ee_suite::cli::main()
}
