// A card of a page: a title, what belongs to it, and optionally buttons beside the title.
import { h, say } from "./dom.js";

export function panel(title, ...children) {
  const head = title === null ? null : h("div.wb-panel-head", {}, say(h("h2"), title));
  const card = h("section.wb-card.wb-panel", {}, head, ...children);
  card.head = head;
  return card;
}
