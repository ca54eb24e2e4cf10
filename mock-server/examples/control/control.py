#!/usr/bin/env python3
"""Controls the mock server from Python, with nothing but the standard library.

    python3 control.py path/to/e2ee-mock-server

Over encrypted connections, with a control token: makes a tenant with an account, lets the server lie about its key,
watches the lie being told, looks at the exchange, and puts everything back. Anything unexpected ends it with an error.
"""

import base64
import http.client
import json
import os
import secrets
import signal
import ssl
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

SERVER_KEY = "/ocs/v2.php/apps/end_to_end_encryption/api/v2/server-key?format=json"


class Control:
    """The control API of a running server."""

    def __init__(self, url, token, trust):
        self.url, self.token, self.trust = url, token, trust

    def ask(self, method, path, body=None):
        """What the server answers to something that works."""
        request = urllib.request.Request(f"{self.url}/v1{path}", method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=10, context=self.trust) as answer:
            return json.load(answer)

    def watch(self, tenant):
        """The events of a tenant from now on, as (name, data)."""
        address = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPSConnection(address.netloc, timeout=10, context=self.trust)
        headers = {"Authorization": f"Bearer {self.token}"}
        connection.request("GET", f"/v1/tenants/{tenant}/events", headers=headers)
        answer = connection.getresponse()
        check(answer.status == 200, f"the event stream answers {answer.status}")
        return events(answer)


def events(lines):
    name = None
    for line in lines:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def check(holds, otherwise):
    if not holds:
        sys.exit(f"control.py: {otherwise}")


def server_key(base_url, trust):
    """The server key as alice's client is told it."""
    request = urllib.request.Request(base_url + SERVER_KEY)
    login = base64.b64encode(b"alice:secret").decode()
    request.add_header("Authorization", f"Basic {login}")
    request.add_header("OCS-APIRequest", "true")
    request.add_header("X-E2EE-Supported", "true")
    with urllib.request.urlopen(request, timeout=10, context=trust) as answer:
        return json.load(answer)["ocs"]["data"]["public-key"]


def story(base_url, control):
    users = [{"user": "alice", "password": "secret", "device": "laptop"}]
    tenant = control.ask("POST", "/tenants", {"name": "python", "users": users})
    check(tenant["base_url"] == f"{base_url}/t/python", f"the tenant is at {tenant['base_url']}")

    watched = control.watch("python")
    honest = server_key(tenant["base_url"], control.trust)
    control.ask("POST", "/tenants/python/moves", {"replace_server_key": {}})
    check(server_key(tenant["base_url"], control.trust) != honest, "the server did not lie")

    seen = [next(watched) for _ in range(4)]
    check([name for name, _ in seen] == ["exchange", "move", "exchange", "lie"], f"the events are {seen}")
    lie = seen[3][1]
    check(lie["told_by"] == ["replace_server_key"], f"the lie is {lie}")

    exchange = control.ask("GET", f"/tenants/python/exchanges/{lie['exchange']}")
    check(exchange["summary"]["device"] == "laptop", f"the exchange is {exchange['summary']}")
    told = json.loads(base64.b64decode(exchange["response_body"]))["ocs"]["data"]["public-key"]
    check(told.startswith("-----BEGIN PUBLIC KEY-----") and told != honest, f"the server said {told}")

    control.ask("POST", "/tenants/python/reset")
    check(control.ask("GET", "/tenants/python/lies") == [], "lies outlive a reset")
    check(server_key(tenant["base_url"], control.trust) == honest, "the server lies after a reset")
    control.ask("DELETE", "/tenants/python")


def main():
    check(len(sys.argv) == 2, "expected the path of e2ee-mock-server")
    with tempfile.TemporaryDirectory() as scratch:
        token, ca_file = secrets.token_urlsafe(32), os.path.join(scratch, "ca.pem")
        command = [sys.argv[1], "--control", "127.0.0.1:0", "--tls", "--ca-file", ca_file]
        environment = {**os.environ, "E2EE_CONTROL_TOKEN": token}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
            try:
                base_url, control_url = (server.stdout.readline().strip() for _ in range(2))
                check(control_url.startswith("https://"), "the server did not start")
                trust = ssl.create_default_context(cafile=ca_file)
                story(base_url, Control(control_url, token, trust))
            finally:
                server.send_signal(signal.SIGTERM)
            check(server.wait(timeout=10) == 0, "the server did not stop")
    print("control.py: told a lie, saw it, and took it back")


main()
