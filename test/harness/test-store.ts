import type { CloudNetwork } from "../../src/credentials/network.ts";
import { locationError, parseStorageLocation } from "../../src/location-parse.ts";
import { openStore } from "../../src/storage/schemes.ts";
import type { ObjectStore } from "../../src/storage/store.ts";
import type { EmulatorServer } from "../emulators/server.ts";

type Variables = Readonly<Record<string, string | undefined>>;

export interface Emulator extends AsyncDisposable {
  readonly server: EmulatorServer;
}

/** An emulator recovers at once. */
const SHORT_PAUSES = { pauseMs: 20 };

/** Opens the store a URI names at an emulator, trusting its certificate; the emulator ends with the store. */
export async function openTestStore(
  uri: string,
  emulator: Emulator,
  variables: Variables = {},
  times: CloudNetwork["times"] = SHORT_PAUSES,
): Promise<ObjectStore> {
  const location = parseStorageLocation(uri);
  if (!location.ok) throw locationError(location.error);
  const { certificate } = emulator.server;
  const network = { variables, times, ...(certificate === "" ? {} : { certificates: certificate }) };
  const store = await openStore(location.value, { externDirectory: "/nowhere", network });
  const close = store[Symbol.asyncDispose].bind(store);
  store[Symbol.asyncDispose] = async () => {
    await close();
    await emulator[Symbol.asyncDispose]();
  };
  return store;
}
