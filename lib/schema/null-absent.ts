import type * as v from "valibot";

/**
 * Copies a value without the properties that are `null` and optional in its schema. Properties that the schema does not know, such as
 * extensions, remain.
 */
export function withoutNulls(schema: v.GenericSchema, value: unknown): unknown {
  return schemasOf(schema).reduce(strip, value);
}

/** Returns the schemas that a value passes: the schema itself, or those of its pipe. */
function schemasOf(schema: unknown): unknown[] {
  if (!isRecord(schema)) return [];
  if (Array.isArray(schema.pipe)) return schema.pipe.flatMap((it) => (it === schema ? [it] : schemasOf(it)));
  return "wrapped" in schema ? schemasOf(schema.wrapped) : [schema];
}

function strip(value: unknown, schema: unknown): unknown {
  if (!isRecord(schema)) return value;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = Array.isArray(schema.items) ? schema.items : [];
    return value.map((it, i) => schemasOf(items[i] ?? schema.item).reduce(strip, it));
  }
  const { entries } = schema;
  if (!isRecord(value) || !isRecord(entries)) return value;
  const kept = Object.entries(value).filter(([key, it]) => it !== null || !isOptional(entries[key]));
  return Object.fromEntries(kept.map(([key, it]) => [key, schemasOf(entries[key]).reduce(strip, it)]));
}

function isOptional(schema: unknown): boolean {
  return isRecord(schema) && (schema.type === "optional" || schema.type === "exact_optional");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
