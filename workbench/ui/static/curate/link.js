// The exchange with the server, in the background: sends the outbox, fetches more records, renews the leases.
// One request at a time keeps the order of what was done; without an answer it tries again, ever more slowly.
import { ask, Refused, tell } from "../shell/api.js";

const FULL = 30;
const LOW = 12;
const BATCH = 100;
const LEASE_MS = 9.5 * 60_000;
const RENEW_MS = 4 * 60_000;
const IDLE_MS = 15 * 60_000;
const EMPTY_RETRY_MS = 15_000;
const KEEPALIVE_BYTES = 60_000;
// Sending these again, one by one, finds the action at fault.
const MALFORMED = [400, 413, 422];

export class Link {
  // `desk` is asked for heldIds() and given receive(items, replace), progress(p), labelSet(version) and state().
  constructor({ project, person, holder, outbox, desk }) {
    Object.assign(this, { project, person, holder, outbox, desk });
    this.path = `api/annotate/${encodeURIComponent(project)}/sync`;
    this.failures = 0;
    this.fault = null;
    this.busy = false;
    this.single = false;
    this.exhausted = false;
    this.heard = 0;
    this.active = Date.now();
    this.timer = null;
  }

  start() {
    addEventListener("online", () => this.kick());
    addEventListener("offline", () => this.desk.state());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.flush() : this.kick()));
    setInterval(() => this.renew(), 30_000);
    this.kick();
  }

  get stale() {
    return this.heard > 0 && Date.now() - this.heard > LEASE_MS;
  }

  // Whether the state to show is "offline".
  get lost() {
    return this.failures > 0 || !navigator.onLine;
  }

  kick() {
    clearTimeout(this.timer);
    if (!this.busy) this.run();
  }

  touched() {
    this.active = Date.now();
    this.kick();
  }

  renew() {
    this.outbox.beat();
    const due = Date.now() - this.heard > RENEW_MS && Date.now() - this.active < IDLE_MS;
    if (due && this.failures === 0) this.kick();
  }

  async run() {
    const held = this.desk.heldIds();
    const replace = this.stale;
    const want = replace ? FULL : held.length <= LOW ? FULL - held.length : 0;
    const sent = this.outbox.actions.slice(0, this.single ? 1 : BATCH);
    const waiting = this.exhausted && held.length > 0 && !replace;
    if (!sent.length && (!want || waiting) && Date.now() - this.heard < RENEW_MS) return;
    this.busy = true;
    this.desk.state();
    try {
      this.take(await ask(this.path, { person: this.person, body: this.body(sent, want, replace ? [] : held) }), want, replace);
    } catch (error) {
      this.failed(error, sent);
    } finally {
      this.busy = false;
      this.desk.state();
    }
    this.next();
  }

  body(actions, want, held) {
    // A record that this batch undoes has lost its lease; leaving it out of `have` leases it again.
    const undone = new Set(actions.filter(({ action }) => action === "undo").map(({ record }) => record));
    const have = held.filter((id) => !undone.has(id));
    return {
      holder: this.holder,
      actions: actions.map(({ note, ...action }) => action),
      want: Math.min(50, want || undone.size ? want + undone.size : 0),
      have,
      today_from: midnight(),
    };
  }

  take(answer, want, replace) {
    this.failures = 0;
    this.fault = null;
    this.single = false;
    this.heard = Date.now();
    if (want > 0) this.exhausted = answer.items.length < want;
    this.outbox.settle(answer.results);
    this.desk.progress(answer.progress);
    this.desk.labelSet(answer.label_set_version);
    this.desk.receive(answer.items, replace);
  }

  failed(error, sent) {
    if (error instanceof Refused && MALFORMED.includes(error.status) && sent.length) {
      if (sent.length > 1) this.single = true;
      else this.outbox.settle([{ cid: sent[0].cid, refusal: { code: "malformed", detail: error.message, message: error.message } }]);
      return;
    }
    this.failures += 1;
    this.fault = error instanceof Refused ? error : null;
  }

  next() {
    if (this.failures) {
      const wait = Math.min(30_000, 500 * 2 ** this.failures) * (0.75 + Math.random() / 2);
      this.timer = setTimeout(() => this.kick(), wait);
    } else if (this.outbox.actions.length || (!this.exhausted && this.desk.heldIds().length <= LOW)) {
      this.run();
    } else if (this.exhausted && !this.desk.heldIds().length) {
      this.timer = setTimeout(() => this.retryEmpty(), EMPTY_RETRY_MS);
    }
  }

  // Another person's lease may have run out, or a new queue been built.
  retryEmpty() {
    this.exhausted = false;
    if (!document.hidden) this.kick();
  }

  // The tab is hidden and may never wake: what fits into a keepalive request goes now.
  flush(leaving = false) {
    if (!leaving && !this.outbox.actions.length) return;
    const actions = [];
    let size = 500;
    for (const { note, ...action } of this.outbox.actions) {
      size += new Blob([JSON.stringify(action)]).size + 1;
      if (size > KEEPALIVE_BYTES || actions.length === BATCH) break;
      actions.push(action);
    }
    const whole = actions.length === this.outbox.actions.length;
    tell(this.path, { person: this.person, body: { holder: this.holder, actions, have: [], leaving: leaving && whole } });
  }
}

function midnight() {
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString();
}
