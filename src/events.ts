import type { ShellError } from "./errors.ts";

/** One column of a result. `kind` tells layouts how to align it and JSON whether to quote it. */
export interface Column {
  readonly name: string;
  readonly kind: "text" | "number" | "boolean" | "json" | "bytes" | "time";
}

/** Values as the server's text, null for SQL NULL. */
export type Row = readonly (string | null)[];

export interface Amount {
  /** 0 to 1: of work whose share is known, though nothing of it is counted. */
  readonly share?: number;
  /** Indexes, constraints and the like. */
  readonly steps?: number;
  readonly files?: number;
  readonly rows?: bigint;
  /** Uncompressed bytes of COPY rows. */
  readonly bytes?: bigint;
  /** Bytes as stored: compressed and sealed. */
  readonly storedBytes?: bigint;
}

/** What a job is working on at the moment. */
export interface Part {
  readonly kind: "table" | "file" | "step";
  readonly name: string;
  readonly done: Amount;
  readonly total?: Amount;
}

export type Phase =
  | "plan"
  | "keys"
  | "snapshot"
  | "export"
  | "manifest"
  | "locate"
  | "preflight"
  | "schema"
  | "load"
  | "constraints"
  | "validate"
  | "verify"
  | "commit"
  | "list";

/** All that a running statement tells the outside. Nothing else leaves a statement. */
export type Event =
  /** `statement` is printed with its secrets hidden; `verb` is the first words: "BACKUP", "SHOW BACKUP", "SELECT". */
  | { readonly type: "started"; readonly statement: string; readonly verb: string; readonly ours: boolean }
  /** `severity` as the server says it: INFO, NOTICE, WARNING, LOG, DEBUG. */
  | {
      readonly type: "notice";
      readonly severity: string;
      readonly message: string;
      readonly detail?: string;
      readonly hint?: string;
    }
  /** A phase begins (`facts` empty or what is known) or reports a fact within it: kms=1/2 ok. */
  | {
      readonly type: "phase";
      readonly jobId: string;
      readonly verb: string;
      readonly phase: Phase;
      readonly facts: Readonly<Record<string, string | number>>;
    }
  /** `total` absent means unknown: never draw it as 0 %. */
  | {
      readonly type: "progress";
      readonly jobId: string;
      readonly verb: string;
      readonly phase: Phase;
      readonly done: Amount;
      readonly total?: Amount;
      /** Some of what is being worked on, the ones that moved last first. */
      readonly active?: readonly Part[];
    }
  | { readonly type: "columns"; readonly columns: readonly Column[] }
  | { readonly type: "rows"; readonly rows: readonly Row[] }
  /** Bytes of a `COPY … TO STDOUT`. */
  | { readonly type: "copy-data"; readonly bytes: Uint8Array }
  /** One statement is done. `tag` as the server's command tag; `rows` where the tag counts them. */
  | {
      readonly type: "finished";
      readonly tag: string;
      readonly elapsedMs: number;
      readonly summary?: Readonly<Record<string, string | number>>;
    }
  | { readonly type: "failed"; readonly error: ShellError };

export type Events = AsyncIterable<Event>;
