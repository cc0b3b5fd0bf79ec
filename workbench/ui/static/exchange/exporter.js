// Taking answers, proposals and snapshots out: prepared by the server as a whole file, then fetched.
import { address, ask } from "../shell/api.js";
import { h, say } from "../shell/dom.js";
import { act, field, primary, select } from "../shell/form.js";
import { notice } from "../shell/notice.js";
import { panel } from "../shell/panel.js";
import { megabytes } from "./choosing.js";

const WHATS = ["gold", "annotations", "proposals", "snapshot"];
const TABLES = ["csv", "jsonl", "parquet"];
const TOOLS = ["label-studio", "argilla", "doccano"];
const NAMES = { csv: "CSV", jsonl: "JSON Lines", parquet: "Parquet", "label-studio": "Label Studio", argilla: "Argilla", doccano: "doccano" };

export function exportPanel(project) {
  const what = select(WHATS.map((value) => ({ value, key: `data_export_${value}` })), "gold");
  const format = select(TABLES.map(option), "csv");
  const hint = say(h("p.wb-hint-text", { role: "status" }), "data_export_gold_hint");
  const said = h("div");
  const start = primary("data_export_start", () => act(start, () => fetchExport(project, what.value, format.value, said)));
  const show = () => {
    const kept = format.value;
    const offered = [...TABLES, ...(what.value === "snapshot" ? [] : TOOLS)];
    format.replaceChildren(...select(offered.map(option)).children);
    format.value = offered.includes(kept) ? kept : "csv";
    say(hint, `data_export_${what.value}_hint`);
  };
  what.addEventListener("change", show);
  show();
  return panel("data_export", h("div.wb-form", {}, h("div.wb-fields", {}, field({ label: "data_export_what" }, what), field({ label: "data_export_format" }, format)), hint, h("div.wb-row", {}, start), said));
}

const option = (value) => ({ value, text: NAMES[value] });

async function fetchExport(project, what, format, said) {
  said.replaceChildren();
  const made = await ask(`api/data/projects/${encodeURIComponent(project)}/exports`, { body: { what, format }, patient: true });
  const link = h("a", { href: address(`api/data/exports/${made.id}`).href, download: made.name });
  link.click();
  said.replaceChildren(notice("good", "data_export_done", { name: made.name, n: made.rows, size: megabytes(made.size) }));
}
