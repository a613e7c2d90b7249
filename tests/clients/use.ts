// A TypeScript client typed by openapi-typescript from /openapi.json, in use against a gateway.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

declare const process: { env: Record<string, string> };
declare const console: { log(text: string): void };
const { GATEWAY, KEY, PAYEE, RECEIVABLE } = process.env;
const client = createClient<paths>({ baseUrl: GATEWAY, headers: { "X-API-Key": KEY } });

async function transfer(amount: string) {
  const body: components["schemas"]["Issue"] = {
    toPartyId: PAYEE,
    amount: { amount, currency: "CNY" },
  };
  return client.POST("/v1/cash/{currency}/transfers", {
    params: {
      path: { currency: "CNY" },
      header: { "idempotency-key": crypto.randomUUID(), prefer: "wait=20" },
    },
    body,
  });
}

const own = await client.GET("/v1/parties/me");
const receivableId = Number(RECEIVABLE);
const receivable = await client.GET("/v1/receivables/{receivableId}", {
  params: { path: { receivableId } },
});
const paid = await transfer("12.34");
const operationId = paid.data!.operation.id;
const operation = await client.GET("/v1/operations/{operationId}", {
  params: { path: { operationId } },
});
const refused = await transfer("999999999.00");
const story = await client.GET("/v1/history", {
  params: { query: { receivable: receivableId } },
});
if (typeof story.data !== "object") throw new Error("events as JSON were asked for");
const problem: components["schemas"]["Problem"] = refused.error!;
console.log(
  JSON.stringify({
    name: own.data!.name,
    faceAmount: receivable.data!.faceAmount,
    status: paid.response.status,
    state: operation.data!.state,
    problem: [problem.type.startsWith("urn:"), refused.response.status, problem.fix],
    events: story.data.items.map((one) => one.event),
  }),
);
