"""The state that requests meet, and what is allowed in answers."""

import base64
import json
import os
import pathlib
import random
import tomllib

import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

BASE = os.environ["MOCK_SERVER"]
E2EE = f"{BASE}/ocs/v2.php/apps/end_to_end_encryption/api/v2"
SHARES = f"{BASE}/ocs/v2.php/apps/files_sharing/api/v1/shares"
HEADERS = {"OCS-APIRequest": "true", "X-E2EE-Supported": "true", "Accept": "application/json"}
DOCUMENT = json.dumps({"metadata": {"ciphertext": "AA|BB"}, "users": [], "version": "2.1"})
# So many requests meet the same state; then new folders are made.
REQUESTS_A_WORLD = 40

chance = random.Random(20261122)
allowed = tomllib.loads((pathlib.Path(__file__).parent / "allowed.toml").read_text())["answer"]


class World:
    """Folders of alice in every state that the E2EE API knows, and the tokens that fit."""

    def __init__(self):
        self.session = requests.Session()
        self.session.auth = ("alice", "secret")
        self.session.headers.update(HEADERS)
        self.worlds = 0
        self.left = 0

    def renew(self):
        self.worlds += 1
        self.left = REQUESTS_A_WORLD
        self.tokens = {}
        names = ("plain", "flagged", "ready", "locked", "shared")
        self.plain, self.flagged, self.ready, self.locked, self.shared = (self.folder(name) for name in names)
        for folder in (self.flagged, self.ready, self.locked, self.shared):
            self.call("PUT", f"encrypted/{folder}")
        for folder in (self.ready, self.locked, self.shared):
            token = self.lock(folder, 1)
            self.call("POST", f"meta-data/{folder}", {"metaData": DOCUMENT}, **{"e2e-token": token, "x-nc-e2ee-signature": "c2ln"})
            self.call("DELETE", f"lock/{folder}", **{"e2e-token": token})
        for folder in (self.flagged, self.locked):
            self.tokens[folder] = self.lock(folder, 2)
        share = {"path": f"/shared-{self.worlds}", "shareType": 3, "permissions": 15}
        share = self.session.post(SHARES, data=share)
        self.share_token = share.json()["ocs"]["data"]["token"]
        self.file = self.upload()

    def folder(self, name):
        return self.node("MKCOL", name)

    def upload(self):
        return self.node("PUT", "file", b"text")

    def node(self, method, name, body=None):
        url = f"{BASE}/remote.php/dav/files/alice/{name}-{self.worlds}"
        answer = self.session.request(method, url, data=body)
        answer.raise_for_status()
        return int(answer.headers["OC-FileId"].split("oc")[0])

    def lock(self, folder, counter):
        answer = self.call("POST", f"lock/{folder}", **{"x-nc-e2ee-counter": str(counter)})
        return answer.json()["ocs"]["data"]["e2e-token"]

    def call(self, method, path, form=None, **headers):
        answer = self.session.request(method, f"{E2EE}/{path}", data=form, headers=headers)
        answer.raise_for_status()
        return answer

    def ids(self):
        return (self.plain, self.flagged, self.ready, self.locked, self.shared, self.file)


world = World()


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Most requests are about nodes that exist, by a client that the server lets in, with a token that fits."""
    if world.left == 0:
        world.renew()
    world.left -= 1
    case.headers.setdefault("Accept", "application/json")
    if chance.random() < 0.97:
        case.headers["X-E2EE-Supported"] = "true"
    who = chance.choices(("alice:secret", "bob:secret", "alice:wrong", None), (85, 9, 2, 4))[0]
    if who:
        case.headers["Authorization"] = "Basic " + base64.b64encode(who.encode()).decode()
    if case.path_parameters and "id" in case.path_parameters and chance.random() < 0.85:
        case.path_parameters["id"] = chance.choice(world.ids())
    told = {parameter.name for parameter in case.operation.headers}
    token = world.tokens.get((case.path_parameters or {}).get("id"))
    if token and "e2e-token" in told and chance.random() < 0.7:
        case.headers["e2e-token"] = token
    if "x-nc-e2ee-counter" in told and chance.random() < 0.7:
        case.headers["x-nc-e2ee-counter"] = str(chance.randrange(0, 5))
    if "x-nc-e2ee-share-token" in told and chance.random() < 0.1:
        case.headers["x-nc-e2ee-share-token"] = world.share_token
    if isinstance(case.body, dict) and "filedrop" in case.body and chance.random() < 0.6:
        case.body["filedrop"] = json.dumps({f"{chance.getrandbits(128):032x}": {"users": []}})
    # This deletes all that is encrypted.
    if case.operation.path.endswith("/encrypted-files"):
        world.left = 0


@schemathesis.check
class told_or_listed:
    """The checks `not_a_server_error` and `status_code_conformance`, except for answers that are listed."""

    def __init__(self):
        self.seen = set()
        self.used = set()

    def after_response(self, ctx, response, case):
        operation = f"{case.method} {case.operation.path.split('end_to_end_encryption/')[-1]}"
        self.seen.add((operation, response.status_code))
        for number, entry in enumerate(allowed):
            if (
                entry["operation"] in (operation, "*")
                and entry["status"] == response.status_code
                and message(response).startswith(entry["told"])
            ):
                self.used.add(number)
                return
        not_a_server_error(ctx, response, case)
        status_code_conformance(ctx, response, case)

    def after_run(self, ctx):
        print(f"\n{len(self.seen)} pairs of operation and status, {len(self.used)} of {len(allowed)} listed answers seen")
        for number in set(range(len(allowed))) - self.used:
            print(f"not seen: {allowed[number]}")


def message(response):
    """What the answer says, in the OCS envelope or without one."""
    try:
        told = response.json()
    except ValueError:
        return ""
    return (told.get("ocs", {}).get("meta") or told).get("message", "")
