import { css } from "lit";

/** Styles of all parts. A page sets colours, font and corners with the variables `--nereid-…`, and all else with `::part()`. */
export const theme = css`
  :host {
    --accent: var(--nereid-accent, light-dark(#0b6b64, #4fd1c0));
    --on-accent: var(--nereid-on-accent, light-dark(#ffffff, #04231f));
    --own: var(--nereid-own, light-dark(#0b6b64, #115e57));
    --on-own: var(--nereid-on-own, #ffffff);
    --background: var(--nereid-background, light-dark(#ffffff, #16181b));
    --surface: var(--nereid-surface, light-dark(#f6f7f8, #1c1f23));
    --bubble: var(--nereid-bubble, light-dark(#eff1f3, #262a2f));
    --hover: var(--nereid-hover, light-dark(#eaecef, #262a2f));
    --text: var(--nereid-text, light-dark(#14171a, #eceef0));
    --muted: var(--nereid-muted, light-dark(#545b66, #a6adb8));
    --line: var(--nereid-line, light-dark(#e3e6ea, #2c3036));
    --danger: var(--nereid-danger, light-dark(#b3212d, #ff8a8f));
    --focus: var(--nereid-focus, light-dark(#0b6b64, #4fd1c0));
    --radius: var(--nereid-radius, 16px);

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
    border: 1px solid light-dark(#858d99, #6f7783);
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
