// The inspector's page in a real browser: what it shows, keys, a narrow window, both colour schemes, contrast,
// and that it asks nobody but its own server. Pictures of it are left in target/inspector-pictures.
//
//   tests/inspector/setup.sh && cargo build -p talkdesk-bridge && node tests/inspector/check.mjs
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { requests, root, serve } from "./bridge.mjs";
import { launch } from "./browser.mjs";
import { faint } from "./contrast.mjs";

const pictures = join(root, "target/inspector-pictures");
mkdirSync(pictures, { recursive: true });

let browser;
try {
  browser = await launch();
} catch (error) {
  console.log("SKIPPED: the pinned Chromium does not start on this machine, the inspector's page is NOT tested.");
  console.log(String(error.message ?? error).split("\n").slice(0, 6).join("\n"));
  process.exit(0);
}
const overdue = setTimeout(() => { console.error("the page does not answer"); process.exit(1); }, 120_000);
const bridge = await serve();
let passed = 0, ended = false;

/** A page of a window, which must not ask anybody else nor complain. */
async function open(width, height, colorScheme = "light") {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.on("request", (request) => assert.ok(request.url().startsWith(bridge.page), `asked ${request.url()}`));
  page.on("console", (message) => assert.ok(ended || message.type() !== "error", message.text()));
  page.on("pageerror", (error) => assert.fail(error.message));
  await page.goto(bridge.page);
  return page;
}

async function check(what, work) {
  await work();
  passed += 1;
  console.log(`ok    ${what}`);
}

const text = (page) => page.locator("#detail").innerText();
const number = (page) => page.evaluate(() => document.activeElement.dataset.number);
const chosen = (page) => page.locator(".item[aria-current]").getAttribute("data-number");
const shows = (page, what) => page.waitForFunction((what) =>
  document.getElementById("detail").innerText.includes(what), what, { timeout: 5_000 });

const wide = await open(1360, 900);
await check("an empty page says what to do, and requests appear by themselves", async () => {
  await shows(wide, "No request yet");
  await requests(bridge);
  await wide.waitForFunction(() => document.querySelectorAll(".item").length === 10);
});

await check("a sync: place and checkpoint decoded, rows beside contacts, why rows are not in the answer", async () => {
  await wide.goto(`${bridge.page}#3`);
  await shows(wide, "Talkdesk gets");
  const said = await text(wide);
  for (const part of ["Contacts stamped", "in order of their stamps", "Everything stamped before", "left out",
    "{{ [row.first_name, row.last_name] | join(' ') }}", "→ name", "where {{ row.kind == 'person'"]) {
    assert.ok(said.includes(part), `${part}\n${said}`);
  }
  await wide.getByRole("checkbox").check();
  await wide.locator(".pair.odd summary").first().click();
  await shows(wide, "left out by where");
  await wide.screenshot({ path: join(pictures, "sync.png") });
});

await check("an interaction's types beside their rows, with the calls that they made", async () => {
  await wide.goto(`${bridge.page}#10`);
  await shows(wide, "Ticket rows (");
  assert.match(await text(wide), /Calls to the CRM \(3\)/);
  await wide.locator(".call summary").first().click();
  await shows(wide, "/api/v1/contacts/5/tickets");
  await wide.screenshot({ path: join(pictures, "interaction.png") });
});

await check("a refused action: its class, the CRM's words, what to do, the log's line", async () => {
  await wide.goto(`${bridge.page}#8`);
  await shows(wide, "not_found");
  const said = await text(wide);
  for (const part of ["There is no contact with this id.", "What to do:", "404 refused", "999999", "Log (1)"]) {
    assert.ok(said.includes(part), `${part}\n${said}`);
  }
  await wide.screenshot({ path: join(pictures, "refused.png") });
});

await check("people and secrets are not there", async () => {
  for (const one of [6, 8]) {
    await wide.goto(`${bridge.page}#${one}`);
    await wide.waitForTimeout(200);
    const said = await wide.locator("body").innerText();
    for (const hidden of ["Jane", "Doe", "demo-bridge-key"]) assert.ok(!said.includes(hidden), hidden);
  }
});

