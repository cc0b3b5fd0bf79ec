// The state of one sitting: the records at hand, what is picked for the first of them, what was done and can be undone.
// Knows nothing of the page: `changed(what)` tells it to paint.
import { randomId, read, remove, write } from "../shell/storage.js";

const HISTORY = 200;
const KEPT = 30;
const PACE_MS = 10 * 60_000;

export class Desk {
  constructor({ setup, outbox, changed }) {
    this.outbox = outbox;
    this.changed = changed;
    this.use(setup);
    this.buffer = [];
    this.served = null;
    this.historyKey = `wb:history:${outbox.owner}`;
    const kept = read(this.historyKey, { history: [], done: [] }, sessionStorage);
    this.history = kept.history;
    this.done = kept.done;
    remove(this.historyKey, sessionStorage);
    this.pick = null;
    this.link = null;
  }

  use(setup) {
    this.setup = setup;
    this.asksCategory = setup.kind !== "tags";
    this.asksTags = setup.kind !== "category";
    this.categories = setup.labels.categories ?? [];
  }

  get current() {
    return this.buffer[0] ?? null;
  }

  tagsOf(category) {
    const sections = this.setup.labels.tags ?? {};
    if (category !== null && category in sections) return sections[category];
    if ("" in sections || category !== null) return sections[""] ?? [];
    const all = Object.values(sections).flat();
    return all.filter((tag, place) => all.findIndex((other) => other.name === tag.name) === place);
  }

  // The labels on offer now: categories, or the tags of what is chosen or known.
  get offered() {
    if (!this.pick) return this.asksCategory ? this.categories : [];
    return this.pick.step === "category" ? this.categories : this.tagsOf(this.pick.category ?? this.current.category ?? null);
  }

  // — what the link asks and tells —

  heldIds() {
    return this.buffer.map(({ id }) => id);
  }

  receive(items, replace) {
    const first = this.current;
    if (replace) this.buffer = [];
    const known = new Set(this.heldIds());
    const pending = new Set(this.outbox.actions.map(({ record }) => record));
    this.buffer.push(...items.filter(({ id }) => !known.has(id) && !pending.has(id)));
    if (this.current?.id !== first?.id) this.begin();
    else if (!this.current) this.changed("item");
  }

  progress(served) {
    this.served = served;
    this.changed("progress");
  }

  labelSet(version) {
    if (version !== this.setup.label_set_version) this.changed("labels");
  }

  state() {
    this.changed("state");
  }

  // — what the person does —

  begin(restored = null) {
    const item = this.current;
    this.pick = item && { ...this.firstPick(item), ...restored, since: performance.now() };
    this.changed("item");
  }

  firstPick(item) {
    const step = this.asksCategory ? "category" : "tags";
    return { step, category: null, tags: step === "tags" ? [...(item.suggestion?.tags ?? [])] : [], comment: "", before: null };
  }

  // A label's key or click: a category answers at once where no tags are asked, a tag is switched.
  press(label) {
    if (!this.current) return;
    if (this.pick.step === "category") this.chooseCategory(label);
    else this.switchTag(label);
  }

  chooseCategory(category) {
    const suggestion = this.current.suggestion;
    if (!this.asksTags) return this.answer("choose", { category });
    if (!this.tagsOf(category).length) return this.answer("choose", { category, tags: [] });
    const again = this.pick.before?.category === category ? this.pick.before.tags : null;
    const proposed = suggestion?.category === category ? suggestion.tags : null;
    Object.assign(this.pick, { step: "tags", category, tags: [...(again ?? proposed ?? [])] });
    this.changed("pick");
  }

  switchTag(tag) {
    const { tags } = this.pick;
    this.pick.tags = tags.includes(tag) ? tags.filter((other) => other !== tag) : [...tags, tag];
    this.changed("pick");
  }

  backToCategory() {
    if (!this.pick || this.pick.step !== "tags" || !this.asksCategory) return false;
    Object.assign(this.pick, { step: "category", category: null, tags: [] });
    this.changed("pick");
    return true;
  }

  // Enter: save the tags as they are switched, none included.
  submit() {
    if (!this.current || this.pick.step !== "tags") return "nothing_picked";
    const { category, tags } = this.pick;
    return this.answer("choose", this.asksCategory ? { category, tags } : { tags });
  }

  // A: what was proposed; once tags are on the table, those as switched. Returns why it cannot be, or nothing.
  accept() {
    const suggestion = this.current?.suggestion;
    if (!this.current) return undefined;
    if (!suggestion) return this.current.blind ? "accept_blind" : "accept_nothing";
    if (this.pick.step === "tags") {
      if (this.asksCategory && suggestion.category !== this.pick.category) return "accept_other";
      return suggestion.tags ? this.submit() : "accept_no_tags";
    }
    if (!suggestion.category) return "accept_no_category";
    if (!this.asksTags) return this.answer("accept", { category: suggestion.category });
    if (suggestion.tags) return this.answer("accept", { category: suggestion.category, tags: suggestion.tags });
    // Nobody proposed "no tags": the category is taken, and the tags are asked for.
    this.chooseCategory(suggestion.category);
    return undefined;
  }

  skip() {
    this.answer("skip", {});
  }

  flag() {
    this.answer("flag", {});
  }

  answer(action, given) {
    const item = this.current;
    if (!item) return;
    const { comment, since } = this.pick;
    const sent = {
      cid: randomId(),
      record: item.id,
      action,
      ...given,
      comment,
      duration_ms: Math.min(3_600_000, Math.round(performance.now() - since)),
      shown: item.suggestion ? [item.suggestion.id] : [],
      note: item.text.slice(0, 120),
    };
    this.outbox.add(sent);
    this.history.push({ item, cid: sent.cid, before: { action, comment, category: null, tags: null, ...given } });
    if (this.history.length > HISTORY) this.history.shift();
    this.done.push(Date.now());
    this.buffer.shift();
    this.begin();
    this.link.touched();
  }

  undo() {
    const last = this.history.pop();
    if (!last) return "undo_nothing";
    if (!this.outbox.forget(last.cid)) {
      this.outbox.add({ cid: randomId(), record: last.item.id, action: "undo", undoes: last.cid, note: last.item.text.slice(0, 120) });
    }
    this.done.pop();
    this.buffer = [last.item, ...this.buffer.filter(({ id }) => id !== last.item.id)];
    this.begin({ before: last.before, comment: last.before.comment });
    this.link.touched();
    return undefined;
  }

  // — counts —

  get pace() {
    const now = Date.now();
    const recent = this.done.filter((at) => now - at < PACE_MS);
    if (recent.length < 3) return null;
    return Math.round((60_000 * recent.length) / Math.max(now - recent[0], 15_000));
  }

  keep() {
    write(this.historyKey, { history: this.history.slice(-KEPT), done: this.done.slice(-1000) }, sessionStorage);
  }
}
