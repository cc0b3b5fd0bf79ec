// Proposals: what each stage has settled, how well it agrees with people, and a run that says its price first.
import { jobLink } from "../jobs/link.js";
import { effortOf, refusalOf } from "../proposals/effort.js";
import { guaranteePanel } from "../proposals/guarantee.js";
import { opinionsPanel } from "../proposals/opinions.js";
import { sourcesPanel } from "../proposals/sources.js";
import { spotCheckPanel } from "../proposals/spot_check.js";
import { money, stageKey } from "../proposals/words.js";
import { ask } from "../shell/api.js";
import { confirmed } from "../shell/dialog.js";
import { h, icon, ICONS, say } from "../shell/dom.js";
import { emptyState } from "../shell/empty.js";
import { act, checkbox, field, input, plain, primary, round } from "../shell/form.js";
import { hasEnded, jobCard, watchJob } from "../shell/jobs.js";
import { number, percent, t } from "../shell/language.js";
import { openPage } from "../shell/page.js";
import { panel } from "../shell/panel.js";
import { covers, linkTo } from "../shell/places.js";
import { table } from "../shell/table.js";

// Files bring these; there is nothing to run.
const FROM_FILES = "import";

export const start = (element) => openPage(element, { page: "proposals", role: "reviewer", paint });

async function paint({ main, head, me, project, kind, repaint }) {
  const path = `api/proposals/${encodeURIComponent(project)}`;
  const [done, { jobs }] = await Promise.all([ask(path), ask(`api/jobs?project=${encodeURIComponent(project)}`)]);
  if (!done.records) return main.replaceChildren(emptyState("proposals_no_records", { project }, { href: linkTo("data", project), mark: "data" }));
  head.append(round("refresh", icon(ICONS.refresh), repaint));
  const going = jobs.filter((job) => job.kind === "propose" && !hasEnded(job));
  const may = covers(me.role, "admin");
  const run = runPanel({ path, done, going, may, repaint });
  // A project of tags alone has no category to promise or to weigh.
  const ofCategories = kind === "tags" ? [] : [guaranteePanel({ path, may, repaint }), opinionsPanel(path)];
  const check = spotCheckPanel({ path, project, may });
  return main.replaceChildren(h("div.wb-cards", {}, settledPanel(done), run, llmPanel(done.llm), ...ofCategories, check, sourcesPanel(done, path)));
}

// — what is settled —

function settledPanel(done) {
  const total = Object.values(done.settled).reduce((sum, count) => sum + count, 0);
  const rows = [...done.order.filter((stage) => stage !== FROM_FILES), ...Object.keys(done.settled).filter((stage) => !done.order.includes(stage))];
  const left = { stage: null, count: done.records - total };
  const lines = [...rows.map((stage) => ({ stage, count: done.settled[stage] ?? 0 })), left];
  const card = panel("proposals_settled", say(h("p.wb-quiet"), "proposals_settled_hint"), h("ol.wb-cascade", {}, ...lines.map((line) => settledLine(line, done))));
  card.classList.add("is-wide");
  return card;
}

function settledLine({ stage, count }, { records, thresholds, lacks }) {
  const fill = h("i");
  fill.style.width = percent(records ? count / records : 0);
  const title = stage === null ? say(h("strong"), "proposals_unsettled") : say(h("strong"), stageKey(stage));
  const from = stage === null ? say(h("span.wb-quiet"), "proposals_unsettled_hint") : lacks[stage] ? say(h("span.wb-cascade-lack"), `proposals_lack_${lacks[stage]}`) : say(h("span.wb-quiet"), "proposals_from", { share: percent(thresholds[stage]) });
  return h(stage === null ? "li.is-left" : "li", {}, h("div.wb-cascade-name", {}, title, from), h("span.wb-cascade-bar", { "aria-hidden": "true" }, fill),
    h("span.wb-cascade-count", {}, h("b", {}, number(count)), h("span.wb-quiet", {}, percent(records ? count / records : 0))));
}

// — a run —

