// One record beside the list: its text, its label and why, where it stands, and everything that happened to it.
import { ask } from "../shell/api.js";
import { h, icon, ICONS, name, say } from "../shell/dom.js";
import { round } from "../shell/form.js";
import { number, t, when } from "../shell/language.js";
import { errorLine } from "../shell/notice.js";
import { addressOf, readAddress } from "./address.js";
import { timeline } from "./timeline.js";
import { answerChips, blindChip, flagChip, given, statusChip } from "./words.js";

export class Drawer {
  // `onClose()`, `onStep(1 or -1)`, `onOpen(id)`.
  constructor({ path, onClose, onStep, onOpen }) {
    Object.assign(this, { path, onOpen });
    this.wanted = null;
    this.title = h("h2", { tabindex: "-1", id: "wb-record-title", dir: "auto", "data-given": true });
    this.chips = h("div.wb-row");
    this.body = h("div.wb-drawer-body", { tabindex: "0", role: "document", "aria-labelledby": "wb-record-title" });
    const buttons = h("div.wb-row.wb-drawer-buttons", {},
      round("records_step_up", icon(ICONS.up), () => onStep(-1)), round("records_step_down", icon(ICONS.down), () => onStep(1)), round("close", icon(ICONS.close), onClose));
    this.element = h("aside.wb-card.wb-drawer", { hidden: true, "aria-labelledby": "wb-record-title" }, h("header.wb-drawer-head", {}, h("div", {}, this.title, this.chips), buttons), this.body);
  }

  hide() {
    this.wanted = null;
    this.element.hidden = true;
  }

  async show(id) {
    if (this.wanted === id && !this.element.hidden) return;
    this.wanted = id;
    const opening = this.element.hidden;
    this.element.hidden = false;
    this.body.setAttribute("aria-busy", "true");
    try {
      const told = await ask(`${this.path}/${id}`);
      if (this.wanted === id) this.paint(told);
    } catch (error) {
      if (this.wanted === id) this.fail(error, id);
    } finally {
      if (this.wanted === id) this.body.removeAttribute("aria-busy");
    }
    if (opening && this.wanted === id) this.title.focus();
  }

  fail(error, id) {
    this.title.textContent = String(id);
    this.chips.replaceChildren();
    this.body.replaceChildren(errorLine(error));
  }

  paint(told) {
    const { record } = told;
    this.title.textContent = record.external_id;
    this.chips.replaceChildren(statusChip(told.status), ...(told.flagged && told.status !== "flagged" ? [flagChip()] : []), ...(told.half ? [blindChip()] : []));
    this.body.scrollTop = 0;
    this.body.replaceChildren(
      h("div.wb-record-text", { "data-given": true, dir: "auto" }, record.text),
      ...(told.original_text === null ? [] : [h("details", {}, say(h("summary"), "records_original"), h("div.wb-record-text.is-original", { "data-given": true, dir: "auto" }, told.original_text))]),
      labelOf(told), this.facts(told), say(h("h3"), "records_history"), timeline(told),
    );
  }

  facts(told) {
    const { record, place } = told;
    const rows = [
      ["records_fact_group", record.group && [given(record.group), this.links(told.group)]],
      ["records_fact_twins", told.twins.length && [this.links(told.twins)]],
      ["records_fact_category", record.category && [given(record.category)]],
      ["records_fact_half", told.half && [t(`records_half_${told.half}`)]],
      ["records_fact_queue", place && [queueWords(place)]],
      ["records_fact_held", told.held.length && told.held.map(({ person, until }) => h("span", {}, given(person), " ", say(h("span.wb-quiet"), "records_until", { when: when(until) })))],
      ["records_fact_answered_as", told.answered_as && [this.links([{ id: told.answered_as, external_id: t("records_first_of_group") }])]],
    ].filter(([, value]) => value);
    const own = Object.entries(record.attributes).map(([key, value]) => [given(key, "dt"), h("dd", {}, given(value))]);
    return h("dl.wb-record-facts", {}, ...rows.flatMap(([key, value]) => [say(h("dt"), key), h("dd", {}, ...value)]), ...own.flat());
  }

  links(relatives) {
    if (!relatives.length) return null;
    const items = relatives.map(({ id, external_id: title, excerpt }) => {
      const link = h("a", { href: addressOf({ ...readAddress(), record: id }), "data-given": true, dir: "auto", title: excerpt ?? null }, title);
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.onOpen(id);
      });
      return link;
    });
    return h("span.wb-relatives", {}, ...items);
  }
}

function queueWords(place) {
  const words = say(h("span"), place.open ? "records_place_open" : "records_place_closed", { position: number(place.position) });
  return h("span", {}, words, place.open ? h("span.wb-quiet", { "data-given": true }, ` · ${place.reason[document.documentElement.lang] ?? place.reason.en}`) : null);
}

// The label, and in a sentence why it is this one or why there is none.
function labelOf({ gold, why, overlap }) {
  const people = gold?.annotators ?? [];
  const reason = say(h("p.wb-quiet"), `records_why_${why}`, { overlap, people: people.length, agreement: Math.round(100 * (gold?.agreement ?? 0)) });
  return h("section.wb-record-label", {}, name(h("div", {}, answerChips(gold?.answer) ?? say(h("strong"), "records_no_label")), "aria-label", "records_label"), reason);
}
