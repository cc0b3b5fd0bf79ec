// What the page shows stands in its address, so that it can be sent to somebody and the back button works.

// The conditions, named as the server names them.
export const CONDITIONS = ["text", "status", "category", "tag", "person", "from", "to", "id", "group", "proposed", "proposed_tag", "stage", "settled", "source", "disagree", "blind"];
const VIEW = ["sort", "order", "page", "size"];

// {text: "…", status: "…", …} of what is given; the record that is open is under `record`.
export function readAddress() {
  const given = new URLSearchParams(location.search);
  const values = {};
  for (const key of [...CONDITIONS, ...VIEW]) if (given.get(key)) values[key] = given.get(key);
  const record = new URLSearchParams(location.hash.slice(1)).get("record");
  return /^\d{1,18}$/.test(record ?? "") ? { ...values, record } : values;
}

// `replace` leaves no entry for the back button: for what is still being typed, and for leafing through.
export function writeAddress(values, { replace = false } = {}) {
  const place = addressOf(values);
  if (place === location.pathname + location.search + location.hash) return;
  history[replace ? "replaceState" : "pushState"](null, "", place);
}

export function addressOf({ record, ...values }) {
  const given = new URLSearchParams();
  const project = new URLSearchParams(location.search).get("project");
  if (project) given.set("project", project);
  for (const key of [...CONDITIONS, ...VIEW]) if (values[key]) given.set(key, values[key]);
  return `${location.pathname}${given.size ? `?${given}` : ""}${record ? `#record=${record}` : ""}`;
}

// What the server is asked: days are those of whoever looks, not the server's.
export function queryOf({ record, from, to, ...values }) {
  const asked = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  if (from) asked.set("from", startOf(from, 0) ?? from);
  if (to) asked.set("to", startOf(to, 1) ?? to);
  return asked;
}

function startOf(day, later) {
  const moment = new Date(`${day}T00:00:00`);
  if (Number.isNaN(moment.getTime())) return null;
  moment.setDate(moment.getDate() + later);
  return moment.toISOString();
}

export const conditionsIn = (values) => CONDITIONS.filter((key) => values[key]);
