#!/usr/bin/env node
// Controls the mock server from Node (18 or newer), with nothing but what Node brings along.
//
//     node control.mjs path/to/e2ee-mock-server
//
// Makes a tenant with an account, keeps a snapshot, has a client make a folder, watches it happen, looks at the exchange,
// and goes back to the snapshot. Anything unexpected ends it with an error.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const PATIENCE = 10_000;

/** The control API of a running server. */
class Control {
  constructor(url) {
    this.url = url;
  }

  /** What the server answers to something that works. */
  async ask(method, path, body) {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(`${this.url}/v1${path}`, { method, headers, body: JSON.stringify(body), signal });
    const json = await answer.json();
    assert.ok(answer.ok, `${method} ${path}: ${json.error?.code}: ${json.error?.message}`);
    return json;
  }

  /** The events of a tenant from now on, as { id, name, data }. */
  async watch(tenant, after) {
    const headers = after === undefined ? {} : { "last-event-id": String(after) };
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(`${this.url}/v1/tenants/${tenant}/events`, { headers, signal });
    assert.equal(answer.headers.get("content-type"), "text/event-stream");
    return events(answer.body);
  }
}

async function* events(body) {
  let text = "";
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const fields = Object.fromEntries(text.slice(0, end).split("\n").map((line) => line.split(/: (.*)/s)));
      if (fields.data) yield { id: Number(fields.id), name: fields.event, data: JSON.parse(fields.data) };
    }
  }
}

async function next(stream) {
  const { value, done } = await stream.next();
  assert.ok(!done, "the event stream has ended");
  return value;
}

/** What alice's client does: the status of the answer. */
async function asAlice(url, method) {
  const authorization = `Basic ${Buffer.from("alice:secret").toString("base64")}`;
  return (await fetch(url, { method, headers: { authorization } })).status;
}

async function story(baseUrl, control) {
  const users = [{ user: "alice", password: "secret", device: "phone" }];
  const tenant = await control.ask("POST", "/tenants", { name: "node", users });
  assert.equal(tenant.base_url, `${baseUrl}/t/node`);
  const plans = `${tenant.base_url}/remote.php/dav/files/alice/plans`;

  await control.ask("PUT", "/tenants/node/snapshots/empty");
  const watched = await control.watch("node");
  assert.equal(await asAlice(plans, "MKCOL"), 201);
  const { id, name, data } = await next(watched);
  assert.deepEqual([name, data.endpoint, data.device], ["exchange", "MKCOL", "phone"]);

  const exchange = await control.ask("GET", `/tenants/node/exchanges/${data.number}`);
  assert.equal(exchange.summary.path, "/remote.php/dav/files/alice/plans");
  assert.ok(!JSON.stringify(exchange).includes("secret"), "credentials are in an exchange");

  const paths = async () => (await control.ask("GET", "/tenants/node/state")).nodes.map((node) => node.path);
  assert.ok((await paths()).includes("plans"));
  await control.ask("POST", "/tenants/node/snapshots/empty/restore");
  assert.ok(!(await paths()).includes("plans"));

  const resumed = await control.watch("node", id);
  assert.deepEqual((await next(resumed)).data, { command: "restore" });
  await control.ask("POST", "/tenants/node/moves", { touch_etags: {} });
  assert.equal((await next(resumed)).name, "move");
  await assert.rejects(control.ask("POST", "/tenants/node/moves", { no_such_move: {} }), /bad_json/);
  await control.ask("DELETE", "/tenants/node");
}

const [program] = process.argv.slice(2);
assert.ok(program, "expected the path of e2ee-mock-server");
const server = spawn(program, ["--control", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
try {
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const [baseUrl, controlUrl] = [(await lines.next()).value, (await lines.next()).value];
  await story(baseUrl, new Control(controlUrl));
} finally {
  server.kill("SIGTERM");
}
const [code] = await once(server, "exit");
assert.equal(code, 0, "the server did not stop");
console.log("control.mjs: watched a client, and went back to a snapshot");
process.exit(0);
