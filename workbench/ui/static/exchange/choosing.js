// Choosing a file: a box to click or to drop on, then the way up to the server with a bar that shows it.
import { ask, send } from "../shell/api.js";
import { h, icon, ICONS, name, say } from "../shell/dom.js";
import { plain } from "../shell/form.js";
import { number, t } from "../shell/language.js";
import { progressBar } from "../shell/progress.js";

const ENDINGS = [".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".gz"];
const MB = 2 ** 20;

// `onFile(file)` gets the file that was chosen or dropped.
export function fileBox(onFile) {
  const control = name(h("input.wb-unseen", { type: "file", accept: ENDINGS.join(","), id: "wb-file" }), "aria-label", "data_choose");
  control.addEventListener("change", () => { if (control.files[0]) onFile(control.files[0]); });
  const box = h("label.wb-drop", { for: "wb-file" }, icon(ICONS.upload), say(h("strong"), "data_choose"), say(h("span.wb-quiet"), "data_formats"), control);
  for (const kind of ["dragover", "dragenter"]) box.addEventListener(kind, (event) => { event.preventDefault(); box.classList.add("is-over"); });
  box.addEventListener("dragleave", () => box.classList.remove("is-over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("is-over");
    if (event.dataTransfer.files[0]) onFile(event.dataTransfer.files[0]);
  });
  return box;
}

// Shows in `place` how far it is; gives the upload, or null where the person stopped it. Throws what is wrong with it.
export async function sendFile(file, limit, place) {
  if (file.size > limit) throw new Error(t("data_too_large", { name: file.name, size: megabytes(file.size), limit: megabytes(limit) }));
  const stop = new AbortController();
  const bar = h("div");
  const paint = (share) => bar.replaceChildren(progressBar({ done: Math.round(100 * share), total: 100, what: file.name }));
  paint(0);
  place.replaceChildren(bar, h("div.wb-row", {}, plain("cancel", () => stop.abort())));
  try {
    return await send("api/data/uploads", file, { headers: { "X-File-Name": encodeURIComponent(file.name) }, onProgress: paint, signal: stop.signal });
  } catch (error) {
    if (error.name === "AbortError") return null;
    throw error;
  }
}

export const forget = (upload) => ask(`api/data/uploads/${upload.id}`, { method: "DELETE" }).catch(() => {});

export const megabytes = (bytes) => number(Math.max(0.1, bytes / MB), { maximumFractionDigits: bytes < 10 * MB ? 1 : 0 });
