// The button with the person's name: who one is, another name where nobody logs in, the way out where they do.
import { ask } from "./api.js";
import { closeButton, dialogFoot, openDialog } from "./dialog.js";
import { button, h, name, say } from "./dom.js";
import { act, field, input, plain } from "./form.js";
import { t } from "./language.js";
import { toast } from "./notice.js";
import { write } from "./storage.js";

export function accountButton(me) {
  const open = () => (me.logged_in ? openAccount(me) : openName(me.person));
  return name(button("button.wb-who", { onclick: open }, h("span", {}, me.person)), "title", me.logged_in ? "account" : "your_name");
}

function openAccount(me) {
  openDialog("account", (close) => {
    const leave = say(button("button.wb-button"), "log_out");
    leave.addEventListener("click", () => act(leave, logOut));
    const change = plain("own_password", () => { close(); openPassword(me.person); });
    return [say(h("p.wb-quiet"), "logged_in_as", { person: me.person, role: t(`role_${me.role}`) }), dialogFoot(change, leave, closeButton(close))];
  });
}

function openPassword(person) {
  const old = input({ type: "password", autocomplete: "current-password", maxlength: 1000, required: true });
  const fresh = input({ type: "password", autocomplete: "new-password", minlength: 8, maxlength: 1000, required: true });
  openDialog("own_password", (close) => {
    const save = say(h("button.wb-button.is-primary", { type: "submit" }), "save_changes");
    // Password managers want to know whose it is.
    const whose = h("input", { type: "text", autocomplete: "username", value: person, hidden: true, readonly: true });
    const form = h("form.wb-form", {}, whose, field({ label: "own_password_old" }, old), field({ label: "own_password_new", hint: "own_password_hint" }, fresh), dialogFoot(closeButton(close), save));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      act(save, async () => {
        await ask("api/me/password", { body: { old: old.value, new: fresh.value } });
        close();
        toast("own_password_saved");
      });
    });
    return form;
  });
  old.focus();
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
