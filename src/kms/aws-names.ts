// One key of AWS KMS has many names: its id, its ARN, each alias and that one's ARN, and for a multi-Region key the
// ARNs of its replicas. A backup's entry is found under the name that was typed when the backup was made.
import { DescribeKeyCommand, KMSServiceException, ListAliasesCommand, type KMSClient } from "@aws-sdk/client-kms";
import type { MasterKeyId } from "./kms.ts";

const ARN = /^arn:[^:]+:kms:[^:]+:\d+:(key\/|)(.+)$/u;

/** What an ARN tells without asking: `…:key/ID` the id, `…:alias/NAME` the alias. */
export function awsOtherIds(id: string): readonly MasterKeyId[] {
  const short = ARN.exec(id)?.[2];
  return short === undefined ? [] : [short as MasterKeyId];
}

/**
 * All that AWS tells of the key's names. Needs kms:DescribeKey, and for its aliases kms:ListAliases: what is not
 * allowed is left out.
 * @throws what the SDK throws, unless it is that.
 */
export async function findAwsIds(
  client: KMSClient,
  id: string,
  abortSignal: AbortSignal,
): Promise<readonly MasterKeyId[]> {
  const described = await unlessDenied(client.send(new DescribeKeyCommand({ KeyId: id }), { abortSignal }));
  const key = described?.KeyMetadata;
  const { PrimaryKey, ReplicaKeys = [] } = key?.MultiRegionConfiguration ?? {};
  const arns = [key?.Arn, PrimaryKey?.Arn, ...ReplicaKeys.map(({ Arn }) => Arn)];
  // Aliases are listed for a key, and an alias is no name for it there.
  const listed = key?.KeyId ?? (/alias\//u.test(id) ? undefined : id);
  const aliases = listed === undefined ? [] : await findAliases(client, listed, abortSignal);
  const names = [key?.KeyId, ...arns, ...aliases].filter((name) => name !== undefined);
  return [...new Set(names)].map((name) => name as MasterKeyId);
}

async function findAliases(client: KMSClient, key: string, abortSignal: AbortSignal): Promise<readonly string[]> {
  const names: string[] = [];
  for (let marker: string | undefined, hasMore = true; hasMore;) {
    const command = new ListAliasesCommand({ KeyId: key, ...(marker === undefined ? {} : { Marker: marker }) });
    const page = await unlessDenied(client.send(command, { abortSignal }));
    for (const { AliasName, AliasArn } of page?.Aliases ?? [])
      names.push(...[AliasName, AliasArn].filter((name) => name !== undefined));
    marker = page?.NextMarker;
    hasMore = page?.Truncated === true && marker !== undefined;
  }
  return names;
}

async function unlessDenied<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (thrown) {
    if (thrown instanceof KMSServiceException && thrown.name === "AccessDeniedException") return undefined;
    throw thrown;
  }
}

/**
 * Whether an answer names another key than the one that was asked for. Only an id and an ARN of a key can tell; which
 * key an alias means is known to AWS alone.
 * @param answered a key's ARN.
 */
export function isOtherAwsKey(asked: string, answered: string): boolean {
  if (/alias\//u.test(asked)) return false;
  const short = (name: string): string => ARN.exec(name)?.[2] ?? name;
  const areBoth = asked.startsWith("arn:") && answered.startsWith("arn:");
  return areBoth ? asked !== answered : short(answered) !== short(asked);
}
