"""Families mnemonic, kdf and private-key-blob: how a device gets the private key."""

import functools
import hashlib
import pathlib
import re
import textwrap

from .basics import Refused, decode_base64, decode_utf8, encode_base64, open_aes_gcm
from .basics import pem_to_der, private_key_from_der, require

WORD_LIST = pathlib.Path(__file__).parents[3] / "golden" / "bip39-english.txt"
WORD_LIST_SHA256 = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"

# In the order of how common they are; the result does not depend on it.
DERIVATIONS = [("SHA-256", 600000), ("SHA-1", 1024), ("SHA-1", 600000), ("SHA-1", 1000)]
SALT_OF_2017 = b"$4$YmBjm3hk$Qb74D5IUYwghUmzsMqeNFx5z0/8$"


def mnemonic(inputs):
    words = words_of(inputs["text"])
    return {"words": " ".join(words), "passphrase": "".join(words)}


def kdf(inputs):
    passphrase = "".join(words_of(inputs["mnemonic"]))
    key = derive(passphrase, bytes.fromhex(inputs["salt"]), inputs["hash"], inputs["rounds"])
    return {"key": key.hex()}


def private_key_blob(inputs):
    passphrase = "".join(words_of(inputs["mnemonic"]))
    sealed, nonce, salt, derivations = blob_parts(inputs["blob"].strip())
    for hash_name, rounds in derivations:
        try:
            plain = open_aes_gcm(derive(passphrase, salt, hash_name, rounds), nonce, sealed)
        except Refused:
            continue
        der = pem_to_der(decode_utf8(decode_base64(decode_utf8(plain))), "PRIVATE KEY")
        private_key_from_der(der)
        return {"privateKey": pem_of_key(der), "hash": hash_name, "rounds": rounds}
    raise Refused("no key derivation opens the blob")


def words_of(text):
    words = text.split()
    # Lowering other letters may give a plain one, such as that of the Kelvin sign.
    require(all(word.isascii() and word.lower() in word_list() for word in words), "a word of no list")
    require(len(words) == 12, "a mnemonic has twelve words")
    return [word.lower() for word in words]


@functools.cache
def word_list():
    text = WORD_LIST.read_bytes()
    assert hashlib.sha256(text).hexdigest() == WORD_LIST_SHA256, "not the English list of BIP-39"
    return frozenset(text.decode("ascii").split())


@functools.cache
def derive(passphrase, salt, hash_name, rounds):
    return hashlib.pbkdf2_hmac(hash_name.replace("-", ""), passphrase.encode("ascii"), salt, rounds, 32)


def blob_parts(blob):
    if "|" in blob:
        parts = blob.split("|")
    else:
        # The base64 of a ciphertext may itself end with fA==, hence the last ones separate, around a
        # nonce of 12 or 16 bytes.
        match = re.fullmatch(r"(.+)fA==(.{16}|.{24})(?:fA==(.+))?", blob)
        require(match, "no separators")
        parts = [part for part in match.groups() if part is not None]
    require(len(parts) in (2, 3) and all(parts), "a blob has two or three parts")
    sealed, nonce, *salt = map(decode_base64, parts)
    if salt:
        return sealed, nonce, salt[0], DERIVATIONS
    return sealed, nonce, SALT_OF_2017, [("SHA-1", 1024)]


def pem_of_key(der):
    lines = textwrap.wrap(encode_base64(der), 64)
    return "\n".join(["-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----", ""])
