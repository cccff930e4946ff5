/** A function as Vercel deploys it: one handler a method. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** Loads the module of a function, such as `token` for `api/token.ts`. */
export type Load = (name: string) => Promise<Readonly<Record<string, unknown>>>;

/** Imports the compiled functions beside this file. Only after the environment is complete: they read it at once. */
export const importFunction: Load = (name) => {
  const known = imported.get(name) ?? import(new URL(`../api/${name}.js`, import.meta.url).href);
  imported.set(name, known);
  return known;
};

const imported = new Map<string, ReturnType<Load>>();

/** Runs the function for the method of a request. A method that it does not export: 405. */
export async function runFunction(load: Load, name: string, request: Request): Promise<Response> {
  const module = await load(name);
  const handler = METHODS.includes(request.method) ? module[request.method] : undefined;
  if (isHandler(handler)) return await handler(request);
  const allow = METHODS.filter((method) => isHandler(module[method])).join(", ");
  return new Response(null, { status: 405, headers: { allow, "content-length": "0" } });
}

const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"];

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}
