// Starting a training: what there is to learn from and to be judged by, and how it should go.
import { ask } from "../shell/api.js";
import { h, say } from "../shell/dom.js";
import { act, checkbox, field, input, primary, select, textarea } from "../shell/form.js";
import { has, number, t } from "../shell/language.js";
import { notice, toast } from "../shell/notice.js";
import { panel } from "../shell/panel.js";
import { covers, linkTo } from "../shell/places.js";

const PROMOTE = ["auto", "never", "always"];

export function trainingPanel(page) {
  const { material, recipes } = page.training;
  const whole = panel("models_train", materialList(material), ...warnings(material, page.project));
  if (material.training) whole.append(form(page, recipes));
  return whole;
}

function materialList({ training, test, calibration, needed, proposals }) {
  const rows = [
    ["models_material_training", number(training)],
    ["models_material_test", t("models_of_needed", { count: test, needed })],
    ["models_material_calibration", number(calibration)],
    ["models_material_proposals", number(proposals)],
  ];
  return h("dl.wb-material", {}, ...rows.map(([key, value]) => h("div", {}, say(h("dt"), key), h("dd", {}, value))));
}

function warnings({ training, test, needed }, project) {
  if (!training) return [notice("warn", "models_nothing_to_learn"), say(h("a", { href: linkTo("curate", project) }), "models_go_label")];
  return test < needed ? [notice("warn", "models_gate_blind", { n: test, needed })] : [];
}

function form(page, recipes) {
  const recipe = select(recipes.map(({ name }) => ({ value: name, text: name })), "auto");
  const hint = h("p.wb-hint-text");
  const budget = input({ placeholder: "5m", inputmode: "text", maxlength: 12 });
  const proposals = checkbox({ label: "models_use_proposals", disabled: page.training.material.proposals === 0 });
  const allowed = PROMOTE.filter((value) => value !== "always" || covers(page.me.role, "admin"));
  const promote = select(allowed.map((value) => ({ value, key: `models_promote_${value}` })), "auto");
  const seed = input({ placeholder: "0", inputmode: "numeric", maxlength: 10 });
  const parameters = textarea({ rows: 3, spellcheck: "false" });
  const explain = () => {
    const { name, parameters: known } = recipes.find((one) => one.name === recipe.value);
    hint.textContent = has(`models_recipe_${slug(name)}`) ? t(`models_recipe_${slug(name)}`) : "";
    parameters.placeholder = Object.entries(known).map(([key, value]) => `${key}=${value}`).join("\n");
    parameters.disabled = !parameters.placeholder;
  };
  recipe.addEventListener("change", explain);
  explain();
  const start = primary("models_start", (event) => act(event.currentTarget, async () => {
    const wishes = {
      recipe: recipe.value,
      use_proposals: proposals.control.checked,
      budget: budget.value.trim(),
      seed: seed.value.trim(),
      promote: promote.value,
      set: parameters.value.split("\n").map((line) => line.trim()).filter(Boolean),
    };
    page.follow((await ask(`${page.path}/training`, { body: wishes })).job);
    toast("models_started");
  }));
  const more = h("details.wb-train-more", {}, say(h("summary"), "models_more"), field({ label: "models_seed", hint: "models_seed_hint" }, seed), field({ label: "models_parameters", hint: "models_parameters_hint" }, parameters));
  return h(
    "div.wb-form", {},
    h("div", {}, field({ label: "models_recipe" }, recipe), hint),
    field({ label: "models_promote_field" }, promote),
    field({ label: "models_budget", hint: "models_budget_hint" }, budget),
    proposals,
    more,
    start,
  );
}

const slug = (name) => name.replaceAll("-", "_");
