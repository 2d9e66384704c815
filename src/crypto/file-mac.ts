// UNLOAD's own answer to the S3 client-side envelope having no MAC: HMAC-SHA-256 under a key that HKDF makes from the
// master symmetric key, over
//
//   wrapped content key, 48 bytes · iv, 16 bytes · the object as stored
//
// so that neither the object nor its envelope can be changed. A manifest's list of files is held together by
//
//   HMAC( "file 1's HMAC in hex" LF "file 2's" LF … )
//
// so that no file can be left out, listed twice or moved. Known answers: test/formats/redshift-manifest.test.ts.
import { createHmac, type Hmac, type KeyObject } from "node:crypto";
import type { DataKey } from "./data-key.ts";
import type { Envelope } from "./s3-envelope.ts";

/** What HKDF is told. */
const LABEL = "sealift transfer hmac v1";

/** Makes the HMACs of one set of files; `key` may be disposed meanwhile. */
export class FileMacs {
  readonly #key: KeyObject;

  constructor(key: DataKey) {
    this.#key = key.derive(LABEL);
  }

  /** To be fed with the stored bytes in their order; `digest("hex")` is what the manifest's entry holds. */
  ofFile(envelope: Envelope): Hmac {
    return createHmac("sha256", this.#key).update(envelope.wrappedKey).update(envelope.iv);
  }

  /** Over the files' HMACs, in hex, in the manifest's order. */
  ofManifest(files: readonly string[]): string {
    return createHmac("sha256", this.#key)
      .update(files.map((file) => `${file}\n`).join(""))
      .digest("hex");
  }
}
