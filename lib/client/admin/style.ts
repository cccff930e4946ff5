/** The style of the page for moderators, light and dark, from left or from right. */
export const STYLE = `
:root {
  --text: #14171a; --muted: #545b66; --background: #ffffff; --surface: #f6f7f8; --line: #858d99;
  --accent: #0b6b64; --on-accent: #ffffff; --danger: #b3212d;
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #eceef0; --muted: #a6adb8; --background: #16181b; --surface: #1c1f23; --line: #6f7783;
    --accent: #4fd1c0; --on-accent: #04231f; --danger: #ff8a8f;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 16px; max-inline-size: 860px; color: var(--text); background: var(--background); font: 400 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0; }
h2 { font-size: 20px; }
h3 { font-size: 16px; margin: 0; overflow-wrap: anywhere; }
ul { list-style: none; margin: 0; padding: 0; }
p { margin: 8px 0; overflow-wrap: anywhere; }
small, .quiet { color: var(--muted); font-size: 14px; font-weight: 400; }
.card { padding: 16px; margin-block: 12px; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
.acts { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.grow { flex: 1; overflow-wrap: anywhere; min-inline-size: 0; }
blockquote { margin: 8px 0; padding-inline-start: 12px; border-inline-start: 3px solid var(--accent); white-space: pre-wrap; overflow-wrap: anywhere; }
button, input, select { font: inherit; color: inherit; min-block-size: 44px; padding: 8px 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--background); max-inline-size: 100%; }
button { cursor: pointer; font-weight: 600; }
button[aria-current], button[type="submit"] { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
button[aria-disabled] { opacity: 0.6; }
.danger { color: var(--danger); border-color: var(--danger); }
input { flex: 1; min-inline-size: min(240px, 100%); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
nav { margin-block-start: 16px; }
.status { position: sticky; inset-block-end: 0; margin: 0; padding: 10px 14px; border-radius: 8px; color: var(--background); background: var(--text); }
.status:empty { visibility: hidden; }
`;
