// All versions, the newest first; one of them is looked at.
import { h, say } from "../shell/dom.js";
import { number, t } from "../shell/language.js";
import { panel } from "../shell/panel.js";
import { table } from "../shell/table.js";
import { moment } from "../jobs/words.js";
import { verdictChip } from "./gate.js";

const score = (value) => number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export function versionsPanel({ versions, champion }, chosen, onChoose) {
  const columns = [
    { key: "version", title: "models_column_version", cell: (one) => title(one, champion, chosen) },
    { key: "recipe", title: "models_column_recipe", cell: (one) => one.recipe || "–" },
    { key: "score", title: "models_column_score", cell: headlines },
    { key: "verdict", title: "models_column_verdict", cell: verdictChip },
    { key: "person", title: "models_column_person", cell: (one) => one.person || "–" },
    { key: "created_at", title: "models_column_when", cell: (one) => (one.created_at ? moment(one.created_at) : "–") },
  ];
  const whole = panel("models_versions", say(h("p.wb-quiet"), "models_versions_hint"), table({ caption: "models_versions", columns, rows: versions, onOpen: onChoose }));
  whole.classList.add("wb-model-versions");
  return whole;
}

function title({ version }, champion, chosen) {
  const mark = version === champion ? say(h("span.wb-chip.is-champion"), "models_champion") : null;
  return h("span.wb-model-version", { "aria-current": version === chosen ? "true" : null }, t("version", { version }), mark);
}

// Figures of different versions were measured on different rows, so they are only roughly comparable.
function headlines({ headlines: found }) {
  if (!found.length) return "–";
  return h("span.wb-headlines", {}, ...found.map(({ task, measure, how, figure }) =>
    h("span", { title: t(`models_how_${how}`) }, `${t(`models_measure_${measure}`)} `, h("b", {}, score(figure.value)), how === "blind" ? "" : " *")));
}
