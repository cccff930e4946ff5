import { redirect } from "@sveltejs/kit";
import { createSession } from "$lib/server/session.js";

export function load({ locals, url }) {
  return { user: locals.user, to: url.searchParams.get("to") };
}

export const actions = {
  default: async ({ request, cookies, url }) => {
    const name = `${(await request.formData()).get("name")}`.trim().slice(0, 64);
    cookies.set("session", createSession(name), {
      path: "/",
      httpOnly: true,
      sameSite: "lax",
      secure: url.protocol === "https:",
    });
    // The hook reads the cookie with the next request.
    redirect(303, url);
  },
};
