// A client that knows the standards (ERC-165, ERC-721, ERC-3525) and nothing of this project.
// Usage: node foreign_client.mjs RPC TOKEN OWNER_KEY RECIPIENT TOKEN_ID; prints what it saw as JSON.
import { createPublicClient, createWalletClient, defineChain, http, parseAbi } from "viem";
import { privateKeyToAccount } from "viem/accounts";

const [rpc, token, key, recipient, id] = process.argv.slice(2);
const abi = parseAbi([
  "function supportsInterface(bytes4) view returns (bool)",
  "function name() view returns (string)",
  "function symbol() view returns (string)",
  "function tokenURI(uint256) view returns (string)",
  "function valueDecimals() view returns (uint8)",
  "function ownerOf(uint256) view returns (address)",
  "function balanceOf(address) view returns (uint256)",
  "function balanceOf(uint256) view returns (uint256)",
  "function slotOf(uint256) view returns (uint256)",
  "function allowance(uint256,address) view returns (uint256)",
  "function approve(uint256,address,uint256) payable",
  "function transferFrom(uint256,address,uint256) payable returns (uint256)",
  "function transferFrom(uint256,uint256,uint256) payable",
  "function safeTransferFrom(address,address,uint256)",
  "event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)",
  "event TransferValue(uint256 indexed _fromTokenId, uint256 indexed _toTokenId, uint256 _value)",
  "event SlotChanged(uint256 indexed _tokenId, uint256 indexed _oldSlot, uint256 indexed _newSlot)",
]);
const transport = http(rpc);
const chainId = await createPublicClient({ transport }).getChainId();
const chain = defineChain({
  id: chainId,
  name: "ledger",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [rpc] } },
});
const reader = createPublicClient({ chain, transport });
const account = privateKeyToAccount(key);
const writer = createWalletClient({ account, chain, transport });
const read = (functionName, ...args) =>
  reader.readContract({ address: token, abi, functionName, args });
const write = async (functionName, ...args) => {
  const { request } = await reader.simulateContract({
    account, address: token, abi, functionName, args,
  });
  const hash = await writer.writeContract({ ...request, gasPrice: 2_000_000_000n });
  return reader.waitForTransactionReceipt({ hash });
};

const tokenId = BigInt(id);
const value = await read("balanceOf", tokenId);
const part = value / 4n;
const slot = await read("slotOf", tokenId);
const seen = {
  erc165: await read("supportsInterface", "0x01ffc9a7"),
  erc721: await read("supportsInterface", "0x80ac58cd"),
  erc3525: await read("supportsInterface", "0xd5358140"),
  nothing: await read("supportsInterface", "0xffffffff"),
  name: await read("name"),
  symbol: await read("symbol"),
  tokenURI: await read("tokenURI", tokenId),
  decimals: await read("valueDecimals"),
  value: String(value),
  slot: String(slot),
  ownerBefore: await read("ownerOf", tokenId),
};
const receipt = await write("transferFrom", tokenId, recipient, part);
const [moved] = await reader.getContractEvents({
  address: token, abi, eventName: "TransferValue",
  fromBlock: receipt.blockNumber, toBlock: receipt.blockNumber,
});
const child = moved.args._toTokenId;
seen.child = {
  owner: await read("ownerOf", child),
  value: String(await read("balanceOf", child)),
  slot: String(await read("slotOf", child)),
};
await write("transferFrom", tokenId, child, 1n);
seen.afterValueToToken = String(await read("balanceOf", child));
await write("approve", tokenId, recipient, 5n);
seen.allowance = String(await read("allowance", tokenId, recipient));
const held = await read("balanceOf", recipient);
await write("safeTransferFrom", account.address, recipient, tokenId);
seen.ownerAfter = await read("ownerOf", tokenId);
seen.tokensMore = String((await read("balanceOf", recipient)) - held);
seen.allowanceAfter = String(await read("allowance", tokenId, recipient));
console.log(JSON.stringify(seen));
