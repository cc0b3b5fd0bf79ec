// The page of changes, newest first: what was changed by whom, and what became of it.
import { ask } from "../shell/api.js";
import { h, say } from "../shell/dom.js";
import { act, field, input, plain, select } from "../shell/form.js";
import { has, t, when } from "../shell/language.js";
import { openPage } from "../shell/page.js";
import { panel } from "../shell/panel.js";
import { table } from "../shell/table.js";

const SHORT = 60;
const MOST_LINES = 200;

export const start = (element) => openPage(element, { page: "audit", role: "admin", needsProject: false, paint });

async function paint({ main, projects }) {
  const wanted = new URLSearchParams(location.search);
  const project = select([{ value: "", key: "audit_all_projects" }, ...projects.map(({ name }) => ({ value: name, text: name }))], wanted.get("of") ?? "");
  const person = input({ value: wanted.get("by") ?? "", type: "search", maxlength: 255 });
  const list = h("div.wb-form.wb-changes");
  const fill = () => show(list, { project: project.value, person: person.value.trim() });
  for (const control of [project, person]) control.addEventListener("change", fill);
  main.append(panel(null, h("div.wb-fields", {}, field({ label: "audit_project" }, project), field({ label: "audit_person" }, person)), list));
  await fill();
}

async function show(list, filter) {
  remember(filter);
  let rows = [];
  const older = plain("audit_older", () => act(older, () => more(rows.at(-1).id)));
  const more = async (before) => {
    const found = await ask(`api/audit?${query({ ...filter, before })}`);
    rows = [...rows, ...found.changes];
    list.replaceChildren(table({ caption: "nav_audit", columns: COLUMNS, rows, empty: "audit_none" }), ...(found.more ? [h("div.wb-row", {}, older)] : []));
  };
  await more(null);
}

const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value));

// The filter stands in the address, so that it can be sent to somebody.
function remember({ project, person }) {
  const kept = new URLSearchParams(location.search);
  for (const [key, value] of [["of", project], ["by", person]]) value ? kept.set(key, value) : kept.delete(key);
  history.replaceState(null, "", `?${kept}`);
}

const COLUMNS = [
  { key: "at", title: "audit_when", cell: (row) => h("time", { datetime: row.at }, when(row.at)) },
  { key: "person", title: "audit_who", cell: (row) => h("span", { "data-given": true }, row.person) },
  { key: "action", title: "audit_what", cell: what },
  { key: "change", title: "audit_change", wide: true, cell: change },
];

function what({ action, project, subject }) {
  const key = `audit_action_${action.replaceAll(".", "_")}`;
  const named = has(key) ? say(h("div"), key) : h("div", {}, action);
  return h("div", {}, named, h("div.wb-quiet", { "data-given": true }, [project, subject].filter(Boolean).join(" · ")));
}

function change({ old, new: now }) {
  const [before, after] = [old, now].map(lines);
  if (before.length <= 1 && after.length <= 1 && (before[0] ?? "").length + (after[0] ?? "").length <= 2 * SHORT) {
    return h("div", { "data-given": true }, before.length ? h("del", {}, before[0]) : null, before.length && after.length ? " → " : null, after.length ? h("ins", {}, after[0]) : null);
  }
  const gone = without(before, after);
  const come = without(after, before);
  const summary = h("summary", {}, t("audit_lines", { gone: gone.length, come: come.length }));
  const shown = [...gone.map((line) => h("del", {}, line)), ...come.map((line) => h("ins", {}, line))].slice(0, MOST_LINES);
  return h("details", {}, summary, h("pre.wb-difference", { "data-given": true }, ...shown.flatMap((line) => [line, "\n"])));
}

// Any JSON value as lines that can be told apart: a text by its own lines, an object by the path of each value.
function lines(value) {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") return value.split("\n");
  if (typeof value !== "object") return [String(value)];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = inner?.name ?? key;
    const below = lines(inner !== null && typeof inner === "object" && "name" in inner ? rest(inner) : inner);
    return below.length ? below.map((line) => `${place}: ${line}`) : [String(place)];
  });
}

const rest = ({ name: _name, ...others }) => others;

// What `some` has that `others` lack, line by line, each as often as it is missing.
function without(some, others) {
  const left = new Map();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return some.filter((line) => {
    const n = left.get(line) ?? 0;
    left.set(line, n - 1);
    return n <= 0;
  });
}
