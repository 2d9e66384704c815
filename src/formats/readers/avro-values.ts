// Avro values without loss: 64-bit integers as bigint, decimals, dates and times as the text that columns read.
import avro from "avsc";
import { momentOfDays, momentOfMicros, printDate, printMicros, printTimestamp } from "../columns/moment.ts";
import { printDecimalBytes } from "./decimals.ts";
import { toJson } from "./to-json.ts";

const longAsBigint = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === "bigint",
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

type LogicalTypeClass = new (schema: avro.Schema, options?: unknown) => avro.types.LogicalType;

/** A logical type that is only read. `scale` is the schema's. */
function readAs(print: (value: never, scale: number) => string): LogicalTypeClass {
  return class extends avro.types.LogicalType {
    readonly #scale: number;

    constructor(schema: avro.Schema, options?: unknown) {
      super(schema, options);
      this.#scale = typeof schema === "object" && "scale" in schema ? Number(schema.scale) : 0;
    }

    protected override _fromValue(value: never): string {
      return print(value, this.#scale);
    }

    protected override _toValue(value: unknown): unknown {
      return value;
    }
  };
}

function printUtc(micros: bigint, zone: boolean): string {
  return printTimestamp(momentOfMicros(micros), zone);
}

const logicalTypes: Record<string, LogicalTypeClass> = {
  decimal: readAs((value: Uint8Array, scale) => printDecimalBytes(value, scale)),
  date: readAs((days: number) => printDate(momentOfDays(days))),
  "time-millis": readAs((millis: number) => printMicros(BigInt(millis) * 1000n)),
  "time-micros": readAs((micros: bigint) => printMicros(micros)),
  "timestamp-millis": readAs((millis: bigint) => printUtc(millis * 1000n, true)),
  "timestamp-micros": readAs((micros: bigint) => printUtc(micros, true)),
  "local-timestamp-millis": readAs((millis: bigint) => printUtc(millis * 1000n, false)),
  "local-timestamp-micros": readAs((micros: bigint) => printUtc(micros, false)),
};

/** Throws what avsc throws for text that is no schema. */
export function parseAvroSchema(text: string): avro.Type {
  // A logical type asks for the type below it with the same schema: the second time it is that type's turn.
  const asked = new WeakSet<object>();
  const typeHook = (schema: unknown): avro.Type | undefined => {
    if (typeof schema !== "object" || schema === null || !("type" in schema) || schema.type !== "long")
      return undefined;
    const isLogical = "logicalType" in schema && Object.hasOwn(logicalTypes, String(schema.logicalType));
    if (!isLogical || asked.has(schema)) return longAsBigint;
    asked.add(schema);
    return undefined;
  };
  const schema = JSON.parse(text) as avro.Schema;
  return avro.Type.forSchema(schema, { registry: { long: longAsBigint }, logicalTypes, typeHook });
}

/** A record as a JSON document. A value of a union with names around it stands without them. */
export function recordToJson(record: unknown): string {
  return toJson(withoutBranches(record));
}

function withoutBranches(value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if ("unwrap" in value && typeof value.unwrap === "function") {
    const branch: unknown = Object.values(value)[0];
    return withoutBranches(branch);
  }
  if (Array.isArray(value)) return value.map(withoutBranches);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutBranches(inner)]));
}
