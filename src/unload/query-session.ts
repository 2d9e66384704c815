import type { Engine } from "../engines/engine.ts";

/** How a transaction begins that reads one instant. */
export const BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

const VALUES = {
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
  extra_float_digits: "3",
  bytea_output: "hex",
  TimeZone: "UTC",
  xmloption: "content",
  client_encoding: "UTF8",
} as const;

/** Values are printed in one way whatever the session's settings are; for the length of its transaction. */
export const SETTINGS = Object.entries(VALUES)
  .map(([name, value]) => `SET LOCAL ${name} = '${value}'`)
  .join("; ");

/** As pg_settings spells them. */
export const SETTING_NAMES: readonly string[] = Object.keys(VALUES);

/** Runs statements whose answer is of no interest. */
export async function execute(engine: Engine, sql: string): Promise<void> {
  for await (const event of engine.run(sql)) if (event.type === "failed") throw event.error;
}
