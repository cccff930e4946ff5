import { svg, type TemplateResult } from "lit";

// As those of all of the widget: 24 × 24, in strokes of the text colour.
const icon = (paths: TemplateResult, turns = false) => svg`
  <svg class=${turns ? "icon turns" : "icon"} part="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${paths}</svg>`;

export const clip = icon(
  svg`<path d="M20 11.5L12 19.5a5 5 0 0 1-7-7l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6" />`,
);
export const camera = icon(svg`<path d="M3.5 8h4l2-3h5l2 3h4v11h-17z" /><circle cx="12" cy="13" r="3.5" />`);
export const download = icon(svg`<path d="M12 4v11M6.5 10l5.5 5.5 5.5-5.5M5 20h14" />`);
export const enlarge = icon(svg`<path d="M14 4.5h5.5V10M10 19.5H4.5V14M19 5l-6 6M5 19l6-6" />`);
export const previous = icon(svg`<path d="M15 5l-7 7 7 7" />`, true);
export const next = icon(svg`<path d="M9 5l7 7-7 7" />`, true);
