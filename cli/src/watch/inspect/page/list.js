// The list of requests: links, of which one is in the order of Tab and the others are reached by arrow keys.
import { make } from "./make.js";

const NAMES = {
  contacts: "Contacts", agents: "Agents", interactions: "Interactions", auth_validation: "Validation",
};

/** What a request is called. */
export function nameOf(entry) {
  if (entry.component !== "actions") return NAMES[entry.component] ?? entry.component;
  return entry.path.split("/").pop().replaceAll("_", " ");
}

/** A status with a word for those who do not see its colour. */
export function statusOf(status) {
  const good = status < 400;
  return make("span", { class: good ? "status good" : "status bad" }, good ? `${status}` : `${status} refused`);
}

export class List {
  /** `choose` is called with a number when a request is chosen by keys. */
  constructor(element, count, choose) {
    this.element = element;
    this.count = count;
    this.choose = choose;
    this.entries = [];
    this.filter = "";
    this.current = null;
    element.addEventListener("keydown", (event) => this.key(event));
  }

  shown() {
    return this.entries.filter((entry) =>
      !this.filter || (this.filter === "refused" ? entry.status >= 400 : entry.component === this.filter));
  }

  /** Draws the list anew; what had the focus has it afterwards. */
  draw() {
    const focused = this.element.contains(document.activeElement) && document.activeElement.dataset.number;
    const shown = this.shown();
    const stop = shown.some((entry) => entry.number === this.current) ? this.current : shown[0]?.number;
    this.element.replaceChildren(...shown.map((entry) => this.item(entry, entry.number === stop)));
    const whole = this.entries.length;
    this.count.textContent = shown.length === whole ? `${whole}` : `${shown.length} of ${whole}`;
    if (focused) this.element.querySelector(`[data-number="${focused}"]`)?.focus();
  }

  item(entry, stop) {
    const time = new Date(entry.at).toLocaleTimeString([], { hour12: false });
    const calls = entry.calls === 1 ? "1 call" : `${entry.calls} calls`;
    return make("li", {}, make("a", {
      href: `#${entry.number}`, class: entry.status < 400 ? "item" : "item refused", tabindex: stop ? "0" : "-1",
      "data-number": entry.number, "aria-current": entry.number === this.current ? "true" : null,
    },
    make("span", { class: "item-head" }, make("strong", {}, nameOf(entry)), statusOf(entry.status)),
    make("span", { class: "item-says" }, entry.says),
    make("span", { class: "item-foot" }, make("time", { datetime: entry.at }, time),
      `${calls} · ${entry.ms} ms`)));
  }

  key(event) {
    const shown = this.shown();
    const at = shown.findIndex((entry) => String(entry.number) === document.activeElement.dataset?.number);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (to === undefined || !shown[to] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.choose(shown[to].number);
    this.element.querySelector(`[data-number="${shown[to].number}"]`)?.focus();
  }
}
