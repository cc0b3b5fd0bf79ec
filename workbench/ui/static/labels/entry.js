// One category with its tags: a line that opens into its fields. Reading it needs no right, changing it does.
import { button, colourOf, h, icon, ICONS, name, say } from "../shell/dom.js";
import { field, input, plain, round, textarea } from "../shell/form.js";
import { colourChoice } from "./colours.js";
import { wordsOf } from "./draft.js";
import { tagList } from "./tags.js";

// `desk` is {draft, may, open: a Set of entries, changed(), moved(entry, by), asksTags}.
export function entryRow(entry, place, desk) {
  const row = h("li.wb-entry", { "data-entry": String(place) });
  const body = h("div.wb-entry-body", { id: `wb-entry-${place}`, hidden: !desk.open.has(entry) });
  const head = h("div.wb-entry-head", {}, opener(entry, place, body, desk), ...(desk.may ? tools(entry, desk) : []));
  row.append(head, body);
  row.classList.toggle("is-removed", entry.removed);
  if (desk.open.has(entry)) fill(body, entry, desk, row);
  return row;
}

function opener(entry, place, body, desk) {
  const open = desk.open.has(entry);
  const toggle = () => {
    if (desk.open.has(entry)) desk.open.delete(entry);
    else desk.open.add(entry);
    desk.repaint(place);
  };
  const said = h("span.wb-entry-words", {}, title(entry, place), entry.description ? h("span.wb-entry-about", { "data-given": true }, entry.description) : null);
  const counts = h("span.wb-entry-counts", {}, ...counted(entry, desk));
  return button("button.wb-entry-open", { "aria-expanded": String(open), "aria-controls": body.id, onclick: toggle }, icon(ICONS[open ? "up" : "down"]), dot(entry, place), said, counts);
}

function title(entry) {
  if (entry.anyone) return say(h("strong"), "labels_anyone");
  return h("strong", { "data-given": true, dir: "auto" }, entry.name);
}

const dot = (entry, place) => {
  const one = h("i.wb-dot");
  one.style.setProperty("--c", colourOf(entry.color, place));
  return one;
};

function counted(entry, desk) {
  const tags = entry.tags.filter(({ removed }) => !removed).length;
  return [
    entry.was === null ? say(h("span.wb-chip.is-done"), "labels_new") : null,
    desk.asksTags || tags ? say(h("span.wb-chip"), "labels_tags_count", { n: tags }) : null,
  ];
}

function tools(entry, desk) {
  if (entry.removed) return [plain("labels_restore", () => desk.change(() => { entry.removed = false; }))];
  return [
    round("labels_up", icon(ICONS.up), () => desk.move(entry, -1)),
    round("labels_down", icon(ICONS.down), () => desk.move(entry, 1)),
    round("labels_remove", icon(ICONS.trash), () => desk.remove(entry)),
  ];
}

function fill(body, entry, desk, row) {
  if (desk.may && !entry.removed) body.append(editor(entry, desk, row));
  else body.append(...reader(entry));
  if (desk.asksTags || entry.tags.length) body.append(say(h("h3"), "labels_tags"), tagList(entry, desk));
}

function reader(entry) {
  const words = wordsOf(entry.keywords);
  return [
    h("p", { "data-given": true, dir: "auto", hidden: !entry.description }, entry.description),
    words.length ? h("p.wb-quiet", {}, say(h("span"), "labels_keywords"), ": ", h("span", { "data-given": true }, words.join(", "))) : null,
  ].filter(Boolean);
}

// Fields write into the entry as they are typed; only what their line shows is painted again.
function editor(entry, desk, row) {
  const fields = h("div.wb-form");
  const typed = (control, key) => control.addEventListener("input", () => {
    entry[key] = control.value;
    desk.touch();
    refresh(row, entry, desk);
  });
  if (!entry.anyone) {
    const title = input({ value: entry.name, maxlength: "255", dir: "auto" });
    typed(title, "name");
    fields.append(field({ label: entry.listed ? "labels_name" : "labels_section" }, title), renameNote(entry, title));
  }
  if (entry.listed) {
    const about = textarea({ value: entry.description, rows: "2", maxlength: "10000", dir: "auto" });
    const words = input({ value: entry.keywords, dir: "auto" });
    typed(about, "description");
    typed(words, "keywords");
    fields.append(field({ label: "labels_description", hint: "labels_description_hint" }, about), field({ label: "labels_keywords", hint: "labels_keywords_hint" }, words),
      colourChoice(entry, () => { desk.touch(); refresh(row, entry, desk); }));
  }
  return fields;
}

// A new spelling is a new label: said where it is typed, not first when it is saved.
export function renameNote(entry, control) {
  const note = h("p.wb-notice.is-warn.wb-rename", { role: "status", hidden: true });
  const paint = () => {
    const renamed = entry.was !== null && entry.was !== control.value.trim();
    note.hidden = !renamed;
    if (renamed) say(note, "labels_renamed", { old: entry.was, new: control.value.trim() || "…" });
  };
  control.addEventListener("input", paint);
  paint();
  return note;
}

function refresh(row, entry, desk) {
  const place = Number(row.dataset.entry);
  row.querySelector(".wb-dot").style.setProperty("--c", colourOf(entry.color, place));
  if (!entry.anyone) row.querySelector(".wb-entry-words strong").textContent = entry.name;
  row.querySelector(".wb-entry-counts").replaceChildren(...counted(entry, desk).filter(Boolean));
}
