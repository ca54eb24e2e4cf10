//! RSA keys that follow from a number: made anywhere and at any time, they are the same.

use e2ee_reference::error::Error;
use e2ee_reference::identity::PrivateKey;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sha::sha256;

/// The public exponent that nearly all keys have.
pub(crate) const USUAL: u32 = 65_537;

/// The RSA key of this number among those of a label, of 512 bits at least, with a public exponent that is a prime or 1.
/// Whoever knows all that has it: it is for those only whose keys everybody may know.
pub(crate) fn derived_key(label: &str, number: usize, bits: u16, exponent: u32) -> Result<PrivateKey, Error> {
    let pem = pem_of(label, number, bits, exponent).map_err(|_| Error::Backend("deriving an RSA key"))?;
    PrivateKey::from_pem(&String::from_utf8_lossy(&pem))
}

fn pem_of(label: &str, number: usize, bits: u16, exponent: u32) -> Result<Vec<u8>, ErrorStack> {
    let mut context = BigNumContext::new()?;
    let e = BigNum::from_u32(exponent)?;
    // With 1 every prime will do.
    let divisor = BigNum::from_u32(if exponent == 1 { USUAL } else { exponent })?;
    let mut prime = |which, bits| prime(&format!("{label} {number} {which}"), bits, &divisor, &mut context);
    let (p, q) = (prime("p", bits - bits / 2)?, prime("q", bits / 2)?);
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
fn prime(
    seed: &str,
    bits: u16,
    exponent: &BigNumRef,
    context: &mut BigNumContext,
) -> Result<BigNum, ErrorStack> {
    let block = |number: u32| sha256(format!("{seed} {number}").as_bytes());
    let bytes: Vec<u8> = (0..).flat_map(block).take(usize::from(bits.div_ceil(8))).collect();
    let (mut candidate, bits) = (BigNum::from_slice(&bytes)?, i32::from(bits));
    // OpenSSL's own function does not know numbers that are short enough already.
    if candidate.num_bits() > bits {
        candidate.mask_bits(bits)?;
    }
    for bit in [0, bits - 2, bits - 1] {
        candidate.set_bit(bit)?;
    }
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
        let key = derived_key("test", 3, 2048, USUAL).unwrap();
        assert_eq!((key.public_key().bits(), key.public_key().is_strong()), (2048, true));
        let fingerprint = hex::encode(sha256(key.public_key().to_pem().as_bytes()));
        assert_eq!(fingerprint, "597d9bb1721a44d00bf6aca0dcce125f602f8ae2d7fc37c367b365b1fdcdd1e0");
        assert_ne!(*key.to_pem(), *derived_key("test", 4, 2048, USUAL).unwrap().to_pem());
    }

    #[test]
    fn keys_have_as_many_bits_as_they_should() {
        for bits in [512, 513, 767, 1024] {
            let bits_of = |number| derived_key("test", number, bits, USUAL).unwrap().public_key().bits();
            assert_eq!([1, 2, 3].map(bits_of), [u32::from(bits); 3]);
        }
    }

    #[test]
    fn keys_sign() {
        let key = derived_key("test", 1, 2048, USUAL).unwrap();
        let authority = e2ee_reference::authority::Authority::from_private_key(key);
        let of = derived_key("test", 2, 2048, USUAL).unwrap();
        let certificate = authority.certify("alice", &of, 1_767_225_600).unwrap();
        assert!(certificate.is_issued_by(&authority.server_key()));
    }
}
