// What is in the file that was sent: how it is written, and its first rows as text.
import { h, name, say } from "../shell/dom.js";
import { select } from "../shell/form.js";
import { t } from "../shell/language.js";
import { inWords } from "../shell/phrases.js";

const DELIMITERS = { ",": "data_comma", ";": "data_semicolon", "\t": "data_tab" };

export function fileFacts(upload, seen, onSheet) {
  const facts = [seen.format.toUpperCase(), seen.encoding, seen.delimiter && t(DELIMITERS[seen.delimiter]), rowCount(seen.count)].filter(Boolean);
  const line = h("div.wb-row", {}, h("strong", { "data-given": true, dir: "auto" }, upload.name), h("span.wb-quiet", {}, facts.join(" · ")));
  if (seen.sheets.length > 1) {
    const choice = name(select(seen.sheets.map((sheet) => ({ value: sheet, text: sheet })), seen.sheet), "aria-label", "data_sheet");
    choice.addEventListener("change", () => onSheet(choice.value));
    line.append(choice);
  }
  return line;
}

function rowCount({ read, exact, about }) {
  if (exact) return t("data_rows", { n: read });
  return about ? t("data_rows_about", { n: about }) : t("data_rows_more", { n: read });
}

// `roles` maps a column to the key of what it is taken for.
export function previewTable(seen, roles) {
  const heads = seen.columns.map((column) => h("th", { scope: "col" }, h("span", { "data-given": true, dir: "auto" }, column || "–"), roles.has(column) ? say(h("span.wb-chip.is-done"), roles.get(column)) : null));
  const rows = seen.rows.map(([line, cells, fault]) => h("tr", { class: fault ? "is-bad" : null, title: fault ? inWords(fault) : null },
    h("th", { scope: "row" }, String(line)), ...cells.map((cell) => h("td", { "data-given": true, dir: "auto" }, cell))));
  const whole = h("table.wb-table", {}, say(h("caption.wb-unseen"), "data_preview"), h("thead", {}, h("tr", {}, say(h("th", { scope: "col" }), "data_line"), ...heads)), h("tbody", {}, ...rows));
  return name(h("div.wb-table-frame.wb-preview-rows", { tabindex: "0", role: "region" }, whole), "aria-label", "data_preview");
}
