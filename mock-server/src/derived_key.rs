//! RSA keys that follow from a number: made anywhere and at any time, they are the same.

use e2ee_reference::error::Error;
use e2ee_reference::identity::PrivateKey;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sha::sha256;

/// Bytes of each of the two primes of RSA-2048.
const PRIME: usize = 128;
const EXPONENT: u32 = 65_537;

/// The RSA-2048 key of this number among those of a label. Whoever knows both has it: it is for those only whose keys
/// everybody may know.
pub(crate) fn derived_key(label: &str, number: usize) -> Result<PrivateKey, Error> {
    let pem = pem_of(label, number).map_err(|_| Error::Backend("deriving an RSA key"))?;
    PrivateKey::from_pem(&String::from_utf8_lossy(&pem))
}

fn pem_of(label: &str, number: usize) -> Result<Vec<u8>, ErrorStack> {
    let mut context = BigNumContext::new()?;
    let e = BigNum::from_u32(EXPONENT)?;
    let mut prime = |which| prime(&format!("{label} {number} {which}"), &e, &mut context);
    let (p, q) = (prime("p")?, prime("q")?);
    let (less_p, less_q) = (minus_one(&p)?, minus_one(&q)?);
    let (mut n, mut totient, mut d) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
    n.checked_mul(&p, &q, &mut context)?;
    totient.checked_mul(&less_p, &less_q, &mut context)?;
    d.mod_inverse(&e, &totient, &mut context)?;
    let (mut d_p, mut d_q, mut inverse) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
    d_p.nnmod(&d, &less_p, &mut context)?;
    d_q.nnmod(&d, &less_q, &mut context)?;
    inverse.mod_inverse(&q, &p, &mut context)?;
    PKey::from_rsa(Rsa::from_private_components(n, e, d, p, q, d_p, d_q, inverse)?)?
        .private_key_to_pem_pkcs8()
}

/// The first prime from a place on that follows from the seed, long enough for the product of two to have all bits.
fn prime(seed: &str, exponent: &BigNumRef, context: &mut BigNumContext) -> Result<BigNum, ErrorStack> {
    let block = |number: u8| sha256(format!("{seed} {number}").as_bytes());
    let mut bytes: Vec<u8> = (0..).flat_map(block).take(PRIME).collect();
    if let [first, .., last] = bytes.as_mut_slice() {
        (*first, *last) = (*first | 0b1100_0000, *last | 1);
    }
    let mut candidate = BigNum::from_slice(&bytes)?;
    let mut rest = BigNum::new()?;
    loop {
        rest.nnmod(&*minus_one(&candidate)?, exponent, context)?;
        // The exponent is a prime: it has an inverse unless it divides.
        if rest.num_bits() > 0 && candidate.is_prime_fasttest(0, context, true)? {
            return Ok(candidate);
        }
        candidate.add_word(2)?;
    }
}

fn minus_one(number: &BigNumRef) -> Result<BigNum, ErrorStack> {
    let mut less = number.to_owned()?;
    less.sub_word(1)?;
    Ok(less)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state file that was written today is read with the keys of tomorrow.
    #[test]
    fn keys_stay_what_they_are() {
        let key = derived_key("test", 3).unwrap();
        assert_eq!((key.public_key().bits(), key.public_key().is_strong()), (2048, true));
        let fingerprint = hex::encode(sha256(key.public_key().to_pem().as_bytes()));
        assert_eq!(fingerprint, "597d9bb1721a44d00bf6aca0dcce125f602f8ae2d7fc37c367b365b1fdcdd1e0");
        assert_ne!(*key.to_pem(), *derived_key("test", 4).unwrap().to_pem());
    }

    #[test]
    fn keys_sign() {
        let key = derived_key("test", 1).unwrap();
        let authority = e2ee_reference::authority::Authority::from_private_key(key);
        let of = derived_key("test", 2).unwrap();
        let certificate = authority.certify("alice", &of, 1_767_225_600).unwrap();
        assert!(certificate.is_issued_by(&authority.server_key()));
    }
}
