/** Offsets into the source text, in UTF-16 units: [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}
