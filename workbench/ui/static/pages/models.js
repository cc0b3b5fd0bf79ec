// Models: a version beside the champion of its day, label by label; all versions; training, promoting, going back.
import { goBack } from "../models/champion.js";
import { comparison } from "../models/comparison.js";
import { trainingPanel } from "../models/training.js";
import { versionsPanel } from "../models/versions.js";
import { ask } from "../shell/api.js";
import { h } from "../shell/dom.js";
import { emptyState } from "../shell/empty.js";
import { hasEnded, jobCard, watchJob } from "../shell/jobs.js";
import { language } from "../shell/language.js";
import { toast } from "../shell/notice.js";
import { openPage } from "../shell/page.js";
import { linkTo } from "../shell/places.js";
import { jobLink } from "../jobs/link.js";

const KINDS = ["retrain", "promote", "rollback"];

export const start = (element) => openPage(element, { page: "models", role: "reviewer", paint });

async function paint({ main, head, me, project }) {
  const path = `api/models/${encodeURIComponent(project)}`;
  const [found, training, { jobs }] = await Promise.all([
    ask(`${path}?language=${language()}`),
    ask(`${path}/training`),
    ask(`api/jobs?project=${encodeURIComponent(project)}`),
  ]);
  const page = new ModelsPage({ main, head, me, project, path, training });
  page.show(found);
  for (const job of jobs) if (KINDS.includes(job.kind) && !hasEnded(job)) page.follow(job.id);
}

class ModelsPage {
  constructor(view) {
    Object.assign(this, view);
    this.running = h("div.wb-models-running");
    this.body = h("div.wb-models-main");
    this.side = h("div.wb-models-side", {}, trainingPanel(this));
    this.main.replaceChildren(this.running, h("div.wb-models", {}, this.body, this.side));
  }

  show(found, chosen = null) {
    this.found = found;
    const { versions, champion } = found;
    this.head.replaceChildren(...goBack(this));
    if (!versions.length) {
      this.body.replaceChildren(this.nothing());
      return;
    }
    // The newest is what one came to see, unless it is the champion already: then how it became so.
    const version = versions.find((one) => one.version === chosen) ?? versions[0];
    this.chosen = version.version;
    this.body.replaceChildren(
      comparison(this, version, champion),
      versionsPanel(found, version.version, (one) => this.choose(one.version)),
    );
  }

  choose(version) {
    this.show(this.found, version);
    this.body.querySelector("h2").scrollIntoView({ block: "nearest" });
  }

  nothing() {
    const labelled = this.training.material.training > 0;
    const [key, options] = labelled ? ["models_empty", { mark: "models" }] : ["models_no_labels", { href: linkTo("curate", this.project), mark: "curate" }];
    return h("section.wb-card.wb-panel", {}, emptyState(key, { n: this.training.material.training }, options));
  }

  // Shows how far a job is, and what has changed when it is done.
  follow(id) {
    const card = h("section.wb-card.wb-panel.wb-models-job");
    this.running.append(card);
    const stop = watchJob(id, (job) => {
      if (!card.isConnected) return stop();
      card.replaceChildren(jobCard(job), jobLink(job.id));
      return hasEnded(job) ? this.ended(job, card) : undefined;
    });
  }

  async ended(job, card) {
    if (job.state !== "done") return;
    card.remove();
    toast(`models_done_${job.kind}`, { version: job.result.version ?? "" });
    this.show(await ask(`${this.path}?language=${language()}`), job.kind === "retrain" ? job.result.version : this.chosen);
  }
}
