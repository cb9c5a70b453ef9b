// Asks for what is new, and shows the request that the address names (`#12`), else the newest.
import { detailOf } from "./detail.js";
import { List, nameOf } from "./list.js";
import { make } from "./make.js";

const at = (id) => document.getElementById(id);
const EVERY = 1000;
const KEPT = 30;

const list = new List(at("list"), at("count"), (number) => { if (seesBoth()) location.hash = number; });
const fetched = new Map();
let seen = null, drawn = null, entering = false;

/** The number in the address; null when it names none. */
const wanted = () => (/^#\d+$/.test(location.hash) ? Number(location.hash.slice(1)) : null);

/** Whether the window is wide enough for the list and the request. */
const seesBoth = () => at("list").offsetParent !== null && at("detail").offsetParent !== null;

async function ask() {
  try {
    const answer = await fetch(seen === null ? "feed.json" : `feed.json?seen=${seen}`);
    if (answer.status === 200) take(await answer.json());
    state("live", true);
  } catch {
    state("the bridge does not answer; this is what was seen before", false);
  }
  setTimeout(ask, document.hidden ? EVERY * 5 : EVERY);
}

function state(text, good) {
  const element = at("state");
  // Said once, not every second: it is read aloud.
  if (element.textContent !== text) element.textContent = text;
  element.classList.toggle("lost", !good);
}

function take(feed) {
  if (seen !== null && feed.seen < seen) fetched.clear();
  seen = feed.seen;
  list.entries = feed.entries;
  at("integration").textContent = feed.integration;
  at("people").textContent = feed.people_shown ? "people are shown" : "people are masked";
  at("people").classList.toggle("shown", feed.people_shown);
  at("dropped").textContent = feed.dropped ? `${feed.dropped} older ones are not kept.` : "";
  show();
}

async function show() {
  const number = wanted() ?? list.shown()[0]?.number ?? null;
  list.current = number;
  list.draw();
  document.body.classList.toggle("chosen", wanted() !== null);
  if (number === null) return draw(null, [nothing()]);
  if (drawn === number) return;
  let entry = fetched.get(number);
  if (!entry) {
    const answer = await fetch(`entries/${number}.json`).catch(() => null);
    if (!answer || number !== list.current) return;
    if (!answer.ok) return draw(null, [make("p", { class: "quiet" }, "This request is not kept any more.")]);
    entry = await answer.json();
    fetched.set(number, entry);
    if (fetched.size > KEPT) fetched.delete(fetched.keys().next().value);
    // Another one may have been chosen meanwhile.
    if (number !== list.current) return;
  }
  document.title = `${nameOf(entry.summary)} ${entry.summary.status} – Inspector`;
  draw(number, detailOf(entry, back));
}

function draw(number, parts) {
  drawn = number;
  const focused = at("detail").contains(document.activeElement);
  at("detail").replaceChildren(...parts);
  if (focused) at("detail").focus();
  at("detail").scrollTop = 0;
}

function nothing() {
  return make("div", { class: "nothing" }, make("h2", {}, "No request yet"),
    make("p", {}, "Call one of the endpoints that ", make("code", {}, "serve"), " printed, or let ",
      make("code", {}, "talkdesk-bridge simulate"), " call them all. Every request appears here by itself."));
}

function back() {
  const number = list.current;
  history.pushState(null, "", location.pathname);
  document.body.classList.remove("chosen");
  at("list").querySelector(`[data-number="${number}"]`)?.focus();
}

addEventListener("hashchange", async () => {
  if (wanted() === null && location.hash) return;
  await show();
  if (entering || !seesBoth()) at("detail").focus();
  entering = false;
});
addEventListener("popstate", () => { if (!location.hash) show(); });
addEventListener("keydown", (event) => {
  const inList = at("list").contains(document.activeElement);
  if (event.key === "Escape" && !inList) back();
  if ((event.key === "ArrowRight" || event.key === "Enter") && inList) {
    event.preventDefault();
    const number = document.activeElement.dataset.number;
    entering = wanted() !== Number(number);
    if (entering) location.hash = number;
    else at("detail").focus();
  }
});
at("skip").addEventListener("click", (event) => { event.preventDefault(); at("detail").focus(); });
at("filter").addEventListener("change", () => { list.filter = at("filter").value; drawn = null; show(); });

ask();
