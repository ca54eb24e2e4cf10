"""Compares a client written in Python with the golden vectors: verify.py [FOLDER]"""

import json
import pathlib
import sys
import traceback

from client import canonical_json, files, identity, metadata_v1, metadata_v2, signature
from client.basics import Refused

GOLDEN = pathlib.Path(__file__).parent / ".." / ".." / "golden"

COVERED = {
    "mnemonic": identity.mnemonic,
    "kdf": identity.kdf,
    "private-key-blob": identity.private_key_blob,
    "file": files.file,
    "oaep": files.oaep,
    "metadata-1.0": metadata_v1.metadata,
    "metadata-1.1": metadata_v1.metadata,
    "metadata-1.2": metadata_v1.metadata,
    "checksum-1.2": metadata_v1.checksum,
    "metadata-2.0": metadata_v2.metadata,
    "metadata-2.1": metadata_v2.metadata,
    "canonical-json": canonical_json.canonical_json,
    "signature": signature.signature,
    "key-checksums": metadata_v2.key_checksums,
    "filedrop": lambda inputs: (metadata_v1 if inputs["major"] == 1 else metadata_v2).filedrop(inputs),
}
NOT_COVERED = {
    "certificate": "this client checks no certificates against the server key",
    "certificate-request": "this client makes no requests, and servers read them",
    "migration": "this client only reads",
    "names": "this client writes no files to disk",
    "trust": "this client keeps no state",
}


def main(folder):
    passed, failed = 0, 0
    families = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name != "keys")
    for family in families:
        vectors = [json.loads(path.read_text("utf-8")) for path in sorted((folder / family).glob("*.json"))]
        if family not in COVERED:
            reason = NOT_COVERED.get(family, "a family that this client does not know")
            print(f"{family:20} {len(vectors):4} not covered: {reason}")
            continue
        complaints = [complaint for vector in vectors if (complaint := disagreement(vector))]
        print(f"{family:20} {len(vectors) - len(complaints):4} agreed {len(complaints):4} disagreed")
        print(*complaints, sep="", end="")
        passed += len(vectors) - len(complaints)
        failed += len(complaints)
    missing = sorted(set(COVERED) - set(families))
    if missing:
        print("families without vectors:", ", ".join(missing))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or missing else 0


def disagreement(vector):
    """What is wrong, as lines to print; nothing if client and vector agree."""
    expected = vector["expected"]
    try:
        output = COVERED[vector["family"]](vector["inputs"])
    except Refused as refusal:
        return complain(vector, f"refused: {refusal}") if expected["result"] == "valid" else ""
    except Exception:  # a client must not crash, whatever it is given
        return complain(vector, traceback.format_exc())
    if expected["result"] == "invalid":
        return complain(vector, f"accepted, but {expected['rule']} refuses")
    return "" if output == expected["output"] else complain(vector, f"has {output}, not {expected['output']}")


def complain(vector, what):
    return f"  {vector['id']} ({vector['comment']}): {what}\n"


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else GOLDEN))
