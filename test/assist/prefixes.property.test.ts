import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { completeSql } from "../../src/assist/complete-sql.ts";
import { LiveAssistant } from "../../src/assist/live-assistant.ts";
import { listCommands } from "../../src/script/commands/index.ts";
import { ShellError } from "../../src/errors.ts";
import { shopCatalogue } from "../harness/shop-catalogue.ts";
import { readVectors, vectorFiles } from "../harness/vectors.ts";

const TEXTS = ["completion", "grammar", "assist"].flatMap((directory) =>
  vectorFiles(directory).flatMap((file) => readVectors(file).map(({ input }) => input.replace("|", ""))),
);
const catalogue = shopCatalogue();

function open(): LiveAssistant {
  return new LiveAssistant(
    {
      openCatalogue: async () => undefined,
      openStore: async () => {
        throw new ShellError("storage/unavailable", "there is no store here");
      },
      connections: async () => [],
      localKeys: async () => ["main"],
      commands: listCommands(),
      listFolder: async () => [],
      services: async () => [],
    },
    { variables: () => ["a"], recent: () => TEXTS.slice(0, 50) },
  );
}

/** Every span lies in the text, in order. */
function assertSpans(text: string, spans: readonly { readonly start: number; readonly end: number }[]): void {
  let last = 0;
  for (const { start, end } of spans) {
    assert.ok(start >= last && end >= start && end <= text.length, `${start}–${end} of ${JSON.stringify(text)}`);
    last = end;
  }
}

describe("whatever has been typed", () => {
  const assistant = open();
  const anyText = fc.constantFrom(...TEXTS).chain((text) => fc.nat(text.length).map((end) => text.slice(0, end)));

  it("is coloured, judged and masked without fail", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assertSpans(text, assistant.highlight(text));
        assertSpans(text, assistant.secretSpans(text));
        const complaint = assistant.diagnose(text);
        if (complaint !== undefined) assert.ok(complaint.start < complaint.end);
        assert.notEqual(assistant.completeness(text).mark, "");
      }),
      { numRuns: 1500 },
    );
  });

  it("is completed without fail, at every place, and what is offered takes the place of what was typed", async () => {
    const anyPlace = fc.constantFrom(...TEXTS).chain((text) => fc.tuple(fc.constant(text), fc.nat(text.length)));
    await fc.assert(
      fc.asyncProperty(anyPlace, async ([text, cursor]) => {
        const stop = new AbortController();
        const pending = assistant.complete(text, cursor, stop.signal);
        // A store would be asked after a pause: nobody waits for it here.
        const timer = setTimeout(() => stop.abort(), 20);
        const { span } = await pending;
        clearTimeout(timer);
        assert.ok(span.start <= cursor && cursor <= span.end && span.end <= text.length);
      }),
      { numRuns: 500 },
    );
  });

  it("is completed with the names of a database without fail", () => {
    const anyPlace = fc.constantFrom(...TEXTS).chain((text) => fc.tuple(fc.constant(text), fc.nat(text.length)));
    fc.assert(
      fc.property(anyPlace, ([text, cursor]) => {
        const { span, items } = completeSql(text, cursor, catalogue);
        assert.ok(span.start <= cursor && cursor <= span.end);
        assert.equal(new Set(items.map(({ insert }) => insert)).size, items.length, "nothing is offered twice");
      }),
      { numRuns: 1500 },
    );
  });
});
