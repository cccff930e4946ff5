// The types of `nereid-chat/widget`: the element's class, and the element in templates of React, Preact, Solid, Vue and Svelte. A project has
// one of them: the declarations for the others have no module to add to, which is no error here.

export * from "./widget/element.js";

import type { NereidChat } from "./widget/element.js";

/** The attributes of `<nereid-chat>`, and the properties that frameworks set on the element. */
export type NereidChatAttributes = {
  token?: string | undefined;
  "token-url"?: string | undefined;
  "token-headers"?: string | undefined;
  url?: string | undefined;
  "base-path"?: string | undefined;
  thread?: string | undefined;
  to?: string | undefined;
  "invite-url"?: string | undefined;
  "push-worker"?: string | undefined;
  enter?: "send" | "break" | undefined;
  guests?: "off" | undefined;
  theme?: "light" | "dark" | undefined;
  launcher?: boolean | undefined;
  open?: boolean | undefined;
  badge?: "title" | "favicon" | "title favicon" | undefined;
  remember?: "url" | undefined;
  chat?: NereidChat["chat"];
  strings?: NereidChat["strings"] | undefined;
  emoji?: NereidChat["emoji"] | undefined;
  "onnereid-open"?: ((event: NereidChatEventMap["nereid-open"]) => void) | undefined;
  "onnereid-toggle"?: ((event: NereidChatEventMap["nereid-toggle"]) => void) | undefined;
};

/** The events of `<nereid-chat>`: a thread was opened; the launcher has opened or closed the chat. */
export type NereidChatEventMap = {
  "nereid-open": CustomEvent<{ thread: string }>;
  "nereid-toggle": CustomEvent<{ open: boolean }>;
};

declare global {
  interface HTMLElementEventMap extends NereidChatEventMap {}
  interface HTMLElementTagNameMap {
    "nereid-chat": NereidChat;
  }
}

// @ts-ignore: absent without React
declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      // @ts-ignore: as above
      "nereid-chat": NereidChatAttributes & DetailedHTMLProps<HTMLAttributes<NereidChat>, NereidChat>;
    }
  }
}

// @ts-ignore: absent without Preact
declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      // The attributes of any element: each major version of Preact keeps their type in another place.
      // @ts-ignore: as above
      "nereid-chat": NereidChatAttributes & import("preact").JSX.IntrinsicElements["div"];
    }
  }
}

// The module that has the namespace: `solid-js` only passes its type on, to which nothing can be added.
// @ts-ignore: absent without Solid
declare module "solid-js/jsx-runtime" {
  namespace JSX {
    interface IntrinsicElements {
      // @ts-ignore: as above
      "nereid-chat": NereidChatAttributes & HTMLAttributes<NereidChat>;
    }
  }
}

// @ts-ignore: absent without Vue
declare module "vue" {
  interface GlobalComponents {
    "nereid-chat": new () => { $props: NereidChatAttributes };
  }
}

// @ts-ignore: absent without Svelte
declare module "svelte/elements" {
  interface SvelteHTMLElements {
    // @ts-ignore: as above
    "nereid-chat": NereidChatAttributes & HTMLAttributes<NereidChat>;
  }
}
