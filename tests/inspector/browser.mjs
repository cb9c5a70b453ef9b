// The pinned Chromium.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./bridge.mjs";

const env = join(root, "target/inspector-env");
const required = createRequire(join(env, "package.json"));

/** Starts it; throws where it cannot run: another processor or system, a library that is not there. */
export async function launch() {
  // It unpacks itself into the folder for temporary files.
  process.env.TMPDIR = join(env, "unpacked");
  mkdirSync(process.env.TMPDIR, { recursive: true });
  const load = async (name) => import(pathToFileURL(required.resolve(name)).href);
  const { default: packed } = await load("@sparticuz/chromium");
  const { chromium } = (await load("playwright-core")).default;
  // Nothing may be asked of the network: whatever is no loopback address is not found.
  const alone = ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--disable-background-networking"];
  // Its own arguments are for a function that shows one page.
  const args = [...packed.args.filter((argument) => argument !== "--single-process"), ...alone];
  return chromium.launch({ executablePath: await packed.executablePath(), args, timeout: 60_000 });
}
