// What the client signs, whatever a gateway prepares; the environment names a file of messages.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { connect, WalletMismatch, type components, type Ledger, type Wallet } from "cession-client";
import { privateKeyToAccount } from "viem/accounts";

interface Message {
  name: string;
  path: string;
  operation: boolean;
  typed_data: unknown;
  digest: string;
}

const { key, ledger, honest, lies } = JSON.parse(readFileSync(process.env["MESSAGES"] ?? "", "utf8")) as {
  key: `0x${string}`;
  ledger: Ledger;
  honest: Message[];
  lies: Message[];
};
const account = privateKeyToAccount(key);
type Operation = components["schemas"]["Operation"];

/** Signs a message as the client does for the gateway that prepared it; all signatures made. */
async function signed(message: Message, seen: unknown[] = []): Promise<{ error: unknown; signatures: string[] }> {
  const signatures: string[] = [];
  const wallet: Wallet = {
    address: account.address,
    signTypedData: async (typedData) => {
      signatures.push(await account.signTypedData(typedData as never));
      return signatures.at(-1) as `0x${string}`;
    },
  };
  const operation = { id: "1", state: "prepared", transactionHash: null } as Operation;
  const gateway: typeof fetch = async (input) => {
    const { pathname } = new URL((input as Request).url);
    const isSigned = pathname.endsWith("/signature");
    if (isSigned) return Response.json({ ...operation, state: "included" });
    return Response.json({ ...(message.operation ? { operation } : {}), typedData: message.typed_data });
  };
  const review = (_: string, typedData: unknown) => void seen.push(typedData);
  const client = connect("https://gateway", "ck_1", { wallet, ledger, review, fetch: gateway });
  const sending = message.operation
    ? client.command(message.path as "/v1/orders", { path: {}, body: {} } as never)
    : client.sign(message.path as "/v1/facility-proposals/{proposalId}", { path: {} } as never);
  const error: unknown = await sending.then(() => undefined, (reason: unknown) => reason);
  return { error, signatures };
}

for (const message of honest) {
  test(`it signs ${message.name}`, async () => {
    const seen: unknown[] = [];
    const { error, signatures } = await signed(message, seen);
    assert.equal(error, undefined);
    assert.deepEqual(signatures, [await account.sign({ hash: `0x${message.digest}` })]);
    assert.deepEqual(seen, [message.typed_data]);
  });
}

for (const message of lies) {
  test(`it does not sign ${message.name}`, async () => {
    const { error, signatures } = await signed(message);
    assert.ok(error instanceof WalletMismatch, String(error));
    assert.deepEqual(signatures, []);
  });
}
