export type Change = "visible" | "hidden" | "online";

/** Whether somebody looks at this page, and whether it has a network. */
export type Attention = {
  readonly visible: boolean;
  readonly offline: boolean;
  /** Hears of changes; answers how to stop. */
  on(heard: (change: Change) => void): () => void;
};

/** The attention of this page. */
export const attention: Attention = {
  get visible() {
    return document.visibilityState !== "hidden";
  },
  get offline() {
    return navigator.onLine === false;
  },
  on(heard) {
    const looked = () => heard(attention.visible ? "visible" : "hidden");
    const online = () => heard("online");
    document.addEventListener("visibilitychange", looked);
    // A page that comes back from the history was frozen.
    addEventListener("pageshow", looked);
    addEventListener("online", online);
    return () => {
      document.removeEventListener("visibilitychange", looked);
      removeEventListener("pageshow", looked);
      removeEventListener("online", online);
    };
  },
};
