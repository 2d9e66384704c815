import { expectedAt, lexemes, stringAt, type Span } from "../../grammar/index.ts";
import type { ExternalConnection } from "../external/connections.ts";
import type { Location } from "../location.ts";
import type { ObjectStore } from "../storage/store.ts";
import type {
  Assistant,
  AssistantContext,
  CatalogueStatus,
  Completeness,
  Completions,
  HighlightSpan,
  LiveDiagnostic,
} from "./assistant.ts";
import type { Catalogue } from "./catalogue.ts";
import { CatalogueLoader, type CatalogueSource } from "./catalogue-loader.ts";
import { commandArguments, commandNames, type ShellCommand } from "./complete-command.ts";
import { completeString, type LocationSources } from "./complete-location.ts";
import { completeOurs, isWrittenLower, ourWords, strings } from "./complete-ours.ts";
import { completeSql } from "./complete-sql.ts";
import { completeness } from "./completeness.ts";
import { diagnose } from "./diagnose.ts";
import { highlight } from "./highlight.ts";
import { liveSecrets } from "./live-secrets.ts";
import { Places } from "./places.ts";
import { pieceAt } from "./reading.ts";
import { rankCandidates } from "./sql-candidates.ts";
import { helpTopics, statementHelp } from "./statement-help.ts";
import { unloadQueryAt } from "./unload-query.ts";

/** What an assistant needs of the outside world. */
export interface AssistantWorld {
  /** A connection to learn the catalogue from; undefined while the database is busy. */
  readonly openCatalogue: () => Promise<CatalogueSource | undefined>;
  readonly openStore: (location: Location) => Promise<ObjectStore>;
  readonly connections: () => Promise<readonly ExternalConnection[]>;
  readonly commands: readonly ShellCommand[];
  readonly listFolder: (path: string) => Promise<readonly string[]>;
  readonly services: () => Promise<readonly string[]>;
}

/** How long the first completion waits for a catalogue of which nothing is known. */
const FIRST_WAIT_MS = 300;

export class LiveAssistant implements Assistant {
  readonly #world: AssistantWorld;
  readonly #context: AssistantContext;
  readonly #loader: CatalogueLoader;
  readonly #places: Places;

  constructor(world: AssistantWorld, context: AssistantContext) {
    this.#world = world;
    this.#context = context;
    const { learned } = context;
    this.#loader = new CatalogueLoader({ open: world.openCatalogue, ...(learned === undefined ? {} : { learned }) });
    this.#places = new Places({ openStore: world.openStore });
  }

  highlight(text: string): readonly HighlightSpan[] {
    return highlight(text);
  }

  diagnose(text: string): LiveDiagnostic | undefined {
    return diagnose(text);
  }

  completeness(text: string): Completeness {
    return completeness(text);
  }

  secretSpans(text: string): readonly Span[] {
    return liveSecrets(text);
  }

  help(topic: string, width?: number): readonly string[] | undefined {
    return statementHelp(topic, width);
  }

  noteSchemaChanged(): void {
    this.#loader.noteChanged();
  }

  status(): CatalogueStatus {
    return this.#loader.status;
  }

  async complete(text: string, cursor: number, signal: AbortSignal): Promise<Completions> {
    const nothing: Completions = { span: { start: cursor, end: cursor }, items: [] };
    if (signal.aborted) return nothing;
    const catalogue = await this.#loader.look(FIRST_WAIT_MS);
    const isPartial = this.#loader.isLearning;
    const found = await this.#complete(text, cursor, catalogue, signal);
    return signal.aborted ? nothing : { ...found, isPartial };
  }

  async #complete(text: string, cursor: number, catalogue: Catalogue, signal: AbortSignal): Promise<Completions> {
    const variables = this.#variablesAt(text, cursor);
    if (variables !== undefined) return variables;
    const piece = pieceAt(text, cursor);
    if (piece.kind === "command") {
      const sources = { ...this.#world, catalogue, variables: this.#context.variables(), topics: helpTopics() };
      return cursor <= piece.argumentsAt
        ? commandNames(text.slice(piece.start + 1, cursor), piece.start, cursor, sources)
        : commandArguments(piece.name, text.slice(piece.argumentsAt, cursor), cursor, sources);
    }
    const sources: LocationSources = {
      places: this.#places,
      connections: async () => this.#world.connections().catch(() => []),
      recent: this.#context.recent,
      catalogue,
    };
    const query = unloadQueryAt(text, piece, cursor);
    if (query !== undefined) return completeSql(text, cursor, catalogue, query);
    const place = stringAt(text, cursor);
    if (place !== undefined) {
      const typed = text.slice(place.content.start, cursor);
      const isEnded = isClosed(text, place.content.start);
      const rest = isEnded ? (/^[^'\n]*/.exec(text.slice(cursor))?.[0] ?? "") : "";
      return completeString(place, { typed, rest, closing: isEnded ? "" : "'" }, sources, signal);
    }
    const expected = expectedAt(text, cursor);
    const written = { text, cursor, start: piece.start };
    if (expected.ours) return completeOurs(expected, written, sources, signal);
    const sql = completeSql(text, cursor, catalogue, piece);
    const typed = text.slice(sql.span.start, cursor);
    // What COPY reads from tells whether it is ours.
    const isCopySource = expected.before[0] === "COPY" && expected.before.at(-1) === "FROM" && typed === "";
    const places = isCopySource ? await strings(written, sources, signal) : [];
    const isLower = isWrittenLower(text.slice(piece.start));
    const ours = [...rankCandidates(ourWords(expected, isLower), typed), ...places];
    const known = new Set(ours.map(({ insert }) => insert));
    return { ...sql, items: [...ours, ...sql.items.filter(({ insert }) => !known.has(insert))] };
  }

  /** `:name`, `:'name'` and `:"name"`, outside quotes. */
  #variablesAt(text: string, cursor: number): Completions | undefined {
    const found = /(?:^|[^:\p{L}\p{N}_]):(['"]?)([\p{L}\p{N}_]*)$/u.exec(text.slice(0, cursor));
    if (found === null) return undefined;
    const [, mark = "", typed = ""] = found;
    const start = cursor - typed.length - mark.length - 1;
    const isHidden = lexemes(text.slice(0, start)).some(({ closed }) => !closed);
    if (isHidden) return undefined;
    const items = rankCandidates(
      this.#context.variables().map((name) => ({
        match: name,
        insert: `:${mark}${name}${mark}`,
        kind: "variable",
        rank: 1,
      })),
      typed,
    );
    return { span: { start, end: cursor }, items };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#places.close();
    await this.#loader.close();
  }
}

/** Whether the string that begins before `content` ends, and on the same line. */
function isClosed(text: string, content: number): boolean {
  const line = text.slice(content, text.indexOf("\n", content) === -1 ? undefined : text.indexOf("\n", content));
  return (line.match(/'/g) ?? []).length % 2 === 1;
}
