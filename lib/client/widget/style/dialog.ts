import { css } from "lit";

/** Dialogs: most pages open none. */
export const dialog = css`
  .dialog {
    inline-size: min(420px, calc(100vw - 24px));
    max-block-size: min(640px, calc(100dvh - 24px));
    padding: 0;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    color: var(--text);
    background: var(--background);
    box-shadow: 0 18px 60px rgb(0 0 0 / 0.28);
    font: inherit;
  }
  .dialog::backdrop {
    background: rgb(8 12 14 / 0.45);
  }
  .sheet {
    display: flex;
    flex-direction: column;
    gap: 16px;
    padding: 16px 20px 20px;
  }
  /* Without a problem to tell, the live region takes no gap. */
  .sheet > [role="alert"]:empty {
    margin-block-end: -16px;
  }
  .top {
    display: flex;
    align-items: center;
    gap: 8px;
    margin-inline-end: -8px;
  }
  .top h2 {
    flex: 1;
    font-size: 18px;
  }
  .sheet form:not(.pair) {
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    gap: 14px;
  }
  .sheet form > * {
    inline-size: 100%;
  }
  .sheet label[for] {
    margin-block-end: -10px;
  }
  .sheet form > .button {
    inline-size: auto;
  }
  .sheet label:not(.pick) > span,
  .sheet h3 {
    display: block;
    margin: 0 0 5px;
    font-size: 13px;
    font-weight: 600;
  }
  .pick,
  .person {
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 6px 4px;
    --size: 32px;
  }
  .pick input {
    inline-size: 18px;
    block-size: 18px;
    accent-color: var(--accent);
  }
  .pick .cut,
  .person .cut {
    flex: 1;
  }
  .crowd {
    max-block-size: max(220px, 40dvh);
    overflow-y: auto;
    scrollbar-width: thin;
  }
  .pair {
    display: flex;
    gap: 8px;
  }
  .acts {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .link {
    font: 13px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  }
  @media (pointer: coarse) {
    .pick {
      min-block-size: 44px;
    }
    .pick input {
      inline-size: 24px;
      block-size: 24px;
    }
  }
`;
