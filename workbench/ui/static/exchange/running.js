// The import as a job: how far it is, what it brought, and the rows it could not take.
import { address } from "../shell/api.js";
import { h, say } from "../shell/dom.js";
import { plain } from "../shell/form.js";
import { hasEnded, jobCard, watchJob } from "../shell/jobs.js";
import { notice } from "../shell/notice.js";
import { linkTo } from "../shell/places.js";

// Fills `place` until the job has ended; `onEnd(job)` is told once.
export function showJob({ id, upload, place, onEnd, onAgain, onBack }) {
  return watchJob(id, (job) => {
    const parts = [h("strong", { "data-given": true, dir: "auto" }, upload.name), jobCard(job)];
    if (job.state === "done" && !job.result.cancelled) parts.push(...summary(job, upload));
    if (job.state === "failed" && job.error.includes(".rejected.csv")) parts.push(rejectedLink(upload));
    if (hasEnded(job)) parts.push(ways(job, onAgain, onBack));
    place.replaceChildren(...parts);
    if (hasEnded(job)) onEnd(job);
  });
}

function summary({ result, project }, upload) {
  const { new_records: fresh, known_records: known } = result;
  return [
    notice("good", "data_done", { n: result.accepted, project }),
    h("ul.wb-will", {}, say(h("li"), "data_done_records", { fresh, known }),
      result.annotations ? say(h("li"), "data_done_annotations", { n: result.annotations }) : null,
      result.proposals ? say(h("li"), "data_will_propose", { n: result.proposals }) : null,
      result.off_list_proposals ? say(h("li"), "data_will_off_list", { n: result.off_list_proposals }) : null,
      result.labels_added?.length ? say(h("li"), "data_done_labels", { n: result.labels_added.length }) : null),
    ...(result.rejected ? [notice("warn", "data_done_rejected", { n: result.rejected }), rejectedLink(upload)] : []),
  ];
}

const rejectedLink = (upload) => h("div.wb-row", {}, say(h("a.wb-button", { href: address(`api/data/uploads/${upload.id}/rejected`).href, download: "" }), "data_get_rejected"));

function ways(job, onAgain, onBack) {
  const done = job.state === "done";
  return h("div.wb-row", {}, done ? say(h("a.wb-button.is-primary", { href: linkTo("curate", job.project) }), "data_go_curate") : plain("data_back", onBack), plain("data_another", onAgain));
}
