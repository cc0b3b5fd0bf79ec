// What a model on this machine would have to do for a stage and for how long, or why it cannot.
import { h, say } from "../shell/dom.js";
import { t } from "../shell/language.js";
import { inWords } from "../shell/phrases.js";

const HOUR = 3600;
// From here on hours say enough.
const IN_MINUTES = 1.5 * HOUR;

export function effortOf({ effort }, isSlow) {
  const pairs = t("proposals_pairs", { n: effort.pairs });
  if (effort.seconds === null) return h("div.wb-quiet", {}, say(h("div"), "proposals_effort_unknown", { pairs }));
  const how = effort.measured ? "proposals_effort_measured" : "proposals_effort_estimated";
  const lines = [say(h("div.wb-quiet"), how, { pairs, time: timeOf(effort.seconds), where: t(`proposals_on_${effort.device}`) })];
  if (isSlow) lines.push(say(h("div.wb-effort-slow"), effort.device === "cpu" ? "proposals_slow_cpu" : "proposals_slow_cuda"));
  return h("div", {}, ...lines);
}

// Why the model that is set cannot be used, in the server's words.
export const refusalOf = ({ lack, note }) => h("div", {}, say(h("div.wb-effort-slow"), `proposals_lack_${lack}`), h("div.wb-quiet", {}, inWords(note)));

function timeOf(seconds) {
  if (seconds < 60) return t("proposals_time_seconds");
  if (seconds < IN_MINUTES) return t("proposals_time_minutes", { minutes: Math.round(seconds / 60) });
  return t("proposals_time_hours", { hours: Math.round(seconds / HOUR) });
}
