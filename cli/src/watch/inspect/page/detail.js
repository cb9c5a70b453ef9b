// One request: what came of it, where the run stands, rows, calls, Talkdesk's side, the log.
import { fold, make, marked, plain, table, tree } from "./make.js";
import { nameOf, statusOf } from "./list.js";
import { rowsOf } from "./rows.js";

/** The parts of the page for a request. `back` leads to the list where both do not fit beside each other. */
export function detailOf(entry, back) {
  const { summary } = entry;
  const sections = [
    entry.refusal && ["Refused", () => refusal(entry)],
    entry.came && ["Place", () => places(entry)],
    ...entry.rows.map((group) => [titleOf(group), () => rowsOf(group)]),
    [`Calls to the CRM (${summary.calls})`, () => calls(entry)],
    ["Talkdesk", () => talkdesk(entry)],
    entry.log.length > 0 && [`Log (${entry.log.length})`, () => log(entry)],
  ].filter(Boolean);
  const drawn = sections.map(([title, inside], index) => make("section", { "aria-labelledby": `part-${index}` },
    make("h3", { id: `part-${index}`, tabindex: "-1" }, title), inside()));
  const jump = sections.map(([title], index) => make("button", {
    type: "button", onclick: () => document.getElementById(`part-${index}`).focus(),
  }, title));
  return [
    make("header", { class: "head" },
      make("button", { type: "button", class: "back", onclick: back }, "← Requests"),
      make("h2", {}, nameOf(summary), " ", statusOf(summary.status)),
      make("p", { class: "says" }, summary.says),
      make("p", { class: "quiet" }, make("code", {}, `POST ${summary.path}`),
        ` · ${new Date(summary.at).toLocaleString([], { hour12: false })} · ${summary.ms} ms`
        + (summary.calls ? `, calls ${summary.crm_ms} ms` : "")),
      make("nav", { class: "jump", "aria-label": "Parts of the request" }, jump)),
    ...drawn,
  ];
}

function titleOf(group) {
  if (group.kind === "action") return "What was sent";
  const all = group.rows.length + group.more;
  return `${group.kind[0].toUpperCase()}${group.kind.slice(1)} rows (${all})`;
}

function refusal({ refusal }) {
  return make("div", { class: "refusal" },
    make("p", {}, make("code", { class: "class" }, refusal.class ?? "unknown"), " ", refusal.message),
    refusal.what_to_do ? make("p", {}, make("strong", {}, "What to do: "), marked(refusal.what_to_do)) : null,
    refusal.again ? make("p", {}, "It may pass by itself: try again a little later.") : null);
}

function places(entry) {
  return make("div", { class: "beside" },
    side("Talkdesk came with", entry.came, "Nothing: an initial synchronization begins."),
    side("Talkdesk was given", entry.handed_out, "Nothing: the request failed."));
}

function side(title, places, nothing) {
  const { checkpoint, place } = places;
  if (!checkpoint && !place) return make("div", {}, make("h4", {}, title), make("p", {}, nothing));
  return make("div", {}, make("h4", {}, title),
    place ? decoded("Next page", place) : make("p", { class: "quiet" }, "No offset: a run begins or is complete."),
    checkpoint ? decoded("Checkpoint", checkpoint) : null);
}

function decoded(title, told) {
  return make("div", { class: "decoded" }, make("h5", {}, title), make("p", {}, told.says),
    told.facts.length ? fold({}, "details", () => [table(told.facts, title)], false) : null);
}

function calls(entry) {
  if (!entry.calls.length) return make("p", { class: "quiet" }, "None: it was answered without the CRM.");
  const bad = (call) => call.answer.fault || call.answer.status >= 400;
  const drawn = entry.calls.map((call, index) => fold({ class: bad(call) ? "call odd" : "call" },
    [make("span", { class: "call-number" }, `${index + 1}`), make("span", { class: "method" }, call.method),
      make("code", { class: "call-path" }, pathOf(call.url)),
      call.answer.fault ? make("span", { class: "status bad" }, "no answer") : statusOf(call.answer.status),
      make("span", { class: "ms" }, `${call.ms} ms`)],
    () => exchange(call), bad(call) || entry.calls.length === 1));
  if (entry.more_calls) drawn.push(make("p", { class: "quiet" }, `${entry.more_calls} more calls are not shown.`));
  return drawn;
}

function pathOf(url) {
  const rest = url.replace(/^[a-z]+:\/\//, "");
  return rest.includes("/") ? rest.slice(rest.indexOf("/")) : "/";
}

function exchange(call) {
  const { answer } = call;
  const sent = [
    make("p", {}, make("code", { class: "url" }, call.url)),
    part("Query", table(call.query, "Query")),
    part("Headers", table(call.headers, "Headers, without credentials")),
    call.body === null ? null : part("Body", tree(call.body)),
  ];
  const got = answer.fault
    ? [make("p", { class: "why" }, answer.fault)]
    : [part("Headers", table(answer.headers, "Headers of the answer")),
      answer.body === null ? make("p", { class: "quiet" }, "no body") : part("Body", tree(answer.body))];
  return make("div", { class: "beside" },
    make("div", {}, make("h4", {}, "Asked"), sent),
    make("div", {}, make("h4", {}, answer.fault ? "No answer"
      : `Answered ${answer.status}, ${answer.bytes.toLocaleString("en")} bytes`), got));
}

function part(title, content) {
  return content ? make("div", {}, make("h5", {}, title), content) : null;
}

function talkdesk(entry) {
  return make("div", { class: "beside" },
    make("div", {}, make("h4", {}, "Asked"), tree(entry.request)),
    make("div", {}, make("h4", {}, `Answered ${entry.summary.status}`), tree(entry.response)));
}

function log(entry) {
  return make("ul", { class: "log" }, entry.log.map((line) => make("li", {},
    make("span", { class: `level ${line.level}` }, line.level), " ", make("strong", {}, line.message), " ",
    line.fields.map(([name, value]) => make("span", { class: "field" }, `${name}=${plain(value)} `)))));
}
