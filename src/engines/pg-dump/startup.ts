// The answer to a StartupMessage when the session behind it is already authenticated: AuthenticationOk ('R', 0), one
// ParameterStatus ('S') each, BackendKeyData ('K'), ReadyForQuery ('Z', idle). Manual, "Message Formats".
import { concatBytes, utf8 } from "../../std/bytes.ts";

/** To SSLRequest and GSSENCRequest: encryption is the business of the connection below. */
export const ENCRYPTION_REFUSED: Uint8Array = Uint8Array.of(0x4e);

function message(type: string, body: Uint8Array): Uint8Array {
  const whole = new Uint8Array(5 + body.length);
  whole[0] = type.charCodeAt(0);
  new DataView(whole.buffer).setInt32(1, 4 + body.length);
  whole.set(body, 5);
  return whole;
}

/** What a server sends between a StartupMessage and the first query. The cancel key is of no backend. */
export function createStartupAnswer(parameters: ReadonlyMap<string, string>): Uint8Array {
  return concatBytes([
    message("R", new Uint8Array(4)),
    ...[...parameters].map(([name, value]) => message("S", utf8(`${name}\0${value}\0`))),
    message("K", new Uint8Array(8)),
    message("Z", utf8("I")),
  ]);
}
