// What an editor shows while somebody writes a manifest, asked of a real YAML language server:
// it completes keys, explains them, and marks a typo. No network: the schema is the repository's file.
//
//   tests/editor/setup.sh && node tests/editor/check.mjs
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const server = spawn(process.execPath, [
  join(root, "target/editor-env/node_modules/yaml-language-server/bin/yaml-language-server"), "--stdio",
], { stdio: ["pipe", "pipe", "inherit"] });

const answers = new Map(), diagnostics = new Map();
let next = 1, received = Buffer.alloc(0);

server.stdout.on("data", (chunk) => {
  received = Buffer.concat([received, chunk]);
  for (;;) {
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(received.subarray(0, end).toString())[1]);
    if (received.length < end + 4 + length) return;
    const message = JSON.parse(received.subarray(end + 4, end + 4 + length).toString());
    received = received.subarray(end + 4 + length);
    if (message.method === "textDocument/publishDiagnostics") {
      diagnostics.get(message.params.uri)?.(message.params.diagnostics);
    } else if (message.method && message.id !== undefined) {
      // The server asks for its settings, or for leave to register something.
      const result = message.method === "workspace/configuration" ? message.params.items.map(() => null) : null;
      send({ id: message.id, result });
    } else {
      answers.get(message.id)?.(message);
    }
  }
});

function send(message) {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function ask(method, params) {
  const id = next++;
  return new Promise((done, failed) => {
    answers.set(id, (message) => (message.error ? failed(new Error(message.error.message)) : done(message.result)));
    send({ id, method, params });
  });
}

/** Opens a text as a manifest of the demo's folder; gives its URI and what is marked in it. */
async function open(name, text) {
  const uri = pathToFileURL(join(root, "manifests/demo", name)).href;
  const marked = new Promise((done) => diagnostics.set(uri, done));
  send({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "yaml", version: 1, text } } });
  return { uri, marked: await marked };
}

/** The position behind the first `needle`. */
function behind(text, needle) {
  const lines = text.slice(0, text.indexOf(needle) + needle.length).split("\n");
  return { line: lines.length - 1, character: lines.at(-1).length };
}

const overdue = setTimeout(() => { console.error("the language server does not answer"); process.exit(1); }, 60_000);

await ask("initialize", { processId: process.pid, rootUri: pathToFileURL(root).href, capabilities: {
  textDocument: { completion: { completionItem: { documentationFormat: ["markdown"] } }, hover: {} },
} });
send({ method: "initialized", params: {} });
send({ method: "workspace/didChangeConfiguration", params: { settings: { yaml: {
  validate: true, hover: true, completion: true, schemaStore: { enable: false },
} } } });

for (const crm of readdirSync(join(root, "manifests"))) {
  const text = readFileSync(join(root, "manifests", crm, "manifest.yaml"), "utf8");
  assert.match(text, /^# yaml-language-server: \$schema=\.\.\/\.\.\/docs\/(manifest|overlay)\.schema\.json\n/, crm);
  const { marked } = await open(`${crm}.yaml`, text);
  assert.deepEqual(marked.map((mark) => `${crm}:${mark.range.start.line + 1}: ${mark.message}`), []);
}

const demo = readFileSync(join(root, "manifests/demo/manifest.yaml"), "utf8");

const typo = await open("typo.yaml", demo.replace("settle:", "setle:"));
assert.ok(typo.marked.some((mark) => mark.message.includes("setle")), "a key that does not exist is marked");

const mode = await open("mode.yaml", demo.replace("mode: range", "mode: rang"));
assert.ok(mode.marked.length > 0, "a choice that does not exist is marked");

const hovered = await open("hover.yaml", demo);
const { contents } = await ask("textDocument/hover", {
  textDocument: { uri: hovered.uri }, position: behind(demo, "  records"),
});
assert.match(contents.value, /Where the rows are/, "a key is explained");
assert.match(contents.value, /Names: .*from.*page/, "with the names that its template may use");

const begun = demo.replace("    settle: PT2M\n", "    settle: PT2M\n    \n");
const { uri } = await open("complete.yaml", begun);
const at = behind(begun, "    settle: PT2M\n    ");
const { items } = await ask("textDocument/completion", { textDocument: { uri }, position: at });
const labels = items.map((item) => item.label);
for (const key of ["overlap", "start"]) {
  assert.ok(labels.includes(key), `${key} is offered in a checkpoint: ${labels}`);
}
const overlap = items.find((item) => item.label === "overlap");
assert.match(JSON.stringify(overlap.documentation), /read again/, "with its text");

clearTimeout(overdue);
server.kill();
console.log("editors complete, explain and check manifests");
