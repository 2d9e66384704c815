import type { Span } from "../../grammar/index.ts";
import type { ConnectionSettings } from "../connection/settings.ts";

/** What a stretch of typed text is. Stretches that no span covers are drawn plainly. */
export type HighlightKind =
  | "keyword"
  | "identifier"
  | "function"
  | "type"
  | "string"
  | "number"
  | "operator"
  | "comment"
  | "variable"
  | "command";

export interface HighlightSpan extends Span {
  readonly kind: HighlightKind;
}

/** The first thing in the typed text that cannot be right, whatever is typed after it. */
export interface LiveDiagnostic extends Span {
  readonly message: string;
  /** Words that could stand there, the likeliest first; empty when there is nothing to say. */
  readonly expected: readonly string[];
  readonly hint?: string;
}

export interface Completeness {
  /** Enter may run what is there. */
  readonly complete: boolean;
  /** psql's mark for what is missing: = nothing, - the end, ' " $ * a closing mark, ( a parenthesis, > COPY data. */
  readonly mark: string;
}

export type CompletionKind =
  | "keyword"
  | "option"
  | "value"
  | "schema"
  | "table"
  | "view"
  | "column"
  | "function"
  | "type"
  | "join"
  | "location"
  | "backup"
  | "key"
  | "connection"
  | "variable"
  | "command"
  | "file";

export interface CompletionItem {
  /** As the popup shows it. */
  readonly label: string;
  /** What takes the place of the completed span. */
  readonly insert: string;
  readonly kind: CompletionKind;
  /** A few words to the right of the label: a column's type, a backup's time. */
  readonly detail?: string;
}

export interface Completions {
  /** What an accepted item replaces; ends at the cursor or behind it. */
  readonly span: Span;
  /** Best first. */
  readonly items: readonly CompletionItem[];
  /** The database is being learned: `AssistantContext.learned` will be called, and there may be more. */
  readonly isPartial?: boolean;
}

/**
 * Helps with a statement that is being typed. The synchronous calls read the text alone and answer within a few
 * milliseconds for a statement of a hundred lines; what needs a database or a store is asynchronous, over a connection
 * of its own, and never fails: what cannot be learned is left out. Offsets are into the text given.
 */
export interface Assistant extends AsyncDisposable {
  highlight(text: string): readonly HighlightSpan[];
  diagnose(text: string): LiveDiagnostic | undefined;
  completeness(text: string): Completeness;
  /** Comes back with nothing once `signal` is aborted. */
  complete(text: string, cursor: number, signal: AbortSignal): Promise<Completions>;
  /** What must not be seen while it is typed. The marks around a literal are not part of it. */
  secretSpans(text: string): readonly Span[];
  /**
   * Lines of help on a statement or word; undefined when there are none.
   * @param width columns of the terminal, 80 unless told.
   */
  help(topic: string, width?: number): readonly string[] | undefined;
  /** A statement ran that may have changed what there is: learn it again when it is next needed. */
  noteSchemaChanged(): void;
  /** How far the database is known, for those who wonder why a name is not offered. */
  status?(): CatalogueStatus;
}

export interface CatalogueStatus {
  /** `partial`: the time was over before everything was known. */
  readonly state: "unknown" | "loading" | "ready" | "partial" | "failed";
  readonly relations: number;
  /** What went wrong. */
  readonly problem?: string;
}

/** A job, and a few words on it. */
export interface JobName {
  readonly name: string;
  readonly detail: string;
}

/** What an assistant may ask of the shell while it works. */
export interface AssistantContext {
  /** Names that `:name` may stand for. */
  readonly variables: () => readonly string[];
  /** Statements of the past with their secrets hidden, newest first: locations and keys used before. */
  readonly recent: () => readonly string[];
  /** Statements in the background by their numbers, for \\fg. */
  readonly jobs?: () => readonly JobName[];
  /** Detached jobs of the session by their ids, for SHOW JOB and CANCEL JOB. */
  readonly detached?: () => readonly JobName[];
  /**
   * A catalogue query in the shell's own session. The embedded engine has no other: without this nothing of its
   * database is known.
   */
  readonly rows?: (sql: string) => Promise<readonly (readonly (string | null)[])[]>;
  /** The same for what other sessions do not see, its search path and temporary tables; undefined while it may not be asked. */
  readonly own?: (sql: string) => Promise<readonly (readonly (string | null)[])[] | undefined>;
  /** More is known of the database than before, or nothing more will be. */
  readonly learned?: () => void;
  /** Whether `rows` may be asked: nothing runs, no transaction is open. Always, unless told. */
  readonly isIdle?: () => boolean;
}

export type OpenAssistant = (settings: ConnectionSettings, context: AssistantContext) => Assistant;
