// The pages there are, in the order of the navigation, with the role each needs.
export const PLACES = [
  { page: "curate", path: "", role: "annotator", group: "project" },
  { page: "overview", path: "overview", role: "annotator", group: "project" },
  { page: "records", path: "records", role: "reviewer", group: "project" },
  { page: "labels", path: "labels", role: "annotator", group: "project" },
  { page: "proposals", path: "proposals", role: "reviewer", group: "project" },
  { page: "models", path: "models", role: "reviewer", group: "project" },
  { page: "jobs", path: "jobs", role: "reviewer", group: "project" },
  { page: "data", path: "data", role: "reviewer", group: "project" },
  { page: "settings", path: "settings", role: "admin", group: "admin" },
  { page: "users", path: "users", role: "admin", group: "admin" },
  { page: "audit", path: "audit", role: "admin", group: "admin" },
];

const RANKS = ["annotator", "reviewer", "admin"];

// Whether somebody with the role `mine` may do what needs the role `needed`. The server decides; this spares asking.
export const covers = (mine, needed) => RANKS.indexOf(mine) >= RANKS.indexOf(needed);

export const linkTo = (page, project) => {
  const { path } = PLACES.find((place) => place.page === page);
  return `./${path}${project ? `?project=${encodeURIComponent(project)}` : ""}`;
};
