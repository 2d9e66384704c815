import { importsOf, withoutComments, type Import } from "./imports.ts";
import type { Sources } from "./sources.ts";

/** The house's floors, as docs/ARCHITECTURE.md draws them. Imports go down; neighbours see each other's types only. */
const FLOORS: Readonly<Record<string, number>> = {
  grammar: -1,
  "src/std": -1,
  "src/errors": 0,
  "src/version": 0,
  "src/events": 1,
  "src/location": 1,
  "src/diagnostics": 1.5,
  "src/habits": 1,
  "src/mask": 1.5,
  "src/credentials": 2,
  "src/crypto": 2,
  "src/formats": 2,
  "src/storage": 3,
  "src/kms": 3,
  "src/engines": 3,
  "src/transfer": 3.5,
  "src/external": 3.5,
  "src/backups": 4,
  "src/connection": 4,
  "src/environment": 4,
  "src/jobs": 5,
  "src/tools": 5,
  "src/plan": 5.5,
  "src/unload": 5.75,
  "src/loads": 5.75,
  "src/delegation": 5.9,
  "src/statements": 6,
  "src/execute": 7,
  "src/assist": 7.25,
  "src/session": 7.5,
  "src/doors": 7.5,
  "src/open": 8,
  "src/script": 8,
  "src/wiring": 8.5,
  "src/index": 8.75,
  repl: 9,
};

/** Where each package may be imported: beginnings of paths. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  "@aws-sdk/client-s3": ["src/storage/s3"],
  "@aws-sdk/client-kms": ["src/kms/aws"],
  "@aws-sdk/credential-providers": ["src/credentials/aws"],
  "@azure/identity": ["src/credentials/azure"],
  "@azure/storage-blob": ["src/storage/azure"],
  "@azure/keyvault-keys": ["src/kms/azure"],
  "@google-cloud/storage": ["src/storage/gcs"],
  "@google-cloud/kms": ["src/kms/gcp"],
  "@grpc/grpc-js": ["src/kms/gcp"],
  "google-auth-library": ["src/credentials/google"],
  "@bufbuild/protobuf": ["src/backups/", "src/formats/"],
  "@electric-sql/pglite": ["src/engines/embedded"],
  "@electric-sql/pglite-tools": ["src/engines/embedded"],
  pg: ["src/engines/"],
  "pg-connection-string": ["src/connection/"],
  pgpass: ["src/connection/"],
  chevrotain: ["grammar/"],
  commander: ["repl/"],
  ink: ["repl/"],
  react: ["repl/"],
  "string-width": ["repl/"],
  avsc: ["src/formats/readers/avro"],
  "bzip2-wasm": ["src/formats/compress"],
  hyparquet: ["src/formats/"],
  "hyparquet-writer": ["src/formats/parquet-file"],
  "unbzip2-stream": ["src/formats/decompress/"],
};

/** The room of a file: its folder below `src`, or for a file of `src` itself the first word of its name. */
function roomOf(path: string): string {
  const [first = "", second = "", third] = path.split("/");
  if (first !== "src") return first;
  return third === undefined ? `src/${second.replace(/[.-].*$/su, "")}` : `src/${second}`;
}

/** Every breach of the house's rules in grammar, src and repl, one sentence each. */
export function violations(sources: Sources): readonly string[] {
  const found: string[] = [];
  for (const [path, source] of sources) {
    for (const one of importsOf(path, source)) {
      const problem = one.isPackage ? packageProblem(path, one) : floorProblem(path, one);
      if (problem !== undefined) found.push(`${path}: ${problem}`);
    }
    found.push(...worldProblems(path, withoutComments(source)).map((problem) => `${path}: ${problem}`));
  }
  return found;
}

function packageProblem(path: string, { target }: Import): string | undefined {
  const owners = OWNERS[target];
  if (owners === undefined) return `the package ${target} has no owner in test/house/floors.ts`;
  return owners.some((owner) => path.startsWith(owner)) ? undefined : `${target} belongs to ${owners.join(", ")}`;
}

function floorProblem(path: string, { target, isTypeOnly }: Import): string | undefined {
  const [from, to] = [roomOf(path), roomOf(target)];
  if (from === to) return undefined;
  const [own, other] = [FLOORS[from], FLOORS[to]];
  if (own === undefined) return `the room ${from} has no floor in test/house/floors.ts`;
  if (other === undefined) return `imports ${target}, whose room has no floor in test/house/floors.ts`;
  if (from === "repl" && target !== "src/index.ts") return `imports ${target}; the repl sees src/index.ts only`;
  if (to === "grammar" && target !== "grammar/index.ts") return `imports ${target}; grammar/index.ts is the only door`;
  if (other > own) return `imports ${target}, which is a floor above`;
  if (other === own && !isTypeOnly) return `imports ${target}, a neighbour, for more than types`;
  return undefined;
}

function worldProblems(path: string, code: string): readonly string[] {
  const problems: string[] = [];
  if (/\bprocess\.env\b/u.test(code) && !path.startsWith("src/wiring"))
    problems.push("reads process.env, which only wiring does");
  if (/\bprocess\.exit\(/u.test(code) && !/^repl\/main\.tsx?$/u.test(path))
    problems.push("calls process.exit, which only repl/main does");
  return problems;
}
