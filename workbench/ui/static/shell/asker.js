// Who sits here, and on which project.
import { actAs, ask, openedBy } from "./api.js";
import { read, write } from "./storage.js";

// {person, role, logged_in}; where nobody logs in, the person is the name that was given here, or "me".
export async function whoAsks() {
  const me = await ask("api/me");
  if (me.logged_in) {
    openedBy(me.person);
    return me;
  }
  const person = read("wb:person") ?? "me";
  actAs(person);
  return { ...me, person };
}

// The project in the address, else the one of last time, else the first; null where there is none.
export function chosenProject(projects) {
  const names = projects.map(({ name }) => name);
  const wanted = [new URLSearchParams(location.search).get("project"), read("wb:project")];
  const project = wanted.find((name) => names.includes(name)) ?? names[0] ?? null;
  if (project !== null) write("wb:project", project);
  return project;
}
