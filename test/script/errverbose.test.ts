import assert from "node:assert/strict";
import { test } from "node:test";
import { causeOf, failedAttempt } from "../../src/backups/key-table.ts";
import { ShellError } from "../../src/errors.ts";
import { KeyError } from "../../src/kms/key-error.ts";
import { FakeKms } from "../harness/fake-kms.ts";
import { runTexts } from "../harness/script-stage.ts";

/** What a vendor's library throws. */
function vendorError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

test("\\errverbose shows what each key service said itself", async () => {
  const [one, two] = [new FakeKms({ id: "one" }), new FakeKms({ id: "two" })];
  const attempts = [
    failedAttempt(
      1,
      one,
      new KeyError("key/denied", "denied", "may not", { cause: vendorError("AccessDenied", "User: ada is not") }),
    ),
    failedAttempt(
      2,
      two,
      new KeyError("key/unavailable", "disabled", "is off", { cause: vendorError("Disabled", "the key is off") }),
    ),
  ];
  const error = new ShellError("key/denied", "none of the 2 master keys opens", { cause: causeOf(attempts) });
  const answers = { analyze: () => [{ type: "failed" as const, error }] };
  const { transcript } = await runTexts(["\\set ON_ERROR_STOP 0\nanalyze;\n\\errverbose"], { answers });
  const causes = transcript.split("\n").filter((line) => line.includes("caused by"));
  assert.deepEqual(causes, [
    "  caused by: AggregateError: 2 master keys failed",
    "    caused by: ShellError: may not",
    "      caused by: AccessDenied: User: ada is not",
    "    caused by: ShellError: is off",
    "      caused by: Disabled: the key is off",
  ]);
});
