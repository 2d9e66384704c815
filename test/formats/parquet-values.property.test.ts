// Values of COPY's text as PARQUET's, the plain ones read from their bytes, against what JavaScript makes of them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parquetColumn } from "../../src/formats/parquet-values.ts";
import { utf8 } from "../../src/std/bytes.ts";

const OIDS = { integer: 23, bigint: 20, date: 1082, timestamp: 1114, timestamptz: 1184 };

function read(type: keyof typeof OIDS, text: string): unknown {
  return parquetColumn({ name: "c", typeOid: OIDS[type], typeModifier: -1 }).read(utf8(text));
}

/** As PostgreSQL prints them: years of four digits at least, BC behind. */
const moment = fc.date({
  min: new Date("-004000-01-01T00:00:00Z"),
  max: new Date("+012000-01-01T00:00:00Z"),
  noInvalidDate: true,
});

function dateText(date: Date): { day: string; era: string } {
  const year = date.getUTCFullYear();
  const shown = String(year > 0 ? year : 1 - year).padStart(4, "0");
  return { day: `${shown}-${date.toISOString().split("T")[0]?.slice(-5) ?? ""}`, era: year > 0 ? "" : " BC" };
}

describe("values for PARQUET", () => {
  it("are integers of all lengths", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (number, big) => {
        assert.equal(read("bigint", String(number)), BigInt(number));
        assert.equal(read("bigint", String(big)), big);
        assert.equal(read("integer", String(number | 0)), number | 0);
      }),
      { numRuns: 2000 },
    );
  });

  it("are days and microseconds, before our era too", () => {
    fc.assert(
      fc.property(moment, fc.nat(999_999), fc.nat(6), (date, fraction, digits) => {
        const midnight = Math.floor(date.getTime() / 86_400_000);
        const { day, era } = dateText(date);
        assert.equal(read("date", day + era), midnight);
        const seconds = Math.floor((date.getTime() - midnight * 86_400_000) / 1000);
        const clock = new Date(seconds * 1000).toISOString().slice(11, 19);
        const decimals = String(fraction).padStart(6, "0").slice(0, digits);
        const text = `${day} ${clock}${decimals === "" ? "" : `.${decimals}`}`;
        const micros = BigInt(midnight * 86_400 + seconds) * 1_000_000n + BigInt(decimals.padEnd(6, "0"));
        assert.equal(read("timestamp", text + era), micros);
        assert.equal(read("timestamptz", `${text}+00${era}`), micros);
      }),
      { numRuns: 2000 },
    );
  });

  it("refuse what has no place", () => {
    for (const [type, text] of [
      ["date", "infinity"],
      ["timestamp", "-infinity"],
      ["date", "2026-02-3x"],
    ] as const) {
      assert.throws(() => read(type, text), { code: "option/value" }, text);
    }
  });
});
