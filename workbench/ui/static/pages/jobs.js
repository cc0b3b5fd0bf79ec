// Jobs: what runs and waits, with its progress; what has ended; and each with the log it writes.
import { cancelJob, openJob } from "../jobs/dialog.js";
import { moment, outcome, took } from "../jobs/words.js";
import { ask } from "../shell/api.js";
import { copyButton } from "../shell/clipboard.js";
import { h, name, say } from "../shell/dom.js";
import { emptyState } from "../shell/empty.js";
import { danger, plain, select } from "../shell/form.js";
import { hasEnded, jobProgress, jobState } from "../shell/jobs.js";
import { t } from "../shell/language.js";
import { openPage } from "../shell/page.js";
import { panel } from "../shell/panel.js";
import { poll } from "../shell/polling.js";
import { read, write } from "../shell/storage.js";
import { table } from "../shell/table.js";

const BUSY_MS = 1_000;
const QUIET_MS = 5_000;
const KEPT = "wb:jobs:project";

export const start = (element) => openPage(element, { page: "jobs", role: "reviewer", needsProject: false, paint });

async function paint({ main, head, projects }) {
  const list = new JobList(projects.length > 1);
  const filter = projectFilter(projects, () => look());
  head.append(filter);
  let busy = false;
  async function fetchJobs() {
    const wanted = filter.value;
    const found = await ask(`api/jobs${wanted ? `?project=${encodeURIComponent(wanted)}` : ""}`);
    if (filter.value !== wanted) return;
    busy = found.jobs.some((job) => !hasEnded(job));
    list.show(found);
  }
  await fetchJobs();
  main.replaceChildren(list.element);
  const look = poll(list.element, fetchJobs, () => (busy ? BUSY_MS : QUIET_MS));
  openAsked();
}

function projectFilter(projects, onChange) {
  const names = projects.map(({ name: title }) => title);
  const kept = read(KEPT, "");
  const control = select([{ value: "", key: "jobs_all_projects" }, ...names.map((title) => ({ value: title, text: title }))], names.includes(kept) ? kept : "");
  control.addEventListener("change", () => { write(KEPT, control.value); onChange(); });
  return name(control, "aria-label", "jobs_filter");
}

// A link from another page may name the job that it is about.
function openAsked() {
  const id = new URLSearchParams(location.search).get("job");
  if (!id || document.querySelector(".wb-dialog")) return;
  history.replaceState(null, "", "./jobs");
  ask(`api/jobs/${encodeURIComponent(id)}`).then(openJob, () => {});
}

// What is on the page stays the same elements, so that nothing flickers and no focus is lost while it is looked at.
class JobList {
  constructor(manyProjects) {
    this.manyProjects = manyProjects;
    this.cards = new Map();
    this.ended = "";
    this.alone = h("div");
    this.now = panel("jobs_now");
    this.nowList = h("div.wb-jobs-now");
    this.now.append(this.nowList);
    this.past = panel("jobs_past");
    this.pastList = h("div");
    this.past.append(this.pastList);
    this.element = h("div.wb-jobs", {}, this.alone, this.now, this.past);
  }

  show({ jobs, workers }) {
    const active = jobs.filter((job) => !hasEnded(job));
    const ended = jobs.filter(hasEnded);
    this.showAlone(jobs.length, workers, active.length);
    this.now.hidden = !active.length;
    this.past.hidden = !ended.length;
    this.showActive(active);
    this.showEnded(ended);
  }

  showAlone(any, workers, waiting) {
    const state = `${Boolean(any)}|${workers > 0}|${Boolean(waiting)}`;
    if (this.alone.dataset.state === state) return;
    this.alone.dataset.state = state;
    this.alone.replaceChildren(
      ...[workers ? null : noWorker(Boolean(waiting)), any ? null : emptyState("jobs_empty", {}, { mark: "jobs" })].filter(Boolean),
    );
  }

  showActive(jobs) {
    const known = new Set(jobs.map((job) => job.id));
    for (const [id, card] of this.cards) {
      if (known.has(id)) continue;
      card.element.remove();
      this.cards.delete(id);
    }
    for (const job of jobs) {
      if (!this.cards.has(job.id)) this.cards.set(job.id, new JobCard(job, this.manyProjects));
      this.cards.get(job.id).show(job);
    }
    // Only what stands in the wrong place is moved.
    jobs.forEach((job, place) => {
      const { element } = this.cards.get(job.id);
      if (this.nowList.children[place] !== element) this.nowList.insertBefore(element, this.nowList.children[place] ?? null);
    });
  }

  showEnded(jobs) {
    const state = JSON.stringify(jobs);
    if (this.ended === state) return;
    this.ended = state;
    const columns = [
      { key: "kind", title: "jobs_column_kind", cell: (job) => t(`job_kind_${job.kind}`) },
      ...(this.manyProjects ? [{ key: "project", title: "project" }] : []),
      { key: "state", title: "jobs_column_state", cell: jobState },
      { key: "outcome", title: "jobs_column_outcome", cell: outcome, wide: true },
      { key: "by", title: "jobs_column_by", cell: (job) => job.by || t("jobs_by_itself") },
      { key: "ended_at", title: "jobs_column_ended", cell: (job) => moment(job.ended_at ?? job.updated_at) },
      { key: "took", title: "jobs_column_took", cell: took, numeric: true },
    ];
    this.pastList.replaceChildren(table({ caption: "jobs_past", columns, rows: jobs, onOpen: openJob }));
  }
}

class JobCard {
  constructor(job, withProject) {
    this.stateChip = h("span");
    this.progress = h("div");
    this.facts = h("p.wb-quiet");
    this.buttons = h("div.wb-row");
    const title = h("div.wb-row", {}, say(h("h3"), `job_kind_${job.kind}`), withProject ? h("span.wb-chip", {}, job.project) : null, this.stateChip, h("div.wb-grow"), this.buttons);
    this.element = h("article.wb-job-card", { "data-job": job.id }, title, this.progress, this.facts);
    this.buttons.append(plain("jobs_log", () => openJob(this.job)));
    if (job.may_change) this.buttons.append(danger("cancel", (event) => cancelJob(this.job, event.currentTarget)));
  }

  show(job) {
    this.job = job;
    const chip = jobState(job);
    if (this.stateChip.className !== chip.className) {
      this.stateChip.replaceWith(chip);
      this.stateChip = chip;
    }
    const state = JSON.stringify([job.state, job.progress]);
    if (this.shown !== state) {
      this.shown = state;
      this.progress.replaceChildren(...(job.state === "waiting" ? [] : [jobProgress(job)]));
    }
    const since = moment(job.started_at ?? job.created_at).textContent;
    const words = t(job.state === "waiting" ? "jobs_waits_since" : "jobs_runs_since", { by: job.by || t("jobs_by_itself"), since, took: took(job) });
    if (this.facts.textContent !== words) this.facts.textContent = words;
  }
}

function noWorker(waiting) {
  const command = "workbench worker";
  return h(
    "div.wb-notice.is-warn.wb-row", { role: "status" },
    say(h("span"), waiting ? "jobs_no_worker_waiting" : "jobs_no_worker"),
    h("code", {}, command),
    copyButton(() => command),
  );
}

