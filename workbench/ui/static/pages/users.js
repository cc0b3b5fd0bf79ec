// People: who may log in and in which role, and the tokens by which programs ask in somebody's name.
import { ask } from "../shell/api.js";
import { copyButton } from "../shell/clipboard.js";
import { closeButton, confirmed, dialogFoot, openDialog } from "../shell/dialog.js";
import { h, name, say } from "../shell/dom.js";
import { emptyState } from "../shell/empty.js";
import { act, checkbox, field, input, plain, primary, select } from "../shell/form.js";
import { language, when } from "../shell/language.js";
import { notice, toast } from "../shell/notice.js";
import { openPage } from "../shell/page.js";
import { panel } from "../shell/panel.js";
import { table } from "../shell/table.js";

const ROLES = ["annotator", "reviewer", "admin"];
const USUAL_DAYS = 90;

export const start = (element) => openPage(element, { page: "users", role: "admin", needsProject: false, paint });

async function paint({ main, head, me, repaint }) {
  const { users, tokens, scopes } = await ask("api/users");
  if (!users.length) {
    main.append(emptyState("users_none", {}, { action: () => openAdd({ first: true, done: () => location.assign("login") }), mark: "users" }));
    return;
  }
  head.append(primary("users_add", () => openAdd({ done: repaint })));
  main.append(peoplePanel(users, me, repaint), tokensPanel(tokens, users, scopes, repaint));
}

const given = (text) => h("span", { "data-given": true }, text);
const day = (at) => h("time", { datetime: at, title: when(at) }, new Date(at).toLocaleDateString(language(), { dateStyle: "medium" }));
const asks = (path, body, method) => ask(`api/users${path}`, { body, method });

// — people —

function peoplePanel(users, me, repaint) {
  const columns = [
    { key: "name", title: "users_name", wide: true, cell: (user) => given(user.name) },
    { key: "role", title: "users_role", cell: (user) => roleChoice(user, me) },
    { key: "active", title: "users_access", cell: ({ active }) => say(h(active ? "span.wb-quiet" : "span.wb-chip.is-cancelled"), active ? "users_active" : "users_inactive") },
    { key: "created_at", title: "users_since", cell: (user) => day(user.created_at) },
    { key: "actions", title: "users_actions", cell: (user) => h("div.wb-row", {}, resetButton(user), accessButton(user, me, repaint)) },
  ];
  const card = panel("users_people", say(h("p.wb-quiet"), "users_roles_hint"), table({ caption: "users_people", columns, rows: users }));
  card.classList.add("is-wide", "wb-people");
  return card;
}

function roleChoice(user, me) {
  const choice = select(ROLES.map((role) => ({ value: role, key: `role_${role}` })), user.role);
  name(choice, "aria-label", "users_role_of", { name: user.name });
  choice.addEventListener("change", () => act(choice, async () => {
    try {
      if (user.name === me.person && !(await confirmed("users_own_role", {}, "users_change_role"))) return;
      await asks("", { name: user.name, role: choice.value }, "PATCH");
      toast("users_role_changed", { name: user.name });
      user.role = choice.value;
      if (user.name === me.person) location.reload();
    } finally {
      choice.value = user.role;
    }
  }));
  return choice;
}

function resetButton(user) {
  const button = plain("users_reset", () => act(button, async () => {
    if (!(await confirmed("users_reset_sure", { name: user.name }, "users_reset"))) return;
    const { password } = await asks("/password", { name: user.name });
    openSecret("users_password_of", { name: user.name }, password, "users_password_once");
  }));
  return button;
}

function accessButton(user, me, repaint) {
  const change = async (active) => {
    await asks("", { name: user.name, active }, "PATCH");
    if (user.name === me.person) location.reload();
    else await repaint();
  };
  const shut = plain("users_shut_out", () => act(shut, async () => {
    if (await confirmed("users_shut_out_sure", { name: user.name }, "users_shut_out", { danger: true })) await change(false);
  }));
  const open = plain("users_let_in", () => act(open, () => change(true)));
  return user.active ? shut : open;
}

