"""What several formats share: strict base64 and JSON, AES-GCM, RSA-OAEP, PEM."""

import base64
import binascii
import functools
import json
import math
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAX_JSON_DEPTH = 32


class Refused(Exception):
    """The input must not be used. Everything else that is raised is a bug of this client."""


def require(condition, reason):
    if not condition:
        raise Refused(reason)


def decode_base64(text):
    """RFC 4648 section 4: padded, one line, and no bits but zeros behind the last byte."""
    try:
        decoded = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise Refused(f"not base64: {error}") from error
    require(encode_base64(decoded) == text, "base64 that is not written in the one right way")
    return decoded


def encode_base64(data):
    return base64.b64encode(data).decode("ascii")


def decode_utf8(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused("not UTF-8") from error


def open_aes_gcm(key, nonce, sealed):
    """Opens `ciphertext || tag`. A nonce of 16 bytes goes through GHASH, which AESGCM does."""
    require(len(nonce) in (12, 16), "a nonce is 12 or 16 bytes long")
    require(len(sealed) >= 16, "shorter than a tag")
    try:
        return AESGCM(key).decrypt(nonce, sealed, None)
    except InvalidTag as error:
        raise Refused("the authentication tag does not fit") from error


def key_of_16_bytes(data):
    require(len(data) == 16, "a key for AES-128 has 16 bytes")
    return data


def unwrap(private_key, wrapped):
    """RSA-OAEP, SHA-256 for the hash and for MGF1, no label."""
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    try:
        return private_key.decrypt(decode_base64(wrapped), oaep)
    except ValueError as error:
        raise Refused("the wrapped key does not open") from error


def pem_to_der(text, label):
    """Lines of any length, any line ends, with or without a last one."""
    armour = rf"\s*-----BEGIN {label}-----\s(.*)\s-----END {label}-----\s*"
    match = re.fullmatch(armour, text, re.DOTALL)
    require(match, f"not the PEM of a {label}")
    return decode_base64("".join(match[1].split()))


@functools.cache
def private_key_from_pem(text):
    return private_key_from_der(pem_to_der(text, "PRIVATE KEY"))


def private_key_from_der(der):
    try:
        key = serialization.load_der_private_key(der, password=None)
    except Exception as error:  # several types, and which depends on the version
        raise Refused("not a private key") from error
    require(isinstance(key, rsa.RSAPrivateKey), "not an RSA key")
    pkcs8 = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    # The library reads PKCS#1 as well.
    require(key.private_bytes(*pkcs8) == der, "not PKCS#8")
    return key


def parse_json(text):
    """Python takes NaN, members that stand twice and halves of surrogate pairs; we do not."""
    try:
        value = json.loads(text, object_pairs_hook=object_of_pairs, parse_constant=refuse_constant)
        text.encode("utf-8")
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Refused(f"not JSON: {error}") from error
    check_json(value, MAX_JSON_DEPTH)
    return value


def object_of_pairs(pairs):
    members = dict(pairs)
    require(len(members) == len(pairs), "a member stands twice")
    return members


def refuse_constant(name):
    raise Refused(f"{name} is not JSON")


def check_json(value, depth):
    require(depth >= 0, "nested too deeply")
    if isinstance(value, float):
        require(math.isfinite(value), "a number that is too large")
    elif isinstance(value, (dict, list)):
        for child in value.values() if isinstance(value, dict) else value:
            check_json(child, depth - 1)


def json_object(value, what):
    require(isinstance(value, dict), f"{what} is not an object")
    return value


def json_map(owner, name):
    """PHP writes an empty array in place of an empty object; absent and null are empty, too."""
    value = owner.get(name)
    return {} if value in (None, []) else json_object(value, name)


def json_text(owner, name, default=None):
    value = owner.get(name, default)
    require(isinstance(value, str), f"{name} is not there or not text")
    return value


def file_entry(inner, outer, nonce_name="nonce"):
    """A file's entry; `inner` has key and name, `outer` nonce and tag (in 2.x they are one)."""
    require(len(decode_base64(json_text(outer, nonce_name))) in (12, 16), "nonce of a file")
    key_of_16_bytes(decode_base64(json_text(inner, "key")))
    return {
        "filename": json_text(inner, "filename"),
        "mimetype": json_text(inner, "mimetype", "application/octet-stream"),
        "nonce": outer[nonce_name],
        # A copy of the tag at the end of the file, for information only.
        "authenticationTag": json_text(outer, "authenticationTag", ""),
        "key": inner["key"],
    }
