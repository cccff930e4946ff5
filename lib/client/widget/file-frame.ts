// A picture takes no more of a conversation than this, in CSS pixels, and no less than a finger needs.
const EDGE_MAX = 320;
const EDGE_MIN = 44;
// What is wider or higher is cut: a strip would be too thin to see, or fill the screen.
const RATIO_MAX = 3;
// For what its sender did not measure.
const RATIO = 4 / 3;
// As much as a browser can decode; nothing larger is believed.
const MEASURE_MAX = 65_535;

/** Reserves the place of a picture or a film before it is loaded, by the size that its sender measured. */
export function reserve(frame: HTMLElement, { width, height }: { width?: unknown; height?: unknown }): void {
  const [w, h] = [measure(width), measure(height)];
  const known = w !== undefined && h !== undefined;
  const ratio = known ? Math.min(RATIO_MAX, Math.max(1 / RATIO_MAX, w / h)) : RATIO;
  const room = Math.min(EDGE_MAX, EDGE_MAX * ratio);
  // A policy of the page may forbid style attributes; properties are always allowed.
  frame.style.inlineSize = `${Math.round(known ? Math.min(room, Math.max(w, EDGE_MIN)) : room)}px`;
  frame.style.aspectRatio = `${ratio}`;
}

function measure(value: unknown): number | undefined {
  return typeof value === "number" && value >= 1 && value <= MEASURE_MAX ? value : undefined;
}
