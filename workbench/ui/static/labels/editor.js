// The list of categories with their tags: searched, put in order, changed, and saved when its consequences are known.
import { ask } from "../shell/api.js";
import { h, name, say } from "../shell/dom.js";
import { act, input, plain, primary } from "../shell/form.js";
import { panel } from "../shell/panel.js";
import { adder } from "./adder.js";
import { anyoneEntry, definitionOf, move, newEntry } from "./draft.js";
import { entryRow } from "./entry.js";
import { askBeforeSaving } from "./saving.js";

const MANY = 12;

export class LabelsEditor {
  // `onSaved` and `onReset` are told when the draft is no longer needed.
  constructor({ project, draft, may, onSaved, onReset }) {
    Object.assign(this, { project, draft, may, onSaved });
    this.asksTags = draft.kind !== "category";
    this.open = new Set();
    this.list = h("ol.wb-entries");
    this.search = name(name(input({ type: "search" }), "aria-label", "labels_search"), "placeholder", "labels_search");
    this.search.addEventListener("input", () => this.paint());
    this.save = primary("labels_check_and_save", () => act(this.save, () => this.askAndSave()));
    this.reset = plain("labels_reset", onReset);
    this.bar = h("div.wb-savebar", {}, this.save, this.reset);
    this.state = say(h("span.wb-chip.is-warn"), "labels_unsaved");
    this.element = panel(draft.kind === "tags" ? "labels_title_tags" : "labels_title", this.list);
    this.element.classList.add("wb-labels-panel");
    this.build();
    this.paint();
  }

  build() {
    this.element.head.append(this.state);
    if (this.draft.entries.length >= MANY) this.list.before(this.search);
    if (!this.may) return;
    const add = adder(this.draft.kind === "tags" ? "labels_add_section" : "labels_add_category", (names) => this.change(() => {
      const entries = names.map((title) => newEntry(this.draft, title));
      this.draft.entries.push(...entries);
      if (entries.length === 1) this.open.add(entries[0]);
    }));
    this.anyone = plain("labels_add_anyone", () => this.change(() => {
      const entry = anyoneEntry();
      this.draft.entries.push(entry);
      this.open.add(entry);
    }));
    this.element.append(add, this.asksTags ? h("div.wb-row", {}, this.anyone) : "", this.bar);
  }

  // What rows call —

  touch() {
    this.draft.changed = true;
    this.paintState();
  }

  change(work) {
    work();
    this.touch();
    this.paint();
  }

  repaint(place) {
    this.paint();
    this.list.querySelector(`[data-entry="${place}"] .wb-entry-open`)?.focus();
  }

  move(entry, by) {
    const place = this.draft.entries.indexOf(entry);
    if (!move(this.draft.entries, place, by)) return;
    this.touch();
    this.repaint(place + by);
  }

  remove(entry) {
    this.change(() => {
      if (entry.was === null) this.draft.entries.splice(this.draft.entries.indexOf(entry), 1);
      else entry.removed = true;
    });
  }

  // — painting

  paint() {
    const wanted = this.search.value.trim().toLowerCase();
    const rows = this.draft.entries.map((entry, place) => [entry, place]).filter(([entry]) => matches(entry, wanted));
    this.list.replaceChildren(...rows.map(([entry, place]) => entryRow(entry, place, this)));
    if (!rows.length) this.list.replaceChildren(h("li.wb-quiet", {}, say(h("span"), wanted ? "labels_none_found" : this.may ? "labels_none_yet" : "labels_none")));
    if (this.anyone) this.anyone.hidden = this.draft.entries.some(({ anyone }) => anyone);
    this.paintState();
  }

  paintState() {
    const { changed } = this.draft;
    this.state.hidden = !changed;
    this.bar.hidden = !changed;
  }

  async askAndSave() {
    const labels = definitionOf(this.draft);
    const { changes } = await ask(`api/labels/${encodeURIComponent(this.project)}/check`, { body: { labels } });
    askBeforeSaving({ project: this.project, draft: this.draft, labels, changes, onSaved: this.onSaved });
  }
}

const matches = (entry, wanted) =>
  !wanted || [entry.name, entry.description, entry.keywords, ...entry.tags.map((tag) => tag.name)].some((text) => text.toLowerCase().includes(wanted));
