// One version beside the champion of its day: the same blind rows, each task's score with its interval, every label.
import { h, icon, ICONS, name, say } from "../shell/dom.js";
import { plain, primary } from "../shell/form.js";
import { number, t, when } from "../shell/language.js";
import { notice } from "../shell/notice.js";
import { panel } from "../shell/panel.js";
import { covers } from "../shell/places.js";
import { changeChampion } from "./champion.js";
import { gateWords } from "./gate.js";
import { labelTable } from "./labels.js";

const score = (value) => number(value, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
const signed = (value) => number(value, { minimumFractionDigits: 3, maximumFractionDigits: 3, signDisplay: "exceptZero" }).replace("-", "−");

export function comparison(page, version, champion) {
  const whole = panel(null, heading(page, version, champion), about(version), gateWords(version));
  whole.classList.add("wb-comparison");
  const { needed } = page.training.material;
  if (!version.contests.length) whole.append(notice("warn", "models_not_compared"));
  for (const contest of version.contests) whole.append(task(version, contest, needed, version.contests.length > 1));
  return whole;
}

function heading(page, version, champion) {
  const is = version.version === champion;
  const title = h("div.wb-row", {}, say(h("h2"), "models_version", { version: version.version }), is ? say(h("span.wb-chip.is-champion"), "models_champion") : null);
  // Against the gate one may, but it is not the obvious thing to do.
  const promote = (version.verdict === "promote" ? primary : plain)("models_promote", (event) => changeChampion(page, version, event.currentTarget));
  const actions = [runLink(version), !is && covers(page.me.role, "admin") ? promote : null];
  return h("div.wb-panel-head", {}, title, h("div.wb-row", {}, ...actions.filter(Boolean)));
}

function runLink({ run_url: url }) {
  if (!url) return null;
  const link = h("a.wb-button.wb-with-icon", { href: url, target: "_blank", rel: "noopener noreferrer" }, icon(ICONS.external), say(h("span"), "models_in_mlflow"));
  return name(link, "title", "models_in_mlflow_hint");
}

function about({ recipe, person, created_at: created, snapshot }) {
  const parts = [recipe, created && when(created), person, snapshot && t("models_snapshot", { snapshot: snapshot.slice(0, 8) })];
  return h("p.wb-quiet", { title: snapshot || null }, parts.filter(Boolean).join(" · "));
}

function task(version, contest, needed, several) {
  const { rows, ours, against } = contest;
  const title = several ? say(h("h3"), `models_task_title_${contest.task}`) : null;
  if (!rows) return h("div.wb-contest", {}, title, notice("warn", "models_no_blind_rows", { needed }));
  const theirs = against ? t("models_theirs", { version: against }) : t("models_commonest");
  return h(
    "div.wb-contest", {},
    title,
    rows < needed ? notice("warn", "models_few_blind_rows", { n: rows, needed }) : null,
    h(
      "div.wb-model-scores", {},
      figure(t("models_ours", { version: version.version }), ours, "is-ours"),
      figure(theirs, contest.theirs, "is-theirs"),
      difference(contest.difference),
    ),
    say(h("p.wb-quiet"), "models_measured", { n: rows, measure: t(`models_measure_${contest.measure}`) }),
    labelTable(contest),
  );
}

// The score, and where it may really lie: the band is the 95 % interval on a line from 0 to 1.
function figure(title, { value, low, high }, look) {
  const band = h("i");
  band.style.left = `${100 * low}%`;
  band.style.width = `${100 * (high - low)}%`;
  const mark = h("u");
  mark.style.left = `${100 * value}%`;
  return h(
    `div.wb-model-score.${look}`, {},
    h("span", {}, title),
    h("b", {}, score(value)),
    h("div.wb-band", { "aria-hidden": "true" }, band, mark),
    h("span.wb-quiet", {}, t("models_interval", { low: score(low), high: score(high) })),
  );
}

function difference({ value, low, high }) {
  const look = low > 0 ? "is-better" : high < 0 ? "is-worse" : "is-even";
  return h(
    `div.wb-model-score.${look}`, {},
    say(h("span"), "models_difference"),
    h("b", {}, signed(value)),
    say(h("span.wb-quiet"), `models_difference_${look.slice(3)}`),
    h("span.wb-quiet", {}, t("models_interval", { low: signed(low), high: signed(high) })),
  );
}
