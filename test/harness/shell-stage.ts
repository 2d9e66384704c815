import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { after } from "node:test";
import type { StopSignal } from "../../repl/cancel.ts";
import { runShell } from "../../repl/shell.ts";
import type { World } from "../../repl/world.ts";
import type { Doors, Session } from "../../src/index.ts";
import { FakeSession, type Answers } from "./script-stage.ts";

export const directory = mkdtempSync(join(tmpdir(), "sealift-shell-"));
after(() => rmSync(directory, { recursive: true }));

export interface Shown {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly hidden: boolean;
  readonly session: FakeSession;
}

export interface Setting {
  readonly stdin?: string;
  readonly answers?: Answers;
  readonly session?: FakeSession;
  readonly terminal?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdout?: Writable;
  readonly doors?: Partial<Doors>;
  readonly onStart?: (stop: (signal: StopSignal) => void) => void;
}

export class Collected extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly columns = 80;

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(piece: Buffer, _encoding: string, done: () => void): void {
    this.text += piece.toString();
    done();
  }
}

export async function sealift(words: readonly string[], setting: Setting = {}): Promise<Shown> {
  const session = setting.session ?? new FakeSession(setting.answers);
  const [out, err] = [new Collected(setting.terminal ?? false), new Collected(setting.terminal ?? false)];
  let hidden = false;
  const world: World = {
    arguments: words,
    stdin: Readable.from([setting.stdin ?? ""]),
    stdout: setting.stdout ?? out,
    stderr: err,
    now: () => Date.now(),
    exit: (status) => assert.fail(`exit ${status}`),
    onStop: (take) => {
      setting.onStart?.(take);
      return () => {};
    },
    onStatusAsked: () => () => {},
    suspend: () => assert.fail("not asked"),
    hideArguments: () => {
      hidden = true;
    },
  };
  const doors: Doors = {
    version: "9.9.9",
    environment: setting.environment ?? {},
    openSession: (): Session => session,
    decrypt: () => assert.fail("not asked"),
    inspect: () => assert.fail("not asked"),
    ...setting.doors,
  };
  const status = await runShell(doors, world);
  return { status, out: out.text, err: err.text, hidden, session };
}
