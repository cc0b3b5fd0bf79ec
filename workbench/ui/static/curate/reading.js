// The card with the text: why it is here, what else is known of it, the text itself, a comment.
import { h, icon, ICONS, name, say } from "../shell/dom.js";
import { language, t } from "../shell/language.js";

const HASH = /^[0-9a-f]{32}$/;

export class Reading {
  constructor({ onComment }) {
    this.why = h("div.wb-why");
    this.facts = h("div.wb-facts");
    this.meta = name(h("div.wb-meta", { role: "group" }, this.why, this.facts), "aria-label", "about_record");
    this.text = name(h("div.wb-text", { tabindex: "0", role: "document", "aria-live": "polite" }), "aria-label", "text");
    this.comment = name(name(h("textarea.wb-comment", { rows: "1", maxlength: "4000" }), "placeholder", "comment"), "aria-label", "comment");
    this.comment.addEventListener("input", () => onComment(this.comment.value));
    this.comment.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" && !(event.key === "Enter" && !event.shiftKey)) return;
      event.preventDefault();
      this.comment.blur();
    });
    const field = h("label.wb-comment-field", {}, h("kbd", {}, "C"), this.comment);
    this.element = h("section.wb-card.wb-reading", {}, this.meta, this.text, field);
  }

  paint(item, pick) {
    const facts = item ? known(item) : [];
    this.why.replaceChildren(...(item ? why(item) : []));
    this.facts.replaceChildren(...facts);
    // Once a project has shown such a line, its place is kept for every record, so that the text stays where it is.
    if (facts.length) this.meta.classList.add("has-facts");
    this.text.textContent = item?.text ?? "";
    this.text.dataset.record = item?.id ?? "";
    this.text.scrollTop = 0;
    this.comment.value = pick?.comment ?? "";
  }
}

function why(item) {
  return [
    item.blind
      ? h("span.wb-chip.wb-chip-blind", {}, icon(ICONS.eyeOff), t("blind_badge"))
      : h("span.wb-chip.wb-chip-reason", { title: t("reason_title") }, item.reason[language()]),
    // A record imported without an id is named by a hash, which tells nobody anything.
    HASH.test(item.name) ? "" : h("span.wb-record", { title: item.name }, item.name),
  ];
}

function known(item) {
  const own = [["category", item.category], ["group", item.group]].filter(([, value]) => value);
  return [...own.map(([what, value]) => chip(t(`chip_${what}`), value)), ...Object.entries(item.attributes).map(([what, value]) => chip(what, String(value)))];
}

function chip(what, value) {
  return h("span.wb-chip", { title: `${what}: ${value}` }, h("span.wb-chip-name", {}, what), value);
}
