import { css } from "lit";

/** The input. */
export const composer = css`
  nereid-composer {
    flex: none;
  }
  .typing {
    block-size: 20px;
    padding-inline: 18px;
    font-style: italic;
  }
  .composer {
    padding: 2px 12px 12px;
  }
  .regarding {
    display: flex;
    align-items: center;
    gap: 8px;
    padding-inline-start: 12px;
    margin-block-end: 6px;
    border-inline-start: 3px solid var(--accent);
    font-size: 13px;
    color: var(--muted);
  }
  .regarding > .cut {
    flex: 1;
  }
  .regarding b {
    color: var(--text);
  }
  .composer > .refusal {
    padding: 0 12px 6px;
  }
  .composer > .room {
    padding: 0 12px 4px;
    text-align: end;
    font-size: 12.5px;
    font-variant-numeric: tabular-nums;
  }
  .composer > :is(.refusal, .room):empty {
    display: none;
  }
  .write {
    display: flex;
    align-items: flex-end;
    gap: 6px;
    padding: 4px;
    border: 1px solid var(--edge);
    border-radius: 22px;
    background: var(--background);
  }
  .write:focus-within {
    border-color: var(--focus);
    box-shadow: 0 0 0 1px var(--focus);
  }
  .area {
    flex: 1;
    min-inline-size: 0;
    max-block-size: 160px;
    padding: 6px 6px 6px 12px;
    padding-inline: 12px 6px;
    border: 0;
    outline: 0;
    resize: none;
    background: none;
    line-height: 1.45;
    scrollbar-width: thin;
  }
  .area::placeholder {
    color: var(--muted);
    opacity: 1;
  }
  .go {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 34px;
    block-size: 34px;
    border-radius: 50%;
    color: var(--on-accent);
    background: var(--accent);
    transition: opacity 0.12s;
  }
  .go:disabled {
    color: var(--muted);
    background: var(--hover);
    cursor: default;
  }
  .mentions {
    max-block-size: 240px;
    margin-block-end: 6px;
    overflow-y: auto;
    border: 1px solid var(--line);
    border-radius: 12px;
    background: var(--background);
  }
  .mentions > .choice {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 5px 12px;
    min-block-size: 36px;
    cursor: pointer;
    --size: 28px;
  }
  .mentions > .choice[aria-selected="true"] {
    background: var(--hover);
  }
  .mention {
    font-weight: 600;
  }
  .mention.mine {
    padding-inline: 3px;
    border-radius: 4px;
    color: var(--on-accent);
    background: var(--accent);
  }
  @media (pointer: coarse) {
    .mentions > .choice {
      min-block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    .mentions > .choice[aria-selected="true"] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
  }
  .card {
    display: grid;
    flex: 1;
    min-inline-size: 0;
  }
`;
