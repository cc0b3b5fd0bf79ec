// What a person did and the server has not confirmed. Kept in the browser under this tab's own key, so that neither a
// closed tab nor a dead server loses an answer. Every action has a client id: sending it twice saves it once.
import { keys, read, remove, write } from "../shell/storage.js";

const ALIVE_MS = 90_000;

export class Outbox {
  constructor({ project, person, holder }) {
    this.owner = `${encodeURIComponent(project)}:${encodeURIComponent(person)}`;
    this.prefix = `wb:outbox:${this.owner}:`;
    this.key = this.prefix + holder;
    this.refusedKey = `wb:refused:${this.owner}`;
    this.holder = holder;
    this.kept = true;
    this.actions = this.adopt();
    this.refused = read(this.refusedKey, []);
    this.save();
  }

  // Take over what closed tabs left behind. A tab that only slept sends its copy too, which changes nothing.
  adopt() {
    const found = [];
    for (const key of keys(this.prefix)) {
      const holder = key.slice(this.prefix.length);
      if (Date.now() - read(`wb:alive:${holder}`, 0) < ALIVE_MS) continue;
      found.push(...read(key, []));
      remove(key);
      remove(`wb:alive:${holder}`);
    }
    return found;
  }

  beat() {
    write(`wb:alive:${this.holder}`, Date.now());
  }

  close() {
    if (!this.actions.length) remove(this.key);
    remove(`wb:alive:${this.holder}`);
  }

  add(action) {
    this.actions.push(action);
    this.save();
  }

  // The server's verdicts: what it saved goes, what it refused waits for the person to see.
  settle(results) {
    if (results.some(({ refusal }) => refusal)) this.reloadRefused();
    const byId = new Map(results.map((result) => [result.cid, result.refusal]));
    for (const action of this.actions) {
      const refusal = byId.get(action.cid);
      if (!refusal) continue;
      // Taking back what was itself refused: both are settled.
      if (action.action === "undo") this.forget(action.undoes);
      else this.refused.push({ action, refusal });
      this.saveRefused();
    }
    this.actions = this.actions.filter((action) => !byId.has(action.cid));
    this.save();
  }

  // Undoing what was refused: there is nothing on the server to take back.
  forget(cid) {
    this.reloadRefused();
    const before = this.refused.length;
    this.refused = this.refused.filter(({ action }) => action.cid !== cid);
    if (this.refused.length === before) return false;
    this.saveRefused();
    return true;
  }

  save() {
    if (this.actions.length) this.kept = write(this.key, this.actions);
    else remove(this.key);
  }

  // The person's other tabs keep theirs in the same place.
  reloadRefused() {
    this.refused = read(this.refusedKey, this.kept ? [] : this.refused);
  }

  saveRefused() {
    if (this.refused.length) write(this.refusedKey, this.refused);
    else remove(this.refusedKey);
  }
}
