import { css } from "lit";

/** Buttons and fields. */
export const controls = css`
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
    text-align: center;
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
  .sure:not(.button) {
    padding: 4px 10px;
    border-radius: 8px;
    font-size: 13px;
    font-weight: 600;
  }
  .sure.sure {
    color: #ffffff;
    background: #b3212d;
  }
  [aria-busy="true"]:is(button, form) {
    opacity: 0.6;
  }
`;
