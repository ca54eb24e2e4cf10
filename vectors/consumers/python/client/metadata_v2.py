"""Families metadata-2.0, -2.1, key-checksums and, for 2.x, filedrop."""

import hashlib
import zlib

from .basics import Refused, decode_base64, decode_utf8, file_entry, json_map, json_object, json_text
from .basics import key_of_16_bytes, open_aes_gcm, parse_json, private_key_from_pem, require, unwrap

MAX_INFLATED = 64 << 20
LARGEST_COUNTER = 2**53 - 1


def metadata(inputs):
    document = json_object(parse_json(inputs["document"]), "document")
    require(document.get("version") in ("2.0", "2.1"), "unknown version")
    head = json_object(document.get("metadata"), "metadata")
    require("version" not in head, "a version of 1.x as well")
    json_map(document, "filedrop")  # its entries may be anything: strangers write them
    users = checked_users(document.get("users", []))
    if "metadataKey" in inputs:
        key = key_of_16_bytes(bytes.fromhex(inputs["metadataKey"]))
    else:
        key = unwrap_own(users, inputs, "encryptedMetadataKey")
    return {"metadataKey": key.hex(), "contents": contents_of(open_sealed(head, key))}


def filedrop(inputs):
    entry = json_object(parse_json(inputs["entry"]), "entry")
    users = entry.get("users", [])
    require(isinstance(users, list) and all(isinstance(user, dict) for user in users), "users")
    inner = open_sealed(entry, unwrap_own(users, inputs, "encryptedFiledropKey"))
    return file_entry(inner, inner)


def key_checksums(inputs):
    checksum = hashlib.sha256(key_of_16_bytes(bytes.fromhex(inputs["metadataKey"]))).hexdigest()
    require(checksum in inputs["keyChecksums"], "the checksum of the key is not listed")
    return {"checksum": checksum}


def checked_users(users):
    require(isinstance(users, list), "users is not an array")
    for user in users:
        json_object(user, "entry of users")
        require(json_text(user, "userId"), "an empty user id")
        json_text(user, "certificate")
        json_text(user, "encryptedMetadataKey")
    return users


def unwrap_own(users, inputs, member):
    own = next((user for user in users if user.get("userId") == inputs["userId"]), None)
    require(own is not None, "no entry for the own user")
    return key_of_16_bytes(unwrap(private_key_from_pem(inputs["privateKey"]), json_text(own, member)))


def open_sealed(head, key):
    """AES-GCM around gzip around JSON. Bar and nonce behind the ciphertext are ignored."""
    ciphertext = json_text(head, "ciphertext").partition("|")[0]
    nonce = decode_base64(json_text(head, "nonce"))
    inflated = inflate(open_aes_gcm(key, nonce, decode_base64(ciphertext)))
    return json_object(parse_json(decode_utf8(inflated)), "contents")


def inflate(data):
    """Exactly one gzip member, and not more than the limit."""
    reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        inflated = reader.decompress(data, MAX_INFLATED)
    except zlib.error as error:
        raise Refused(f"not gzip: {error}") from error
    require(reader.eof and not reader.unused_data, "not one gzip member within the limit")
    return inflated


def contents_of(inner):
    counter, deleted = inner.get("counter"), inner.get("deleted", False)
    require(type(counter) is int and 0 <= counter <= LARGEST_COUNTER, "counter")
    require(isinstance(deleted, bool), "deleted")
    checksums = inner.get("keyChecksums", [])
    require(isinstance(checksums, list) and all(isinstance(one, str) for one in checksums), "keyChecksums")
    folders = json_map(inner, "folders")
    files, unreadable = {}, []
    for file_id, entry in json_map(inner, "files").items():
        try:
            entry = json_object(entry, "file")
            files[file_id] = file_entry(entry, entry)
        except Refused:
            unreadable.append(file_id)
    return {
        "keyChecksums": checksums,
        "deleted": deleted,
        "counter": counter,
        "folders": {folder: json_text(folders, folder) for folder in folders},
        "files": files,
        "unreadable": sorted(unreadable),
    }
