export type AttentionChange = "visible" | "hidden" | "online";

/** Whether the page is visible, and whether the browser has a network. */
export type Attention = {
  readonly visible: boolean;
  readonly offline: boolean;
  /** Calls `listener` on each change; returns a function that removes it. */
  on(listener: (change: AttentionChange) => void): () => void;
};

/** The attention of this page. */
export const attention: Attention = {
  get visible() {
    return document.visibilityState !== "hidden";
  },
  get offline() {
    return navigator.onLine === false;
  },
  on(listener) {
    const visibility = () => listener(attention.visible ? "visible" : "hidden");
    const online = () => listener("online");
    document.addEventListener("visibilitychange", visibility);
    // A page restored from the back/forward cache was frozen.
    addEventListener("pageshow", visibility);
    addEventListener("online", online);
    return () => {
      document.removeEventListener("visibilitychange", visibility);
      removeEventListener("pageshow", visibility);
      removeEventListener("online", online);
    };
  },
};
