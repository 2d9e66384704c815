import { describe } from "node:test";
import { objectStoreContract } from "../contracts/object-store.ts";
import { AzureBlobEmulator } from "../emulators/azure-blob.ts";
import { openTestStore } from "../harness/test-store.ts";

describe("Azure Blob Storage", () => {
  objectStoreContract("azure", async () => {
    const emulator = await AzureBlobEmulator.start();
    const variables = { AZURE_STORAGE_ENDPOINT: emulator.endpoint };
    return openTestStore(emulator.uri("/some/prefix"), emulator, variables);
  });
});
