// Saying that something went well or did not: beside what it is about, or as a line that goes by itself.
import { h, quote, say } from "./dom.js";

const TOAST_MS = 5_000;

// `kind` is good, warn or bad.
export const notice = (kind, key, values = {}) => say(h(`p.wb-notice.is-${kind}`, { role: kind === "bad" ? "alert" : "status" }), key, values);

// The server's one line, which names what is at fault.
export const faultLine = (line) => quote(h("p.wb-notice.is-bad", { role: "alert" }), line);

// What went wrong with a request: what the server said, or that it does not answer.
export function errorLine(error) {
  const unreachable = error instanceof TypeError || error.name === "TimeoutError";
  return unreachable ? notice("bad", "no_answer") : faultLine(error.message);
}

export function toast(key, values = {}) {
  const app = document.querySelector(".wb-app");
  app.querySelector(".wb-toast")?.remove();
  const line = say(h("div.wb-toast", { role: "status" }), key, values);
  app.append(line);
  setTimeout(() => line.remove(), TOAST_MS);
}