function runPanel({ path, done, going, may, repaint }) {
  const boxes = done.stages.filter((stage) => stage !== FROM_FILES).map((stage) => ({ stage, box: checkbox({ label: stageKey(stage), checked: done.order.includes(stage), value: stage }) }));
  const own = checkbox({ label: "proposals_own_order", checked: true });
  const choice = h("div.wb-row", { hidden: true, role: "group", "aria-label": t("proposals_stages") }, ...boxes.map(({ box }) => box));
  own.control.addEventListener("change", () => { choice.hidden = own.control.checked; });
  const limit = input({ type: "number", min: 1, step: 1 });
  const result = h("div.wb-form", { "aria-live": "polite" });
  const running = h("div.wb-form");
  const body = () => ({
    stages: own.control.checked ? null : boxes.filter(({ box }) => box.control.checked).map(({ stage }) => stage),
    limit: limit.value ? Number(limit.value) : null,
  });
  const price = plain("proposals_price", () => act(price, async () => showPrice(result, await ask(`${path}/price`, { body: body(), patient: true }))));
  const go = may && primary("proposals_run", () => act(go, () => startRun(path, body(), { result, running, repaint })));
  const hint = may ? null : say(h("p.wb-quiet"), "proposals_admin_only");
  for (const job of going) watch(job.id, running, repaint);
  return panel("proposals_new_run", h("div.wb-form", {}, own, choice, field({ label: "proposals_limit", hint: "proposals_limit_hint" }, limit), hint, h("div.wb-row", {}, price, go || null)), result, running);
}

async function startRun(path, body, { result, running, repaint }) {
  const plan = await ask(`${path}/price`, { body, patient: true });
  const costs = plan.stages.some((stage) => stage.runs && stage.requests > stage.cached);
  const words = { records: plan.records, cost: plan.cost === null ? t("proposals_cost_unknown") : money(plan.cost) };
  if (costs && !(await confirmed("proposals_agree", words, "proposals_run", { details: [priceTable(plan)] }))) return;
  const { job } = await ask(`${path}/runs`, { body });
  result.replaceChildren();
  watch(job, running, repaint);
}

function watch(id, place, repaint) {
  const card = h("div.wb-form");
  place.append(card);
  const stop = watchJob(id, (job) => {
    // Painted anew since, the page watches for itself.
    if (!card.isConnected) return stop();
    card.replaceChildren(jobCard(job), jobLink(id));
    return job.state === "done" ? repaint() : undefined;
  });
}

function showPrice(result, plan) {
  const total = say(h("p"), "proposals_total", { records: number(plan.records), texts: number(plan.texts), cost: plan.cost === null ? t("proposals_cost_unknown") : money(plan.cost) });
  result.replaceChildren(total, priceTable(plan), ...(plan.cost === null ? [say(h("p.wb-warning"), "proposals_price_unknown")] : []));
}

function priceTable({ stages, slow }) {
  const columns = [
    { key: "stage", title: "proposals_stage", cell: (row) => say(h("span.wb-stage-name"), stageKey(row.stage)) },
    { key: "texts", title: "proposals_texts", numeric: true, cell: (row) => (row.runs ? number(row.texts) : "–") },
    { key: "requests", title: "proposals_requests", numeric: true, cell: (row) => (row.runs && row.requests ? number(row.requests - row.cached) : "–") },
    { key: "cost", title: "proposals_cost", cell: (row) => cost(row, slow.includes(row.stage)) },
  ];
  return table({ caption: "proposals_price", columns, rows: stages });
}

function cost(row, isSlow) {
  if (!row.runs) return row.lack === "zero_shot_model" ? refusalOf(row) : say(h("span.wb-quiet"), `proposals_lack_${row.lack}`);
  if (row.effort) return h("div", {}, t("proposals_free"), effortOf(row, isSlow));
  if (row.stage !== "llm") return say(h("span"), "proposals_free");
  const tokens = say(h("div.wb-quiet"), "proposals_tokens", { input: number(row.input_tokens), output: number(row.output_tokens), api: row.api });
  return h("div", {}, row.cost === null ? t("proposals_cost_unknown") : money(row.cost), tokens);
}

// — the language model —

function llmPanel(llm) {
  if (llm.missing) return panel("proposals_llm", say(h("p.wb-quiet"), "proposals_llm_missing", { variable: llm.missing }));
  const rows = [["proposals_llm_model", llm.model], ["proposals_llm_api", llm.api], ["proposals_llm_address", llm.address]].filter(([, value]) => value);
  return panel("proposals_llm", h("dl.wb-facts-list", {}, ...rows.flatMap(([key, value]) => [say(h("dt.wb-quiet"), key), h("dd", {}, h("code", {}, value))])));
}
