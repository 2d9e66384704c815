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
import { completeAt, type CompletionSources } from "./complete.ts";
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
    const looking = this.#loader.look(FIRST_WAIT_MS);
    const used = { catalogue: false };
    const sources = this.#sources(used);
    let found = await completeAt(text, cursor, sources, signal);
    // Places, options and commands are known without a database.
    if (used.catalogue && this.#loader.isLearning && this.#loader.catalogue.relations.size === 0) {
      await looking;
      found = await completeAt(text, cursor, sources, signal);
    }
    return signal.aborted ? nothing : { ...found, isPartial: used.catalogue && this.#loader.isLearning };
  }

  /** @param used notes whether the catalogue was looked at */
  #sources(used: { catalogue: boolean }): CompletionSources {
    const loader = this.#loader;
    return {
      ...this.#world,
      ...this.#context,
      connections: async () => this.#world.connections().catch(() => []),
      places: this.#places,
      topics: helpTopics(),
      get catalogue() {
        used.catalogue = true;
        return loader.catalogue;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#places.close();
    await this.#loader.close();
  }
}
