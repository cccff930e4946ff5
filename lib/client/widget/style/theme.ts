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

/** Styles of all parts. A page sets colours, font and corners with the variables `--nereid-…`, and all else with `::part()`. */
export const theme = css`
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

    display: flex;
    flex-direction: column;
    position: relative;
    box-sizing: border-box;
    container-type: inline-size;
    block-size: min(640px, 100dvh);
    min-block-size: 320px;
    overflow: hidden;
    color-scheme: light dark;
    color: var(--text);
    background: var(--background);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    font: 400 15px/1.45 var(--nereid-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif);
    text-align: start;
  }
  :host([hidden]) {
    display: none;
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
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  button,
  input,
  textarea,
  select {
    font: inherit;
    color: inherit;
    margin: 0;
  }
  button {
    border: 0;
    background: none;
    padding: 0;
    cursor: pointer;
    text-align: start;
    -webkit-tap-highlight-color: transparent;
  }
  a {
    color: inherit;
    text-underline-offset: 2px;
  }
  h1,
  h2,
  p,
  ul {
    margin: 0;
    padding: 0;
  }
  ul {
    list-style: none;
  }
  :focus-visible {
    outline: 2px solid var(--focus);
    outline-offset: 2px;
  }
  .icon {
    display: block;
    inline-size: 20px;
    block-size: 20px;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .turns:dir(rtl) {
    transform: scaleX(-1);
  }
  .tool {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 36px;
    block-size: 36px;
    border-radius: 10px;
    color: var(--muted);
    transition: background 0.12s;
  }
  .tool:hover,
  .tool[aria-expanded="true"],
  .tool[aria-pressed="true"] {
    background: var(--hover);
    color: var(--text);
  }
  .button {
    padding: 8px 16px;
    border-radius: 10px;
    font-weight: 600;
    background: var(--hover);
  }
  .button.first {
    color: var(--on-accent);
    background: var(--accent);
  }
  .button.danger {
    color: var(--danger);
  }
  .button:disabled {
    opacity: 0.5;
    cursor: default;
  }
  .field {
    inline-size: 100%;
    padding: 9px 12px;
    border: 1px solid var(--edge);
    border-radius: 10px;
    background: var(--background);
  }
  .field::placeholder {
    color: var(--muted);
    opacity: 1;
  }
  .quiet {
    color: var(--muted);
    font-size: 13px;
  }
  .sure.sure {
    color: #ffffff;
    background: #b3212d;
  }
  [aria-busy="true"]:is(button, form) {
    opacity: 0.6;
  }
  /* Sentences have their own direction, whatever the page's is. */
  p,
  em,
  small {
    unicode-bidi: plaintext;
  }
  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .cut {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      transition: none !important;
      animation: none !important;
      scroll-behavior: auto !important;
    }
  }
`;
