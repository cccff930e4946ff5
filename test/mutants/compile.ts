import { transformWithOxc } from "vite";

/** Drops the types of a module, as its build does. */
export async function compile(module: string): Promise<string> {
  return (await transformWithOxc(module, "module.ts")).code;
}
