// A wallet in the browser (EIP-1193, found by EIP-6963) signs what the page shows.
"use strict";

const wallets = new Map();
window.addEventListener("eip6963:announceProvider", (event) => {
  wallets.set(event.detail.info.uuid, { name: event.detail.info.name, provider: event.detail.provider });
  document.dispatchEvent(new Event("wallets"));
});
window.dispatchEvent(new Event("eip6963:requestProvider"));
if (window.ethereum && wallets.size === 0) wallets.set("", { name: "", provider: window.ethereum });

const REFUSED = 4001;
const listed = (select) => {
  select.replaceChildren(...[...wallets].map(([id, wallet]) => new Option(wallet.name || id, id)));
  const choice = select.closest("[data-wallet-choice]");
  if (choice) choice.hidden = wallets.size < 2;
};
const chosen = (form) => {
  const select = form.querySelector("[data-wallets]");
  return (wallets.get(select && select.value) || [...wallets.values()][0] || {}).provider;
};
const sayIn = (form, words) => {
  const place = form.querySelector("[data-wallet-fault]");
  place.textContent = words;
  place.hidden = !words;
};

// The account of the wallet that must sign, on the right chain; null where something else is said.
const ready = async (form, provider) => {
  const accounts = await provider.request({ method: "eth_requestAccounts" });
  const signer = form.dataset.signer;
  const account = signer
    ? accounts.find((item) => item.toLowerCase() === signer.toLowerCase())
    : accounts[0];
  if (!account) { sayIn(form, form.dataset.wordsAccount); return null; }
  const chainId = `0x${Number(form.dataset.chain).toString(16)}`;
  if (BigInt(await provider.request({ method: "eth_chainId" })) !== BigInt(chainId)) {
    try {
      await provider.request({ method: "wallet_switchEthereumChain", params: [{ chainId }] });
    } catch (error) {
      sayIn(form, form.dataset.wordsChain);
      return null;
    }
  }
  return account;
};

const sign = async (form) => {
  const provider = chosen(form);
  sayIn(form, "");
  if (!provider) { sayIn(form, form.dataset.wordsNone); return; }
  try {
    const account = await ready(form, provider);
    if (!account) return;
    const field = form.elements.signature;
    if (form.hasAttribute("data-sign-in")) {
      const answer = await fetch(form.dataset.signIn, {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ _csrf: form.elements._csrf.value, account }),
      });
      if (!answer.ok) { sayIn(form, form.dataset.wordsFailed); return; }
      const { message } = await answer.json();
      form.elements.message.value = message;
      const hex = `0x${[...new TextEncoder().encode(message)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
      field.value = await provider.request({ method: "personal_sign", params: [hex, account] });
    } else {
      field.value = await provider.request({ method: "eth_signTypedData_v4", params: [account, form.dataset.typedData] });
    }
    form.requestSubmit();
  } catch (error) {
    sayIn(form, error && error.code === REFUSED ? form.dataset.wordsRefused : form.dataset.wordsFailed);
  }
};

for (const form of document.querySelectorAll("[data-wallet]")) {
  const select = form.querySelector("[data-wallets]");
  if (select) { listed(select); document.addEventListener("wallets", () => listed(select)); }
  form.querySelector("[data-wallet-buttons]").hidden = false;
  form.querySelector("[data-wallet-sign]").addEventListener("click", () => sign(form));
}
