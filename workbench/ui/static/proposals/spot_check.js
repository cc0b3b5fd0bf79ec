// A check by hand: random settled records that people answer unseen, and how often each stage was right.
import { ask } from "../shell/api.js";
import { confirmed } from "../shell/dialog.js";
import { h, say } from "../shell/dom.js";
import { act, primary, plain } from "../shell/form.js";
import { number, percent, when } from "../shell/language.js";
import { panel } from "../shell/panel.js";
import { linkTo } from "../shell/places.js";
import { poll } from "../shell/polling.js";
import { table } from "../shell/table.js";
import { stageKey } from "./words.js";

const SIZE = 100;
const EVERY_MS = 20_000;
const RESTING_MS = 300_000;

// `path` is that of the project's proposals; `may` whether the person may draw.
export function spotCheckPanel({ path, project, may }) {
  const place = h("div.wb-form");
  const card = panel("check_title", say(h("p.wb-quiet"), "check_hint"), place);
  card.classList.add("is-wide");
  let check = null;
  const paint = (answer) => {
    check = answer.check;
    place.replaceChildren(...content(check, { path, project, may, paint }));
  };
  poll(card, async () => paint(await ask(`${path}/spot-check`)), () => (check?.waiting ? EVERY_MS : RESTING_MS));
  return card;
}

function content(check, { path, project, may, paint }) {
  const draw = may ? (check ? plain : primary)(check ? "check_again" : "check_draw", () => act(draw, () => drawAnew(check, path, paint))) : null;
  const only = may ? null : say(h("p.wb-quiet"), "check_admin_only");
  if (!check) return [say(h("p"), "check_none"), draw ? h("div.wb-row", {}, draw) : only];
  const state = say(h("p.wb-quiet"), "check_state", { when: when(check.drawn_at), drawn: check.drawn, waiting: check.waiting });
  const go = check.waiting ? say(h("a.wb-button.is-primary", { href: linkTo("curate", project) }), "check_go") : null;
  return [resultTable(check), state, h("div.wb-row", {}, go, draw)];
}

async function drawAnew(check, path, paint) {
  if (check?.waiting && !(await confirmed("check_again_sure", { waiting: check.waiting }, "check_again"))) return;
  paint(await ask(`${path}/spot-check`, { body: { size: SIZE } }));
}

function resultTable(check) {
  const columns = [
    { key: "stage", title: "check_stage", cell: ({ stage }) => say(h("strong"), stageKey(stage)) },
    { key: "settled", title: "check_settled", numeric: true, cell: ({ settled }) => number(settled) },
    { key: "judged", title: "check_judged", numeric: true, cell: ({ judged, drawn }) => say(h("span"), "check_of", { judged, drawn }) },
    { key: "right", title: "check_right", numeric: true, cell: rightCell },
  ];
  return table({ caption: "check_title", columns, rows: check.stages });
}

function rightCell({ judged, right, low, high }) {
  if (!judged) return "–";
  return h("div", {}, h("b", {}, percent(right / judged)), h("div.wb-quiet", {}, `${percent(low)}–${percent(high)}`));
}
