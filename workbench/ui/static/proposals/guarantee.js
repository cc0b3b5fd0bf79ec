// Thresholds with a guarantee: what can be promised of each stage, and taking it over.
import { ask } from "../shell/api.js";
import { confirmed } from "../shell/dialog.js";
import { h, say } from "../shell/dom.js";
import { act, field, input, plain, primary } from "../shell/form.js";
import { number, t } from "../shell/language.js";
import { panel } from "../shell/panel.js";
import { table } from "../shell/table.js";
import { stageKey } from "./words.js";

const USUAL = { precision: 95, confidence: 90 };
const share = (value, digits = 1) => `${number(100 * value, { maximumFractionDigits: digits })}%`;
// A threshold rounded up would turn away the very rows it was found on, rounded down it would promise too much.
const threshold = (value) => share(value, 2);

// `path` is that of the project's proposals; `may` whether the person may change thresholds.
export function guaranteePanel({ path, may, repaint }) {
  const wish = { precision: wished("guarantee_precision", USUAL.precision), confidence: wished("guarantee_confidence", USUAL.confidence) };
  const result = h("div.wb-form", { "aria-live": "polite" });
  const again = plain("guarantee_find", () => act(again, find));
  const promise = () => ({ precision: Number(wish.precision.control.value) / 100, confidence: Number(wish.confidence.control.value) / 100 });
  const find = async () => {
    const asked = promise();
    const report = await ask(`${path}/guarantee?precision=${asked.precision}&confidence=${asked.confidence}`, { patient: true });
    result.replaceChildren(...content(report, { path, may, repaint }));
  };
  const asking = h("div.wb-guarantee-wish", {}, wish.precision, wish.confidence, again);
  const card = panel("guarantee_title", say(h("p.wb-quiet"), "guarantee_hint"), h("div.wb-form", {}, asking), result);
  card.classList.add("is-wide");
  // The page need not wait for it; what goes wrong stands in the card.
  queueMicrotask(() => act(again, find));
  return card;
}

function wished(label, value) {
  return field({ label }, input({ type: "number", min: 50, max: 99.9, step: 0.1, value, inputmode: "decimal" }));
}

function content(report, { path, may, repaint }) {
  const facts = say(h("p.wb-quiet"), "guarantee_facts", { calibration: report.calibration, test: report.test, each: share(report.stage_confidence) });
  if (!report.stages.length) return [say(h("p.wb-quiet"), "guarantee_nothing", { rows: report.least_rows })];
  const changes = Object.keys(report.changes).length;
  const words = changes ? null : say(h("p.wb-quiet"), report.stages.some(promised) ? "guarantee_in_force" : "guarantee_none_yet");
  const take = may && changes ? primary("guarantee_take", () => act(take, () => takeOver(report, path, repaint))) : null;
  const only = changes && !may ? say(h("p.wb-quiet"), "guarantee_admin_only") : null;
  return [resultTable(report), facts, words, only, take && h("div.wb-row", {}, take)].filter(Boolean);
}

const promised = (stage) => stage.found.threshold !== null;

function resultTable(report) {
  const columns = [
    { key: "stage", title: "guarantee_stage", cell: ({ stage }) => say(h("strong.wb-guarantee-stage"), stageKey(stage)) },
    { key: "current", title: "guarantee_current", numeric: true, cell: ({ current }) => threshold(current) },
    { key: "found", title: "guarantee_found", wide: true, cell: (stage) => foundCell(stage) },
    { key: "accepted", title: "guarantee_accepts", numeric: true, cell: (stage) => accepted(stage, report) },
    { key: "test", title: "guarantee_test", numeric: true, cell: ({ test }) => tested(test) },
  ];
  return table({ caption: "guarantee_title", columns, rows: report.stages });
}

function foundCell(stage) {
  const { found } = stage;
  if (promised(stage)) {
    const low = { low: share(found.lower), right: found.right, accepted: found.accepted };
    return h("div", {}, h("b.wb-guarantee-found", {}, threshold(found.threshold)), say(h("div.wb-quiet"), "guarantee_lower", low));
  }
  if (found.missing) return h("div", {}, say(h("b.wb-guarantee-lack"), "guarantee_missing", { missing: found.missing }), say(h("div.wb-quiet"), "guarantee_have", { rows: found.rows }));
  const wrong = { wrong: found.accepted - found.right, accepted: found.accepted };
  return h("div", {}, say(h("b.wb-guarantee-lack"), "guarantee_impossible"), say(h("div.wb-quiet"), "guarantee_wrong", wrong));
}

function accepted(stage, { open }) {
  const count = h("div", {}, h("b", {}, number(stage.accepted)), open ? h("div.wb-quiet", {}, share(stage.accepted / open)) : null);
  if (!promised(stage)) count.append(say(h("div.wb-quiet"), "guarantee_unpromised"));
  return count;
}

function tested({ n, right, low, high }) {
  if (!n) return "–";
  return h("div", {}, h("b", {}, share(right / n)), h("div.wb-quiet", {}, `${share(low)}–${share(high)} · n = ${number(n)}`));
}

async function takeOver(report, path, repaint) {
  const rows = report.stages.filter(({ stage }) => stage in report.changes).map(changeLine);
  const left = report.stages.filter((stage) => !promised(stage)).map(({ stage }) => t(stageKey(stage)));
  const rest = left.length ? say(h("p.wb-warning"), "guarantee_left", { stages: left.join(", ") }) : null;
  const details = [h("ul.wb-guarantee-changes", {}, ...rows), rest].filter(Boolean);
  if (!(await confirmed("guarantee_take_sure", {}, "guarantee_take", { details }))) return;
  await ask(`${path}/guarantee`, { body: { precision: report.precision, confidence: report.confidence, thresholds: report.changes } });
  await repaint();
}

function changeLine({ stage, current, found, accepted: count }) {
  const values = { from: threshold(current), to: threshold(found.threshold), accepted: count };
  return h("li", {}, say(h("strong"), stageKey(stage)), ": ", say(h("span"), "guarantee_change", values));
}
