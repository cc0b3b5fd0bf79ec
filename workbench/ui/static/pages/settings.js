// Settings: what a project does, each with its reason, and what the installation was started with.
import { ask } from "../shell/api.js";
import { closeButton, confirmed, dialogFoot, openDialog } from "../shell/dialog.js";
import { h, icon, ICONS, say } from "../shell/dom.js";
import { act, field, input, plain, primary, round, select } from "../shell/form.js";
import { has, t } from "../shell/language.js";
import { errorLine, toast } from "../shell/notice.js";
import { openPage } from "../shell/page.js";
import { panel } from "../shell/panel.js";
import { linkTo } from "../shell/places.js";

const GROUPS = [
  ["people", ["blind_share", "overlap", "strategy", "queue_size", "by_group", "max_chars"]],
  ["stages", ["stages", "threshold.keywords", "threshold.model", "threshold.similarity", "threshold.zero-shot", "threshold.llm", "threshold.import"]],
  ["tags", ["tag_threshold"]],
  ["gate", ["gate_min_rows", "gate_floor", "gate_latency_ms"]],
  ["llm", ["llm_votes", "rationale", "hypothesis_template"]],
];
// Changing these changes what earlier answers mean, so they are asked about before they are saved.
const GRAVE = ["blind_share", "overlap", "by_group"];

export const start = (element) => openPage(element, { page: "settings", role: "admin", needsProject: false, paint });

async function paint({ main, head, project, repaint }) {
  head.append(plain("settings_new_project", openNewProject));
  const [installed, found] = await Promise.all([
    ask("api/settings"),
    project === null ? null : ask(`api/settings/${encodeURIComponent(project)}`),
  ]);
  const groups = found === null ? [] : GROUPS.map(([group, keys]) => groupPanel(group, keys, found, project, repaint));
  main.append(h("div.wb-cards", {}, ...groups, installationPanel(installed)));
}

function groupPanel(group, keys, found, project, repaint) {
  const rows = keys.map((key) => settingRow(key, found));
  const save = primary("save_changes", () => act(save, () => saveChanged(rows, project, repaint)), { disabled: true });
  const card = panel(`settings_group_${group}`, h("div.wb-form", {}, ...rows.map((row) => row.element)), h("div.wb-row", {}, save));
  card.addEventListener("input", () => { save.disabled = !rows.some((row) => row.changed()); });
  return card;
}

async function saveChanged(rows, project, repaint) {
  const changed = rows.filter((row) => row.changed());
  const grave = changed.filter(({ key }) => GRAVE.includes(key));
  for (const { key } of grave) {
    if (!(await confirmed(`settings_grave_${key}`, {}, "save_changes"))) return;
  }
  const values = Object.fromEntries(changed.map((row) => [row.key, row.value()]));
  try {
    await ask(`api/settings/${encodeURIComponent(project)}`, { body: { values } });
  } catch (error) {
    if (!refuse(rows, error)) throw error;
    return;
  }
  toast("settings_saved");
  await repaint();
}

// The server's line names the setting it is about: it stands beside that field. False where it names none of these.
function refuse(rows, error) {
  for (const row of rows) {
    row.element.querySelector(".wb-notice")?.remove();
    row.element.control.removeAttribute("aria-invalid");
  }
  const refused = rows.find(({ key }) => error.message.startsWith(`setting ${key}:`));
  if (!refused) return false;
  refused.element.control.setAttribute("aria-invalid", "true");
  refused.element.append(errorLine(error));
  refused.element.control.focus();
  return true;
}

// {key, element, value(), changed()}: the value as it is sent, a text.
function settingRow(key, { values, defaults, kinds }) {
  const before = asText(values[key]);
  const { control, value } = CONTROLS[kinds[key].kind](kinds[key], values[key]);
  const label = textKey(key);
  const whole = field({ label, hint: `${label}_hint` }, control);
  const usual = shownDefault(kinds[key], defaults[key]);
  if (asText(values[key]) !== asText(defaults[key])) whole.append(say(h("p.wb-hint-text"), "settings_default", { value: usual }));
  return { key, element: whole, value, changed: () => value() !== before };
}

