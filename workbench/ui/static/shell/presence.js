// Whether somebody is at this page: pages that renew themselves go on asking in an empty office.
const ALONE_AFTER_MS = 5 * 60_000;
let seen = Date.now();

for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"]) {
  addEventListener(kind, () => { seen = Date.now(); }, { capture: true, passive: true });
}

export const isAttended = () => Date.now() - seen < ALONE_AFTER_MS;
