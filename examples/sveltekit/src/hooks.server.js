import { readUser } from "$lib/server/session.js";

export function handle({ event, resolve }) {
  event.locals.user = readUser(event.cookies.get("session"));
  return resolve(event);
}
