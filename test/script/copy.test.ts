import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { RunInput } from "../../src/script/run.ts";
import { runTexts } from "../harness/script-stage.ts";

suite("copy", () => {
  test("rows in the script reach the server", async () => {
    const { sent, transcript } = await runTexts(["copy t from stdin;\n1\tä\n2\t\\N\n\\.\nselect 2;"]);
    assert.deepEqual(sent, ['copy t from stdin <- "1\\tä\\n2\\t\\\\N\\n"', "select 2"]);
    assert.equal(transcript, "COPY");
  });

  test("what -c copies comes from the process's own input, and so does pstdin in a file", async () => {
    const command = (text: string): RunInput => ({ name: "<command>", text, isCommand: true });
    const commands = await runTexts([command("copy t from stdin"), command("\\copy t from stdin\n")]);
    assert.deepEqual(commands.sent, ['copy t from stdin <- "from stdin\\n"', 'COPY t FROM STDIN <- "from stdin\\n"']);
    const text = "\\copy t from pstdin\nselect 1;\ncopy t from stdin;\nx\n";
    const file = await runTexts([{ name: "f.sql", directory: "/work", text, isCommand: false }]);
    assert.deepEqual(file.sent, ['COPY t FROM STDIN <- "from stdin\\n"', "select 1", 'copy t from stdin <- "x\\n"']);
  });

  test("pstdin goes on below it where the script itself comes from there", async () => {
    const text = "\\copy t from pstdin\nx\n\\.\nselect 1;";
    const { sent } = await runTexts([{ name: "<stdin>", text, isCommand: false }]);
    assert.deepEqual(sent, ['COPY t FROM STDIN <- "x\\n"', "select 1"]);
  });

  test("\\copy reads files, programs and the lines below it; writes files", async () => {
    const { sent, transcript } = await runTexts(
      [
        "\\copy t (a, b) from 'in.csv' with (format csv)\n\\copy t from program 'gen'\n\\copy t from stdin\nx\n\\.\n" +
          "\\copy (select 'to' from t) to out.csv csv\n",
      ],
      { files: { "in.csv": "1,2\n" } },
    );
    assert.deepEqual(sent, [
      'COPY t (a, b) FROM STDIN with (format csv) <- "1,2\\n"',
      'COPY t FROM STDIN <- "output of gen\\n"',
      'COPY t FROM STDIN <- "x\\n"',
      "COPY (select 'to' from t) TO STDOUT csv",
    ]);
    assert.equal(transcript.split("\n").at(-1), "COPY > out.csv");
  });
});
