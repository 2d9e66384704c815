/** A bounded queue from one writer to one reader. */
export class Channel<T> {
  readonly #items: T[] = [];
  readonly #limit: number;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #readerLeft = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  /** @param limit how many items may wait */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Waits for room. False when the reader has left: nobody will take the item. */
  async send(item: T): Promise<boolean> {
    while (this.#items.length >= this.#limit && !this.#readerLeft) {
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
    }
    if (this.#readerLeft) return false;
    this.#items.push(item);
    this.#wakeReader?.();
    return true;
  }

  /** No more items will come. */
  end(): void {
    this.#ended = true;
    this.#wakeReader?.();
  }

  /** The reader throws this, whatever still waits. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wakeReader?.();
  }

  /** Nobody will read on, or ever did: the writer need not wait. */
  leave(): void {
    this.#readerLeft = true;
    this.#wakeWriter?.();
  }

  /** The items in their order. Can be read once. */
  async *items(): AsyncGenerator<T> {
    try {
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure.error;
        const item = this.#items.shift();
        if (item !== undefined) {
          this.#wakeWriter?.();
          yield item;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
        }
      }
    } finally {
      this.leave();
    }
  }
}
