// Where a value of JSON ends in a piece of memory. Source: RFC 8259.
const [QUOTE, BACKSLASH, MINUS, PLUS, POINT, ZERO, NINE] = [0x22, 0x5c, 0x2d, 0x2b, 0x2e, 0x30, 0x39];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const [UPPER_E, LOWER_E] = [0x45, 0x65];

/** Behind the quote that closes the string at `start`; -1 when it does not end before `end`. */
export function endOfString(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
  }
  return -1;
}

/** Whether a string with its quotes is what stands between them; with an escape or a control character it is not. */
export function isPlainString(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start + 1; at < end - 1; at++) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x20 || byte === BACKSLASH) return false;
  }
  return true;
}

/** Behind the bracket that closes the one at `start`; -1 when there is none before `end`. */
export function endOfBrackets(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const stop = endOfString(bytes, at, end);
      if (stop < 0) return -1;
      at = stop - 1;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** Behind a word that stands at `start`; -1 when another does. */
export function endOfWord(bytes: Uint8Array, start: number, end: number, word: Uint8Array): number {
  if (start + word.length > end) return -1;
  for (let at = 0; at < word.length; at++) if (bytes[start + at] !== word[at]) return -1;
  return start + word.length;
}

/** Behind a number; -1 when there is none, or when it goes on to `end`. */
export function endOfNumber(bytes: Uint8Array, start: number, end: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const whole = at;
  at = endOfDigits(bytes, at, end);
  if (at === whole || (bytes[whole] === ZERO && at > whole + 1)) return -1;
  if (bytes[at] === POINT) {
    const digits = at + 1;
    at = endOfDigits(bytes, digits, end);
    if (at === digits) return -1;
  }
  if (bytes[at] === LOWER_E || bytes[at] === UPPER_E) {
    at++;
    if (bytes[at] === PLUS || bytes[at] === MINUS) at++;
    const digits = at;
    at = endOfDigits(bytes, digits, end);
    if (at === digits) return -1;
  }
  return at < end ? at : -1;
}

function endOfDigits(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] ?? 0) >= ZERO && (bytes[at] ?? 0) <= NINE) at++;
  return at;
}

/** A stretch as JSON.parse reads it; `undefined` when it cannot. */
export function parsed(bytes: Uint8Array, start: number, end: number): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()) as unknown;
  } catch {
    return undefined;
  }
}
