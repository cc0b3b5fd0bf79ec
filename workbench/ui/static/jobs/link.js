// The way from what a job is about to the job itself, with its log.
import { h, say } from "../shell/dom.js";

export const jobLink = (id) => say(h("a.wb-job-link", { href: `./jobs?job=${encodeURIComponent(id)}` }), "job_open");
