// The built program against a cluster: what a person and a script see.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { ROOT } from "../harness/root.ts";
import { redshiftStage } from "../harness/redshift-stage.ts";

const stage = redshiftStage();
const ROLE = "IAM_ROLE DEFAULT";

interface Shown {
  readonly out: string;
  readonly err: string;
  readonly status: number | null;
}

async function sealift(stdin: string, ...words: readonly string[]): Promise<Shown> {
  const { host, port } = stage.cluster.settings;
  const url = `redshift://postgres@${host}:${port}/postgres`;
  const child = spawn(process.execPath, [join(ROOT, "bin/sealift.js"), url, ...words], {
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nowhere", LC_ALL: "C" },
  });
  child.stdin.end(stdin);
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { out, err, status };
}

suite("the program on a cluster", () => {
  test("UNLOAD and COPY: the result on stdout, notices and tags on stderr", async () => {
    stage.cluster.answer = (sql) =>
      /^unload/i.test(sql) ? {} : { notices: ["Load into table 't' completed, 5 record(s) loaded successfully."] };
    const script = `unload ('select * from t') to 's3://b/p/' ${ROLE} csv;\ncopy t from 's3://b/p/' ${ROLE} csv;\n\\echo :ROW_COUNT\n`;
    const { out, err, status } = await sealift(script, "--csv");
    assert.equal(out, "rows,files,bytes,stored_bytes,manifest\n3,,,,\n5\n");
    assert.match(err, /INFO: {2}UNLOAD completed, 3 record\(s\) unloaded successfully\.\n/);
    assert.match(err, /INFO: {2}Load into table 't' completed, 5 record\(s\) loaded successfully\.\nCOPY 5\n/);
    assert.equal(status, 0);
    assert.deepEqual(stage.cluster.transfers, script.split(";\n").slice(0, 2));
  });

  test("a load that fails: refused rows, \\errors, status 3; no secret on any stream", async () => {
    const row = { file: "s3://b/x", line: 2, column: "id", type: "int4", rawLine: "x|y", rawValue: "x", code: 1207 };
    stage.cluster.answer = () => ({
      refused: [{ ...row, reason: "Invalid digit, Value 'x', Pos 0, Type: Integer" }],
      error: { message: "Load into table 't' failed.  Check 'stl_load_errors' system table for details." },
    });
    const keys = "CREDENTIALS 'aws_access_key_id=AKIA;aws_secret_access_key=canary/secret/key'";
    const { out, err, status } = await sealift(`COPY t FROM 's3://b/x' ${keys};\n\\errors\n`, "-v", "ON_ERROR_STOP=0");
    assert.match(err, /error\[XX000\]: Load into table 't' failed/);
    assert.match(err, /detail: s3:\/\/b\/x, line 2, column id \(int4\): "x": Invalid digit/);
    assert.match(out, /raw_field_value[\s\S]*\| x\|y +\| x /);
    assert.equal(status, 3);
    assert.ok(stage.cluster.transfers[0]?.includes("canary/secret/key"));
    assert.ok(!`${out}${err}`.includes("canary"));
  });

  test("client-side encryption is refused with its place and the date", async () => {
    const { err, status } = await sealift(
      "",
      "-c",
      `UNLOAD ('select 1') TO 's3://b/p' ${ROLE} WITH kms = 'local-kms:///k'`,
    );
    assert.match(err, /^<command>:1:\d+: error\[engine\/retired\]: .*2026-04-30/);
    assert.equal(status, 3);
    assert.deepEqual(stage.cluster.transfers, []);
  });

  test("\\conninfo names the engine; \\copy says what the cluster says", async () => {
    const { out, err, status } = await sealift("\\conninfo\n\\copy t to stdout\n");
    assert.match(out, /\(redshift 1\.0\.122914, superuser\)/);
    assert.match(err, /LOAD source is not supported[\s\S]*\\copy and STDIN need PostgreSQL/);
    assert.equal(status, 3);
  });
});
