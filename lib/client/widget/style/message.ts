import { css } from "lit";

/** A message. */
export const message = css`
  .row {
    position: relative;
    display: flex;
    gap: 8px;
    --size: 30px;
    padding-block-start: 2px;
    border-radius: 12px;
  }
  .row.first {
    padding-block-start: 10px;
  }
  .row:focus-visible {
    outline-offset: -1px;
  }
  .beside {
    flex: none;
    inline-size: var(--size);
  }
  .stack {
    display: flex;
    flex-direction: column;
    align-items: flex-start;
    flex: 1;
    min-inline-size: 0;
  }
  .row.own .stack {
    align-items: flex-end;
  }
  .row.gone .stack {
    align-items: center;
  }
  .name {
    margin-block-end: 2px;
    margin-inline-start: 4px;
    font-size: 13px;
    font-weight: 600;
    color: var(--muted);
  }
  .bubble {
    max-inline-size: min(560px, 82%);
    padding: 7px 12px;
    border-radius: 18px;
    background: var(--bubble);
    overflow-wrap: anywhere;
    transition: box-shadow 0.3s;
  }
  .row:not(.own) .bubble {
    border-start-start-radius: 6px;
  }
  .row.first:not(.own) .bubble {
    border-start-start-radius: 18px;
  }
  .row:not(.own):not(.last) .bubble {
    border-end-start-radius: 6px;
  }
  .row.own .bubble {
    color: var(--on-own);
    background: var(--own);
    border-start-end-radius: 6px;
  }
  .row.own.first .bubble {
    border-start-end-radius: 18px;
  }
  .row.own:not(.last) .bubble {
    border-end-end-radius: 6px;
  }
  .row.gone .bubble {
    color: var(--muted);
    background: none;
    font-size: 13px;
  }
  .row.sought .bubble {
    box-shadow: 0 0 0 2px var(--focus);
  }
  .text {
    display: inline;
    white-space: pre-wrap;
  }
  .text.folded {
    display: block;
    max-block-size: 24em;
    overflow: hidden;
    mask-image: linear-gradient(#000 85%, transparent);
  }
  .more {
    display: block;
    margin-block-start: 4px;
    font-size: 13px;
    font-weight: 600;
    text-decoration: underline;
  }
  .subject {
    display: block;
  }
  .meta {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    float: inline-end;
    margin-block: 6px -3px;
    margin-inline-start: 10px;
    font-size: 11px;
    line-height: 16px;
    color: var(--muted);
    white-space: nowrap;
  }
  .row.own .meta {
    color: color-mix(in srgb, var(--on-own) 86%, var(--own));
  }
  .tick .icon {
    inline-size: 15px;
    block-size: 15px;
    stroke-width: 2.2;
  }
  .tick.read .icon {
    color: #8ff3e4;
  }
  .quote {
    display: flex;
    flex-direction: column;
    inline-size: 100%;
    margin-block: 1px 5px;
    padding: 4px 9px;
    border-radius: 8px;
    border-inline-start: 3px solid currentColor;
    background: color-mix(in srgb, currentColor 9%, transparent);
    font-size: 13px;
    line-height: 1.35;
  }
  .quote:disabled {
    cursor: default;
  }
  .file {
    display: flex;
    align-items: center;
    gap: 7px;
    margin-block: 4px 2px;
    padding: 8px 10px;
    border: 1px solid color-mix(in srgb, currentColor 28%, transparent);
    border-radius: 10px;
    font-size: 14px;
    text-decoration: none;
  }
  .file > small {
    flex: none;
    white-space: nowrap;
  }
  .file:hover {
    text-decoration: underline;
  }
  .refusal {
    margin-block-start: 3px;
    font-size: 12.5px;
    color: var(--danger);
  }
  .refusal button {
    margin-inline-end: 8px;
    font-weight: 600;
    text-decoration: underline;
  }
  .reactions {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
    margin-block: -4px 2px;
    padding-inline: 8px;
    z-index: 1;
  }
  .reaction {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    min-block-size: 24px;
    padding: 1px 8px;
    border: 1px solid var(--line);
    border-radius: 12px;
    font-size: 13px;
    background: var(--background);
  }
  .reaction span {
    font-size: 12px;
    font-weight: 600;
    color: var(--muted);
  }
  .reaction[aria-pressed="true"] {
    border-color: var(--accent);
    background: var(--chosen);
  }
  .reaction[aria-pressed="true"] span {
    color: var(--text);
  }
`;
