// Messages of PostgreSQL's protocol as the stand-in takes them apart and puts them together.

/** Codes where a version number would stand (manual, "Message Formats"). */
export const CANCEL_CODE = 80_877_102;
export const TLS_CODE = 80_877_103;

export interface WireMessage {
  /** Empty for the first message of a connection, which has no type. */
  readonly type: string;
  readonly body: Buffer;
}

/** Cuts a byte stream into messages. The first of a client has no type byte. */
export class MessageSplitter {
  #bytes = Buffer.alloc(0);
  #untyped: boolean;

  constructor(untyped: boolean) {
    this.#untyped = untyped;
  }

  /** Another message without a type follows: after a refused TLS request. */
  expectUntyped(): void {
    this.#untyped = true;
  }

  push(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
  }

  next(): WireMessage | undefined {
    const lead = this.#untyped ? 0 : 1;
    if (this.#bytes.length < lead + 4) return undefined;
    const length = this.#bytes.readUInt32BE(lead) + lead;
    if (this.#bytes.length < length) return undefined;
    const message = {
      type: this.#untyped ? "" : String.fromCharCode(this.#bytes[0] ?? 0),
      body: Buffer.from(this.#bytes.subarray(lead + 4, length)),
    };
    this.#bytes = this.#bytes.subarray(length);
    this.#untyped = false;
    return message;
  }
}

export function printMessage({ type, body }: WireMessage): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type, "latin1"), length, body]);
}

/** The strings of a body, each ended by a zero byte. */
export function stringsOf(body: Buffer): string[] {
  return body.toString("utf8").split("\0").slice(0, -1);
}

export function bodyOf(...strings: readonly string[]): Buffer {
  return Buffer.from(strings.map((text) => `${text}\0`).join(""));
}

/** Fields of ErrorResponse and NoticeResponse, each with its letter before it. */
export function fieldsOf(body: Buffer): Map<string, string> {
  return new Map(
    stringsOf(body)
      .filter((text) => text !== "")
      .map((text) => [text.slice(0, 1), text.slice(1)]),
  );
}

export function fieldsBody(fields: ReadonlyMap<string, string>): Buffer {
  return bodyOf(...Array.from(fields, ([letter, text]) => letter + text), "");
}
