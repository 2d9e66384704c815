// What a worker thread asks of the main thread about a file of ranges, as text: crews pass nothing else.

export interface RangeWish {
  readonly file: number;
  /** In bytes; absent when the file's length is asked for, which comes as decimal digits. */
  readonly range?: { readonly start: number; readonly end: number };
}

export function writeWish({ file, range }: RangeWish): string {
  return range === undefined ? `${file}` : `${file}:${range.start}:${range.end}`;
}

export function readWish(text: string): RangeWish {
  const [file = Number.NaN, start, end] = text.split(":").map(Number);
  return start === undefined || end === undefined ? { file } : { file, range: { start, end } };
}
