import { rmSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.ts";
import { comparePairs, findPeer, SEALIFT, settings } from "./peers.ts";
import { fillBenchData, startBenchServer } from "./server.ts";

const PORT = 5599;

/** BACKUP, encrypted under two keys, against pg_dump -Fd -j2, which does not encrypt. */
export async function benchBackup(): Promise<void> {
  const { gigabytes, runs } = settings();
  const peer = findPeer();
  const server = startBenchServer(PORT);
  const out = mkdtempSync(join(tmpdir(), "sealift-bench-out-"));
  try {
    fillBenchData(server, gigabytes);
    const keyring = { SEALIFT_KEYRING: join(out, "keyring") };
    const sealift = async (sql: string): ReturnType<typeof measure> =>
      measure([...SEALIFT, "-q", "--progress=none", "-c", sql, server.connection], keyring);
    await sealift("CREATE KMS KEY 'local-kms:///a'");
    await sealift("CREATE KMS KEY 'local-kms:///b'");
    process.stdout.write(`BACKUP of ${gigabytes} GB of COPY text; peer: ${peer.version} ${peer.compression}\n`);
    await comparePairs({
      names: ["sealift BACKUP, encrypted, 2 jobs", `pg_dump -Fd -j2 ${peer.compression}, in the clear`],
      runs,
      a: async () => {
        rmSync(join(out, "vault"), { recursive: true, force: true });
        return sealift(
          `BACKUP DATABASE postgres INTO 'file://${out}/vault' WITH kms = ('local-kms:///a', 'local-kms:///b')`,
        );
      },
      b: async () => {
        rmSync(join(out, "dump"), { recursive: true, force: true });
        const args = ["-Fd", "-j2", peer.compression, "-f", join(out, "dump"), "postgres"];
        return measure([peer.pgDump, ...args], server.environment);
      },
    });
  } finally {
    server.stop();
    rmSync(out, { recursive: true, force: true });
  }
}
