import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** A folder of its own, removed when the enclosing suite or file is done. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sealift-test-"));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
