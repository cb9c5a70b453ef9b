// Rows of the CRM beside what became of them, and an action's inputs beside what was sent.
import { fold, make, marked, tree } from "./make.js";

/** The section of one kind of rows. */
export function rowsOf(group) {
  if (!group.rows.length) return make("p", { class: "quiet" }, "None.");
  const action = group.kind === "action";
  const parts = [make("p", { class: "quiet" }, counted(group))];
  if (group.where) parts.push(make("p", { class: "quiet" }, "where ", make("code", {}, group.where)));
  const notes = readers(group.fields);
  const list = make("div", { class: "pairs" });
  const draw = (only) => {
    const rows = group.rows.filter((row) => !only || row.why);
    list.replaceChildren(...rows.map((row, index) => pair(row, group, notes, index === 0 && !only, action)));
  };
  const odd = group.rows.filter((row) => row.why).length;
  if (odd && odd < group.rows.length) {
    const box = make("input", { type: "checkbox", onchange: () => draw(box.checked) });
    parts.push(make("p", {}, make("label", { class: "only" }, box, ` only the ${odd} that are not in the answer`)));
  }
  draw(false);
  parts.push(list);
  if (group.more) parts.push(make("p", { class: "quiet" }, `${group.more} more are not shown.`));
  return parts;
}

function counted(group) {
  if (group.kind === "action") return group.sent ? "What was sent, beside what was filled in." : "Nothing was sent.";
  const say = [`${group.sent} in the answer`];
  if (group.left) say.push(`${group.left} not in it`);
  return say.join(" · ");
}

/** Paths of the row, each with the fields that read it. */
function readers(fields) {
  const notes = new Map();
  for (const field of fields) {
    for (const read of field.reads) {
      const path = read.startsWith("row.") ? read.slice(4) : read === "contact.id" ? "meta.contact_external_id" : read;
      const known = notes.get(path) ?? [];
      if (!known.includes(field.field)) notes.set(path, [...known, field.field]);
    }
  }
  return notes;
}

function pair(row, group, notes, open, action) {
  const title = row.made?.name ?? row.made?.subject ?? "";
  const mark = row.made ? row.row ? null : "no row" : group.kind === "action" ? "not sent" : "not in the answer";
  const head = [
    make("span", { class: "pair-id" }, row.id === null ? "no id" : String(row.id)),
    make("span", { class: "pair-title" }, typeof title === "string" ? title : ""),
    mark ? make("span", { class: "mark" }, mark) : null,
  ];
  return fold({ class: row.why ? "pair odd" : "pair" }, head, () => [
    row.why ? make("p", { class: "why" }, marked(row.why)) : null,
    make("div", { class: "beside" },
      make("div", {}, make("h4", {}, titleOf(row, action)), made(row, group)),
      make("div", {}, make("h4", {}, action ? "Filled in" : fromCall(row)),
        row.row ? tree(row.row, notes) : make("p", { class: "quiet" }, "not found"))),
  ].filter(Boolean), open);
}

function titleOf(row, action) {
  if (!row.made) return "By the manifest";
  return action ? "Sent to the CRM" : "Talkdesk gets";
}

function fromCall(row) {
  return row.call === undefined ? "The CRM's row" : `The CRM's row, from call ${row.call + 1}`;
}

/** The fields with their values, each above its template. */
function made(row, group) {
  const rows = group.fields.map((field) => {
    const value = at(row.made ?? undefined, field.field);
    return make("tr", {}, make("th", { scope: "row" }, field.field), make("td", {},
      row.made && (value === undefined ? make("span", { class: "json-empty" }, "left out") : shown(value)),
      field.templates.map((template) => make("code", { class: "template" }, template))));
  });
  return make("table", { class: "facts made" }, make("tbody", {}, rows));
}

function shown(value) {
  const lines = Array.isArray(value) && value.every((one) => one === null || typeof one !== "object");
  if (lines && value.length) return make("ul", { class: "lines" }, value.map((one) => make("li", {}, String(one))));
  return make("div", {}, tree(value));
}

/** The value at a path such as `data.0.Owner`. */
function at(value, path) {
  if (value === null || value === undefined) return undefined;
  if (path in Object(value)) return value[path];
  return path.split(".").reduce((inside, key) => (inside === null || inside === undefined ? undefined : inside[key]),
    value);
}
