// What a segment is called: a hash of its rows, so that equal rows are stored once and a name binds its content. Under a
// data key it is HMAC-SHA-256( id key, GMAC( mac key, rows ) ‖ length of the rows as 64 bits ): a universal hash and then
// a pseudorandom function, as AES-GCM-SIV makes its tags (RFC 8452, section 4). The HMAC's output alone is told, so no
// name says anything of the hash below it, which could otherwise not be used twice with one nonce. It takes a twelfth of
// the time of HMAC-SHA-256 over the rows, by which manifests of version 1 name them. docs/decisions/0005.
import { createCipheriv, createHash, createHmac, type KeyObject } from "node:crypto";
import type { DataKey } from "../crypto/data-key.ts";

const ID_LABEL = "sealift segment id";
const MAC_LABEL = "sealift segment mac";
/** The same for every segment: what GMAC gives is hashed again before anybody sees it. */
const NONCE = new Uint8Array(12);

/** How a manifest's segments are named: `hmac` in version 1, `gmac` since. */
export type SegmentNaming = "hmac" | "gmac";

/** What sealing, opening and naming need of a data key; can be sent to worker threads. */
export interface SegmentKeys {
  readonly seal: KeyObject;
  readonly id: KeyObject;
  /** Absent where rows are named by HMAC alone. */
  readonly mac?: KeyObject;
}

export function segmentKeysOf(dataKey: DataKey, naming: SegmentNaming = "gmac"): SegmentKeys {
  const keys = { seal: dataKey.keyObject(), id: dataKey.derive(ID_LABEL) };
  return naming === "hmac" ? keys : { ...keys, mac: dataKey.derive(MAC_LABEL) };
}

/** 64 hexadecimal digits. Without keys the rows' SHA-256. */
export function segmentIdOf(rows: Uint8Array, keys: SegmentKeys | undefined): string {
  if (keys === undefined) return createHash("sha256").update(rows).digest("hex");
  const hmac = createHmac("sha256", keys.id);
  if (keys.mac === undefined) return hmac.update(rows).digest("hex");
  return hmac.update(gmac(rows, keys.mac)).update(lengthOf(rows)).digest("hex");
}

function gmac(rows: Uint8Array, key: KeyObject): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, NONCE);
  cipher.setAAD(rows);
  cipher.final();
  return cipher.getAuthTag();
}

function lengthOf(rows: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(rows.length));
  return length;
}
