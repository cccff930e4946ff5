import { route } from "../lib/http/route.js";

/** Whatever no other function answers: a problem document instead of the platform's page. */
export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = route({});
