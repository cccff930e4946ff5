import { css } from "lit";

/** What depends on the device: fingers need larger targets than mice, paper does not scroll, and forced colours leave only borders. */
export const device = css`
  @media (pointer: coarse) {
    /* iOS zooms into a field with smaller text at each tap. */
    input,
    textarea,
    select {
      font-size: max(16px, 1em) !important;
    }
    button,
    select,
    .field,
    .area,
    .reaction,
    .newest,
    .file,
    .row:not(.gone) {
      min-block-size: 44px;
    }
    .tool,
    .go,
    .reaction,
    .newest,
    .refusal button {
      min-inline-size: 44px;
    }
    .area {
      padding-block: 10px;
    }
    .reaction {
      justify-content: center;
      border-radius: 22px;
    }
    .refusal button,
    .more {
      padding-inline: 8px;
    }
    .seek .icon {
      inset-block-start: 14px;
    }
    /* A long press opens the actions, of which one copies the text. */
    .bubble {
      -webkit-user-select: none;
      user-select: none;
      -webkit-touch-callout: none;
    }
  }
  /* On paper nothing scrolls: a conversation is as long as what is loaded of it. */
  @media print {
    :host,
    .log {
      block-size: auto;
      overflow: visible;
    }
    .panes {
      display: block;
    }
    .panes.talking > nereid-roster,
    nereid-composer,
    .newest,
    .unread {
      display: none !important;
    }
  }
  @media (forced-colors: active) {
    .bubble,
    .badge,
    .initials,
    .button,
    .go,
    .sure,
    .toast,
    .notice {
      border: 1px solid;
    }
    .thread[aria-current],
    .reaction[aria-pressed="true"],
    .tool:is([aria-pressed="true"], [aria-expanded="true"]),
    .write:focus-within {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
    .tick.tick .icon {
      color: CanvasText;
    }
    .dot {
      forced-color-adjust: none;
    }
  }
`;
