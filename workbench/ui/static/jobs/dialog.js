// One job in front of the page: what it is, how far, what came of it, and its log as it grows.
import { address, ask } from "../shell/api.js";
import { h, name, say } from "../shell/dom.js";
import { confirmed, openDialog } from "../shell/dialog.js";
import { act, danger, plain, primary } from "../shell/form.js";
import { hasEnded, jobProgress, jobState } from "../shell/jobs.js";
import { t, when } from "../shell/language.js";
import { poll } from "../shell/polling.js";
import { faultLine, notice, toast } from "../shell/notice.js";
import { chosenOptions, outcome, took } from "./words.js";

const EVERY_MS = 1_000;
const QUIET_MS = 5_000;
// A browser grows slow with more text than anybody reads.
const MOST_SHOWN = 400_000;

export function openJob(first) {
  let job = first;
  const card = h("div.wb-job");
  const facts = h("dl.wb-job-facts");
  const foot = h("div.wb-dialog-foot");
  const log = new Log(first.id);
  let shown = null;
  const parts = [card, facts, say(h("h3"), "jobs_log"), log.element, foot];
  const dialog = openDialog("jobs_one", () => parts, { kind: t(`job_kind_${job.kind}`), project: job.project });
  dialog.classList.add("wb-job-dialog");
  function show() {
    const state = JSON.stringify(job);
    if (shown === state && hasEnded(job)) return;
    const changed = shown === null || JSON.parse(shown).state !== job.state;
    shown = state;
    card.replaceChildren(...stateOf(job));
    facts.replaceChildren(...factsOf(job));
    if (changed) foot.replaceChildren(...buttons(job, () => dialog.close(), (next) => { job = next; show(); }));
  }
  show();
  poll(dialog, async () => {
    job = await ask(`api/jobs/${encodeURIComponent(first.id)}`);
    show();
    await log.follow();
  }, () => (hasEnded(job) ? QUIET_MS : EVERY_MS));
  return dialog;
}

function stateOf(job) {
  return [
    jobState(job),
    job.state === "running" && jobProgress(job),
    !hasEnded(job) && job.workers === 0 && notice("warn", "job_no_worker"),
    job.error && faultLine(job.error),
  ].filter(Boolean);
}

function factsOf(job) {
  const options = chosenOptions(job);
  const rows = [
    ["jobs_column_by", job.by || t("jobs_by_itself")],
    ["jobs_added", when(job.created_at)],
    job.started_at && ["jobs_started", when(job.started_at)],
    job.ended_at && ["jobs_column_ended", when(job.ended_at)],
    job.started_at && ["jobs_column_took", took(job)],
    options.length && ["jobs_options", options.join(" · ")],
    job.state === "done" && ["jobs_column_outcome", outcome(job)],
    ["jobs_id", job.id],
  ];
  return rows.filter(Boolean).flatMap(([key, value]) => [say(h("dt"), key), h("dd", {}, value)]);
}

function buttons(job, close, onChange) {
  const rejected = job.kind === "import" && job.result.rejected_file;
  return [
    rejected && say(h("a.wb-button", { href: address(`api/jobs/${encodeURIComponent(job.id)}/rejected`).href, download: "" }), "jobs_rejected"),
    job.may_change && !hasEnded(job) && danger("jobs_cancel", (event) => cancelJob(job, event.currentTarget, onChange)),
    job.may_change && ["failed", "cancelled"].includes(job.state) && primary("jobs_resume", (event) => resumeJob(job, event.currentTarget, onChange)),
    plain("close", close),
  ].filter(Boolean);
}

export async function cancelJob(job, control, onChange = () => {}) {
  if (!(await confirmed("jobs_cancel_question", { kind: t(`job_kind_${job.kind}`) }, "jobs_cancel", { danger: true }))) return;
  await act(control, async () => {
    onChange({ ...job, ...(await ask(`api/jobs/${encodeURIComponent(job.id)}/cancel`, { method: "POST" })) });
    toast("jobs_cancelled");
  });
}

export const resumeJob = (job, control, onChange = () => {}) =>
  act(control, async () => {
    onChange({ ...job, ...(await ask(`api/jobs/${encodeURIComponent(job.id)}/resume`, { method: "POST" })) });
    toast("jobs_resumed");
  });

// The last lines, and whatever is written while one looks. It scrolls along unless one has scrolled up to read.
class Log {
  constructor(id) {
    this.path = `api/jobs/${encodeURIComponent(id)}/log`;
    this.after = null;
    this.text = document.createTextNode("");
    this.element = name(h("pre.wb-log", { tabindex: "0", role: "log", "aria-live": "off" }, say(h("span.wb-quiet"), "jobs_log_empty")), "aria-label", "jobs_log");
  }

  async follow() {
    const { text, after, more } = await ask(this.path + (this.after === null ? "" : `?after=${this.after}`));
    this.after = after;
    if (text) this.add(text);
    if (more) await this.follow();
  }

  add(text) {
    const view = this.element;
    const atEnd = view.scrollHeight - view.scrollTop - view.clientHeight < 24;
    const whole = this.text.data + text;
    this.text.data = whole.length > MOST_SHOWN ? whole.slice(whole.indexOf("\n", whole.length - MOST_SHOWN) + 1) : whole;
    if (!this.text.isConnected) view.replaceChildren(this.text);
    if (atEnd) view.scrollTop = view.scrollHeight;
  }
}
