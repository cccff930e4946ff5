import { svg, type TemplateResult } from "lit";

// 24 × 24, in strokes of the text colour. The accessible name belongs to the button.
const icon = (paths: TemplateResult, turns = false) => svg`
  <svg class=${turns ? "icon turns" : "icon"} part="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${paths}</svg>`;

export const back = icon(svg`<path d="M15 5l-7 7 7 7" />`, true);
export const send = icon(svg`<path d="M5 12h13M12.5 5.5L19 12l-6.5 6.5" />`, true);
export const plus = icon(svg`<path d="M12 5v14M5 12h14" />`);
export const close = icon(svg`<path d="M6.5 6.5l11 11M17.5 6.5l-11 11" />`);
export const down = icon(svg`<path d="M12 5v14M6 13l6 6 6-6" />`);
export const up = icon(svg`<path d="M12 19V5M6 11l6-6 6 6" />`);
export const search = icon(svg`<circle cx="11" cy="11" r="6.5" /><path d="M16 16l4.5 4.5" />`);
export const dots = icon(svg`<path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="3" />`);
export const reply = icon(svg`<path d="M9 7l-5 5 5 5M4 12h9a7 7 0 0 1 7 7" />`, true);
export const forward = icon(svg`<path d="M15 7l5 5-5 5M20 12h-9a7 7 0 0 0-7 7" />`, true);
export const pencil = icon(svg`<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19z" />`);
export const bin = icon(svg`<path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13" />`);
export const flag = icon(svg`<path d="M6 21V4M6 4.5h12l-2.5 4 2.5 4H6" />`, true);
export const copy = icon(svg`<path d="M8.5 8.5h11v11h-11zM15 5H4.5v10.5" />`);
export const smile = icon(
  svg`<circle cx="12" cy="12" r="8.5" /><path d="M8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5h.01M15 9.5h.01" />`,
);
export const bell = icon(svg`<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5a2 2 0 0 0 4 0" />`);
export const bellOff = icon(
  svg`<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5a2 2 0 0 0 4 0M4 4l16 16" />`,
);
export const pin = icon(svg`<path d="M9 4h6l-1 6 3.5 3.5h-11L10 10zM12 13.5V20" />`);
export const eye = icon(svg`<path d="M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6z" /><circle cx="12" cy="12" r="2.5" />`);
export const eyeOff = icon(
  svg`<path d="M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM5 4l14 16" /><circle cx="12" cy="12" r="2.5" />`,
);
export const door = icon(svg`<path d="M10 4.5H5v15h5M9.5 12H20M16 8l4 4-4 4" />`, true);
export const file = icon(svg`<path d="M6.5 3.5h7l4 4v13h-11zM13.5 3.5v4h4" />`);
export const clock = icon(svg`<circle cx="12" cy="12" r="8.5" /><path d="M12 7v5l3.5 2" />`);
export const check = icon(svg`<path d="M5 12.5l4.5 4.5L19 7" />`);
export const checks = icon(svg`<path d="M2 12.5L6.5 17 15 7M11 15.5l1.5 1.5L22 7" />`);
export const alert = icon(svg`<circle cx="12" cy="12" r="8.5" /><path d="M12 7.5v5.5M12 16.5h.01" />`);
export const people = icon(
  svg`<circle cx="9" cy="8.5" r="3.5" /><path d="M3 19.5a6 6 0 0 1 12 0M15.5 5.3a3.5 3.5 0 0 1 0 6.4M17.5 14.6a6 6 0 0 1 3.5 4.9" />`,
);
export const link = icon(
  svg`<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7L12 7M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7L12 17" />`,
);
export const bubble = icon(svg`<path d="M4 5.5h16v11H11l-4.5 3.5v-3.5H4z" />`);
