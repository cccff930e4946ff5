import type { html as Html, TemplateResult } from "lit";
import { createRequester } from "../http/request.js";
import type { Credential } from "../protocol/chat.js";
import type { Widget } from "./part.js";
import { working } from "./working.js";

/** Renders the form that asks a visitor for a name. */
export type GuestForm = (widget: Widget) => TemplateResult;

/** Called with the credential of a new guest, or without one when another tab has become a guest, by the cookie of both. */
export type Enter = (credential: Credential | undefined) => void;

/** Creates the form of `GuestEntry`. It renders with the widget's Lit, since a file that is loaded later would bundle its own. */
export function guestForm(html: typeof Html, base: string, enter: Enter, left: AbortSignal): GuestForm {
  addEventListener("storage", (event) => isNewGuest(event, base) && enter(undefined), { signal: left });
  const admit = (displayName: string) =>
    createRequester(base, fetch)<Credential>("token", {
      method: "POST",
      body: { displayName },
      has: "token",
      // A form that is taken away lets its request end: the guest is made, and the cookie kept.
      signal: new AbortController().signal,
    });
  return ({ strings, attempt }) => {
    const submit = async (event: SubmitEvent) => {
      const credential = await attempt(admit(nameIn(event)));
      if (credential !== undefined && !left.aborted) enter(credential);
    };
    return html`<div class="sheet guest" part="guest">
      <form @submit=${working(submit)}>
        <label><span>${strings.yourName}</span>
          <input type="text" class="field" name="name" maxlength="64" autocomplete="nickname" required pattern=".*\\S.*" /></label>
        <button class="button first">${strings.begin}</button>
      </form>
    </div>`;
  };
}

/** Whether another tab has become a guest, which the cookie now makes of this one, too: it stores its first position. */
function isNewGuest({ key, oldValue }: StorageEvent, base: string): boolean {
  return oldValue === null && key !== null && key.startsWith(`nereid-chat ${base} guest,`) && key.endsWith(" cursor");
}

function nameIn({ target }: SubmitEvent): string {
  return target instanceof HTMLFormElement ? `${new FormData(target).get("name")}`.trim() : "";
}
