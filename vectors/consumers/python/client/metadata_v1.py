"""Families metadata-1.0, -1.1, -1.2, checksum-1.2 and, for 1.x, filedrop."""

import hashlib
import hmac
import re

from .basics import Refused, decode_base64, decode_utf8, file_entry, json_map, json_object, json_text
from .basics import key_of_16_bytes, open_aes_gcm, parse_json, private_key_from_pem, require, unwrap

VERSIONS = {1: "1.0", 1.1: "1.1", 1.2: "1.2", "1": "1.0", "1.0": "1.0", "1.1": "1.1", "1.2": "1.2"}


def metadata(inputs):
    document = json_object(parse_json(inputs["document"]), "document")
    require("version" not in document, "the version of 1.x stands inside of metadata")
    head = json_object(document.get("metadata"), "metadata")
    version = head.get("version")
    require(type(version) in (int, float, str) and version in VERSIONS, "unknown version")
    version = VERSIONS[version]
    files = json_map(document, "files")
    json_map(document, "filedrop")
    if version == "1.2":
        check_sealed_checksum(head, files, inputs.get("mnemonic"))
    keys = metadata_keys(version, head, private_key_from_pem(inputs["privateKey"]))
    output = {"metadataKeys": {str(index): key.hex() for index, key in keys.items()}}
    output["files"], output["unreadable"] = open_files(version, files, keys)
    if version == "1.0" and head.get("sharing") is not None:
        output["sharing"] = json_object(open_string(keys[max(keys)], json_text(head, "sharing")), "sharing")
    return output


def checksum(inputs):
    expected = compute_checksum(inputs["mnemonic"], inputs["ids"], inputs["metadataKey"])
    require(hmac.compare_digest(expected.encode(), inputs["checksum"].encode()), "another checksum")
    return {"checksum": expected}


def filedrop(inputs):
    entry = json_object(parse_json(inputs["entry"]), "entry")
    key = unwrap_twice_encoded(private_key_from_pem(inputs["privateKey"]), json_text(entry, "encryptedKey"))
    inner = open_string(key, json_text(entry, "encrypted"), entry.get("encryptedInitializationVector"))
    return file_entry(json_object(inner, "inner entry"), entry, "initializationVector")


def compute_checksum(mnemonic, ids, wrapped_key):
    # Only blanks leave the mnemonic, and its case stays: unlike in the key derivation.
    by_code_unit = sorted(ids, key=lambda text: text.encode("utf-16-be"))
    text = mnemonic.replace(" ", "") + "".join(by_code_unit) + wrapped_key
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def check_sealed_checksum(head, files, mnemonic):
    found = json_text(head, "checksum")
    require(found, "an empty checksum")
    if mnemonic is not None:
        wrapped = json_text(head, "metadataKey")
        checksum({"mnemonic": mnemonic, "ids": files, "metadataKey": wrapped, "checksum": found})


def metadata_keys(version, head, private_key):
    if version != "1.0":
        return {0: unwrap_twice_encoded(private_key, json_text(head, "metadataKey"))}
    wrapped = json_object(head.get("metadataKeys"), "metadataKeys")
    require(wrapped, "no metadata keys")
    require(all(re.fullmatch("0|[1-9][0-9]{0,8}", index) for index in wrapped), "an index that is no number")
    return {int(index): unwrap_twice_encoded(private_key, json_text(wrapped, index)) for index in wrapped}


def unwrap_twice_encoded(private_key, wrapped):
    inner = decode_base64(decode_utf8(unwrap(private_key, wrapped)))
    return key_of_16_bytes(decode_base64(decode_utf8(inner)))


def open_files(version, files, keys):
    opened, failed = {}, {}
    for file_id, entry in files.items():
        try:
            opened[file_id] = open_file(version, json_object(entry, "entry"), keys)
        except Refused as error:
            failed[file_id] = error
    # One damaged entry must not hide the others; if there are no others, the document is what is wrong.
    if failed and not opened:
        raise next(iter(failed.values()))
    return opened, sorted(failed)


def open_file(version, entry, keys):
    # Later versions have a single key, whatever an index that was left behind says.
    index = entry.get("metadataKey", 0) if version == "1.0" else 0
    require(type(index) in (int, float) and index in keys, "no such metadata key")
    inner = json_object(open_string(keys[index], json_text(entry, "encrypted")), "inner entry")
    return file_entry(inner, entry, "initializationVector") | {"keyIndex": int(index)}


def open_string(key, text, nonce_beside=None):
    """`base64(ciphertext || tag) "|" base64(nonce)`; inside is base64 of JSON."""
    match = re.fullmatch(r"([^|]+)\|([^|]+)|([^|]+)fA==([^|]{16}|[^|]{24})", text)
    sealed, nonce = [part for part in match.groups() if part is not None] if match else (text, nonce_beside)
    require(isinstance(nonce, str), "no nonce")
    plain = open_aes_gcm(key, decode_base64(nonce), decode_base64(sealed))
    return parse_json(decode_utf8(decode_base64(decode_utf8(plain))))
