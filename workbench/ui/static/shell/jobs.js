// Jobs as every page shows them: state, progress, the one line of what went wrong.
import { ask } from "./api.js";
import { h, say } from "./dom.js";
import { has, t } from "./language.js";
import { faultLine, notice } from "./notice.js";
import { progressBar } from "./progress.js";

const EVERY_MS = 1_000;
const ENDED = ["done", "failed", "cancelled"];

export const hasEnded = (job) => ENDED.includes(job.state);

// Tells `onChange(job)` what the job is like, until it has ended; the function it gives stops it before. A tab in the
// background asks nothing, and an answer that fails to come is asked for again.
export function watchJob(id, onChange) {
  let timer = null;
  let stopped = false;
  async function look() {
    if (document.hidden) return again();
    try {
      const job = await ask(`api/jobs/${encodeURIComponent(id)}`);
      if (stopped) return undefined;
      onChange(job);
      if (hasEnded(job)) return undefined;
    } catch { /* the server may be restarting */ }
    return again();
  }
  const again = () => { if (!stopped) timer = setTimeout(look, EVERY_MS); };
  look();
  return () => { stopped = true; clearTimeout(timer); };
}

export const jobState = (job) => say(h(`span.wb-chip.is-${job.state}`), `job_state_${job.state}`);

// What a job is about just now: a stage of the cascade, a step of a training, or the worker's own word.
export function jobWhat(what = "") {
  const slug = what.replace(/[^a-z]+/g, "_");
  const key = [`job_what_${slug}`, `stage_${slug}`].find(has);
  return key ? t(key) : what;
}

export function jobProgress(job) {
  const { done, total, what } = job.progress ?? {};
  return progressBar({ done, total, what: jobWhat(what) });
}

export function jobCard(job) {
  return h(
    "div.wb-job", {},
    h("div.wb-row", {}, say(h("strong"), `job_kind_${job.kind}`), jobState(job)),
    job.state === "running" ? jobProgress(job) : null,
    job.state === "waiting" && job.workers === 0 ? notice("warn", "job_no_worker") : null,
    job.error ? faultLine(job.error) : null,
  );
}
