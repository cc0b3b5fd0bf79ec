// What saving would mean, said before it is done; and what to do when somebody else was faster.
import { ask } from "../shell/api.js";
import { dialogFoot, openDialog } from "../shell/dialog.js";
import { h, say } from "../shell/dom.js";
import { act, plain, primary } from "../shell/form.js";
import { notice } from "../shell/notice.js";
import { changeList, gathered } from "./changes.js";
import { renames } from "./draft.js";
import { keepAsFile } from "./files.js";

export function askBeforeSaving({ project, draft, labels, changes, onSaved }) {
  const dialog = openDialog("labels_save_title", (close) => {
    if (!changes.length) return [say(h("p"), "labels_save_nothing"), dialogFoot(plain("close", close))];
    const place = h("div.wb-form");
    const save = primary("labels_save", () => act(save, () => saveLabels({ project, draft, labels, place, close, onSaved })), {});
    return [h("div.wb-form", {}, ...consequences(changes, renames(draft)), changeList(changes)), place, dialogFoot(plain("cancel", close), save)];
  });
  dialog.classList.add("is-wide");
}

function consequences(changes, renamed) {
  const removed = gathered(changes.filter(({ kind }) => kind === "removed"));
  const answers = removed.reduce((sum, change) => sum + change.answers, 0);
  const proposals = removed.reduce((sum, change) => sum + change.proposals, 0);
  return [
    renamed.length ? notice("warn", "labels_save_renamed", { list: renamed.map(([old, now]) => `${old} → ${now}`).join(", ") }) : null,
    removed.length && answers ? notice("warn", "labels_save_answers", { n: answers }) : null,
    removed.length && proposals ? notice("warn", "labels_save_proposals", { n: proposals }) : null,
    removed.length && !answers && !proposals ? notice("good", "labels_save_unused", { n: removed.length }) : null,
  ].filter(Boolean);
}

async function saveLabels({ project, draft, labels, place, close, onSaved }) {
  try {
    await ask(`api/labels/${encodeURIComponent(project)}`, { method: "PUT", body: { labels, based_on: draft.version } });
  } catch (error) {
    if (error.status !== 409) throw error;
    place.replaceChildren(notice("bad", "labels_stale", { version: draft.version }),
      h("div.wb-row", {}, plain("labels_keep_draft", () => keepAsFile(`${project}-labels.yaml`, labels)), plain("labels_load_newest", () => { close(); onSaved(null); })));
    return;
  }
  close();
  onSaved("labels_saved");
}
