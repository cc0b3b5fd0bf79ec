// The sources of proposals: how much each has said, how sure it was, and how often people agree.
import { ask } from "../shell/api.js";
import { h, say } from "../shell/dom.js";
import { number, percent } from "../shell/language.js";
import { errorLine } from "../shell/notice.js";
import { panel } from "../shell/panel.js";
import { table } from "../shell/table.js";
import { money, stageKey } from "./words.js";

// The table comes at once, what people say of each when it is there: to compare a large project takes a second.
export function sourcesPanel({ sources }, path) {
  const place = h("div.wb-form", { "aria-busy": "true" }, sourcesTable(sources, () => "…"));
  const card = panel("proposals_sources", say(h("p.wb-quiet"), "proposals_sources_hint"), place);
  card.classList.add("is-wide");
  compare(place, sources, path);
  return card;
}

async function compare(place, sources, path) {
  try {
    const found = new Map((await ask(`${path}/agreement`, { patient: true })).map((one) => [one.source, one]));
    place.replaceChildren(sourcesTable(sources, ({ source }) => agreed(found.get(source))));
  } catch (error) {
    place.append(errorLine(error));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

function sourcesTable(sources, agreement) {
  const columns = [
    { key: "source", title: "proposals_source", wide: true, cell: (row) => h("div", {}, h("span", { "data-given": true }, row.source), " ", say(h("span.wb-chip.wb-chip-stage"), stageKey(row.stage))) },
    { key: "proposed", title: "proposals_proposed", numeric: true, cell: (row) => number(row.proposed) },
    { key: "off_list", title: "proposals_off_list", numeric: true, cell: (row) => number(row.off_list) },
    { key: "mean_score", title: "proposals_mean", numeric: true, cell: (row) => (row.mean_score === null ? "–" : percent(row.mean_score)) },
    { key: "agreement", title: "proposals_agreement", numeric: true, cell: agreement },
    { key: "cost", title: "proposals_cost", numeric: true, cell: (row) => (row.cost ? money(row.cost) : "–") },
  ];
  return table({ caption: "proposals_sources", columns, rows: sources, empty: "proposals_none" });
}

// Only blind answers say how good a source is.
function agreed(source) {
  const shown = source?.blind?.n ? [source.blind, source.blind.share] : source?.blind_tags?.n ? [source.blind_tags, source.blind_tags.jaccard] : null;
  if (shown === null) return "–";
  const [{ low, high, n }, share] = shown;
  return h("div", {}, h("b", {}, percent(share)), h("div.wb-quiet", {}, `${percent(low)}–${percent(high)} · n = ${number(n)}`));
}
