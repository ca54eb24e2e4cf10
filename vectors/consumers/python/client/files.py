"""Families file and oaep: the two primitives as the protocol uses them."""

import hashlib

from .basics import decode_base64, key_of_16_bytes, open_aes_gcm, private_key_from_pem, unwrap


def file(inputs):
    """The tag at the end of the file counts; the copy in the metadata may be anything."""
    key = key_of_16_bytes(decode_base64(inputs["key"]))
    nonce = decode_base64(inputs["nonce"])
    if "storedByRule" not in inputs:
        return {"plain": open_aes_gcm(key, nonce, bytes.fromhex(inputs["stored"])).hex()}
    plain = open_aes_gcm(key, nonce, stored_by_rule(**inputs["storedByRule"]))
    return {"plainLength": len(plain), "plainSha256": hashlib.sha256(plain).hexdigest()}


def stored_by_rule(repeat, length, tag):
    """Large files are not written out."""
    unit = bytes.fromhex(repeat)
    return (unit * (length // len(unit) + 1))[:length] + bytes.fromhex(tag)


def oaep(inputs):
    private_key = private_key_from_pem(inputs["privateKey"])
    return {"key": key_of_16_bytes(unwrap(private_key, inputs["wrapped"])).hex()}
