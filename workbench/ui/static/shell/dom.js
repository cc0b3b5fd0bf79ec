// Building elements. Text always goes in as text nodes: nothing a review or a label says is ever read as markup.
import { t } from "./language.js";

const SVG = "http://www.w3.org/2000/svg";

// h("button.big", { onclick, "aria-label": … }, child, "text") – a class after each dot; null children are left out.
export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// An element whose text follows the language: say(h("p"), "key", { n: 3 }).
export function say(element, key, values = {}) {
  element.dataset.t = key;
  element.dataset.tValues = JSON.stringify(values);
  element.textContent = t(key, values);
  return element;
}

// The same for attributes: name(button, "title", "key").
export function name(element, attribute, key, values = {}) {
  const names = JSON.parse(element.dataset.tNames ?? "{}");
  element.dataset.tNames = JSON.stringify({ ...names, [attribute]: [key, values] });
  element.setAttribute(attribute, t(key, values));
  return element;
}

export function retranslate(root) {
  for (const element of root.querySelectorAll("[data-t]")) {
    element.textContent = t(element.dataset.t, JSON.parse(element.dataset.tValues));
  }
  for (const element of root.querySelectorAll("[data-t-names]")) {
    for (const [attribute, [key, values]] of Object.entries(JSON.parse(element.dataset.tNames))) {
      element.setAttribute(attribute, t(key, values));
    }
  }
}

// Clicking must not leave the focus on a button, or Space would press it again instead of skipping.
export function button(tag, attributes, ...children) {
  const element = h(tag, { type: "button", ...attributes }, ...children);
  element.addEventListener("click", (event) => { if (event.detail > 0) element.blur(); });
  return element;
}

export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("wb-icon");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

export const ICONS = {
  sun: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM12 1v3M12 20v3M4.200 4.200l2.100 2.100M17.700 17.700l2.100 2.100M1 12h3M20 12h3M4.200 19.800l2.100-2.100M17.700 6.300l2.100-2.100",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500Z",
  check: "m4 12.500 5.500 5.500L20 7",
  skip: "M5 5l9 7-9 7V5ZM19 5v14",
  flag: "M5 21V4h12l-2.500 4.500L17 13H5",
  undo: "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  refresh: "M20 11a8 8 0 1 0-2.300 6.300M20 4v7h-7",
  eyeOff: "M3 3l18 18M10.600 6.200A9.800 9.800 0 0 1 12 6c6 0 10 6 10 6a17 17 0 0 1-3.200 3.700M6.500 7.600A16 16 0 0 0 2 12s4 6 10 6a9.600 9.600 0 0 0 4.300-1M9.900 9.900a3 3 0 0 0 4.200 4.200",
  search: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13ZM15.500 15.500 21 21",
};

// Only plain colours: a label set's text must not become anything else a style could hold.
export function colourOf(given, index) {
  if (/^(#[0-9a-f]{3,8}|[a-z]{3,24})$/i.test(given ?? "") && CSS.supports("color", given)) return given;
  return `hsl(${Math.round((index * 137.508 + 162) % 360)} 48% 50%)`;
}
