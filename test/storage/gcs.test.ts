import { describe } from "node:test";
import { objectStoreContract } from "../contracts/object-store.ts";
import { GcsEmulator } from "../emulators/gcs.ts";
import { openTestStore } from "../harness/test-store.ts";

describe("Google Cloud Storage", () => {
  objectStoreContract("gcs", async () => {
    const emulator = await GcsEmulator.start();
    const variables = { STORAGE_EMULATOR_HOST: emulator.server.origin };
    return openTestStore(emulator.uri("/some/prefix"), emulator, variables);
  });
});
