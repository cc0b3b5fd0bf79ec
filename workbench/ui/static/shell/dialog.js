// Dialogs: in front of everything, closed by Esc, by a click beside them, or by what is in them.
import { button, h, name, say } from "./dom.js";

// `build(close)` gives the content below the title. The dialog is removed when it closes.
export function openDialog(title, build, values = {}) {
  const dialog = name(h("dialog.wb-dialog"), "aria-label", title, values);
  dialog.append(say(h("h2"), title, values), ...[build(() => dialog.close())].flat(Infinity).filter(Boolean));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("mousedown", (event) => { if (event.target === dialog) dialog.close(); });
  document.querySelector(".wb-app").append(dialog);
  dialog.showModal();
  return dialog;
}

export const closeButton = (close) => say(button("button.wb-button", { onclick: close }), "close");

export const dialogFoot = (...buttons) => h("div.wb-dialog-foot", {}, ...buttons);

// Asks before something that cannot simply be taken back; true if the person agrees. `details` are more nodes.
export function confirmed(question, values, action, { danger = false, details = [] } = {}) {
  return new Promise((answer) => {
    const dialog = openDialog(question, (close) => {
      const agree = say(button(danger ? "button.wb-button.is-danger" : "button.wb-button.is-primary"), action, values);
      agree.addEventListener("click", () => { answer(true); close(); });
      return [...details, dialogFoot(say(button("button.wb-button", { onclick: close }), "cancel"), agree)];
    }, values);
    dialog.addEventListener("close", () => answer(false));
  });
}
