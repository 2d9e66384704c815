// Frontend messages of the PostgreSQL protocol 3 (manual, "Message Formats"):
//   startup phase   length:int32 (itself included) · code:int32 · rest
//   afterwards      type:byte · length:int32 (without the type) · rest
// libpq flushes its buffer in multiples of 8 KiB, so pieces end in the middle of messages.
import { concatBytes } from "../../std/bytes.ts";

const SSL_REQUEST = 80_877_103;
const GSS_ENCRYPTION_REQUEST = 80_877_104;
const TERMINATE = 0x58;

export type Frame =
  /** SSLRequest or GSSENCRequest: answered by one byte. */
  | { readonly kind: "encryption-request" }
  | { readonly kind: "startup" }
  | { readonly kind: "terminate" }
  /** One or more whole messages, end to end. */
  | { readonly kind: "messages"; readonly bytes: Uint8Array };

function int32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(at);
}

/** Turns a client's byte stream into whole messages. */
export class FrontendFramer {
  #rest: Uint8Array = new Uint8Array(0);
  #started = false;

  /** The frames that `piece` completes. What it leaves unfinished is kept. */
  push(piece: Uint8Array): readonly Frame[] {
    const bytes = this.#rest.length === 0 ? piece : concatBytes([this.#rest, piece]);
    const frames: Frame[] = [];
    let at = 0;
    while (!this.#started && bytes.length - at >= 8 && bytes.length - at >= int32(bytes, at)) {
      const code = int32(bytes, at + 4);
      at += int32(bytes, at);
      this.#started = code !== SSL_REQUEST && code !== GSS_ENCRYPTION_REQUEST;
      frames.push({ kind: this.#started ? "startup" : "encryption-request" });
    }
    if (this.#started) at = this.#cutMessages(bytes, at, frames);
    this.#rest = bytes.slice(at);
    return frames;
  }

  #cutMessages(bytes: Uint8Array, start: number, frames: Frame[]): number {
    let at = start;
    let from = start;
    let terminated = false;
    while (!terminated && bytes.length - at >= 5 && bytes.length - at >= 1 + int32(bytes, at + 1)) {
      terminated = bytes[at] === TERMINATE;
      if (terminated && at > from) frames.push({ kind: "messages", bytes: bytes.slice(from, at) });
      at += 1 + int32(bytes, at + 1);
      if (terminated) from = at;
    }
    if (at > from) frames.push({ kind: "messages", bytes: bytes.slice(from, at) });
    if (terminated) frames.push({ kind: "terminate" });
    return at;
  }
}
