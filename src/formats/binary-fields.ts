import { ShellError } from "../errors.ts";

/**
 * The rows of a piece of COPY binary, field by field; NULL is undefined. Fields are views of `bytes`.
 * @param bytes whole rows, without signature and trailer (manual, COPY, "Binary Format").
 * @throws ShellError `integrity/rows` when the piece does not end at the end of a row.
 */
export function* binaryFields(bytes: Uint8Array): Generator<readonly (Uint8Array | undefined)[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number): number => {
    at += length;
    if (at > bytes.length) throw new ShellError("integrity/rows", "the rows end in the middle of a row");
    return at - length;
  };
  while (at < bytes.length) {
    const fields: (Uint8Array | undefined)[] = [];
    for (let left = view.getInt16(take(2)); left > 0; left -= 1) {
      const length = view.getInt32(take(4));
      const from = take(Math.max(length, 0));
      fields.push(length < 0 ? undefined : bytes.subarray(from, at));
    }
    yield fields;
  }
}
