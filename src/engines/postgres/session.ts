import type { Duplex } from "node:stream";
import { ShellError } from "../../errors.ts";
import { cancelBackend } from "./cancel.ts";
import { openWire, type OpenedWire } from "./connect.ts";
import { Exchange, type ExchangeOptions } from "./exchange.ts";
import { parameterisedMessage, queryMessage, readDataRow } from "./messages.ts";
import type { PostgresSettings } from "./settings.ts";

export type TransactionStatus = "idle" | "open" | "failed";

/** One authenticated connection: statements run on it one after another. */
export class PostgresSession implements AsyncDisposable {
  readonly settings: PostgresSettings;
  /** As the last ReadyForQuery said. */
  transaction: TransactionStatus = "idle";
  readonly #opened: OpenedWire;
  readonly #cancellable: boolean;
  #exchange: Exchange | undefined;

  private constructor(settings: PostgresSettings, opened: OpenedWire, cancellable: boolean) {
    this.settings = settings;
    this.#opened = opened;
    this.#cancellable = cancellable;
  }

  /**
   * Connects and authenticates.
   * @param stream a byte stream to the server to use instead of a socket; a statement on it cannot be cancelled.
   * @throws ShellError `engine/connect`
   */
  static async open(settings: PostgresSettings, stream?: Duplex): Promise<PostgresSession> {
    return new PostgresSession(settings, await openWire(settings, stream), stream === undefined);
  }

  /** Whether the connection still stands. */
  get usable(): boolean {
    return !this.#opened.wire.failed;
  }

  /** A setting the server reports by itself: server_version, server_encoding, is_superuser. */
  parameter(name: string): string | undefined {
    return this.#opened.parameters.get(name);
  }

  /** Sends a request; the exchange has to be disposed before the next one. @throws ShellError `engine/lost` */
  begin(request: Uint8Array, options: ExchangeOptions = {}): Exchange {
    if (this.#exchange?.open === true) {
      throw new ShellError("bug/invariant", "the connection is busy with another statement");
    }
    this.#exchange = new Exchange(this.#opened.wire, {
      ...options,
      parameterChanged: (name, value) => this.#opened.parameters.set(name, value),
      ready: (status) => {
        this.transaction = status;
      },
      cancel: () => this.#cancel(),
    });
    this.#exchange.send(request);
    return this.#exchange;
  }

  /** Runs statements whose results do not matter. @throws ShellError `engine/failed` */
  async execute(sql: string, signal?: AbortSignal): Promise<void> {
    await using exchange = this.begin(queryMessage(sql), signal === undefined ? {} : { signal });
    await exchange.finish();
  }

  /** All rows of one statement, as text. @throws ShellError `engine/failed` */
  async rows(
    sql: string,
    parameters: readonly (string | null)[] = [],
    signal?: AbortSignal,
  ): Promise<readonly (readonly (string | null)[])[]> {
    const rows: (readonly (string | null)[])[] = [];
    await using exchange = this.begin(parameterisedMessage(sql, parameters), signal === undefined ? {} : { signal });
    await exchange.finish((message) => {
      if (message.type === "D") rows.push(readDataRow(message.body));
    });
    return rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#exchange?.[Symbol.asyncDispose]();
    await this.#opened.wire.end();
  }

  async #cancel(): Promise<void> {
    if (this.#cancellable) await cancelBackend(this.settings, this.#opened.backend);
    else this.#opened.wire.destroy();
  }
}
