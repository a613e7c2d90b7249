// What became of a command.
import { refusal, StillUnderWay } from "./problems.js";
import type { components } from "./schema.js";

/** What a party asked the ledger to do, with its state. */
export type Operation = components["schemas"]["Operation"];

/** The answer to a command, and its operation as it is now; null: the command needs none. */
export interface Command<Body> {
  body: Body;
  operation: Operation | null;
  /** The ids of what the operation created, and its events. */
  result: Record<string, unknown>;
  /** The gateway had answered this idempotency key before. */
  replayed: boolean;
}

/** Whether the operation has neither ended nor waits for a wallet. */
export function isUnderWay(operation: Operation): boolean {
  return operation.state === "accepted" || operation.state === "submitted";
}

/** The operation in the answer to a command; signatures are answered with a bare operation. */
export function operationIn(body: unknown): Operation | null {
  if (typeof body !== "object" || body === null) return null;
  if ("operation" in body) return body.operation as Operation | null;
  const namesOne = "id" in body && "state" in body && "transactionHash" in body;
  return namesOne ? (body as Operation) : null;
}

/**
 * The operation once it has ended, or once it waits for the party's wallet.
 * @param read asks the gateway, which holds the answer back for some seconds
 * @throws GatewayRefused if a contract refused it, StillUnderWay if it did not end in time
 */
export async function waitFor(
  operation: Operation,
  read: (id: string) => Promise<Operation>,
  endSeconds: number,
): Promise<Operation> {
  const end = Date.now() + endSeconds * 1000;
  while (isUnderWay(operation)) {
    if (Date.now() > end) throw new StillUnderWay(operation);
    operation = await read(operation.id);
  }
  if (operation.state === "rejected") throw refusal(operation);
  return operation;
}
