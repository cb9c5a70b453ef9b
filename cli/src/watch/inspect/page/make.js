// Makes elements. Texts only ever become text nodes: what a CRM sends is never read as HTML.

/** An element with properties and children; null children are left out. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A folded part whose inside is made when it is opened first. */
export function fold(properties, summary, inside, open = false) {
  const element = make("details", { ...properties, open }, make("summary", {}, summary));
  let made = false;
  const unfold = () => {
    if (element.open && !made) {
      made = true;
      element.append(...[inside()].flat());
    }
  };
  element.addEventListener("toggle", unfold);
  unfold();
  return element;
}

/** A table of names and values; nothing when there are none. */
export function table(pairs, label) {
  if (!pairs.length) return null;
  const rows = pairs.map(([name, value]) =>
    make("tr", {}, make("th", { scope: "row", class: name.length > 22 ? "long" : null }, name),
      make("td", {}, scalarOrTree(value))));
  return make("table", { class: "facts", "aria-label": label }, make("tbody", {}, rows));
}

function scalarOrTree(value) {
  return value !== null && typeof value === "object" ? tree(value) : plain(value);
}

/** A sentence whose words between back ticks are code. */
export function marked(text) {
  return text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

/** A value as it is said in a sentence. */
export function plain(value) {
  return value === null || value === undefined ? "null" : String(value);
}

/**
 * JSON as a tree. `notes` maps a path (`address.city`) to what is said behind its value: what reads it.
 */
export function tree(value, notes = null, path = "", depth = 0) {
  if (value === null || typeof value !== "object") return scalar(value);
  const list = Array.isArray(value);
  const entries = list ? value.map((item, index) => [index, item]) : Object.entries(value);
  if (!entries.length) return make("span", { class: "json-empty" }, list ? "[ ] empty list" : "{ } empty");
  return make("ul", { class: "json" }, entries.map(([key, item]) => {
    const below = list ? path : path ? `${path}.${key}` : String(key);
    return make("li", {}, branch(key, item, notes, below, depth, list));
  }));
}

function branch(key, item, notes, path, depth, inList) {
  const name = make("span", { class: inList ? "json-index" : "json-key" }, String(key));
  const readers = !inList && notes && readersOf(notes, path, item);
  const note = readers ? make("span", { class: "json-note" }, `→ ${readers.join(", ")}`) : null;
  if (item === null || typeof item !== "object" || !Object.keys(item).length) {
    return [name, " ", tree(item), note ? " " : null, note];
  }
  const many = Object.keys(item).length;
  const open = depth < 1 ? many <= 12 && !(Array.isArray(item) && many > 3) : many <= 8 && depth < 4;
  const hint = make("span", { class: "json-hint" }, hintOf(item));
  return fold({ class: "json-fold" }, [name, " ", hint, note ? " " : null, note],
    () => tree(item, notes, path, depth + 1), open);
}

/** What reads a value; of one that is not there also what reads something inside of it. */
function readersOf(notes, path, item) {
  if (item !== null) return notes.get(path);
  const inside = [...notes].filter(([read]) => read === path || read.startsWith(`${path}.`));
  return inside.length ? [...new Set(inside.flatMap(([, fields]) => fields))] : undefined;
}

function hintOf(item) {
  if (Array.isArray(item)) return item.length === 1 ? "1 member" : `${item.length} members`;
  const shown = ["id", "name", "subject", "title", "code", "message"].filter((key) =>
    item[key] !== null && item[key] !== undefined && typeof item[key] !== "object");
  const say = shown.slice(0, 2).map((key) => String(item[key])).join(" · ");
  return say || (Object.keys(item).length === 1 ? "1 key" : `${Object.keys(item).length} keys`);
}

function scalar(value) {
  const kind = value === null || value === undefined ? "null" : typeof value;
  if (kind === "string" && value === "") return make("span", { class: "json-empty" }, "empty text");
  return make("span", { class: `json-${kind}` }, plain(value));
}
