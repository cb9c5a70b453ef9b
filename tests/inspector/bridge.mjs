// A served bridge with its inspector, and requests to it as Talkdesk makes them.
import { spawn } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const AUTH = { account: "acme", bridge_key: "demo-bridge-key-0123456789" };

/** Starts `serve` with the demo CRM; gives the endpoints' URL, the page's, and how to end both. */
export async function serve(...further) {
  const program = process.env.TALKDESK_BRIDGE ?? join(root, "target/debug/talkdesk-bridge");
  const fixed = ["serve", "--manifest", join(root, "manifests/demo"), "--port", "0", "--inspect", "0"];
  const child = spawn(program, [...fixed, ...further], { stdio: ["ignore", "pipe", "ignore"] });
  process.once("exit", () => child.kill());
  let text = "";
  const printed = new Promise((done, failed) => {
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`serve ended with ${code}\n${text}`)));
    child.stdout.on("data", (chunk) => { if ((text += chunk).includes("Ctrl-C ends it.")) done(); });
  });
  await printed;
  const endpoint = /^demo on (\S+)$/m.exec(text)[1], page = /^inspector: (\S+)$/m.exec(text)[1];
  return {
    endpoint, page,
    stop: () => new Promise((done) => { child.once("exit", done); child.kill("SIGINT"); }),
    async ask(path, { auth = {}, meta = {}, data = {} } = {}) {
      const body = JSON.stringify({ auth: { ...AUTH, ...auth }, meta, data });
      const answer = await fetch(endpoint + path, { method: "POST", body });
      return { status: answer.status, body: await answer.json() };
    },
  };
}

/** One request of every kind, among them refused ones; the last is a contact's activity. */
export async function requests(bridge) {
  await bridge.ask("/auth_validation");
  const first = await bridge.ask("/contact_sync");
  await bridge.ask("/contact_sync", { meta: { offset: first.body.next_offset } });
  await bridge.ask("/contact_sync", { meta: {
    synchronization_checkpoint: first.body.synchronization_checkpoint,
  } });
  await bridge.ask("/agent_sync");
  const meta = { contact_external_id: "5" };
  await bridge.ask("/actions/create_ticket", { meta, data: { subject: "Call Jane Doe back", priority: "high" } });
  await bridge.ask("/actions/create_ticket", { data: { subject: "For nobody" } });
  await bridge.ask("/actions/add_note", { meta: { contact_external_id: "999999" }, data: { note: "Hello" } });
  await bridge.ask("/contact_sync", { auth: { bridge_key: "wrong" } });
  await bridge.ask("/interaction_update", { data: { contact_external_id: "5" } });
}
