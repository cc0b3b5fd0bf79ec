// Bringing a file in, step by step: choose it, look into it and say which column is what, see what would happen, do it.
import { ask } from "../shell/api.js";
import { h, say } from "../shell/dom.js";
import { act, plain, primary } from "../shell/form.js";
import { errorLine } from "../shell/notice.js";
import { panel } from "../shell/panel.js";
import { fileBox, forget, sendFile } from "./choosing.js";
import { Mapping } from "./mapping.js";
import { showJob } from "./running.js";
import { fileFacts, previewTable } from "./seen.js";
import { trialWords } from "./trial.js";

const TRIAL_MS = 400;

export class Importer {
  // `onDone()` is told when a file has been imported.
  constructor({ me, projects, project, kind, about, onDone }) {
    Object.assign(this, { me, projects, project, kind, about, onDone, upload: null, seen: null, mapping: null });
    this.place = h("div.wb-form");
    this.element = panel("data_import", this.place);
    this.element.classList.add("is-wide");
    this.choose();
  }

  choose(error = null) {
    this.upload = null;
    this.place.replaceChildren(...[fileBox((file) => this.take(file)), error && errorLine(error)].filter(Boolean));
  }

  async take(file) {
    try {
      this.upload = await sendFile(file, this.about.upload_limit, this.place);
      if (this.upload === null) return this.choose();
      return await this.look({ kind: this.kind });
    } catch (error) {
      return this.choose(error);
    }
  }

  // Look into the file for a project of this kind; null lets its columns suggest one.
  async look({ sheet = null, kind, target = null }) {
    this.seen = await ask(`api/data/uploads/${this.upload.id}/preview`, { body: { sheet, kind } });
    this.mapping = new Mapping({
      seen: this.seen, projects: this.projects, project: target ? target.choice.value : this.project, kind: kind ?? this.seen.mapping.kind,
      person: this.me.person, cleaning: this.about.cleaning,
      onKind: (other, chosen) => this.again({ sheet: this.seen.sheet, kind: other, target: chosen }),
      onChange: () => this.changed(),
    });
    if (target) this.mapping.resume(target);
    this.paint();
    this.changed(0);
  }

  async again(wishes) {
    try {
      await this.look(wishes);
    } catch (error) {
      this.trialPlace.replaceChildren(errorLine(error));
    }
  }

  // What does not depend on the choices; they paint their own.
  paint() {
    this.rows = h("div");
    this.trialPlace = h("div.wb-trial", { role: "status" });
    this.start = primary("data_start", () => act(this.start, () => this.run()), { disabled: true });
    const other = plain("data_other_file", () => { forget(this.upload); this.choose(); });
    const onSheet = (sheet) => this.again({ sheet, kind: this.mapping.kind, target: this.mapping.target });
    this.place.replaceChildren(
      fileFacts(this.upload, this.seen, onSheet), this.rows, this.mapping.element,
      h("section.wb-group", {}, say(h("h3"), "data_will"), this.trialPlace), h("div.wb-row", {}, this.start, other),
    );
  }

  // In another language: what is not marked for it is written anew.
  repaint() {
    if (this.upload === null || this.mapping === null || !this.trialPlace?.isConnected) return;
    this.place.firstChild.replaceWith(fileFacts(this.upload, this.seen, (sheet) => this.again({ sheet, kind: this.mapping.kind, target: this.mapping.target })));
    this.changed(0);
  }

  changed(wait = TRIAL_MS) {
    this.rows.replaceChildren(previewTable(this.seen, this.mapping.roles()));
    this.start.disabled = true;
    this.trialPlace.setAttribute("aria-busy", "true");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.try(), wait);
  }

  // The answer to the newest question stands, whichever comes last.
  async try() {
    const mine = (this.asked = (this.asked ?? 0) + 1);
    const body = this.mapping.body();
    const [words, usable] = body.project ? await this.tried(body) : [say(h("p.wb-quiet"), "data_name_first"), false];
    if (mine !== this.asked) return undefined;
    this.trialPlace.removeAttribute("aria-busy");
    this.trialPlace.replaceChildren(words);
    this.start.disabled = !usable;
    return undefined;
  }

  // The words, and whether anything would come of it.
  async tried(body) {
    try {
      const found = await ask(`api/data/uploads/${this.upload.id}/trial`, { body });
      return [trialWords(found, body), found.new_records + found.known_records > 0];
    } catch (error) {
      return [errorLine(error), false];
    }
  }

  async run() {
    const { job } = await ask(`api/data/uploads/${this.upload.id}/import`, { body: this.mapping.body() });
    const form = [...this.place.childNodes];
    showJob({
      id: job, upload: this.upload, place: this.place,
      onEnd: (ended) => { if (ended.state === "done") this.onDone(ended); },
      onAgain: () => this.choose(),
      onBack: () => this.place.replaceChildren(...form),
    });
  }
}
