// Saying that something went well or did not: beside what it is about, or as a line that goes by itself.
import { h, say } from "./dom.js";
import { t } from "./language.js";

const TOAST_MS = 5_000;

// `kind` is good, warn or bad.
export const notice = (kind, key, values = {}) => say(h(`p.wb-notice.is-${kind}`, { role: kind === "bad" ? "alert" : "status" }), key, values);

// The server's one line, which names what is at fault; a server that does not answer is said in the page's language.
export function errorLine(error) {
  const unreachable = error instanceof TypeError || error.name === "TimeoutError";
  return h("p.wb-notice.is-bad", { role: "alert" }, unreachable ? t("no_answer") : error.message);
}

export function toast(key, values = {}) {
  const app = document.querySelector(".wb-app");
  app.querySelector(".wb-toast")?.remove();
  const line = say(h("div.wb-toast", { role: "status" }), key, values);
  app.append(line);
  setTimeout(() => line.remove(), TOAST_MS);
}
