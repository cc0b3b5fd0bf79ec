// The button with the person's name: who one is, another name where nobody logs in, the way out where they do.
import { ask } from "./api.js";
import { closeButton, dialogFoot, openDialog } from "./dialog.js";
import { button, h, name, say } from "./dom.js";
import { act, field, input } from "./form.js";
import { t } from "./language.js";
import { write } from "./storage.js";

export function accountButton(me) {
  const open = () => (me.logged_in ? openAccount(me) : openName(me.person));
  return name(button("button.wb-who", { onclick: open }, h("span", {}, me.person)), "title", me.logged_in ? "account" : "your_name");
}

function openAccount(me) {
  openDialog("account", (close) => {
    const leave = say(button("button.wb-button"), "log_out");
    leave.addEventListener("click", () => act(leave, logOut));
    return [say(h("p.wb-quiet"), "logged_in_as", { person: me.person, role: t(`role_${me.role}`) }), dialogFoot(leave, closeButton(close))];
  });
}

async function logOut() {
  await ask("logout", { method: "POST" });
  location.assign("login");
}

function openName(person) {
  const control = input({ value: person, maxlength: "100", autocomplete: "username" });
  openDialog("your_name", () => {
    const save = say(h("button.wb-button.is-primary", { type: "submit" }), "save_name");
    const form = h("form", { method: "dialog" }, field({ label: "your_name", hint: "your_name_hint" }, control), dialogFoot(save));
    form.addEventListener("submit", () => {
      if (!control.value.trim()) return;
      write("wb:person", control.value.trim());
      location.reload();
    });
    return form;
  });
  control.select();
}
