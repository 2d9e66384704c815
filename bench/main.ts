// `npm run bench -- backup`, `-- restore`, `-- unload` and `-- copy`: Sealift against pg_dump, pg_restore and psql, interleaved, on
// the same data in the same run. Prints medians of each and the median of the ratios round by round.
import { benchBackup } from "./backup.ts";
import { benchCopy } from "./copy.ts";
import { benchRestore } from "./restore.ts";
import { benchRepl } from "./repl.ts";
import { benchTyping } from "./typing.ts";
import { benchUnload } from "./unload.ts";

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  backup: benchBackup,
  copy: benchCopy,
  repl: benchRepl,
  restore: benchRestore,
  typing: benchTyping,
  unload: benchUnload,
};

const [name = ""] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  process.stdout.write(`npm run bench -- NAME, where NAME is one of: ${Object.keys(BENCHES).join(", ")}
  SEALIFT_BENCH_GB       gigabytes of COPY text, 2 unless told
  SEALIFT_BENCH_RUNS     counted pairs after one warm-up, 5 unless told
  SEALIFT_BENCH_ONLY     of copy and unload, the formats whose names match
  SEALIFT_BENCH_BIN      folder of PostgreSQL server binaries
  SEALIFT_BENCH_PG_DUMP  pg_dump to compare with; its pg_restore lies beside it
`);
  process.exitCode = name === "" ? 0 : 1;
} else {
  await bench();
}