function openAdd({ first = false, done }) {
  const who = input({ maxlength: 255, required: true, autocapitalize: "none", spellcheck: "false" });
  const role = select((first ? ["admin"] : ROLES).map((value) => ({ value, key: `role_${value}` })), first ? "admin" : "annotator");
  openDialog("users_add", (close) => {
    const add = primary("users_add", () => act(add, async () => {
      const { user, password } = await asks("", { name: who.value, role: role.value });
      close();
      openSecret("users_password_of", { name: user.name }, password, "users_password_once", done);
    }));
    const fields = [field({ label: "users_name", hint: "users_name_hint" }, who), field({ label: "users_role", hint: first ? "users_first_hint" : null }, role)];
    return asForm(add, [...fields, dialogFoot(closeButton(close), add)]);
  });
  who.focus();
}

// — tokens —

function tokensPanel(tokens, users, scopes, repaint) {
  const columns = [
    { key: "name", title: "users_token_name", wide: true, cell: (token) => given(`${token.id}: ${token.name}`) },
    { key: "owner", title: "users_token_owner", cell: (token) => given(token.owner) },
    { key: "scopes", title: "users_token_scopes", cell: (token) => h("div.wb-row", {}, ...token.scopes.map((scope) => say(h("span.wb-chip"), `users_scope_${scope}`))) },
    { key: "used_at", title: "users_token_used", cell: (token) => (token.used_at ? day(token.used_at) : say(h("span.wb-quiet"), "users_never")) },
    { key: "expires_at", title: "users_token_until", cell: (token) => (token.expires_at ? day(token.expires_at) : say(h("span"), "users_until_revoked")) },
    { key: "works", title: "users_actions", cell: (token) => revokeButton(token, repaint) },
  ];
  const card = panel("users_tokens", say(h("p.wb-quiet"), "users_tokens_hint"), table({ caption: "users_tokens", columns, rows: tokens, empty: "users_no_tokens" }));
  card.classList.add("is-wide", "wb-tokens");
  card.head.append(plain("users_token_add", () => openToken(users, scopes, repaint)));
  return card;
}

function revokeButton(token, repaint) {
  if (token.revoked_at) return say(h("span.wb-quiet"), "users_token_revoked");
  if (!token.works) return say(h("span.wb-quiet"), "users_token_dead");
  const revoke = plain("users_token_revoke", () => act(revoke, async () => {
    if (!(await confirmed("users_token_revoke_sure", { name: token.name }, "users_token_revoke", { danger: true }))) return;
    await asks(`/tokens/${token.id}/revoke`, {});
    await repaint();
  }));
  return revoke;
}

function openToken(users, scopes, repaint) {
  const title = input({ maxlength: 255, required: true });
  const owner = select(users.filter(({ active }) => active).map(({ name: text }) => ({ value: text, text })));
  const days = input({ type: "number", min: 1, max: 3650, step: 1, value: USUAL_DAYS });
  const boxes = scopes.map((scope) => checkbox({ label: `users_scope_${scope}_long`, value: scope, checked: scope === "predict" }));
  openDialog("users_token_add", (close) => {
    const make = primary("users_token_add", () => act(make, async () => {
      const chosen = boxes.filter(({ control }) => control.checked).map(({ control }) => control.value);
      const asked = { name: title.value, owner: owner.value, scopes: chosen, days: days.value ? Number(days.value) : null };
      const { token, secret } = await asks("/tokens", asked);
      close();
      openSecret("users_secret_of", { name: token.name }, secret, "users_secret_once", repaint);
    }));
    const choices = name(h("div.wb-form", { role: "group" }, ...boxes), "aria-label", "users_token_scopes");
    const fields = [field({ label: "users_token_name", hint: "users_token_name_hint" }, title), field({ label: "users_token_owner", hint: "users_token_owner_hint" }, owner), choices, field({ label: "users_token_days", hint: "users_token_days_hint" }, days)];
    return asForm(make, [...fields, dialogFoot(closeButton(close), make)]);
  });
  title.focus();
}

// — both —

// What is shown once: whoever closes it without a copy makes another.
function openSecret(title, values, secret, hint, done = () => {}) {
  const shown = input({ value: secret, readonly: true, class: "wb-input wb-secret", "data-given": true });
  const dialog = openDialog(title, (close) => [
    notice("warn", hint),
    name(shown, "aria-label", title, values),
    dialogFoot(copyButton(() => secret), closeButton(close)),
  ], values);
  dialog.addEventListener("close", done);
  shown.select();
}

// Enter in a field presses the button.
function asForm(button, children) {
  const form = h("form.wb-form", {}, ...children);
  form.addEventListener("submit", (event) => { event.preventDefault(); button.click(); });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.matches("button, select")) return;
    event.preventDefault();
    if (!button.disabled) button.click();
  });
  return form;
}
