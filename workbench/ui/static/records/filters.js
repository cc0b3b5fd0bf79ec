// The conditions above the list: the text and the most used ones at hand, the others behind a button.
import { button, h, icon, ICONS, name, say } from "../shell/dom.js";
import { checkbox, field, input, plain, select } from "../shell/form.js";
import { t } from "../shell/language.js";
import { conditionsIn } from "./address.js";
import { stageKey } from "./words.js";

const TYPING_MS = 300;
const STATUSES = ["unanswered", "answered", "skipped", "flagged"];
const SORTS = ["id-up", "id-down", "newest-down", "newest-up", "score-up", "score-down", "length-down", "length-up"];

export class Filters {
  // `onChange(values, {typing})` is told the conditions and the order whenever they change.
  constructor(choices, onChange) {
    this.choices = choices;
    this.onChange = onChange;
    this.values = {};
    this.fields = new Map(this.parts().map(([key, build]) => [key, build()]));
    this.sort = this.sortField();
    this.chips = h("div.wb-row.wb-conditions", { role: "group" });
    name(this.chips, "aria-label", "records_conditions");
    this.element = this.frame();
  }

  parts() {
    const { kind, categories, tags, sources, stages, people, overlap } = this.choices;
    const labels = (list) => list.map((value) => ({ value, text: value }));
    const statuses = [...STATUSES, ...(overlap > 1 ? ["waiting"] : [])].map((value) => ({ value, key: `records_status_${value}` }));
    const parts = [
      ["text", () => this.typed("text", { type: "search", maxlength: 1000 })],
      ["status", () => this.chosen("status", statuses)],
      ["category", () => this.chosen("category", labels(categories))],
      ["tag", () => this.chosen("tag", labels(tags))],
      ["person", () => this.chosen("person", labels(people))],
      ["from", () => this.typed("from", { type: "date" })],
      ["to", () => this.typed("to", { type: "date" })],
      ["id", () => this.typed("id", { maxlength: 255 })],
      ["group", () => this.typed("group", { maxlength: 255 })],
      ["proposed", () => this.chosen("proposed", labels(categories))],
      ["proposed_tag", () => this.chosen("proposed_tag", labels(tags))],
      ["stage", () => this.chosen("stage", stages.map((value) => ({ value, key: stageKey(value) })))],
      ["settled", () => this.chosen("settled", stages.map((value) => ({ value, key: stageKey(value) })))],
      ["source", () => this.chosen("source", labels(sources))],
      ["blind", () => this.chosen("blind", ["yes", "no"].map((value) => ({ value, key: `records_blind_${value}` })))],
      ["disagree", () => this.box("disagree")],
    ];
    const needless = [...(kind === "tags" ? ["category", "proposed"] : []), ...(kind === "category" ? ["tag", "proposed_tag"] : [])];
    return parts.filter(([key]) => !needless.includes(key));
  }

  frame() {
    const search = h("div.wb-search-field", {}, icon(ICONS.search), this.fields.get("text"));
    name(name(this.fields.get("text"), "aria-label", "records_text"), "placeholder", "records_text_hint");
    const near = ["status", "category", "tag"].filter((key) => this.fields.has(key)).slice(0, 2);
    for (const key of near) name(this.fields.get(key), "aria-label", `records_${key}`);
    this.more = h("div.wb-card.wb-more", { hidden: true, id: "wb-records-more" }, h("div.wb-fields", {}, ...[...this.fields.keys()].filter((key) => key !== "text" && !near.includes(key)).map((key) => this.labelled(key))));
    this.toggle = button("button.wb-button", { "aria-expanded": "false", "aria-controls": "wb-records-more", onclick: () => this.open(this.more.hidden) }, say(h("span"), "records_more"));
    return h("div.wb-filters", {}, h("div.wb-row.wb-filters-first", {}, search, ...near.map((key) => this.fields.get(key)), this.toggle, this.sort), this.more, this.chips);
  }

  labelled(key) {
    const control = this.fields.get(key);
    return key === "disagree" ? h("div.wb-field.wb-field-box", {}, control) : field({ label: `records_${key}` }, control);
  }

  open(wide) {
    this.more.hidden = !wide;
    this.toggle.setAttribute("aria-expanded", String(wide));
  }

  typed(key, attributes) {
    const control = input(attributes);
    let waiting = null;
    const tell = () => { clearTimeout(waiting); waiting = null; this.change(key, control.value.trim(), true); };
    control.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(tell, TYPING_MS); });
    control.addEventListener("change", () => { if (waiting !== null) tell(); });
    return control;
  }

  chosen(key, options) {
    const control = select([{ value: "", key: `records_any_${key}` }, ...options]);
    control.addEventListener("change", () => this.change(key, control.value));
    return control;
  }

  box(key) {
    const whole = checkbox({ label: `records_${key}` });
    whole.control.addEventListener("change", () => this.change(key, whole.control.checked ? "yes" : ""));
    return whole;
  }

  sortField() {
    const control = select(SORTS.map((value) => ({ value, key: `records_sort_${value.replace("-", "_")}` })));
    control.addEventListener("change", () => {
      const [sort, order] = control.value.split("-");
      this.values = { ...this.values, sort: sort === "id" ? "" : sort, order: order === "up" ? "" : order };
      this.tell();
    });
    return name(control, "aria-label", "records_sort");
  }

  change(key, value, typing = false) {
    if ((this.values[key] ?? "") === value) return;
    this.values = { ...this.values, [key]: value };
    this.tell(typing ? key : null);
  }

  tell(typing = null) {
    this.paintChips();
    this.onChange(this.values, { typing });
  }

  // Show these conditions, as the address or the back button says.
  show(values) {
    this.values = { ...values };
    for (const [key, control] of this.fields) {
      if (key === "disagree") control.control.checked = values[key] === "yes";
      else setValue(control, values[key] ?? "");
    }
    this.sort.value = `${values.sort ?? "id"}-${values.order ?? "up"}`;
    this.paintChips();
  }

  paintChips() {
    const chips = conditionsIn(this.values).filter((key) => key !== "text").map((key) => this.chip(key));
    const all = chips.length > 1 || (chips.length && this.values.text) ? plain("records_clear", () => this.clear()) : null;
    this.chips.replaceChildren(...chips, ...(all ? [all] : []));
    this.chips.hidden = !chips.length;
  }

  chip(key) {
    const remove = button("button.wb-condition", { onclick: () => { this.show({ ...this.values, [key]: "" }); this.tell(); } }, h("span", {}, say(h("span.wb-quiet"), `records_${key}`), key === "disagree" ? "" : ": ", this.wordsOf(key)), icon(ICONS.close));
    return name(remove, "title", "records_remove");
  }

  wordsOf(key) {
    const value = this.values[key];
    if (key === "disagree") return "";
    if (["stage", "settled"].includes(key)) return t(stageKey(value));
    if (key === "status") return t(`records_status_${value}`);
    if (key === "blind") return t(`records_blind_${value}`);
    return h("b", { "data-given": true, dir: "auto" }, value);
  }

  clear() {
    const { sort, order, size } = this.values;
    this.show({ sort, order, size });
    this.tell();
  }
}

// A label that was taken from the label set may still be in somebody's link.
function setValue(control, value) {
  if (control.tagName === "SELECT" && ![...control.options].some((option) => option.value === value)) {
    control.append(h("option", { value }, value));
  }
  control.value = value;
}
