#!/usr/bin/env python3
"""Reads the server's answers for roundtrip.sh, from standard input.

    answers.py data MEMBER...    the text at ocs.data.MEMBER... of an OCS answer in JSON
    answers.py listing           a PROPFIND answer as lines: name, numeric id, size, folder?, encrypted?  (tabs between)
"""
import json
import sys
import xml.etree.ElementTree as xml
from urllib.parse import unquote

DAV, OC, NC = "{DAV:}", "{http://owncloud.org/ns}", "{http://nextcloud.org/ns}"


def data(members):
    value = json.load(sys.stdin)["ocs"]["data"]
    for member in members:
        value = value[member]
    print(value, end="")


def listing():
    for response in xml.parse(sys.stdin).getroot().iter(DAV + "response"):
        path = unquote(response.findtext(DAV + "href", "")).rstrip("/")
        known = {}
        for status in response.iter(DAV + "propstat"):
            if " 200" in status.findtext(DAV + "status", ""):
                known.update((prop.tag, prop) for prop in status.find(DAV + "prop"))
        folder = DAV + "resourcetype" in known and known[DAV + "resourcetype"].find(DAV + "collection") is not None

        def text(tag):
            return (known[tag].text or "") if tag in known else ""

        print(path.rsplit("/", 1)[-1], text(OC + "fileid"), text(DAV + "getcontentlength") or "-",
              "folder" if folder else "file", "encrypted" if text(NC + "is-encrypted") == "1" else "plain", sep="\t")


if __name__ == "__main__":
    if sys.argv[1] == "data":
        data(sys.argv[2:])
    else:
        listing()
