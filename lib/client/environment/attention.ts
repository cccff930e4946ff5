export type AttentionChange = "visible" | "hidden" | "online" | "offline";

/** Whether the page is visible, and whether the browser has a network. */
export type Attention = {
  readonly visible: boolean;
  readonly offline: boolean;
  /** Calls `listener` on each change; returns a function that removes it. */
  on(listener: (change: AttentionChange) => void): () => void;
};

/** What some browsers tell of the network (Network Information API): wi-fi, cellular. Desktop browsers leave the type out. */
type Connection = EventTarget & { type?: string };

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
    const network = ({ type }: Event) => listener(type === "online" ? "online" : "offline");
    const connection: Connection | undefined = Reflect.get(navigator, "connection");
    let kind = connection?.type;
    // The event also tells of each new estimate of the bandwidth.
    const moved = () => {
      if (connection?.type === kind) return;
      kind = connection?.type;
      if (!attention.offline) listener("online");
    };
    connection?.addEventListener?.("change", moved);
    // A page restored from the back/forward cache, or resumed by the browser, was frozen.
    const all = [
      { target: document, types: ["visibilitychange", "resume"], heard: visibility },
      { target: window, types: ["pageshow"], heard: visibility },
      { target: window, types: ["online", "offline"], heard: network },
    ];
    for (const { target, types, heard } of all) for (const type of types) target.addEventListener(type, heard);
    return () => {
      connection?.removeEventListener?.("change", moved);
      for (const { target, types, heard } of all) for (const type of types) target.removeEventListener(type, heard);
    };
  },
};
