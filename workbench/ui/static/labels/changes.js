// What differs between two label sets, as a list that people read.
import { h, say } from "../shell/dom.js";

const ORDER = ["removed", "added", "changed", "moved"];

export function changeList(changes) {
  if (!changes.length) return say(h("p.wb-quiet"), "labels_changes_none");
  const groups = ORDER.map((kind) => [kind, gathered(changes.filter((change) => change.kind === kind))]).filter(([, found]) => found.length);
  return h("div.wb-changes", {}, ...groups.flatMap(([kind, found]) => [say(h("h3"), `labels_changes_${kind}`), h("ul", {}, ...found.map(changeLine))]));
}

// A category that comes or goes takes its tags with it: they are counted on its line.
export function gathered(changes) {
  const whole = new Set(changes.filter(({ section }) => section === null).map(({ name }) => name));
  const withIt = (change) => change.section !== null && change.kind !== "changed" && whole.has(change.section);
  return changes.filter((change) => !withIt(change)).map((change) =>
    ({ ...change, tags: change.section === null ? changes.filter((other) => withIt(other) && other.section === change.name).length : 0 }));
}

function changeLine(change) {
  const line = h("li", { class: `is-${change.kind}` }, label(change));
  if (change.tags) line.append(" ", say(h("span.wb-chip"), "labels_with_tags", { n: change.tags }));
  if (change.fields.length) line.append(" ", ...change.fields.map((field) => say(h("span.wb-chip"), `labels_field_${field}`)));
  if (change.answers) line.append(" ", say(h("span.wb-chip.is-warn"), "labels_uses_answers", { n: change.answers }));
  if (change.proposals) line.append(" ", say(h("span.wb-chip.is-warn"), "labels_uses_proposals", { n: change.proposals }));
  return line;
}

// A tag stands behind its category; a list that was put in another order has no name of its own.
function label({ name, section }) {
  const of = section === null ? null : section === "" ? say(h("span"), "labels_anyone") : h("span", { "data-given": true, dir: "auto" }, section);
  if (!name) return h("span", {}, say(h("span"), section === null ? "labels_order_categories" : "labels_order_tags"), of ? ": " : null, of);
  return h("span", {}, of, of ? " / " : null, h("strong", { "data-given": true, dir: "auto" }, name));
}
