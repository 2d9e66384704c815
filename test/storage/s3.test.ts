import { describe } from "node:test";
import { cloudStoreContract, type CloudContract } from "../contracts/cloud-store.ts";
import { objectStoreContract } from "../contracts/object-store.ts";
import { S3Emulator, type S3EmulatorOptions } from "../emulators/s3.ts";
import { openTestStore } from "../harness/test-store.ts";

const KINDS: Readonly<Record<string, S3EmulatorOptions>> = {
  "s3 over http": {},
  "s3 over https": { tls: true },
  "s3-like store that ignores conditions": { conditions: "ignored" },
  "s3-like store that refuses conditions": { conditions: "refused" },
};

const ACTIONS = { write: ["PUT", "POST"], read: ["GET"], list: ["LIST"], delete: ["DELETE"] };

function contractOf(name: string, options: S3EmulatorOptions): CloudContract {
  return {
    name,
    partsInFlight: 4,
    writePermission: /^grant s3:PutObject .*some\/prefix\/b to the access key AKIDEXAMPLE$/u,
    stage: async () => {
      const emulator = await S3Emulator.start(options);
      const bytes = Buffer.from("x");
      return {
        emulator,
        store: await openTestStore(emulator.uri("/some/prefix"), emulator),
        names: () => [...emulator.objects.keys()],
        plant: (name) => {
          emulator.objects.set(name, { bytes, etag: '"x"', modified: new Date(), metadata: {}, asked: {} });
        },
        dangling: () => emulator.uploads.size,
        deny: (action) => {
          for (const one of ACTIONS[action]) emulator.denied.add(one);
        },
      };
    },
  };
}

describe("S3", () => {
  for (const [name, options] of Object.entries(KINDS)) {
    objectStoreContract(name, async () => {
      const emulator = await S3Emulator.start(options);
      return openTestStore(emulator.uri("/some/prefix"), emulator);
    });
  }
  for (const name of ["s3 over http", "s3-like store that ignores conditions"])
    cloudStoreContract(contractOf(name, KINDS[name] ?? {}));
});
