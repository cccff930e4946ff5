import { css } from "lit";

// The dark colours, in place of the light ones of :host. light-dark() would say it in one place, but Chromium 120 to 122 and Safari 17.0
// to 17.4 do not have it.
const dark = css`
  --accent: var(--nereid-accent, #4fd1c0);
  --on-accent: var(--nereid-on-accent, #04231f);
  --own: var(--nereid-own, #115e57);
  --background: var(--nereid-background, #16181b);
  --surface: var(--nereid-surface, #1c1f23);
  --bubble: var(--nereid-bubble, #262a2f);
  --hover: var(--nereid-hover, #262a2f);
  --text: var(--nereid-text, #eceef0);
  --muted: var(--nereid-muted, #a6adb8);
  --line: var(--nereid-line, #2c3036);
  --danger: var(--nereid-danger, #ff8a8f);
  --focus: var(--nereid-focus, #4fd1c0);
  --edge: #6f7783;
  --chosen: #1f3735;
  --idle: #6d7380;
  --on-notice: #ffd98a;
  --notice: #3a2f14;
  --on-toast: #14171a;
  --toast: #eceef0;
  --initials: 0.92 0.05;
  --disc: 0.4 0.07;
`;

/** The colours, light and dark. A page sets them, and font and corners, with the variables `--nereid-…`. */
export const colours = css`
  :host {
    --accent: var(--nereid-accent, #0b6b64);
    --on-accent: var(--nereid-on-accent, #ffffff);
    --own: var(--nereid-own, #0b6b64);
    --on-own: var(--nereid-on-own, #ffffff);
    --background: var(--nereid-background, #ffffff);
    --surface: var(--nereid-surface, #f6f7f8);
    --bubble: var(--nereid-bubble, #eff1f3);
    --hover: var(--nereid-hover, #eaecef);
    --text: var(--nereid-text, #14171a);
    --muted: var(--nereid-muted, #545b66);
    --line: var(--nereid-line, #e3e6ea);
    --danger: var(--nereid-danger, #b3212d);
    --focus: var(--nereid-focus, #0b6b64);
    --radius: var(--nereid-radius, 16px);
    --edge: #858d99;
    --chosen: #dcefec;
    --idle: #9aa1ac;
    --on-notice: #6b4a00;
    --notice: #fff3d1;
    --on-toast: #ffffff;
    --toast: #2a2e34;
    --initials: 0.38 0.09;
    --disc: 0.91 0.05;
    color-scheme: light dark;
  }
  :host([theme="light"]) {
    color-scheme: light;
  }
  :host([theme="dark"]) {
    color-scheme: dark;
    ${dark}
  }
  @media (prefers-color-scheme: dark) {
    :host(:not([theme="light"])) {
      ${dark}
    }
  }
`;
