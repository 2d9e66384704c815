import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.ts";
import { comparePairs, findPeer, SEALIFT, settings } from "./peers.ts";
import { fillBenchData, startBenchServer } from "./server.ts";

const PORT = 5598;

/** RESTORE of an encrypted backup against pg_restore -j2 of a plain one, indexes and keys included. */
export async function benchRestore(): Promise<void> {
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
    await sealift(`BACKUP DATABASE postgres INTO 'file://${out}/vault' WITH kms = 'local-kms:///a'`);
    await measure(
      [peer.pgDump, "-Fd", "-j2", peer.compression, "-f", join(out, "dump"), "postgres"],
      server.environment,
    );
    const fresh = (name: string): void => {
      server.sql(`DROP DATABASE IF EXISTS ${name}`);
      server.sql(`CREATE DATABASE ${name} TEMPLATE template0`);
      server.sql("CHECKPOINT");
    };
    process.stdout.write(`RESTORE of ${gigabytes} GB of COPY text; peer: ${peer.version}\n`);
    await comparePairs({
      names: ["sealift RESTORE, encrypted, 2 jobs", "pg_restore -j2"],
      runs,
      a: async () => {
        fresh("target_a");
        return sealift(
          `RESTORE DATABASE postgres FROM LATEST IN 'file://${out}/vault' WITH kms = 'local-kms:///a', new_db_name = 'target_a'`,
        );
      },
      b: async () => {
        fresh("target_b");
        // 1 is pg_restore's way of saying that a setting of a newer version was skipped.
        return measure([peer.pgRestore, "-j2", "-d", "target_b", join(out, "dump")], server.environment, [0, 1]);
      },
    });
  } finally {
    server.stop();
    rmSync(out, { recursive: true, force: true });
  }
}
