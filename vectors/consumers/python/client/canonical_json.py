"""Family canonical-json: the text that is signed."""

import hashlib
import json

from .basics import encode_base64, json_object, parse_json, require

LARGEST_INTEGER = 2**53 - 1


def canonical_json(inputs):
    content = signed_content(inputs["document"])
    return {"content": content, "sha256": hashlib.sha256(content.encode("ascii")).hexdigest()}


def signed_content(document):
    """Base64 of the document without its filedrop, compact, all members sorted."""
    members = dict(json_object(parse_json(document), "document"))
    members.pop("filedrop", None)
    return encode_base64(serialise(members).encode("utf-8"))


def serialise(value):
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{serialise(name)}:{serialise(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(serialise, value)) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return serialise_number(value)
    return json.dumps(value, ensure_ascii=False)


def serialise_number(number):
    """As JavaScript does, in the range where Python writes the same."""
    if number == int(number):
        number = int(number)
    require(abs(number) <= LARGEST_INTEGER, "a number that not every language holds")
    require("e" not in repr(number), "a number with an exponent")
    return repr(number)
