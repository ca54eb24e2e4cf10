//! Of commands that look at files.

use std::path::PathBuf;

use clap::Args;

use super::Format;

#[derive(Debug, Args)]
pub(in crate::cli) struct WatchArgs {
    /// The answer of the control API to `/v1/tenants/NAME/recording`, or a file of the folder `plays` of
    /// `run --transcripts`; `-` is standard input
    #[arg(value_name = "RECORDING")]
    pub(in crate::cli) recording: PathBuf,
    /// Only this monitor (repeatable); `list` shows all
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) monitor: Vec<String>,
    /// Mnemonics and private keys of the users, so that metadata can be opened, and canaries: in TOML
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) secrets: Option<PathBuf>,
    /// Something that must not be seen on the wire: a part of a name or a content (repeatable)
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) canary: Vec<String>,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(in crate::cli) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InspectArgs {
    /// The document: plain, in the answer of the server, or with its signature as {"metadata": …, "signature": …}
    pub(in crate::cli) metadata: PathBuf,
    /// The private-key blob from the server, in a file
    #[arg(long, value_name = "FILE", conflicts_with = "private_key")]
    pub(in crate::cli) key_blob: Option<PathBuf>,
    /// The private key in PEM, in a file
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) private_key: Option<PathBuf>,
    /// The mnemonic, in a file; otherwise from the variable E2EE_MNEMONIC or from standard input
    #[arg(long, value_name = "FILE", requires = "key_blob")]
    pub(in crate::cli) mnemonic_file: Option<PathBuf>,
    /// Whose key it is; otherwise it is tried on every member
    #[arg(long, value_name = "ID")]
    pub(in crate::cli) user: Option<String>,
    /// The signature (header X-NC-E2EE-SIGNATURE), in a file or as it is
    #[arg(long, value_name = "FILE|TEXT")]
    pub(in crate::cli) signature: Option<String>,
    /// The server key in PEM, in a file: certificates are checked with it
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) server_key: Option<PathBuf>,
    /// The root's document, for a subfolder: its members may sign, and its key opens
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) root: Option<PathBuf>,
    /// A certificate that the user is known to trust (TOFU), in a file (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) certificate: Vec<PathBuf>,
    /// Also show the keys of the files
    #[arg(long)]
    pub(in crate::cli) show_keys: bool,
}
