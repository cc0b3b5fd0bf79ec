// Guidelines as the server renders them: nothing of what people wrote is markup but what it made.
import { h } from "../shell/dom.js";

export function rendered(html) {
  const place = h("div.wb-markdown", { "data-given": true, dir: "auto" });
  place.innerHTML = html;
  return place;
}
