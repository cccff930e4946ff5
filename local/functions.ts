/** A function as Vercel deploys it: one handler a method. */
export type Handler = (request: Request) => Response | Promise<Response>;

type Module = Readonly<Record<string, unknown>>;

/** Loads the module of a function, such as `token` for `api/token.ts`. */
export type Load = (name: string) => Module | Promise<Module>;

/** Imports the compiled functions beside this file. Only after the environment is complete: they read it at once. */
export const importFunction: Load = (name) => {
  const known = imported.get(name);
  if (known !== undefined) return known;
  const importing = importModule(name);
  imported.set(name, importing);
  return importing;
};

const imported = new Map<string, ReturnType<Load>>();

async function importModule(name: string): Promise<Module> {
  const module: Module = await import(new URL(`../api/${name}.js`, import.meta.url).href);
  imported.set(name, module);
  return module;
}

/** Runs the function for the method of a request. A method that it does not export: 405, as it is dressed. */
export function runFunction(
  load: Load,
  name: string,
  request: Request,
  dress: (refusal: Response) => Response,
): Response | Promise<Response> {
  const module = load(name);
  return module instanceof Promise ? module.then((it) => run(it, request, dress)) : run(module, request, dress);
}

function run(module: Module, request: Request, dress: (refusal: Response) => Response): Response | Promise<Response> {
  const handler = METHODS.has(request.method) ? module[request.method] : undefined;
  if (isHandler(handler)) return handler(request);
  const allow = [...METHODS].filter((method) => isHandler(module[method])).join(", ");
  return dress(new Response(null, { status: 405, headers: { allow, "content-length": "0" } }));
}

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"]);

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}
