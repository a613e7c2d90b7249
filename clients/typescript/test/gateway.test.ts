// The client in use against a running gateway; the environment says where it is, and has keys.
import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import {
  connect,
  GatewayRefused,
  walletOf,
  WalletMismatch,
  type Client,
  type components,
} from "cession-client";
import { createWalletClient, custom } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

type Body<Name extends keyof components["schemas"]> = components["schemas"][Name];
type Legal = { name: string; id: string; scheme?: string };

function setting(name: string): string {
  const value = process.env[name];
  assert.ok(value !== undefined, `${name} is not set`);
  return value;
}

const url = setting("GATEWAY");
const keys = JSON.parse(setting("KEYS")) as Record<string, string>;
const byKey = (name: string): Client => connect(url, keys[name] ?? assert.fail(name));
const registrar = byKey("registrar");
const ledger = await registrar.get("/v1/contracts");
const buyer = byKey("buyer");
const account = privateKeyToAccount(generatePrivateKey());
const own: Legal = { name: "Northwind Forge", id: setting("LEGAL_ID"), scheme: "0088" };

async function joined(): Promise<{ partyId: string; client: Client; apiKey: string }> {
  const { body } = await registrar.command("/v1/parties", {
    body: {
      name: own.name,
      legalId: { scheme: "0088", value: own.id },
      roles: ["supplier", "buyer"],
      account: account.address,
    },
  });
  const partyId = body.party.id;
  const { apiKey } = await registrar.post("/v1/parties/{partyId}/api-keys", {
    path: { partyId },
    body: { roles: ["supplier", "buyer"], label: "typescript" },
  });
  return { partyId, apiKey, client: connect(url, apiKey, { wallet: account, ledger }) };
}

async function uploaded(by: Client, seller: Legal, debtor: Legal, amount: string): Promise<string> {
  const days = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString().slice(0, 10);
  const invoice = {
    kind: "invoice",
    number: `TS-${randomInt(1e9)}`,
    issueDate: days(0),
    dueDate: days(60),
    currency: "CNY",
    payableAmount: amount,
    seller,
    buyer: debtor,
    lines: [{ description: "forgings", amount }],
  };
  const body = new FormData();
  body.set("file", new Blob([JSON.stringify(invoice)], { type: "application/json" }), "invoice.json");
  return (await by.post("/v1/documents", { body })).id;
}

