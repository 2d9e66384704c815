// CreateKey, then CreateAlias: AWS gives a key its id, and what a person names is the alias.
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  ScheduleKeyDeletionCommand,
  type KMSClient,
} from "@aws-sdk/client-kms";
import { ShellError } from "../errors.ts";
import { printPlainUri } from "../location-print.ts";
import type { Location } from "../location.ts";
import { AwsKms } from "./aws.ts";
import type { CloudNetwork } from "../credentials/network.ts";
import { cannotBeNamed, keyExists, type CreatedKey } from "./creation.ts";

/** The shortest time AWS takes. */
const DELETION_DAYS = 7;

/**
 * Makes a symmetric key and gives it the alias that the URI names. Needs kms:CreateKey and kms:CreateAlias.
 * @throws ShellError `key/exists` for an alias that is taken, `location/invalid` for another kind of name, `key/*`.
 */
export async function createAwsKey(
  location: Location,
  network: CloudNetwork,
  signal?: AbortSignal,
): Promise<CreatedKey> {
  const alias = aliasOf(location);
  await using kms = new AwsKms(location, network);
  await refuseTaken(kms, location, signal);
  const key = await kms.ask("kms:CreateKey", signal, async (client, abortSignal) => {
    const command = new CreateKeyCommand({ Description: `Sealift ${alias}`, KeyUsage: "ENCRYPT_DECRYPT" });
    const { KeyMetadata } = await client.send(command, { abortSignal });
    return KeyMetadata;
  });
  const id = key?.KeyId ?? "";
  try {
    await kms.ask("kms:CreateAlias", signal, async (client, abortSignal) =>
      client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: id }), { abortSignal }),
    );
  } catch (thrown) {
    const left = await takeBack(kms, id);
    if (thrown instanceof ShellError && nameOf(thrown.cause) === "AlreadyExistsException")
      throw keyExists(location, undefined, thrown).with({ detail: left });
    throw thrown instanceof ShellError ? thrown.with({ detail: [...thrown.detail, ...left] }) : thrown;
  }
  return { uri: printPlainUri(location), name: key?.Arn ?? id };
}

function aliasOf(location: Location): string {
  const alias = /^\/?(?:arn:[^:]+:kms:[^:]+:\d+:)?(alias\/[\w/-]+)$/u.exec(location.path)?.[1];
  if (alias === undefined)
    throw cannotBeNamed(location, "AWS gives a key its id by itself", "name an alias: aws-kms:///alias/name?REGION=…");
  if (alias.startsWith("alias/aws/"))
    throw cannotBeNamed(location, "aliases that begin with aws/ are AWS's own", "name another alias");
  return alias;
}

/** What may not be looked at may be created all the same: then CreateAlias tells. */
async function refuseTaken(kms: AwsKms, location: Location, signal: AbortSignal | undefined): Promise<void> {
  const isTaken = await kms
    .ask("kms:DescribeKey", signal, async (client, abortSignal) => {
      await client.send(new DescribeKeyCommand({ KeyId: kms.masterKeyId }), { abortSignal });
      return true;
    })
    .catch((thrown: unknown) => {
      if (/^(NotFoundException|AccessDeniedException)$/u.test(nameOf(causeOf(thrown)))) return false;
      throw thrown;
    });
  if (isTaken) throw keyExists(location);
}

/** A key without a name would cost for ever. @returns what is left, to be told. */
async function takeBack(kms: AwsKms, id: string): Promise<readonly string[]> {
  const deletion = async (client: KMSClient, abortSignal: AbortSignal): Promise<unknown> =>
    client.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: DELETION_DAYS }), { abortSignal });
  return kms.ask("kms:ScheduleKeyDeletion", undefined, deletion).then(
    () => [`the key ${id}, made for it, will be deleted in ${DELETION_DAYS} days`],
    () => [`the key ${id}, made for it, is left: delete it in AWS KMS`],
  );
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown.cause : undefined;
}

function nameOf(cause: unknown): string {
  return cause instanceof Error ? cause.name : "";
}
