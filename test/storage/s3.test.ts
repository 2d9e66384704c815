import { describe } from "node:test";
import { objectStoreContract } from "../contracts/object-store.ts";
import { S3Emulator, type S3EmulatorOptions } from "../emulators/s3.ts";
import { openTestStore } from "../harness/test-store.ts";

const KINDS: Readonly<Record<string, S3EmulatorOptions>> = {
  "s3 over http": {},
  "s3 over https": { tls: true },
  "s3-like store that ignores conditions": { conditions: "ignored" },
  "s3-like store that refuses conditions": { conditions: "refused" },
};

describe("S3", () => {
  for (const [name, options] of Object.entries(KINDS)) {
    objectStoreContract(name, async () => {
      const emulator = await S3Emulator.start(options);
      return openTestStore(emulator.uri("/some/prefix"), emulator);
    });
  }
});