async function refused(command: Promise<unknown>): Promise<GatewayRefused> {
  const error: unknown = await command.then(
    () => assert.fail("it was not refused"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof GatewayRefused, String(error));
  return error;
}

const cny = (amount: string): Body<"Money"> => ({ amount, currency: "CNY" });
const party = await joined();
const supplier = party.client;
const bank = setting("BANK");
const debtor = JSON.parse(setting("BUYER")) as Legal;
const seller = JSON.parse(setting("SUPPLIER")) as Legal;
const documentId = await uploaded(supplier, own, debtor, "1000.00");
const filed = await supplier.command("/v1/receivables", { body: { documentId } });
const receivableId = Number(filed.result["receivableId"]);
const confirmed = await buyer.command("/v1/receivables/{receivableId}/confirmation", {
  path: { receivableId },
});
const claimId = (confirmed.result["claimIds"] as number[])[0] ?? assert.fail("no claim");
const parts = ["100.10", "200.20", "300.30"].map((amount) => ({ toPartyId: bank, amount: cny(amount) }));
const split = { path: { claimId }, body: { parts }, key: randomUUID() };

test("a wallet of its own signs what the gateway prepares", () => {
  assert.equal(filed.body.operation.state, "prepared");
  assert.ok(["included", "final"].includes(filed.operation?.state ?? ""), "and the end is awaited");
  assert.equal(filed.operation?.custody, false);
});

test("a command runs once however often its key is sent", async () => {
  const first = await supplier.command("/v1/claims/{claimId}/assignments", split);
  assert.equal((first.result["claimIds"] as number[]).length, 3);
  assert.equal(first.replayed, false);
  const again = await supplier.command("/v1/claims/{claimId}/assignments", split);
  assert.deepEqual([again.replayed, again.operation?.id], [true, first.operation?.id]);
  const { value } = await supplier.get("/v1/claims/{claimId}", { path: { claimId } });
  assert.deepEqual(value, cny("399.40"));
});

test("a list is walked through page by page", async () => {
  const query = { receivableId, limit: 1 };
  const values: string[] = [];
  for await (const claim of buyer.items("/v1/claims", { query })) values.push(claim.value.amount);
  assert.deepEqual(values.sort(), ["100.10", "200.20", "300.30", "399.40"]);
  let pages = 0;
  for await (const page of buyer.pages("/v1/claims", { query })) {
    pages += 1;
    assert.ok(page.asOf.blockHash);
  }
  assert.ok(pages >= 4);
});

test("a refusal is an error with what is wrong and what to do", async () => {
  const tooMuch = await refused(
    supplier.command("/v1/claims/{claimId}/assignments", {
      path: { claimId },
      body: { parts: [{ toPartyId: bank, amount: cny("5000.00") }] },
    }),
  );
  assert.deepEqual([tooMuch.status, tooMuch.kind], [422, "parts-exceed-claim"]);
  assert.match(tooMuch.field ?? "", /^parts/);
  assert.ok(tooMuch.fix);
  const malformed = await refused(
    supplier.post("/v1/claims/{claimId}/assignments", {
      path: { claimId },
      body: { parts: [{ toPartyId: "nobody", amount: { amount: "1", currency: "" } }, {} as never] },
    }),
  );
  assert.ok(malformed.errors.length > 1);
  const byLedger = await refused(
    buyer.command("/v1/cash/{currency}/transfers", {
      path: { currency: "CNY" },
      body: { toPartyId: bank, amount: cny("999999999.00") },
    }),
  );
  assert.deepEqual([byLedger.kind, byLedger.problem.operation?.state], ["contract-refused", "rejected"]);
});

test("a wallet that is not the party's signs nothing", async () => {
  const stranger = privateKeyToAccount(generatePrivateKey());
  const client = connect(url, party.apiKey, { wallet: stranger, ledger });
  const body = { parts: [{ toPartyId: bank, amount: cny("1.00") }] };
  const path = { claimId };
  const command = client.command("/v1/claims/{claimId}/assignments", { path, body });
  await assert.rejects(command, WalletMismatch);
  const unsigned = connect(url, party.apiKey);
  const prepared = await unsigned.command("/v1/claims/{claimId}/assignments", { path, body });
  assert.equal(prepared.operation?.state, "prepared");
});

test("a wallet signs nothing that was not commanded", async () => {
  const stranger = "66".repeat(20);
  const changes: ((typedData: Body<"TypedData">) => void)[] = [
    ({ message }) => (message["data"] = `0x095ea7b3${stranger.padStart(64, "0")}${"f".repeat(64)}`),
    ({ message }) => (message["data"] = `0xa9059cbb${stranger.padStart(64, "0")}${"1".padStart(64, "0")}`),
    ({ message }) => (message["to"] = `0x${stranger}`),
    ({ domain }) => (domain.chainId = 1),
    ({ domain }) => (domain.verifyingContract = `0x${stranger}`),
    (typedData) => (typedData.primaryType = "Offer"),
  ];
  for (const change of changes) {
    const cheat: typeof fetch = async (request) => {
      const response = await fetch(request);
      const body = (await response.json()) as { typedData?: Body<"TypedData"> };
      if (body.typedData !== undefined) change(body.typedData);
      return Response.json(body, { status: response.status });
    };
    const client = connect(url, party.apiKey, { wallet: account, ledger, fetch: cheat });
    const body = { contract: "Facilities" as const, amount: cny("1.00") };
    const path = { currency: "CNY" };
    const command = client.command("/v1/cash/{currency}/approvals", { path, body });
    await assert.rejects(command, WalletMismatch);
  }
  const review = () => {
    throw new RangeError("not today");
  };
  const reviewed = connect(url, party.apiKey, { wallet: account, ledger, review });
  const body = { contract: "Facilities" as const, amount: cny("1.00") };
  const command = reviewed.command("/v1/cash/{currency}/approvals", { path: { currency: "CNY" }, body });
  await assert.rejects(command, RangeError);
});

test("a key goes neither unencrypted nor to another address", async () => {
  assert.throws(() => connect("http://gateway.example", "ck_1"), TypeError);
  assert.throws(() => connect(url, "ck_1", { wallet: account }), TypeError);
  const keys: unknown[] = [];
  const thief = createServer((request, response) => {
    keys.push(request.headers["x-api-key"]);
    response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(thief, "listening");
  const port = (server: Server) => (server.address() as AddressInfo).port;
  const moved = createServer((_, response) => {
    response.writeHead(307, { Location: `http://127.0.0.1:${port(thief)}/` }).end();
  }).listen(0, "127.0.0.1");
  await once(moved, "listening");
  const client = connect(`http://127.0.0.1:${port(moved)}`, "ck_1");
  const error = await refused(client.get("/v1/parties/me"));
  assert.match(error.message, /leads to/);
  assert.deepEqual(keys, []);
  for (const server of [moved, thief]) server.close();
});

test("a debtor's injected wallet signs a confirmation, then an approval, then its payment", async () => {
  const methods: string[] = [];
  const request = async ({ method, params }: { method: string; params: [string, string] }) => {
    methods.push(method);
    return account.signTypedData(JSON.parse(params[1]));
  };
  const injected = createWalletClient({ transport: custom({ request }) });
  const owner = connect(url, party.apiKey, {
    wallet: walletOf(injected, account.address),
    ledger,
  });
  const invoice = await uploaded(byKey("supplier"), seller, own, "80.00");
  const filing = await byKey("supplier").command("/v1/receivables", { body: { documentId: invoice } });
  const path = { receivableId: Number(filing.result["receivableId"]) };
  await byKey("cash-issuer").command("/v1/cash/{currency}/mint", {
    path: { currency: "CNY" },
    body: { toPartyId: party.partyId, amount: cny("80.00") },
  });
  const signed = await owner.sign("/v1/receivables/{receivableId}/confirmation", { path });
  assert.ok(["included", "final"].includes(signed.operation?.state ?? ""));
  const due = { path, body: { amount: cny("80.00") } };
  const unsigned = connect(url, party.apiKey);
  const approval = await unsigned.command("/v1/receivables/{receivableId}/payments", due);
  assert.deepEqual([approval.body.operation.kind, approval.body.repeat], ["approval", true]);
  const paid = await owner.command("/v1/receivables/{receivableId}/payments", { ...due, key: randomUUID() });
  assert.equal(paid.operation?.kind, "pay");
  // The terms, the call that brings them to the ledger, the approval, the payment.
  assert.deepEqual(methods, Array(4).fill("eth_signTypedData_v4"));
  const { unpaid } = await supplier.get("/v1/receivables/{receivableId}", { path });
  assert.deepEqual(unpaid, cny("0.00"));
});

test("a request is sent again while the gateway is busy or away, and no longer than wanted", async () => {
  const answers = [
    () => Promise.reject(new TypeError("fetch failed")),
    () => Promise.resolve(new Response("{}", { status: 503, headers: { "Retry-After": "0" } })),
    () => Promise.resolve(Response.json({ name: "Northwind" })),
  ];
  const sent: (string | null)[] = [];
  const stub: typeof fetch = (request) => {
    sent.push((request as Request).headers.get("idempotency-key"));
    return answers[Math.min(sent.length, answers.length) - 1]?.() ?? assert.fail();
  };
  const client = connect("https://gateway", "ck_1", { fetch: stub });
  await client.post("/v1/cash/{currency}/transfers", {
    path: { currency: "CNY" },
    body: { toPartyId: bank, amount: cny("1.00") },
  });
  assert.equal(sent.length, 3);
  assert.equal(new Set(sent).size, 1, "under the same key");
  sent.length = 0;
  const hasty = connect("https://gateway", "ck_1", { fetch: stub, patience: 0 });
  await assert.rejects(hasty.get("/v1/parties/me"), TypeError);
  assert.equal(sent.length, 1);
});
