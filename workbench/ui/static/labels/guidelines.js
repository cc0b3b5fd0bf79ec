// The guidelines: shown as they read, and edited in Markdown beside what becomes of it.
import { ask } from "../shell/api.js";
import { h, name, say } from "../shell/dom.js";
import { act, plain, primary, textarea } from "../shell/form.js";
import { notice, toast } from "../shell/notice.js";
import { panel } from "../shell/panel.js";
import { rendered } from "./rendered.js";

const PREVIEW_MS = 250;

// `drafts` keeps what is being written while the page is painted again; `onSaved` is told when it no longer has to.
export function guidelinesPanel({ project, shown, may, drafts, onSaved }) {
  const body = h("div");
  const card = panel("labels_guidelines", body);
  const edit = plain("labels_edit", () => openEditor(shown.text));
  card.head.append(h("div.wb-row", {}, may ? edit : null));
  const read = () => {
    edit.hidden = false;
    drafts.delete(project);
    body.replaceChildren(shown.text ? rendered(shown.html) : say(h("p.wb-quiet"), may ? "labels_guidelines_none_yet" : "labels_guidelines_none"));
  };
  const openEditor = (text) => {
    edit.hidden = true;
    body.replaceChildren(editor({ project, shown, text, drafts, onClose: read, onSaved }));
    body.querySelector("textarea").focus();
  };
  const kept = drafts.get(project);
  if (kept === undefined || !may) read();
  else openEditor(kept);
  return card;
}

function editor({ project, shown, text, drafts, onClose, onSaved }) {
  const control = name(textarea({ value: text, rows: "16", maxlength: "50000", dir: "auto" }), "aria-label", "labels_guidelines_markdown");
  const preview = name(h("div.wb-preview", { role: "region", tabindex: "0" }), "aria-label", "labels_guidelines_preview");
  const show = livePreview(control, preview);
  control.addEventListener("input", () => { drafts.set(project, control.value); show(); });
  const place = h("div");
  const save = primary("save_changes", () => act(save, () => saveGuidelines({ project, shown, text: control.value, place, drafts, onSaved })));
  show(0);
  return h("div.wb-form", {}, h("div.wb-two", {}, control, preview), say(h("p.wb-hint-text"), "labels_guidelines_hint"), place, h("div.wb-row", {}, save, plain("cancel", onClose)));
}

// The newest text's preview stands, whichever answer comes last.
function livePreview(control, preview) {
  let timer = null;
  let newest = 0;
  return (wait = PREVIEW_MS) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = (newest += 1);
      try {
        const { html } = await ask("api/labels/render-guidelines", { body: { text: control.value } });
        if (mine === newest) preview.replaceChildren(rendered(html));
      } catch { /* the text is safe in its box; saving says what is wrong */ }
    }, wait);
  };
}

async function saveGuidelines({ project, shown, text, place, drafts, onSaved }) {
  try {
    await ask(`api/labels/${encodeURIComponent(project)}/guidelines`, { method: "PUT", body: { text, based_on: shown.version } });
  } catch (error) {
    if (error.status !== 409) throw error;
    place.replaceChildren(notice("bad", "labels_guidelines_stale", { version: shown.version }));
    return;
  }
  drafts.delete(project);
  toast("labels_guidelines_saved");
  onSaved();
}
