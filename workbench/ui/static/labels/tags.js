// The tags of one category: a name and a definition each, in an order that people see.
import { h, icon, ICONS, name, say } from "../shell/dom.js";
import { input, plain, round } from "../shell/form.js";
import { adder } from "./adder.js";
import { move, newTag } from "./draft.js";

export function tagList(entry, desk) {
  const list = h("ol.wb-tags");
  const whole = h("div.wb-taglist", {}, list);
  const may = desk.may && !entry.removed;
  const paint = (focus = null) => {
    list.replaceChildren(...entry.tags.map((tag, place) => (may ? editable(entry, tag, place, desk, paint) : readable(tag))));
    if (!entry.tags.length) list.replaceChildren(h("li.wb-quiet", {}, say(h("span"), "labels_no_tags")));
    if (focus !== null) list.children[focus]?.querySelector("input, button")?.focus();
  };
  paint();
  if (may) whole.append(adder("labels_add_tag", (names) => {
    entry.tags.push(...names.map(newTag));
    desk.touch();
    paint();
  }));
  return whole;
}

const readable = (tag) => h("li.wb-tagrow.is-read", { "data-given": true, dir: "auto" }, h("strong", {}, tag.name), tag.definition ? h("span.wb-quiet", {}, tag.definition) : null);

function editable(entry, tag, place, desk, paint) {
  const change = (work, focus = place) => {
    work();
    desk.touch();
    paint(focus);
  };
  if (tag.removed) {
    return h("li.wb-tagrow.is-removed", {}, h("s", { "data-given": true }, tag.name), h("span.wb-grow"), plain("labels_restore", () => change(() => { tag.removed = false; })));
  }
  const title = written(tag, "name", { maxlength: "255" }, "labels_tag_name", desk);
  const about = written(tag, "definition", { maxlength: "10000" }, "labels_tag_definition", desk);
  const remove = () => change(() => { if (tag.was === null) entry.tags.splice(place, 1); else tag.removed = true; });
  return h(
    "li.wb-tagrow", {}, title, about,
    round("labels_up", icon(ICONS.up), () => change(() => move(entry.tags, place, -1), Math.max(0, place - 1)), { disabled: place === 0 }),
    round("labels_down", icon(ICONS.down), () => change(() => move(entry.tags, place, 1), place + 1), { disabled: place === entry.tags.length - 1 }),
    round("labels_remove", icon(ICONS.trash), remove),
  );
}

function written(tag, key, attributes, label, desk) {
  const control = name(name(input({ value: tag[key], dir: "auto", ...attributes }), "aria-label", label), "placeholder", label);
  control.addEventListener("input", () => { tag[key] = control.value; desk.touch(); });
  return control;
}
