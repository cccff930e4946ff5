import { GENERAL_HEADERS } from "./problem.js";

/**
 * The policy of the page for moderators: its own script, which sets no markup, and requests to its own origin; the icon, which is empty. The style is a sheet that the
 * script makes, for which no policy asks.
 */
export const ADMIN_POLICY =
  "default-src 'none'; script-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** Responds with the page for moderators of a chat that is mounted at a path. It holds no data: its script asks for them as whoever opens it. */
export function replyAdminPage(basePath: string): Response {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Moderation</title>
<link rel="icon" href="data:,">
<script type="module" src="${basePath}/admin.js"></script>
</head>
<body><noscript>This page needs JavaScript.</noscript></body>
</html>
`;
  const headers = new Headers(GENERAL_HEADERS);
  headers.set("Content-Security-Policy", ADMIN_POLICY);
  headers.set("Content-Type", "text/html; charset=utf-8");
  headers.set("Content-Length", `${Buffer.byteLength(html)}`);
  return new Response(html, { headers });
}
