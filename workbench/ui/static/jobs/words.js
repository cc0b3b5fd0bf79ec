// What a job did and how long it took, in words.
import { h } from "../shell/dom.js";
import { language, number, t, when } from "../shell/language.js";
import { inWords } from "../shell/phrases.js";

// One line: the error, or what came of it.
export function outcome(job) {
  if (job.error) return inWords(job.error);
  if (job.state === "cancelled" || job.result.cancelled) return t("jobs_outcome_cancelled");
  return OUTCOMES[job.kind]?.(job.result) ?? "";
}

const OUTCOMES = {
  propose: (r) => t("jobs_outcome_propose", { settled: r.settled, records: r.records, proposed: r.proposed }) + spent(r.cost),
  rescore: (r) => t("jobs_outcome_rescore", { records: r.size }),
  retrain: (r) => t(r.promoted ? "jobs_outcome_promoted" : "jobs_outcome_trained", { version: r.version, recipe: r.recipe }),
  import: (r) => t("jobs_outcome_import", { accepted: r.accepted, rows: r.rows, fresh: r.new_records }),
  promote: (r) => change("jobs_outcome_promote", r),
  rollback: (r) => change("jobs_outcome_rollback", r),
};

const change = (key, { version, previous_version: before }) => t(before ? key : `${key}_first`, { version, before });

const spent = (cost) => (cost > 0 ? ` · $${number(cost, { maximumSignificantDigits: 3 })}` : "");

// A moment as short as can be: today's without the day, this year's without the year. The whole is its tooltip.
export function moment(iso) {
  const [at, now] = [new Date(iso), new Date()];
  const day = { day: "numeric", month: "short", ...(at.getFullYear() === now.getFullYear() ? {} : { year: "numeric" }) };
  const shown = at.toDateString() === now.toDateString() ? {} : day;
  return h("time", { datetime: iso, title: when(iso) }, at.toLocaleString(language(), { ...shown, hour: "2-digit", minute: "2-digit" }));
}

// From when it was taken up (or added, while it waits) to its end, or until now.
export function took(job) {
  const from = Date.parse(job.started_at ?? job.created_at);
  const to = job.ended_at ? Date.parse(job.ended_at) : Date.now();
  return duration(Math.max(0, Math.round((to - from) / 1000)));
}

export function duration(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours) return t("jobs_took_hours", { hours, minutes });
  if (minutes) return t("jobs_took_minutes", { minutes, seconds: seconds % 60 });
  return t("jobs_took_seconds", { seconds });
}

// The options somebody chose, as the command line calls them.
export function chosenOptions(job) {
  const shown = Object.entries(job.options).filter(([name, value]) => !HIDDEN.includes(name) && value !== null && value !== "" && value !== false && !(Array.isArray(value) && !value.length));
  return shown.map(([name, value]) => `${name} = ${Array.isArray(value) ? value.map(show).join(", ") : show(value)}`);
}

const HIDDEN = ["path", "project", "asked_by", "instead_of"];
const show = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));