const asText = (value) => (Array.isArray(value) ? value.join(",") : String(value));
const textKey = (key) => `settings_${key.replace(/[.-]/g, "_")}`;

const CONTROLS = {
  number: ({ low, high }, value) => typed({ type: "number", step: "any", min: low, max: high, value }),
  whole: ({ low, high }, value) => typed({ type: "number", step: 1, min: low, max: high, value }),
  words: ({ longest }, value) => typed({ value, maxlength: longest }),
  choice: ({ allowed }, value) => chosen(allowed.map((one) => wording(one)), value),
  switch: (_kind, value) => chosen([{ value: "true", key: "settings_on" }, { value: "false", key: "settings_off" }], String(value)),
  ordered: ({ allowed }, value) => ordered(allowed, value),
};

function typed(attributes) {
  const control = input(attributes);
  return { control, value: () => control.value };
}

function chosen(options, value) {
  const control = select(options, value);
  return { control, value: () => control.value };
}

// A choice has a name of its own where the texts give it one.
function wording(value) {
  const key = `settings_choice_${value.replaceAll("-", "_")}`;
  return has(key) ? { value, key } : { value, text: value };
}

const stageKey = (stage) => `stage_${stage.replaceAll("-", "_")}`;

function shownDefault({ kind }, value) {
  if (kind === "ordered") return value.map((stage) => t(stageKey(stage))).join(" → ");
  if (kind === "switch") return t(value ? "settings_on" : "settings_off");
  return kind === "choice" && wording(value).key ? t(wording(value).key) : asText(value);
}

// The stages that run, in their order, with buttons to move them; the others wait below.
function ordered(allowed, value) {
  const kept = h("input", { type: "hidden", value: value.join(",") });
  const list = h("ol.wb-order");
  const control = h("div", {}, kept, list);
  let order = [...value];
  const change = (next, focus) => {
    order = next;
    kept.value = order.join(",");
    fill();
    control.dispatchEvent(new Event("input", { bubbles: true }));
    list.querySelector(`[data-stage="${focus}"] button`)?.focus();
  };
  const swap = (place, by) => {
    const next = [...order];
    [next[place], next[place + by]] = [next[place + by], next[place]];
    change(next, order[place]);
  };
  const fill = () => {
    const resting = allowed.filter((stage) => !order.includes(stage));
    list.replaceChildren(
      ...order.map((stage, place) => h("li", { "data-stage": stage }, say(h("span"), stageKey(stage)), h("span.wb-grow"),
        mover("up", "up", place === 0, () => swap(place, -1)), mover("down", "down", place === order.length - 1, () => swap(place, 1)),
        mover("leave", "close", order.length === 1, () => change(order.filter((one) => one !== stage), stage)))),
      ...resting.map((stage) => h("li.is-resting", { "data-stage": stage }, say(h("span"), stageKey(stage)), h("span.wb-grow"),
        mover("use", "plus", false, () => change([...order, stage], stage)))),
    );
  };
  fill();
  return { control, value: () => order.join(",") };
}

const mover = (what, picture, disabled, onclick) => round(`settings_stage_${what}`, icon(ICONS[picture]), onclick, { disabled });

function installationPanel(installed) {
  const rows = Object.entries(installed).map(([key, value]) => [h("dt", {}, h("code", {}, key)), value ? h("dd", {}, h("code", {}, value)) : say(h("dd.wb-quiet"), "settings_not_set")]);
  return panel("settings_installation", say(h("p.wb-quiet"), "settings_installation_hint"), h("dl.wb-facts-list", {}, ...rows.flat()));
}

function openNewProject() {
  const title = input({ maxlength: 64, required: true });
  const kind = select(["category", "tags", "both"].map((value) => ({ value, key: `settings_kind_${value}` })), "category");
  openDialog("settings_new_project", (close) => {
    const make = primary("settings_create", () => act(make, async () => {
      const made = await ask("api/settings", { body: { name: title.value.trim(), kind: kind.value } });
      location.assign(linkTo("data", made.name));
    }));
    return [h("div.wb-form", {}, field({ label: "settings_project_name", hint: "settings_project_name_hint" }, title), field({ label: "settings_project_kind" }, kind)), dialogFoot(closeButton(close), make)];
  });
  title.focus();
}
