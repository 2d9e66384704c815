import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { violations } from "./floors.ts";
import { readSources } from "./sources.ts";

describe("who may import whom", () => {
  it("holds in grammar, src and repl", () => {
    const sources = readSources("grammar", "src", "repl");
    assert.ok(sources.size > 20, "the sources were found");
    assert.deepEqual(violations(sources), []);
  });

  const CASES: readonly (readonly [path: string, source: string, problem: string | undefined])[] = [
    [
      "src/crypto/a.ts",
      'import { x } from "../storage/store.ts";',
      "imports src/storage/store.ts, which is a floor above",
    ],
    [
      "src/crypto/a.ts",
      'import type { X } from "../storage/store.ts";',
      "imports src/storage/store.ts, which is a floor above",
    ],
    [
      "src/kms/a.ts",
      'import {\n  x,\n  type Y,\n} from "../storage/store.ts";',
      "imports src/storage/store.ts, a neighbour, for more than types",
    ],
    ["src/kms/a.ts", 'import type { X } from "../storage/store.ts";', undefined],
    ["src/kms/a.ts", 'import { type X, type Y } from "../storage/store.ts";', undefined],
    [
      "src/kms/a.ts",
      'export { x } from "../storage/store.ts";',
      "imports src/storage/store.ts, a neighbour, for more than types",
    ],
    [
      "src/kms/a.ts",
      'const { x } = await import("../jobs/job.ts");',
      "imports src/jobs/job.ts, which is a floor above",
    ],
    ["src/kms/a.ts", 'import "../jobs/job.ts";', "imports src/jobs/job.ts, which is a floor above"],
    ["src/kms/a.ts", '// import { x } from "../jobs/job.ts";', undefined],
    ["src/location-parse.ts", 'import { x } from "./location.ts";', undefined],
    ["src/statements/a.ts", 'import { x } from "../../grammar/index.ts";', undefined],
    [
      "src/statements/a.ts",
      'import { x } from "../../grammar/parser.ts";',
      "imports grammar/parser.ts; grammar/index.ts is the only door",
    ],
    ["grammar/a.ts", 'import { x } from "../src/errors.ts";', "imports src/errors.ts, which is a floor above"],
    ["repl/app.tsx", 'import { x } from "../src/events.ts";', "imports src/events.ts; the repl sees src/index.ts only"],
    ["repl/app.tsx", 'import { x } from "../src/index.ts";', undefined],
    [
      "src/statements/a.ts",
      'import { S3Client } from "@aws-sdk/client-s3";',
      "@aws-sdk/client-s3 belongs to src/storage/s3",
    ],
    ["src/storage/s3.ts", 'import { S3Client } from "@aws-sdk/client-s3";', undefined],
    ["src/backups/a.ts", 'import { W } from "@bufbuild/protobuf/wire";', undefined],
    ["src/backups/a.ts", 'import lodash from "lodash";', "the package lodash has no owner in test/house/floors.ts"],
    ["src/misc/a.ts", 'import { x } from "../errors.ts";', "the room src/misc has no floor in test/house/floors.ts"],
    ["src/kms/a.ts", "const x = process.env.HOME;", "reads process.env, which only wiring does"],
    ["src/wiring-keys.ts", "const x = process.env.HOME;", undefined],
    ["src/session.ts", "process.exit(1);", "calls process.exit, which only repl/main does"],
    ["repl/main.tsx", "process.exit(1);", undefined],
  ];
  for (const [path, source, problem] of CASES) {
    it(`bites: ${path}: ${source.replaceAll(/\s+/gu, " ")}`, () => {
      assert.deepEqual(violations(new Map([[path, source]])), problem === undefined ? [] : [`${path}: ${problem}`]);
    });
  }
});
