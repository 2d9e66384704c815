/** A bounded number of tasks under way at once. The first failure is kept and thrown at the next `add` or `drain`. */
export class InFlight {
  readonly #limit: number;
  readonly #tasks = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts a task once there is room for it. */
  async add(start: () => Promise<void>): Promise<void> {
    while (this.#tasks.size >= this.#limit) await Promise.race(this.#tasks);
    this.#throwFailure();
    const task = start()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  /** Waits for all tasks, whether they fail or not, and then throws the first failure. */
  async drain(): Promise<void> {
    await Promise.all(this.#tasks);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
