/** Gives the next bytes the server may read, or nothing when there are none to come. May block the thread. */
export type Pull = () => Uint8Array | undefined;

/** How often the server may ask for bytes without reading any before it counts as dead. */
const IDLE_ASKS_MAX = 10_000;

/**
 * A message for `execProtocolRawStream` whose bytes are made while the server reads them, so that a COPY … FROM STDIN
 * of any length is one message and takes no memory. PGlite takes a message to its end by `length` and `subarray` and
 * has no other way to hand COPY data over: a session that finds its message used up within a COPY is beyond repair.
 */
export function pulledMessage(first: Uint8Array, pull: Pull): Uint8Array {
  let piece = first;
  let pieceStart = 0;
  let readTo = 0;
  let idleAsks = 0;
  const message = Uint8Array.of(first[0] ?? 0);
  return Object.defineProperties(message, {
    length: {
      get: () => {
        idleAsks += 1;
        // PGlite's loop swallows what the WebAssembly program throws when it dies, and would spin for ever.
        if (idleAsks > IDLE_ASKS_MAX) throw new Error("the database stopped reading its input");
        while (readTo === pieceStart + piece.length) {
          const next = pull();
          if (next === undefined) break;
          pieceStart += piece.length;
          piece = next;
        }
        return pieceStart + piece.length;
      },
    },
    subarray: {
      value: (start: number, end: number) => {
        if (end > start) idleAsks = 0;
        readTo = end;
        return piece.subarray(start - pieceStart, end - pieceStart);
      },
    },
  });
}
