// The columns of a PARQUET file as trees, and values as text. hyparquet is not told which numbers are decimals, since it
// would make floats of them; what it gives for them is printed here with all its digits.
import type { SchemaElement } from "hyparquet";
import { momentOfDays, printDate, printMicros } from "../columns/moment.ts";
import { printDecimalBytes, printScaled } from "./decimals.ts";
import { toJson } from "./to-json.ts";

export interface ValueShape {
  readonly kind: "value";
  readonly element: SchemaElement;
  readonly isDecimal: boolean;
}

/** As hyparquet puts nested columns together. */
export type Shape =
  | ValueShape
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "map"; readonly value: Shape }
  | { readonly kind: "struct"; readonly members: ReadonlyMap<string, Shape> };

interface Tree {
  readonly element: SchemaElement;
  readonly children: readonly Tree[];
}

/** The top columns of a schema by name, in order. Takes the annotations of decimals off the schema's own elements. */
export function shapesOf(schema: readonly SchemaElement[]): readonly (readonly [name: string, shape: Shape])[] {
  let at = 0;
  // The schema is a list in depth-first order.
  const next = (): Tree => {
    const element = schema[at] ?? { name: "" };
    at += 1;
    return { element, children: Array.from({ length: element.num_children ?? 0 }, next) };
  };
  return schema.length === 0 ? [] : next().children.map((tree) => [tree.element.name, shapeOf(tree)]);
}

function shapeOf(tree: Tree): Shape {
  const { element } = tree;
  const shape = isListLike(tree) ? listOf(tree) : isMapLike(tree) ? mapOf(tree) : ownShapeOf(tree);
  return element.repetition_type === "REPEATED" ? { kind: "list", item: shape } : shape;
}

function ownShapeOf({ element, children }: Tree): Shape {
  if (children.length === 0) return valueOf(element);
  return { kind: "struct", members: new Map(children.map((child) => [child.element.name, shapeOf(child)])) };
}

function valueOf(element: SchemaElement): ValueShape {
  const isDecimal = element.converted_type === "DECIMAL" || element.logical_type?.type === "DECIMAL";
  const shape: ValueShape = { kind: "value", element: { ...element }, isDecimal };
  if (isDecimal) {
    delete element.converted_type;
    delete element.logical_type;
  }
  return shape;
}

function isListLike({ element, children: [repeated, ...others] }: Tree): boolean {
  if (element.converted_type !== "LIST" || repeated === undefined || others.length > 0) return false;
  return repeated.children.length <= 1 && repeated.element.repetition_type === "REPEATED";
}

function listOf({ children: [repeated] }: Tree): Shape {
  if (repeated === undefined) return { kind: "struct", members: new Map() };
  const [item] = repeated.children;
  return { kind: "list", item: item === undefined ? ownShapeOf(repeated) : shapeOf(item) };
}

function isMapLike({ element, children: [pair, ...others] }: Tree): boolean {
  if (element.converted_type !== "MAP" || pair === undefined || others.length > 0) return false;
  return pair.children.length === 2 && pair.element.repetition_type === "REPEATED";
}

function mapOf({ children: [pair] }: Tree): Shape {
  const [key, value] = pair?.children ?? [];
  // Older writers leave it unsaid that names are text.
  if (key?.element.type === "BYTE_ARRAY" && key.element.converted_type === undefined)
    key.element.converted_type = "UTF8";
  return { kind: "map", value: value === undefined ? { kind: "struct", members: new Map() } : shapeOf(value) };
}

/** A value of a nested column as JSON. */
export function nestedJson(value: unknown, shape: Shape | undefined): string {
  if (value === null || value === undefined || shape === undefined) return toJson(value);
  switch (shape.kind) {
    case "value": {
      const text = scalarText(value, shape);
      if (text === undefined) return toJson(value);
      return shape.isDecimal ? text : JSON.stringify(text);
    }
    case "list":
      return Array.isArray(value) ? `[${value.map((item) => nestedJson(item, shape.item)).join(",")}]` : toJson(value);
    case "map":
      return membersJson(value, () => shape.value);
    case "struct":
      return membersJson(value, (name) => shape.members.get(name));
  }
  return shape satisfies never;
}

function membersJson(value: unknown, shapeFor: (name: string) => Shape | undefined): string {
  const members = Object.entries(value as object).map(
    ([name, inner]) => `${JSON.stringify(name)}:${nestedJson(inner, shapeFor(name))}`,
  );
  return `{${members.join(",")}}`;
}

/** The text of what hyparquet leaves as it is stored: decimals, times, dates by their logical type. */
export function scalarText(value: unknown, { element, isDecimal }: ValueShape): string | undefined {
  if (isDecimal) return printDecimal(value, element.scale ?? 0);
  const { converted_type: converted, logical_type: logical } = element;
  if (converted === undefined && logical?.type === "DATE") return printDate(momentOfDays(Number(value)));
  if (converted?.startsWith("TIME_") === true || logical?.type === "TIME")
    return printMicros(timeMicros(value, element));
  return undefined;
}

function timeMicros(value: unknown, element: SchemaElement): bigint {
  const number = BigInt(String(value));
  const logical = element.logical_type;
  const unit = logical?.type === "TIME" ? logical.unit : element.converted_type === "TIME_MILLIS" ? "MILLIS" : "MICROS";
  if (unit === "MILLIS") return number * 1000n;
  return unit === "NANOS" ? number / 1000n : number;
}

/** An integer, or big-endian bytes of one, with its decimal point. */
function printDecimal(value: unknown, scale: number): string {
  return value instanceof Uint8Array ? printDecimalBytes(value, scale) : printScaled(BigInt(String(value)), scale);
}
