import { describe } from "node:test";
import { cloudStoreContract } from "../contracts/cloud-store.ts";
import { objectStoreContract } from "../contracts/object-store.ts";
import { AzureBlobEmulator } from "../emulators/azure-blob.ts";
import { openTestStore } from "../harness/test-store.ts";
import type { ObjectStore } from "../../src/storage/store.ts";

const ACTIONS = { write: "PUT", read: "GET", list: "LIST", delete: "DELETE" };

async function openAt(emulator: AzureBlobEmulator): Promise<ObjectStore> {
  const variables = { AZURE_STORAGE_ENDPOINT: emulator.endpoint };
  return openTestStore(emulator.uri("/some/prefix"), emulator, variables);
}

describe("Azure Blob Storage", () => {
  objectStoreContract("azure", async () => openAt(await AzureBlobEmulator.start()));

  cloudStoreContract({
    name: "azure",
    partsInFlight: 4,
    writePermission: /^grant the role Storage Blob Data Contributor on .*some\/prefix\/b to the account key$/u,
    stage: async () => {
      const emulator = await AzureBlobEmulator.start();
      const bytes = Buffer.from("x");
      return {
        emulator,
        store: await openAt(emulator),
        names: () => [...emulator.blobs.keys()],
        plant: (name) => {
          emulator.blobs.set(name, { bytes, etag: '"x"', modified: new Date(), metadata: {} });
        },
        // Staged blocks cannot be taken back; Azure drops them, and they are never seen.
        dangling: () => 0,
        deny: (action) => {
          emulator.denied.add(ACTIONS[action]);
        },
      };
    },
  });
});
