// Many opinions: the sources side by side, what they come to together, and what each takes for what.
import { ask } from "../shell/api.js";
import { h, say } from "../shell/dom.js";
import { field, select } from "../shell/form.js";
import { number, percent, t } from "../shell/language.js";
import { errorLine } from "../shell/notice.js";
import { panel } from "../shell/panel.js";
import { table } from "../shell/table.js";
import { confusionTable } from "./confusion.js";

// The card comes at once, its figures when they are there: to count a large project takes a second.
export function opinionsPanel(path) {
  const place = h("div.wb-opinions", { "aria-busy": "true" }, say(h("p.wb-quiet"), "loading"));
  const card = panel("opinions", place);
  card.classList.add("is-wide");
  bring(place, path);
  return card;
}

async function bring(place, path) {
  try {
    place.replaceChildren(...content(await ask(`${path}/opinions`, { patient: true })));
  } catch (error) {
    place.replaceChildren(errorLine(error));
  } finally {
    place.removeAttribute("aria-busy");
  }
}

function content(found) {
  if (found.sources.length < 2) return [say(h("p.wb-quiet"), "opinions_few_sources")];
  if (!found.records) return [say(h("p.wb-quiet"), "opinions_apart"), compared(found)];
  const { records, disagreed } = found;
  const shares = say(h("p"), "opinions_records", { n: records, disagreed, share: percent(disagreed / records) });
  const few = found.sources.length === 2 ? say(h("p.wb-warning"), "opinions_two_sources") : null;
  return [shares, say(h("p.wb-quiet"), "opinions_hint"), few, compared(found), judgedOn(found.judged), chooser(found)].filter(Boolean);
}

// — side by side —

function compared({ sources, judged, records }) {
  const rows = sources.map((one) => ({ ...one, judgement: judged?.sources[one.source] }));
  if (records && judged) rows.push({ together: "opinions_majority", judgement: judged.majority }, { together: "opinions_dawid_skene", judgement: judged.dawid_skene });
  const columns = [
    { key: "source", title: "proposals_source", cell: (row) => (row.together ? say(h("strong"), row.together) : h("span", { "data-given": true }, row.source)) },
    { key: "votes", title: "opinions_votes", numeric: true, cell: (row) => (row.together ? "–" : number(row.votes)) },
    { key: "shared", title: "opinions_shared", numeric: true, cell: (row) => (row.together ? "–" : number(row.shared)) },
    { key: "believed", title: "opinions_believed", numeric: true, cell: (row) => (row.accuracy === undefined || row.accuracy === null ? "–" : h("b", {}, percent(row.accuracy))) },
    { key: "accuracy", title: "opinions_accuracy", numeric: true, cell: ({ judgement }) => figure(judgement?.accuracy, percent) },
    { key: "weighted_f1", title: "opinions_weighted_f1", numeric: true, cell: ({ judgement }) => figure(judgement?.weighted_f1, two) },
    { key: "macro_f1", title: "opinions_macro_f1", numeric: true, cell: ({ judgement }) => figure(judgement?.macro_f1, two) },
  ];
  const shown = judged ? columns : columns.slice(0, 4);
  return table({ caption: "opinions", columns: shown, rows });
}

const two = (value) => number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const figure = (found, write) =>
  found ? h("div", {}, h("b", {}, write(found.value)), h("div.wb-quiet", {}, `${write(found.low)}–${write(found.high)}`)) : "–";

function judgedOn(judged) {
  if (judged === null) return say(h("p.wb-quiet"), "opinions_not_judged");
  const { rows, answered, left_out: left } = judged;
  const on = say(h("p.wb-quiet"), "opinions_judged", { n: rows, answered });
  const without = left.length ? h("p.wb-quiet", {}, say(h("span"), "opinions_left_out"), " ", h("span", { "data-given": true }, left.join(", "))) : null;
  return h("div.wb-opinions-judged", {}, verdict(judged.gain), on, without);
}

// Whether the estimate is worth more than counting heads.
function verdict({ value, low, high }) {
  const words = { gain: signed(value), low: signed(low), high: signed(high) };
  if (high < 0) return say(h("p.wb-warning"), "opinions_worse", words);
  return say(h("p"), low > 0 ? "opinions_better" : "opinions_even", words);
}

const signed = (value) => number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" }).replace("-", "−");

// — one source —

function chooser(found) {
  const known = found.sources.filter(({ shared }) => shared);
  const choice = select(known.map(({ source }) => ({ value: source, text: source })), known[0].source);
  const place = h("div.wb-opinions-of", { "aria-live": "polite" });
  const show = () => {
    const source = known.find((one) => one.source === choice.value);
    place.replaceChildren(confusedWords(source), confusionTable(found.labels, source));
  };
  choice.addEventListener("change", show);
  show();
  return h("div.wb-opinions-one", {}, say(h("h3"), "opinions_confusion"), say(h("p.wb-quiet"), "opinions_confusion_hint"), field({ label: "opinions_choose" }, choice), place);
}

function confusedWords({ confused }) {
  if (confused === null) return say(h("p"), "opinions_never_confused");
  const { true: label, said, share, votes } = confused;
  return h("p", { "data-given": true }, t("opinions_confused", { label, said, share: percent(share), n: Math.round(votes) }));
}
