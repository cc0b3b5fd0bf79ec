// What stands around every page: the navigation at the side, and the bar with project, person, language and theme.
import { accountButton } from "./account.js";
import { button, h, icon, ICONS, name, retranslate, say } from "./dom.js";
import { round } from "./form.js";
import { language, LANGUAGES, useLanguage } from "./language.js";
import { covers, linkTo, PLACES } from "./places.js";
import { write } from "./storage.js";
import { followTheme } from "./theme.js";

// `narrow` keeps the navigation to its pictures; `extra` is more for the bar; `onLanguage` paints what is not marked
// with `say` and `name` again. Gives the element that fills the window; the page's own parts are appended to it.
export function makeFrame({ page, me, projects, project, onLanguage, narrow = false, extra = [] }) {
  // Gradio puts all of a page into a <main> of its own; what readers should jump to is ours.
  document.querySelector("main:not(.wb-page, .wb-main)")?.setAttribute("role", "presentation");
  const rail = makeRail(page, me, project, narrow);
  const content = say(h("a.wb-skip", { href: "#wb-content" }), "skip_to_content");
  content.addEventListener("click", (event) => { event.preventDefault(); document.querySelector("#wb-content")?.focus(); });
  const bar = h(
    "header.wb-header", {},
    menuButton(rail),
    projects.length ? projectChoice(projects, project, page) : null,
    h("div.wb-grow"),
    ...extra,
    accountButton(me),
    languageSwitch(onLanguage),
    themeSwitch(),
  );
  return h("div.wb-app", { "data-page": page }, content, rail, bar);
}

function makeRail(page, me, project, narrow) {
  const brand = h("a.wb-brand", { href: linkTo("curate", project) }, h("img", { src: "ui/icon.svg", alt: "", width: 26, height: 26 }), say(h("span"), "brand"));
  const groups = ["project", "admin"].map((group) => linksOf(group, page, me, project)).filter((links) => links.length);
  const lists = groups.map((links) => h("ul", {}, ...links));
  return name(h(narrow ? "nav.wb-rail.is-narrow" : "nav.wb-rail", { id: "wb-rail" }, brand, ...lists), "aria-label", "pages");
}

function linksOf(group, page, me, project) {
  return PLACES.filter((place) => place.group === group && covers(me.role, place.role)).map((place) => {
    const link = h("a", { href: linkTo(place.page, project), "aria-current": place.page === page ? "page" : null }, icon(ICONS[place.page]), say(h("span"), `nav_${place.page}`));
    return h("li", {}, name(link, "title", `nav_${place.page}`));
  });
}

// On a phone the navigation waits behind this button.
function menuButton(rail) {
  const open = (shown) => {
    rail.classList.toggle("is-open", shown);
    control.setAttribute("aria-expanded", String(shown));
  };
  const control = round("menu", icon(ICONS.menu), () => open(!rail.classList.contains("is-open")), { "aria-expanded": "false", "aria-controls": "wb-rail" });
  control.classList.add("wb-menu");
  document.addEventListener("click", (event) => { if (!rail.contains(event.target) && !control.contains(event.target)) open(false); });
  rail.addEventListener("keydown", (event) => { if (event.key === "Escape") { open(false); control.focus(); } });
  return control;
}

function projectChoice(projects, project, page) {
  const choice = name(h("select.wb-select.wb-project"), "aria-label", "project");
  for (const { name: title } of projects) choice.append(h("option", { value: title, selected: title === project }, title));
  choice.addEventListener("change", () => {
    write("wb:project", choice.value);
    location.assign(linkTo(page, choice.value));
  });
  return choice;
}

export function languageSwitch(onLanguage) {
  const group = name(h("div.wb-switch", { role: "group" }), "aria-label", "language");
  const paint = () => {
    for (const one of group.children) one.setAttribute("aria-pressed", String(one.value === language()));
  };
  for (const code of LANGUAGES) {
    const choose = async () => {
      await useLanguage(code);
      retranslate(document);
      paint();
      onLanguage();
    };
    group.append(button("button", { value: code, lang: code, onclick: choose }, code.toUpperCase()));
  }
  paint();
  return group;
}

export function themeSwitch() {
  const control = round("theme", "", () => toggle());
  const toggle = followTheme((dark) => control.replaceChildren(icon(dark ? ICONS.sun : ICONS.moon)));
  return control;
}
