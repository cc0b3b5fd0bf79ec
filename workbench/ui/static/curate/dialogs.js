// The dialogs of the curation page: keys and guidelines, and what the server refused.
import { rendered } from "../labels/rendered.js";
import { ask } from "../shell/api.js";
import { copyButton } from "../shell/clipboard.js";
import { closeButton, dialogFoot, openDialog } from "../shell/dialog.js";
import { button, h, name, say } from "../shell/dom.js";
import { t } from "../shell/language.js";
import { inWords } from "../shell/phrases.js";

const KEYS = [["1–9, Q, W, E…", "label"], ["A", "accept"], ["Enter", "save_tags"], ["Space", "skip"], ["F", "flag"], ["U", "undo"],
  ["/", "search"], ["C", "comment"], ["Esc", "leave"], ["?", "help"]];

// The guidelines as the server renders them; where it does not answer, as they were written.
async function showGuidelines(place, project) {
  try {
    const { html } = await ask(`api/labels/${encodeURIComponent(project)}/guidelines`);
    place.replaceChildren(rendered(html));
    place.classList.add("is-rendered");
  } catch { /* the words are there */ }
}

export function openHelp(setup) {
  const guidelines = setup.guidelines ? name(h("div.wb-guidelines", { tabindex: "0", role: "region" }, setup.guidelines), "aria-label", "guidelines") : say(h("p.wb-quiet"), "no_guidelines");
  if (setup.guidelines) showGuidelines(guidelines, setup.name);
  const rows = KEYS.map(([key, what]) => [h("dt", {}, h("kbd", {}, key)), say(h("dd"), `key_${what}`)]);
  const dialog = openDialog("help", (close) => [
    say(h("p.wb-quiet"), "help_layout"), h("dl.wb-keys", {}, ...rows.flat()),
    say(h("h3"), "guidelines"), guidelines,
    dialogFoot(closeButton(close)),
  ]);
  // The focus goes to what can be scrolled, but people begin at the top.
  dialog.scrollTop = 0;
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
  const dialog = openDialog("refused_title", (close) => [say(h("p.wb-quiet"), "refused_hint"), list, dialogFoot(copyAll(outbox), closeButton(close))]);
}

function refusedRow({ action, refusal }, discard) {
  const given = [action.category, ...(action.tags ?? [])].filter(Boolean).join(", ") || t(`act_${action.action}`);
  // The others' detail is a name, this one's a line of the server's.
  const detail = refusal.code === "malformed" ? inWords(refusal.detail) : refusal.detail;
  return h("li", {}, h("div", {}, h("q", {}, action.note ?? String(action.record)), h("strong", {}, given), h("p", {}, t(`refusal_${refusal.code.replaceAll("-", "_")}`, { detail }))),
    say(button("button.wb-button", { onclick: () => discard(action.cid) }), "discard"));
}

const copyAll = (outbox) =>
  copyButton(() => outbox.refused.map(({ action, refusal }) => JSON.stringify({ ...action, refusal: refusal.message })).join("\n"));
