// The login works without a script; with this one it follows the language and the theme chosen in this browser.
import { retranslate } from "./shell/dom.js";
import { languageSwitch, themeSwitch } from "./shell/frame.js";
import { useLanguage } from "./shell/language.js";

await useLanguage(undefined, "login");
retranslate(document);
document.querySelector(".wb-login-tools").append(languageSwitch(() => {}), themeSwitch());
