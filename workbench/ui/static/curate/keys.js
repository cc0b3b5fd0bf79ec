// Keys by their place on the keyboard (event.code), so that a Russian layout works as a Latin one does.

const RESERVED = ["KeyA", "KeyF", "KeyU", "KeyC"];
const DIGITS = Array.from("123456789", (digit) => `Digit${digit}`);
const LETTERS = Array.from("QWERTYUIOPASDFGHJKLZXCVBNM", (letter) => `Key${letter}`).filter((code) => !RESERVED.includes(code));

// The keys of labels, in order; labels beyond them are reached by search.
export const LABEL_KEYS = [...DIGITS, ...LETTERS];

export const keyName = (code) => code?.replace(/^(Digit|Key)/, "") ?? "";

const TYPING = "input, textarea, select, [contenteditable=''], [contenteditable=true]";
const PRESSABLE = "button, a[href], [role=button], summary";

// `commands` maps a code to what it does; `label(place)` presses the key of a label.
export function listen(commands, label) {
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.target.closest?.(TYPING)) return;
    const code = codeOf(event);
    if (event.shiftKey && code !== "Slash") return;
    // Someone who walks by Tab presses a focused button with these.
    if ((code === "Space" || code === "Enter") && event.target.closest?.(PRESSABLE)) return;
    const command = commands[event.shiftKey ? `Shift+${code}` : code];
    const place = LABEL_KEYS.indexOf(code);
    if (command) command();
    else if (place < 0 || !label(place)) return;
    event.preventDefault();
  });
}

function codeOf(event) {
  // Screen keyboards and remote desktops may send no code.
  const code = event.code || (/^[a-z]$/i.test(event.key) ? `Key${event.key.toUpperCase()}` : /^\d$/.test(event.key) ? `Digit${event.key}` : event.key);
  return code.replace(/^Numpad(\d)$/, "Digit$1").replace(/^NumpadEnter$/, "Enter").replace(/^ $/, "Space");
}
