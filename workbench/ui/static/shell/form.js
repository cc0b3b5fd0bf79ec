// Fields and the buttons that send them.
import { button, h, name, say } from "./dom.js";
import { errorLine } from "./notice.js";

let made = 0;

// A label, its control and a hint, tied together for screen readers. `control` may be a wrapper that holds one.
export function field({ label, hint = null, values = {} }, control) {
  const inner = control.matches("input, select, textarea") ? control : control.querySelector("input, select, textarea");
  inner.id ||= `wb-field-${(made += 1)}`;
  const explained = hint && say(h("p.wb-hint-text", { id: `${inner.id}-hint` }), hint, values);
  if (explained) inner.setAttribute("aria-describedby", explained.id);
  const whole = h("div.wb-field", {}, say(h("label", { for: inner.id }), label, values), control, explained);
  whole.control = inner;
  return whole;
}

export const input = (attributes = {}) => h("input.wb-input", { autocomplete: "off", ...attributes });

export function textarea({ value = "", ...attributes } = {}) {
  const control = h("textarea.wb-input.wb-textarea", attributes);
  control.value = value;
  return control;
}

// `options` are {value, text} with a ready text, or {value, key} with the key of one.
export function select(options, chosen = null, attributes = {}) {
  const control = h("select.wb-select", attributes);
  for (const { value, text, key } of options) {
    const option = h("option", { value, selected: value === chosen }, text);
    control.append(key ? say(option, key) : option);
  }
  return control;
}

// The box with its text behind it; `.control` is the box, as of every label that holds one.
export function checkbox({ label, checked = false, values = {}, ...attributes }) {
  const control = h("input", { type: "checkbox", checked, ...attributes });
  return h("label.wb-check", {}, control, say(h("span"), label, values));
}

export const primary = (key, onclick, attributes = {}) => say(button("button.wb-button.is-primary", { onclick, ...attributes }), key);
export const plain = (key, onclick, attributes = {}) => say(button("button.wb-button", { onclick, ...attributes }), key);
export const danger = (key, onclick, attributes = {}) => say(button("button.wb-button.is-danger", { onclick, ...attributes }), key);

// A button of a picture alone; `label` names it for screen readers and as its tooltip.
export const round = (label, picture, onclick, attributes = {}) =>
  name(name(button("button.wb-round", { onclick, ...attributes }, picture), "aria-label", label), "title", label);

// Run what a button starts: it rests meanwhile, and what goes wrong stands in the form, dialog or card it belongs to.
// Gives what `work` gave, undefined where it failed.
export async function act(control, work) {
  const place = control.closest(".wb-form, .wb-dialog, .wb-panel, .wb-page") ?? control.parentElement;
  place.querySelector(":scope > .wb-error")?.remove();
  control.disabled = true;
  control.setAttribute("aria-busy", "true");
  try {
    return await work();
  } catch (error) {
    const line = errorLine(error);
    line.classList.add("wb-error");
    place.append(line);
    line.scrollIntoView({ block: "nearest" });
    return undefined;
  } finally {
    control.disabled = false;
    control.removeAttribute("aria-busy");
  }
}
