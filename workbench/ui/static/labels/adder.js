// A box for new names: Enter adds what is in it, and a list that is pasted adds every line.
import { h, name } from "../shell/dom.js";
import { input, plain } from "../shell/form.js";

export function adder(label, onNames) {
  const control = name(name(input({ maxlength: "255", dir: "auto" }), "aria-label", label), "placeholder", label);
  const add = () => {
    const names = control.value.split("\n").map((line) => line.trim()).filter(Boolean);
    control.value = "";
    if (names.length) onNames(names);
    control.focus();
  };
  control.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); add(); } });
  control.addEventListener("paste", (event) => {
    const lines = event.clipboardData.getData("text").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    onNames(lines);
    control.focus();
  });
  return h("div.wb-adder", {}, control, plain("labels_add", add));
}
