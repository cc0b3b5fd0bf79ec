// How far something is. Without a total it only shows that it goes on.
import { h, say } from "./dom.js";
import { percent } from "./language.js";

export function progressBar({ done = 0, total = 0, what = "" } = {}) {
  const known = total > 0;
  const share = known ? Math.min(1, done / total) : 0;
  const state = known ? { "aria-valuenow": Math.round(100 * share), "aria-valuemin": 0, "aria-valuemax": 100 } : {};
  const fill = h("i");
  fill.style.width = known ? percent(share) : null;
  const bar = h(known ? "div.wb-progress" : "div.wb-progress.is-endless", { role: "progressbar", "aria-label": what || "…", ...state }, fill);
  const count = known ? say(h("span"), "progress_of", { done, total }) : null;
  return h("div.wb-progress-row", {}, bar, h("div.wb-progress-words.wb-quiet", {}, h("span", {}, what), count));
}
