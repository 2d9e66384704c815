import { describe } from "node:test";
import { cloudStoreContract } from "../contracts/cloud-store.ts";
import { objectStoreContract } from "../contracts/object-store.ts";
import { GcsEmulator } from "../emulators/gcs.ts";
import { openTestStore } from "../harness/test-store.ts";
import type { ObjectStore } from "../../src/storage/store.ts";

const ACTIONS = { write: "insert", read: "get", list: "list", delete: "delete" };

async function openAt(emulator: GcsEmulator): Promise<ObjectStore> {
  const variables = { STORAGE_EMULATOR_HOST: emulator.server.origin };
  return openTestStore(emulator.uri("/some/prefix"), emulator, variables);
}

describe("Google Cloud Storage", () => {
  objectStoreContract("gcs", async () => openAt(await GcsEmulator.start()));

  cloudStoreContract({
    name: "gcs",
    partsInFlight: 1,
    writePermission: /^grant storage\.objects\.create .*some\/prefix\/b to the bearer token$/u,
    stage: async () => {
      const emulator = await GcsEmulator.start();
      const bytes = Buffer.from("x");
      return {
        emulator,
        store: await openAt(emulator),
        names: () => [...emulator.files.keys()],
        plant: (name) => {
          emulator.files.set(name, { bytes, generation: 1, updated: new Date(), metadata: {} });
        },
        dangling: () => emulator.sessions.size,
        deny: (action) => {
          emulator.denied.add(ACTIONS[action]);
        },
      };
    },
  });
});
