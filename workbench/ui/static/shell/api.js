// Talking to our own routes. 401 means the session ended: leave for the login page; what is unsaved stays in the outbox.

import { isAttended } from "./presence.js";

export class Refused extends Error {
  constructor(status, detail) {
    super(detail || `HTTP ${status}`);
    this.status = status;
  }
}

const TIMEOUT_MS = 20_000;
let actor = null;
let opener = null;

// Where nobody logs in, requests carry the name that the person gave.
export const actAs = (person) => { actor = person; };

// Where one is logged in, they say who opened this page: if somebody else has logged in in this browser since, the
// server answers 401 instead of taking the one's work for the other's.
export const openedBy = (person) => { opener = person; };

export const address = (path) => new URL(path, document.baseURI);

// Throws Refused for an answer that is not 2xx, TypeError or a timeout where there was none. A FormData or a Blob as
// the body goes as it is, and for as long as it takes; so does what is asked `patient`ly.
export async function ask(path, { person = actor, body, method, text = false, patient = false } = {}) {
  const large = patient || body instanceof FormData || body instanceof Blob;
  const signal = large ? undefined : AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(address(path), request(person, body, { method, signal }));
  if (answer.status === 401) {
    location.assign(address(`login?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`));
    throw new Refused(401, "log in first");
  }
  if (!answer.ok) throw new Refused(answer.status, await detailOf(answer));
  return text ? answer.text() : answer.status === 204 ? null : answer.json();
}

// Sends a file as it is, and tells `onProgress` which share of it has gone; `signal` stops it. Throws as `ask` does.
export function send(path, file, { headers = {}, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const asking = new XMLHttpRequest();
    const { headers: own } = request(actor, undefined, {});
    asking.open("POST", address(path));
    asking.responseType = "json";
    for (const [key, value] of Object.entries({ ...own, ...headers })) asking.setRequestHeader(key, value);
    asking.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    asking.addEventListener("load", () => (asking.status < 300 ? resolve(asking.response) : reject(new Refused(asking.status, asking.response?.detail))));
    asking.addEventListener("error", () => reject(new TypeError("no answer")));
    asking.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
    signal.addEventListener("abort", () => asking.abort());
    asking.send(file);
  });
}

// For a page that is closing: the browser sends it even after the page is gone, if it is under 64 KB.
export function tell(path, { person = actor, body }) {
  try {
    fetch(address(path), request(person, body, { keepalive: true })).catch(() => {});
  } catch { /* too large or no network: the outbox keeps it */ }
}

function request(person, body, { method, ...more }) {
  const headers = isAttended() ? {} : { "X-Unattended": "1" };
  if (opener !== null) headers["X-Opened-By"] = encodeURIComponent(opener);
  else if (person !== null) headers["X-Annotator"] = encodeURIComponent(person);
  if (body === undefined) return { headers, method: method ?? "GET", ...more };
  if (body instanceof FormData || body instanceof Blob) return { method: method ?? "POST", headers, body, ...more };
  headers["Content-Type"] = "application/json";
  return { method: method ?? "POST", headers, body: JSON.stringify(body), ...more };
}

async function detailOf(answer) {
  try {
    const { detail } = await answer.json();
    return typeof detail === "string" ? detail : (detail?.[0]?.msg ?? "");
  } catch {
    return "";
  }
}
