import type { Span } from "../../grammar/index.ts";
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
import { CatalogueLoader, type CatalogueSource } from "./catalogue-loader.ts";
import { completeAt } from "./complete.ts";
import type { ShellCommand } from "./complete-command.ts";
import { completeness } from "./completeness.ts";
import { diagnose } from "./diagnose.ts";
import { highlight } from "./highlight.ts";
import { liveSecrets } from "./live-secrets.ts";
import { Places } from "./places.ts";
import { helpTopics, statementHelp } from "./statement-help.ts";

/** What an assistant needs of the outside world. */
export interface AssistantWorld {
  /** A connection to learn the catalogue from; undefined while the database is busy. */
  readonly openCatalogue: () => Promise<CatalogueSource | undefined>;
  /** How long may be learned from it. */
  readonly deadlineMs?: number;
  readonly openStore: (location: Location) => Promise<ObjectStore>;
  readonly connections: () => Promise<readonly ExternalConnection[]>;
  /** Keys of the keyring, by name. */
  readonly localKeys: () => Promise<readonly string[]>;
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
    const { openCatalogue: open, deadlineMs } = world;
    this.#loader = new CatalogueLoader({
      open,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(learned === undefined ? {} : { learned }),
    });
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
    const sources = {
      ...this.#world,
      ...this.#context,
      connections: async () => this.#world.connections().catch(() => []),
      places: this.#places,
      catalogue,
      topics: helpTopics(),
    };
    const found = await completeAt(text, cursor, sources, signal);
    return signal.aborted ? nothing : { ...found, isPartial };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#places.close();
    await this.#loader.close();
  }
}
