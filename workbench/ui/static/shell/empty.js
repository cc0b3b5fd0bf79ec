// What a page shows where there is nothing yet: what is missing, and what to do next.
import { copyButton } from "./clipboard.js";
import { button, h, icon, ICONS, say } from "./dom.js";

// `command` is to be run in a terminal, `href` leads to the page where it is done, `action` does it here; the texts of
// the button are KEY_action.
export function emptyState(key, values = {}, { command = null, href = null, action = null, mark = "check" } = {}) {
  return h(
    "div.wb-empty", {},
    h("div.wb-empty-mark", { "aria-hidden": "true" }, icon(ICONS[mark])),
    say(h("h2"), `${key}_title`, values),
    say(h("p"), `${key}_text`, values),
    command && h("div.wb-command", {}, h("code", {}, command), copyButton(() => command)),
    href && say(h("a.wb-button.is-primary", { href }), `${key}_action`),
    action && say(button("button.wb-button.is-primary", { onclick: action }), `${key}_action`),
  );
}
