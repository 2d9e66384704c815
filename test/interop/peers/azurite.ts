// Azurite, Microsoft's emulator of Azure Storage.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { STATEMENTS, STORE_CONTRACT, type Peer } from "../peer.ts";
import { startServer } from "../server.ts";

const VERSION = "3.36.0";
const ACCOUNT = "interop";
const CONTAINER = "interop";

export const AZURITE: Peer = {
  name: "azurite",
  version: VERSION,
  install: async (installer) =>
    installer.once(`azurite-${VERSION}`, async (folder) => installer.npmPackage(folder, `azurite@${VERSION}`)),
  meet: async (folder) => {
    const key = randomBytes(32).toString("base64");
    const program = [process.execPath, join(folder, "node_modules/azurite/dist/src/blob/main.js")];
    // The SDK speaks a version of the protocol that is newer than the emulator.
    const modes = ["--skipApiVersionCheck", "--disableTelemetry", "--silent"];
    const server = await startServer({
      words: (port, data) => [
        ...program,
        ...modes,
        "--blobHost",
        "127.0.0.1",
        "--blobPort",
        String(port),
        "--location",
        data,
      ],
      variables: { AZURITE_ACCOUNTS: `${ACCOUNT}:${key}` },
    });
    const endpoint = `${server.origin}/${ACCOUNT}`;
    const service = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(ACCOUNT, key));
    await service.getContainerClient(CONTAINER).create();
    const query = new URLSearchParams({ AZURE_ACCOUNT_NAME: ACCOUNT, AZURE_ACCOUNT_KEY: key }).toString();
    const variables = (place: string): Record<string, string> => ({
      AZURE_STORAGE_ENDPOINT: endpoint,
      STORE_URI: `azure-blob://${CONTAINER}/${place}?${query}`,
      // It lists by JavaScript's order of strings.
      STORE_ORDER: "UTF-16",
    });
    return {
      exchanges: [
        { what: "Blob store contract", file: STORE_CONTRACT, variables: variables("contract") },
        { what: "Blob statements", file: STATEMENTS, variables: variables("statements") },
      ],
      [Symbol.asyncDispose]: async () => server[Symbol.asyncDispose](),
    };
  },
};
