/** The mark of the history entry that the back gesture leaves. */
const MARK = "nereidChat";

/** Lets a panel that fills the screen end by the back gesture, of which `left` is told, and end above the on-screen keyboard. Returns what undoes that. */
export function fillScreen(panel: HTMLElement, left: () => void): () => void {
  const undo = [enterHistory(left), followKeyboard(panel)];
  return () => {
    for (const one of undo) one();
  };
}

/** Adds an entry to the history, so that the back gesture closes the chat and not the page. Returns what takes it away. */
function enterHistory(left: () => void): () => void {
  const isOurs = () => Object(history.state)[MARK] === true;
  // After a reload, the entry is there. The page's router finds its own state in it.
  if (!isOurs()) history.pushState({ ...Object(history.state), [MARK]: true }, "");
  const onPop = () => {
    if (!isOurs()) left();
  };
  addEventListener("popstate", onPop);
  return () => {
    removeEventListener("popstate", onPop);
    if (isOurs()) history.back();
  };
}

/** Keeps a panel above the on-screen keyboard, which lies over the page in Safari. Returns what ends that. */
function followKeyboard(panel: HTMLElement): () => void {
  const view = window.visualViewport;
  const place = () => {
    if (view === null) return;
    // Fingers that zoom in make the view smaller, too, and move it over the page: the panel is what they want to see larger.
    const { height, scale, offsetTop } = view;
    panel.style.setProperty("block-size", `${height * scale}px`);
    panel.style.setProperty("inset-block-start", `${scale === 1 ? offsetTop : 0}px`);
  };
  place();
  for (const event of ["resize", "scroll"]) view?.addEventListener(event, place);
  return () => {
    for (const event of ["resize", "scroll"]) view?.removeEventListener(event, place);
    panel.style.removeProperty("block-size");
    panel.style.removeProperty("inset-block-start");
  };
}
