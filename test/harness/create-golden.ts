// Writes fixtures/golden/v1: what format version 1 looks like, to stay readable for ever. Run once, when a format
// version is released, and never again for that version: `node dist/test/harness/create-golden.js`.
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEmbedded } from "../../src/engines/embedded/embedded.ts";
import { BackupWorld } from "./backup-world.ts";
import { readRows } from "./database-state.ts";
import { embeddedTestDirectory } from "./embedded-directory.ts";
import { ROOT } from "./root.ts";
import { SMALL_SHOP } from "./small-shop.ts";

const target = join(ROOT, "fixtures", "golden", "v1");
if (existsSync(target)) throw new Error(`${target} is there already: a released format does not change`);

await using directory = await embeddedTestDirectory();
await using world = await BackupWorld.open();
const session = world.embedded(directory.database);
await session.ok(SMALL_SHOP);
for (const name of ["first", "second"]) await session.ok(`CREATE KMS KEY 'local-kms:///${name}'`);
await session.ok(`BACKUP INTO '${world.uri}/passphrase' WITH encryption_passphrase = 'golden'`);
await session.ok(`BACKUP INTO '${world.uri}/keys' WITH kms = 'local-kms:///first'`);
await session.ok(
  `ALTER BACKUP LATEST IN '${world.uri}/keys' ADD NEW_KMS = 'local-kms:///second' WITH OLD_KMS = 'local-kms:///first'`,
);
await session.ok(`BACKUP INTO '${world.uri}/clear' WITH rows = 'text'`);
await session.close();

mkdirSync(target, { recursive: true });
cpSync(join(world.directory, "collection"), target, { recursive: true });
cpSync(world.keyring, join(target, "keyring"), { recursive: true });
await using engine = await openEmbedded({ directory: directory.database });
writeFileSync(join(target, "rows.txt"), `${(await readRows(engine)).join("\n")}\n`);
