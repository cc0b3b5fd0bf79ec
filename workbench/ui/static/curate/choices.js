// The labels on offer with their keys, and the search that narrows them.
import { button, colourOf, h, name, say } from "../shell/dom.js";
import { t } from "../shell/language.js";
import { keyName, LABEL_KEYS } from "./keys.js";

const fold = (text) => text.toLocaleLowerCase().replaceAll("ё", "е");

export class Choices {
  constructor({ onPress, onBack }) {
    this.onPress = onPress;
    this.offered = [];
    this.search = name(name(h("input.wb-search", { type: "search", autocomplete: "off", spellcheck: "false" }), "placeholder", "search"), "aria-label", "search");
    this.search.addEventListener("input", () => this.filter());
    this.search.addEventListener("keydown", (event) => this.searchKey(event));
    this.back = button("button.wb-back", { onclick: onBack });
    this.title = h("div.wb-choices-title", {}, this.back);
    this.list = name(h("div.wb-labels", { role: "group" }), "aria-label", "labels");
    this.element = h("section.wb-card.wb-choices", {}, h("div.wb-choices-head", {}, this.title, h("label.wb-search-field", {}, h("kbd", {}, "/"), this.search)), this.list);
  }

  // Builds the buttons only where the labels changed; marks what is picked, proposed, and was answered before.
  paint(desk) {
    const { pick, current } = desk;
    if (this.offered !== desk.offered) this.build(desk);
    const tags = pick?.step === "tags";
    const proposed = tags ? (current?.suggestion?.tags ?? []) : [current?.suggestion?.category];
    const before = tags ? (pick.before?.tags ?? []) : [pick?.before?.category];
    for (const [place, one] of this.buttons.entries()) {
      const label = this.offered[place].name;
      one.classList.toggle("is-proposed", proposed.includes(label));
      one.classList.toggle("is-before", before.includes(label));
      if (tags) one.setAttribute("aria-pressed", String(pick.tags.includes(label)));
      else one.removeAttribute("aria-pressed");
    }
    this.back.hidden = !(tags && desk.asksCategory);
    this.back.textContent = this.back.hidden ? "" : `← ${pick.category}`;
    this.back.title = t("back_to_category");
    this.list.classList.toggle("is-tags", Boolean(tags));
  }

  build(desk) {
    this.offered = desk.offered;
    this.search.value = "";
    const tags = desk.pick?.step === "tags";
    this.buttons = this.offered.map((label, place) => this.labelButton(label, place, tags));
    this.list.replaceChildren(...(this.buttons.length ? this.buttons : [say(h("p.wb-quiet"), "no_tags_here")]));
    this.list.classList.toggle("is-many", this.buttons.length > 14);
    this.element.classList.toggle("wb-few", this.buttons.length <= 12);
    this.list.scrollTop = 0;
  }

  labelButton(label, place, tags) {
    const hint = label.description || label.definition;
    const one = button("button.wb-label", { title: hint ? `${label.name} — ${hint}` : label.name, onclick: () => this.onPress(label.name) },
      h("kbd", {}, keyName(LABEL_KEYS[place])), tags ? null : h("span.wb-dot"), h("span.wb-label-name", {}, label.name));
    one.style.setProperty("--c", colourOf(label.color, place));
    return one;
  }

  pressPlace(place) {
    const label = this.offered[place];
    if (label) this.onPress(label.name);
    return Boolean(label);
  }

  // — search: type, arrows, Enter —

  openSearch() {
    this.search.value = "";
    this.filter();
    this.search.focus();
  }

  filter() {
    const wanted = fold(this.search.value.trim());
    const matches = (label) => [label.name, label.description, label.definition, ...(label.keywords ?? [])].some((text) => text && fold(text).includes(wanted));
    const starts = (label) => fold(label.name).startsWith(wanted);
    this.found = this.buttons.filter((one, place) => {
      one.hidden = wanted !== "" && !matches(this.offered[place]);
      return !one.hidden;
    });
    const best = this.found.findIndex((one) => starts(this.offered[this.buttons.indexOf(one)]));
    this.aim(wanted === "" ? -1 : Math.max(best, this.found.length ? 0 : -1));
  }

  aim(place) {
    this.aimed = place;
    for (const one of this.buttons) one.classList.toggle("is-aimed", one === this.found[place]);
    this.found[place]?.scrollIntoView({ block: "nearest" });
  }

  searchKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.found.length) this.aim((Math.max(this.aimed, step < 0 ? 0 : -1) + step + this.found.length) % this.found.length);
    else if (event.key === "Enter" && !event.isComposing) this.chooseAimed();
    else if (event.key === "Escape") this.closeSearch();
    else return;
    event.preventDefault();
  }

  chooseAimed() {
    const one = this.found[this.aimed];
    if (!one) return;
    const label = this.offered[this.buttons.indexOf(one)].name;
    this.closeSearch();
    this.onPress(label);
  }

  closeSearch() {
    this.search.value = "";
    this.filter();
    this.search.blur();
  }
}