await check("arrow keys, Home and End choose a request; Enter leads into it, Escape back to the list", async () => {
  await wide.goto(bridge.page);
  await wide.locator(".item").first().focus();
  await wide.keyboard.press("ArrowDown");
  await wide.waitForURL(/#9$/);
  assert.equal(await number(wide), "9");
  await wide.keyboard.press("End");
  await wide.waitForURL(/#1$/);
  await wide.keyboard.press("Home");
  await wide.waitForURL(/#10$/);
  await wide.waitForSelector(".item[aria-current][data-number='10']");
  await shows(wide, "Ticket rows (");
  await wide.keyboard.press("Enter");
  await wide.waitForFunction(() => document.activeElement.id === "detail");
  await wide.keyboard.press("Tab");
  const first = await wide.evaluate(() => document.activeElement.textContent);
  assert.match(first, /^Ticket rows/, "the parts of the request come next");
  const ring = await wide.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
  assert.ok(parseFloat(ring) >= 2, `a visible focus: ${ring}`);
  await wide.keyboard.press("Enter");
  assert.match(await wide.evaluate(() => document.activeElement.textContent), /^Ticket rows/);
  await wide.keyboard.press("Escape");
  assert.equal(await number(wide), "10");
});

await check("only one request of the list is in the order of Tab", async () => {
  assert.equal(await wide.locator(".item[tabindex='0']").count(), 1);
});

await check("refused ones can be shown alone", async () => {
  await wide.getByLabel("Show").selectOption("refused");
  await wide.waitForFunction(() => document.querySelectorAll(".item").length === 3);
  assert.equal(await wide.locator("#count").innerText(), "3 of 10");
});

await check("a request that comes while another is read changes nothing but the list", async () => {
  await wide.goto(`${bridge.page}#8`);
  await wide.waitForSelector(".item[aria-current][data-number='8']");
  await wide.getByLabel("Show").selectOption("");
  await bridge.ask("/agent_sync");
  await wide.waitForFunction(() => document.querySelectorAll(".item").length === 11);
  assert.equal(await chosen(wide), "8");
});

await check("360 pixels: list and request one after the other, nothing wider than the window", async () => {
  const narrow = await open(360, 740);
  await narrow.waitForSelector(".item");
  await narrow.screenshot({ path: join(pictures, "narrow-list.png") });
  assert.ok(!(await narrow.locator("#detail").isVisible()));
  await narrow.locator(".item[data-number='3']").click();
  await shows(narrow, "Talkdesk gets");
  await narrow.waitForFunction(() => document.activeElement.id === "detail");
  assert.ok(!(await narrow.locator("#list").isVisible()));
  await narrow.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
  await narrow.waitForTimeout(300);
  const over = await narrow.evaluate(() => [...document.querySelectorAll("#detail *")]
    .filter((part) => part.getBoundingClientRect().right > innerWidth + 1).map((part) => part.outerHTML.slice(0, 90)));
  assert.deepEqual(over.slice(0, 3), []);
  await narrow.screenshot({ path: join(pictures, "narrow.png") });
  await narrow.getByRole("button", { name: "← Requests" }).click();
  assert.equal(await number(narrow), "3");
  await narrow.context().close();
});

for (const scheme of ["light", "dark"]) {
  await check(`${scheme}: every text has a contrast of 4.5 to its ground`, async () => {
    const page = await open(1360, 900, scheme);
    for (const one of [3, 6, 8]) {
      await page.goto(`${bridge.page}#${one}`);
      await page.waitForTimeout(250);
      await page.evaluate(() => document.querySelectorAll(".call, .decoded details")
        .forEach((part) => { part.open = true; }));
      await page.waitForTimeout(100);
      assert.deepEqual((await page.evaluate(faint, 4.5)).slice(0, 3), []);
      await page.screenshot({ path: join(pictures, `${scheme}-${one}.png`) });
    }
    await page.context().close();
  });
}

await check("with --show people are readable and the page says so, secrets are not", async () => {
  const open = await serve("--show");
  try {
    await requests(open);
    const hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>";
    await open.ask("/actions/create_ticket", { meta: { contact_external_id: "5" }, data: { subject: hostile } });
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${open.page}#6`);
    await shows(page, "Call Jane Doe back");
    const said = await page.locator("body").innerText();
    page.on("dialog", () => assert.fail("a text was run"));
    await page.goto(`${open.page}#11`);
    await shows(page, hostile);
    assert.equal(await page.locator("#detail img, #detail script").count(), 0, "a text stays a text");
    assert.ok(said.includes("people are shown") && !said.includes("demo-bridge-key"), said);
    await page.context().close();
  } finally {
    await open.stop();
  }
});

await check("a bridge that has ended is said, and what was seen stays", async () => {
  ended = true;
  await bridge.stop();
  await wide.waitForFunction(() => document.getElementById("state").innerText.includes("does not answer"));
  assert.ok((await text(wide)).includes("not_found"));
});

clearTimeout(overdue);
await browser.close();
console.log(`the inspector's page: ${passed} passed, 0 failed; pictures in target/inspector-pictures`);
