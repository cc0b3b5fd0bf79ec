// The dialogs: keys and guidelines, what the server refused, and the name that labels carry.
import { button, h, name, say } from "../shell/dom.js";
import { t } from "../shell/language.js";

const close = () => say(button("button.wb-button", { onclick: (event) => event.target.closest("dialog").close() }), "close");

function open(title, ...content) {
  const dialog = name(h("dialog.wb-dialog", {}, say(h("h2"), title), ...content), "aria-label", title);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.querySelector(".wb-app").append(dialog);
  dialog.showModal();
  return dialog;
}

const KEYS = [["1–9, Q, W, E…", "label"], ["A", "accept"], ["Enter", "save_tags"], ["Space", "skip"], ["F", "flag"], ["U", "undo"],
  ["/", "search"], ["C", "comment"], ["Esc", "leave"], ["?", "help"]];

export function openHelp(setup) {
  const rows = KEYS.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), say(h("dd"), `key_${what}`)]);
  const dialog = open(
    "help", say(h("p.wb-quiet"), "help_layout"), h("dl.wb-keys", {}, ...rows.flat()),
    say(h("h3"), "guidelines"), setup.guidelines ? h("div.wb-guidelines", {}, setup.guidelines) : say(h("p.wb-quiet"), "no_guidelines"),
    h("div.wb-dialog-foot", {}, close()),
  );
  dialog.addEventListener("keydown", (event) => { if (event.code === "Slash" && event.shiftKey) dialog.close(); });
}

export function openRefused(outbox, onChange) {
  const list = h("ul.wb-refused");
  const discard = (cid) => {
    outbox.forget(cid);
    fill();
    onChange();
    if (!outbox.refused.length) dialog.close();
  };
  const fill = () => list.replaceChildren(...outbox.refused.map((one) => refusedRow(one, discard)));
  fill();
  const dialog = open("refused_title", say(h("p.wb-quiet"), "refused_hint"), list, h("div.wb-dialog-foot", {}, copyAll(outbox), close()));
}

function refusedRow({ action, refusal }, discard) {
  const given = [action.category, ...(action.tags ?? [])].filter(Boolean).join(", ") || t(`act_${action.action}`);
  return h("li", {}, h("div", {}, h("q", {}, action.note ?? String(action.record)), h("strong", {}, given), h("p", {}, t(`refusal_${refusal.code.replaceAll("-", "_")}`, { detail: refusal.detail }))),
    say(button("button.wb-button", { onclick: () => discard(action.cid) }), "discard"));
}

function copyAll(outbox) {
  const copy = say(button("button.wb-button"), "copy");
  copy.addEventListener("click", async () => {
    const lines = outbox.refused.map(({ action, refusal }) => JSON.stringify({ ...action, refusal: refusal.message }));
    await copyText(lines.join("\n"), copy);
    say(copy, "copied");
  });
  return copy;
}

// The clipboard is closed to pages on a plain LAN address: a selection and the old command still work there.
export async function copyText(text, beside) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = h("textarea", {});
  field.value = text;
  beside.after(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

export function openName(person, onName) {
  const field = name(h("input.wb-input", { value: person, maxlength: "100", autocomplete: "username" }), "aria-label", "your_name");
  const form = h("form", { method: "dialog" }, field, h("div.wb-dialog-foot", {}, say(h("button.wb-button.is-primary", { type: "submit" }), "save_name")));
  form.addEventListener("submit", () => { if (field.value.trim()) onName(field.value.trim()); });
  open("your_name", say(h("p.wb-quiet"), "your_name_hint"), form);
  field.select();
}
