// The bar at the foot: what can be done with a record, each with its key, and how the sitting goes.
import { button, h, icon, ICONS, name, say } from "../shell/dom.js";
import { t } from "../shell/language.js";

export class Actions {
  constructor(commands, desk) {
    const one = (key, label, sign, kind = "") =>
      button(`button.wb-action${kind}`, { onclick: () => commands[label](), "data-action": label }, icon(ICONS[sign]), say(h("span"), label), h("kbd", {}, key));
    this.accept = one("A", "accept", "check", ".is-primary");
    this.undo = one("U", "undo", "undo");
    this.hint = h("p.wb-hint", { role: "status" });
    this.figures = name(h("div.wb-figures", { role: "group" }), "aria-label", "progress");
    this.element = h(
      "footer.wb-actions", {},
      h("div.wb-buttons", {}, this.accept, desk.asksTags ? one("Enter", "save", "check") : null, one("Space", "skip", "skip"), one("F", "flag", "flag"), this.undo),
      this.hint,
      this.figures,
    );
  }

  paint(desk) {
    this.accept.disabled = !desk.current?.suggestion;
    this.undo.disabled = !desk.history.length;
  }

  // Undone ones go down, pending ones count already: the figures are of the person's presses, not of the network.
  paintFigures(desk) {
    const pending = desk.outbox.actions.reduce((sum, { action }) => sum + (action === "undo" ? -1 : 1), 0);
    const { today = 0, left = 0 } = desk.served ?? {};
    const figures = [["sitting", desk.done.length], ["pace", desk.pace], ["today", Math.max(0, today + pending)], ["left", Math.max(0, left - pending)]];
    this.figures.replaceChildren(...figures.map(([what, value]) => h("div.wb-figure", { "data-figure": what }, h("b", {}, value === null ? "–" : value.toLocaleString()), h("span", {}, t(`figure_${what}`)))));
  }

  say(key) {
    clearTimeout(this.fading);
    this.hint.textContent = key ? t(key) : "";
    if (key) this.fading = setTimeout(() => this.say(null), 4000);
  }
}
