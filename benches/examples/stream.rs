//! Streams zeros, 4 GiB unless another number of GiB is given, through the file cipher and back, and fails when
//! that takes more memory than a few buffers. Linux only: the peak is read from `/proc/self/status`.

use std::error::Error;
use std::io;
use std::time::Instant;

use e2ee_reference::file_cipher::{Decryptor, Encryptor, FileKey, Quarantine};

/// Program, libraries and buffers, in KiB.
const MOST_MEMORY: u64 = 16 * 1024;
static PIECE: [u8; 64 << 10] = [0; 64 << 10];

fn main() -> Result<(), Box<dyn Error>> {
    let gib: u64 = std::env::args().nth(1).map_or(Ok(4), |number| number.parse())?;
    let length = gib << 30;
    let (key, nonce) = (FileKey::generate(), [7; 12]);
    let started = Instant::now();
    let mut encryptor = Encryptor::new(&key, &nonce, Decrypt(Decryptor::new(&key, &nonce, Zeros(0))?))?;
    for _ in 0..length / PIECE.len() as u64 {
        encryptor.update(&PIECE)?;
    }
    let (Decrypt(decryptor), _) = encryptor.finish()?;
    let (zeros, _) = decryptor.finish()?;
    let (seconds, peak) = (started.elapsed().as_secs_f64(), peak_memory()?);
    println!("{gib} GiB there and back in {seconds:.1} s, peak memory {peak} KiB");
    if zeros != length || peak > MOST_MEMORY {
        return Err(format!("expected {length} zeros in at most {MOST_MEMORY} KiB, found {zeros}").into());
    }
    Ok(())
}

/// Decrypts at once what the encryptor writes.
struct Decrypt(Decryptor<Zeros>);

impl io::Write for Decrypt {
    fn write(&mut self, stored: &[u8]) -> io::Result<usize> {
        self.0.update(stored).map_err(io::Error::other)?;
        Ok(stored.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Counts zeros and takes nothing else.
struct Zeros(u64);

impl Quarantine for Zeros {
    type Released = u64;

    fn hold(&mut self, unauthenticated: &[u8]) -> io::Result<()> {
        self.0 += unauthenticated.len() as u64;
        if unauthenticated.iter().all(|byte| *byte == 0) { Ok(()) } else { Err(io::Error::other("no zero")) }
    }

    fn release(self) -> io::Result<u64> {
        Ok(self.0)
    }

    fn discard(&mut self) {
        self.0 = 0;
    }
}

/// In KiB.
fn peak_memory() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}
