import type { Engine } from "../../src/engines/engine.ts";
import { ShellError } from "../../src/errors.ts";
import type { Event } from "../../src/events.ts";
import { DEFAULT_DISPLAY } from "../../src/script/display.ts";
import { Interpreter } from "../../src/script/interpreter.ts";
import { ScriptState } from "../../src/script/state.ts";
import { Variables } from "../../src/script/variables.ts";
import { createLayout, type Layout } from "../../repl/layout/layout.ts";
import { FakeSession, fakeHost } from "./script-stage.ts";

/** A session whose database is real. */
class EngineSession extends FakeSession {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    super();
    this.#engine = engine;
  }

  override describe(): Engine["description"] {
    return this.#engine.description;
  }

  override connect(): Promise<Engine["description"]> {
    return Promise.resolve(this.#engine.description);
  }

  override execute(text: string): AsyncIterable<Event> {
    return this.#engine.run(text);
  }

  override rows(sql: string, parameters?: readonly (string | null)[]): ReturnType<FakeSession["rows"]> {
    return this.#engine.rows(sql, parameters) as ReturnType<FakeSession["rows"]>;
  }

  override describeQuery(query: string): ReturnType<Engine["describeQuery"]> {
    return this.#engine.describeQuery(query);
  }
}

/** A command and what it prints on this server. */
export interface DescribeCase {
  readonly command: string;
  readonly expected: string;
}

/** Cases of a text: `\d x`, `----`, what is printed, `---- before 14` and what older servers make of it, `====`. */
export function casesFor({ description }: Engine, text: string): readonly DescribeCase[] {
  return [...text.matchAll(/^(\\.*)\n(---- *[\s\S]*?)====\n/gm)].map(([, command = "", said = ""]) => {
    const variants = [
      ...said.matchAll(/^---- ?(?:before (\d+))?\n([\s\S]*?)(?=^---- ?(?:before \d+)?\n|$(?![\s\S]))/gm),
    ]
      .map(([, before = "99", expected = ""]) => ({ before: Number(before) * 10_000, expected }))
      .toSorted((a, b) => a.before - b.before);
    const expected = variants.find(({ before }) => description.versionNumber < before)?.expected;
    return { command, expected: expected ?? "no case for this server" };
  });
}

/** A schema without what this server does not know: cases say what becomes of it. */
export function schemaFor({ description }: Engine, sql: string): string {
  const { versionNumber } = description;
  let text = sql;
  if (versionNumber < 120_000) text = text.replaceAll(/ GENERATED ALWAYS AS \(.*?\) STORED/g, "");
  if (versionNumber >= 110_000) return text;
  return text
    .replaceAll("EXECUTE FUNCTION", "EXECUTE PROCEDURE")
    .replaceAll(/CREATE PROCEDURE .*/g, "")
    .replaceAll("CREATE INDEX parts_k ON parts (k);", "");
}

/** What a command prints, drawn as the shell draws it. */
export async function shown(engine: Engine, command: string): Promise<string> {
  const state = new ScriptState(new Variables());
  const shell = new Interpreter({ session: new EngineSession(engine), host: fakeHost(), state, interactive: false });
  let text = "";
  let layout: Layout | undefined;
  for await (const told of shell.run({ name: "t", text: command })) {
    if (told.type === "text") text += told.text;
    if (told.type === "failed") throw told.error;
    if (told.type !== "statement") continue;
    const { event, display, footers } = told;
    if (event.type === "columns") {
      layout = createLayout(
        { ...DEFAULT_DISPLAY, ...display },
        { escapes: false, ...(footers === undefined ? {} : { footers }) },
      );
      text += layout.begin(event.columns);
    }
    if (event.type === "rows") text += layout?.rows(event.rows) ?? "";
    if (event.type === "finished") text += [...(layout?.end() ?? [])].join("");
  }
  return text;
}

/** As `shown`; that a relation is not there, which fails here, reads as psql says it. */
export async function said(engine: Engine, command: string): Promise<string> {
  try {
    return await shown(engine, command);
  } catch (error) {
    if (error instanceof ShellError && error.code === "shell/command") return `${error.message}.\n`;
    throw error;
  }
}
