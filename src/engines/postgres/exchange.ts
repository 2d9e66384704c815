import type { ShellError } from "../../errors.ts";
import { interrupted, serverError } from "./errors.ts";
import { copyFailMessage, readFields, readStrings } from "./messages.ts";
import type { TransactionStatus } from "./session.ts";
import type { Message, Tap, Wire } from "./wire.ts";

/** How long a server may take to stop a statement before the connection is given up. */
const SETTLE_MS = 10_000;
/** A request that comes before its statement has begun is forgotten by the server, so it is made again. */
const CANCEL_AGAIN_MS = 500;
const QUERY_CANCELED = "57014";

export interface ExchangeOptions {
  readonly signal?: AbortSignal;
  /** The text that was sent, for error positions. */
  readonly sql?: string;
  readonly notice?: (fields: ReadonlyMap<string, string>) => void;
}

export interface ExchangeHooks extends ExchangeOptions {
  parameterChanged(name: string, value: string): void;
  ready(status: TransactionStatus): void;
  /** Asks the server to stop; resolves when the request has been passed on. */
  cancel(): Promise<void>;
}

/** A request and its answers up to ReadyForQuery. Disposing it early stops the statement and skips the rest. */
export class Exchange implements AsyncDisposable {
  /** The first error of the server; the answers go on after it. */
  error: ShellError | undefined;
  readonly #wire: Wire;
  readonly #hooks: ExchangeHooks;
  readonly #abort = (): void => this.#requestCancel();
  #state: "open" | "finished" | "lost" = "open";
  #copyingIn = false;
  #cancelled: Promise<void> | undefined;
  #again: NodeJS.Timeout | undefined;

  constructor(wire: Wire, hooks: ExchangeHooks) {
    this.#wire = wire;
    this.#hooks = hooks;
    hooks.signal?.addEventListener("abort", this.#abort);
  }

  /** ReadyForQuery has come: nothing is missing. A lost connection never gets here. */
  get finished(): boolean {
    return this.#state === "finished";
  }

  /** Answers are still to come, and may. */
  get open(): boolean {
    return this.#state === "open" && !this.#wire.failed;
  }

  /** The server waits for COPY data. */
  get copyingIn(): boolean {
    return this.#copyingIn;
  }

  get congested(): boolean {
    return this.#wire.congested;
  }

  get unsent(): boolean {
    return this.#wire.unsent;
  }

  send(...parts: readonly Uint8Array[]): void {
    this.#wire.send(...parts);
  }

  /** Answers a server that waits for COPY data that there is none. */
  failCopy(reason: string): void {
    this.send(copyFailMessage(reason));
  }

  /** Puts a tap on the message bytes, or takes it off. */
  tap(tap: Tap | undefined): void {
    this.#wire.tap = tap;
  }

  /** The next answer that is not the exchange's own affair, or undefined when none has arrived or it is over. */
  next(): Message | undefined {
    while (this.#state === "open") {
      const message = this.#wire.next();
      if (message === undefined || !this.#takeIn(message)) return message;
    }
    return undefined;
  }

  /** Waits for more to arrive, or for unsent bytes to go out. @throws ShellError `engine/lost` */
  async more(): Promise<void> {
    try {
      await this.#wire.more();
    } catch (lost) {
      this.#state = "lost";
      // The error that announced the end says more than the end.
      throw this.error ?? lost;
    }
  }

  /**
   * Reads to the end.
   * @throws ShellError the server's error, or `job/interrupted` when the signal stopped the statement.
   */
  async finish(take?: (message: Message) => void): Promise<void> {
    while (!this.finished) {
      const message = this.next();
      if (message !== undefined) take?.(message);
      else if (!this.finished) await this.more();
    }
    this.throwError();
  }

  /** @throws ShellError what went wrong up to here, when something did. */
  throwError(): void {
    const { signal } = this.#hooks;
    if (this.error === undefined) return;
    if (signal?.aborted === true && this.error.sqlState === QUERY_CANCELED) throw interrupted(signal.reason);
    throw this.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hooks.signal?.removeEventListener("abort", this.#abort);
    if (this.open) await this.#settle();
    clearTimeout(this.#again);
    // A request still on its way could hit the next statement.
    await this.#cancelled;
    clearTimeout(this.#again);
    this.#wire.tap = undefined;
  }

  #takeIn(message: Message): boolean {
    switch (message.type) {
      case "S": {
        const [name = "", value = ""] = readStrings(message.body);
        this.#hooks.parameterChanged(name, value);
        return true;
      }
      case "N":
        this.#hooks.notice?.(readFields(message.body));
        return true;
      case "E":
        this.error ??= serverError(readFields(message.body), this.#hooks.sql);
        this.#copyingIn = false;
        return true;
      case "Z":
        this.#state = "finished";
        this.#hooks.ready(STATUS[String.fromCharCode(message.body[0] ?? 0)] ?? "idle");
        return true;
      case "G":
        this.#copyingIn = true;
        return false;
      case "C":
        this.#copyingIn = false;
        return false;
      default:
        return false;
    }
  }

  #requestCancel(): void {
    this.#cancelled ??= this.#hooks.cancel().then(() => {
      this.#again = setTimeout(() => {
        this.#cancelled = undefined;
        if (this.open) this.#requestCancel();
      }, CANCEL_AGAIN_MS);
    });
  }

  async #settle(): Promise<void> {
    const giveUp = setTimeout(() => this.#wire.destroy(), SETTLE_MS);
    try {
      // A server that waits for data hears a cancel request only when data comes.
      if (this.#copyingIn) this.failCopy("the source ended early");
      else this.#requestCancel();
      while (!this.finished) {
        const message = this.next();
        if (message?.type === "G") this.failCopy("the statement was given up");
        else if (message === undefined && !this.finished) await this.more();
      }
    } catch {
      // The connection is gone, and with it what was to be stopped; the next statement says so.
      this.#state = "lost";
    } finally {
      clearTimeout(giveUp);
    }
  }
}

const STATUS: Readonly<Record<string, TransactionStatus>> = { I: "idle", T: "open", E: "failed" };
