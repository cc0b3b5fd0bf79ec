// Making a version the champion, and going back to the one before: both asked twice, both done by the worker.
import { ask } from "../shell/api.js";
import { confirmed } from "../shell/dialog.js";
import { h, say } from "../shell/dom.js";
import { act, plain } from "../shell/form.js";
import { covers } from "../shell/places.js";
import { gateWords } from "./gate.js";

export function goBack(page) {
  const { me, found } = page;
  if (found.before === null || !covers(me.role, "admin")) return [];
  return [plain("models_go_back", (event) => rollback(page, event.currentTarget))];
}

async function rollback(page, control) {
  const { before, champion, versions } = page.found;
  const known = versions.find((one) => one.version === before);
  const details = known ? [gateWords(known)] : [];
  if (!(await confirmed("models_go_back_question", { before, champion }, "models_go_back_action", { details }))) return;
  await act(control, async () => page.follow((await ask(`${page.path}/rollback`, { method: "POST" })).job));
}

// What the gate said stands in the question: whoever overrules it should know what they overrule.
export async function changeChampion(page, version, control) {
  const { champion } = page.found;
  const key = champion === null ? "models_promote_question_first" : "models_promote_question";
  const details = [say(h("p.wb-quiet"), "models_gate_said"), gateWords(version)];
  if (!(await confirmed(key, { version: version.version, champion }, "models_promote", { details }))) return;
  await act(control, async () => {
    page.follow((await ask(`${page.path}/promotion`, { body: { version: version.version } })).job);
  });
}
