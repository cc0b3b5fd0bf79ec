// The label set as it is being edited: entries that remember what they were called, until the server keeps them.

// An entry is a category, or a section of tags that is none: `was` is its name on the server, null for a new one;
// `anyone` marks the section for records of all other categories, whose name is empty.
export function draftOf({ labels, version, kind }) {
  const tags = labels.tags ?? {};
  const categories = labels.categories ?? [];
  const known = new Set(categories.map(({ name }) => name));
  const entries = categories.map((one) => entryOf(one, tags[one.name], true));
  for (const section of Object.keys(tags)) if (!known.has(section)) entries.push(entryOf({ name: section }, tags[section], false));
  return { version, kind, entries, changed: false };
}

// Labels from a file or an earlier version as edits of those in force: what these lack is new.
export function draftFrom(labels, inForce) {
  const before = new Map(draftOf(inForce).entries.map((entry) => [entry.name, new Set(entry.tags.map((tag) => tag.name))]));
  const draft = { ...draftOf({ ...inForce, labels }), changed: true };
  for (const entry of draft.entries) {
    for (const tag of entry.tags) if (!before.get(entry.name)?.has(tag.name)) tag.was = null;
    if (!before.has(entry.name)) entry.was = null;
  }
  return draft;
}

function entryOf({ name, description = "", keywords = [], color = "" }, tags, listed) {
  return {
    was: name, name, description, keywords: keywords.join(", "), color, listed, anyone: name === "" && !listed, removed: false,
    section: tags !== undefined, tags: (tags ?? []).map((tag) => ({ was: tag.name, name: tag.name, definition: tag.definition ?? "", removed: false })),
  };
}

// In a project of tags alone the categories are those of its records, and need not be listed.
export const newEntry = (draft, name) => ({
  ...entryOf({ name }, undefined, draft.kind !== "tags" || draft.entries.some(({ listed }) => listed)), was: null,
});

export const newTag = (name) => ({ was: null, name, definition: "", removed: false });

export const anyoneEntry = () => ({ ...entryOf({ name: "" }, [], false), was: null });

// In the shape of labels.yaml.
export function definitionOf({ entries }) {
  const kept = entries.filter(({ removed }) => !removed);
  const tags = {};
  for (const entry of kept) if (entry.section || entry.tags.length || !entry.listed) tags[entry.name] = entry.tags.filter(({ removed }) => !removed).map(plainTag);
  return { categories: kept.filter(({ listed }) => listed).map(plainCategory), tags };
}

const plainCategory = ({ name, description, keywords, color }) => ({ name, description, keywords: wordsOf(keywords), color });

const plainTag = ({ name, definition }) => ({ name, definition });

export const wordsOf = (text) => text.split(/[,\n]/).map((word) => word.trim()).filter(Boolean);

// Names that were written differently: for the server a label that goes and another that comes.
export function renames({ entries }) {
  const found = [];
  for (const entry of entries) {
    if (entry.removed) continue;
    if (entry.was && entry.was !== entry.name) found.push([entry.was, entry.name]);
    for (const tag of entry.tags) if (!tag.removed && tag.was !== null && tag.was !== tag.name) found.push([tag.was, tag.name]);
  }
  return found;
}

export function move(list, place, by) {
  const other = place + by;
  if (other < 0 || other >= list.length) return false;
  [list[place], list[other]] = [list[other], list[place]];
  return true;
}
