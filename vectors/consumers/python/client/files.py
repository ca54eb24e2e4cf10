"""Families file and oaep: the two primitives as the protocol uses them."""

from .basics import decode_base64, key_of_16_bytes, open_aes_gcm, private_key_from_pem, unwrap


def file(inputs):
    """The tag at the end of the file counts; the copy in the metadata may be anything."""
    key = key_of_16_bytes(decode_base64(inputs["key"]))
    return {"plain": open_aes_gcm(key, decode_base64(inputs["nonce"]), bytes.fromhex(inputs["stored"])).hex()}


def oaep(inputs):
    private_key = private_key_from_pem(inputs["privateKey"])
    return {"key": key_of_16_bytes(unwrap(private_key, inputs["wrapped"])).hex()}
