import { html, nothing } from "lit";
import type { Attachment } from "../protocol/file.js";
import { shown } from "./names.js";

// What is wider or higher is cut when it is drawn.
const RATIO_MAX = 3;

/** Reserves the place of an uploaded file until its part is loaded. A canvas has the ratio of a picture without a style, which a policy of the page may forbid. */
export function place({ file, name, width, height }: Attachment) {
  if (typeof file !== "string") return nothing;
  if (typeof width !== "number" || typeof height !== "number")
    return html`<span class="place">${shown(name ?? "")}</span>`;
  const within = Math.min(Math.max(height, width / RATIO_MAX), width * RATIO_MAX);
  return html`<canvas class="place" width=${Math.round(width)} height=${Math.round(within)}></canvas>`;
}
