/** How COPY writes a table's rows. */
export type RowFormat = "binary" | "text";

/**
 * Whole rows in COPY form, end to end: no binary signature, no trailer. Valid until the next pull: the buffer is
 * used again. `ends[i]` is the offset just past row i, so `ends[rows - 1]` is how much of `bytes` counts.
 */
export interface RowBlock {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly rows: number;
}

/** Signature, flags and extension length that open a COPY BINARY stream (PostgreSQL manual, COPY, "Binary Format"). */
export const BINARY_HEADER: Uint8Array = Uint8Array.of(
  0x50,
  0x47,
  0x43,
  0x4f,
  0x50,
  0x59,
  0x0a,
  0xff,
  0x0d,
  0x0a,
  0x00,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
);

/** A field count of -1 that ends a COPY BINARY stream. */
export const BINARY_TRAILER: Uint8Array = Uint8Array.of(0xff, 0xff);
