// Small conveniences; every page works without them.
"use strict";

// A menu that is folded on narrow screens.
const fold = document.querySelector(".menu-fold");
if (fold && window.matchMedia("(max-width: 48rem)").matches) fold.removeAttribute("open");

// Copy buttons.
const prepareCopies = (root) => {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.onclick = async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const words = button.textContent;
      button.textContent = "✓";
      setTimeout(() => { button.textContent = words; }, 1500);
    };
  }
};

// A form is sent once; its key makes a second post harmless anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-once")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-once]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});

// Live sums: exact, in units of the last decimal.
const units = (text, digits) => {
  const typed = text.trim().replace(/^(?:[A-Z]{0,3}[¥￥$€£]|[A-Z]{3})\s*/, "");
  const grouped = /^\d{1,3}([,，'’_ \u00a0\u202f])\d{3}(?:\1\d{3})*(?:\.\d+)?$/.exec(typed);
  const plain = grouped ? typed.replaceAll(grouped[1], "") : typed;
  const match = /^(\d*)(?:\.(\d*))?$/.exec(plain);
  if (!plain || !match || (match[2] || "").length > digits) return null;
  return BigInt((match[1] || "0") + (match[2] || "").padEnd(digits, "0"));
};
const decimal = (value, digits) => {
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, "0");
  const whole = digits ? text.slice(0, -digits) : text;
  return (value < 0n ? "-" : "") + whole + (digits ? "." + text.slice(-digits) : "");
};
const moneyOf = (currency, digits) => {
  const shown = new Intl.NumberFormat(document.documentElement.lang, {
    style: "currency", currency, minimumFractionDigits: digits,
  });
  // The browser's yen sign is narrow; the pages' own is wide in Chinese.
  return (text) => {
    const words = shown.format(text);
    return document.documentElement.lang.startsWith("zh") ? words.replace("¥", "￥") : words;
  };
};
const prepareSums = (root) => {
  for (const box of root.querySelectorAll("[data-sum]")) {
    const limitText = box.dataset.limit;
    const digits = (limitText.split(".")[1] || "").length;
    const limit = units(limitText, digits);
    const money = moneyOf(box.dataset.currency, digits);
    const sum = () => {
      let total = 0n;
      for (const input of box.querySelectorAll("[data-sum-part]")) total += units(input.value, digits) || 0n;
      box.querySelector("[data-sum-total]").textContent = money(decimal(total, digits));
      box.querySelector("[data-sum-left]").textContent = money(decimal(limit - total, digits));
      box.querySelector("[data-sum-over]").hidden = total <= limit;
    };
    box.querySelector("[data-sum-box]").hidden = false;
    box.addEventListener("input", sum);
    sum();
  }
};


// The sum of what is ticked, with what was ticked on other pages: "17 1250.00 CNY" each.
const sumChosen = (form) => {
  const sums = new Map();
  const parts = [...form.querySelectorAll("[name=receivable]")].filter((input) => input.type === "hidden" || input.checked);
  for (const input of parts) {
    const [, amount, currency] = input.value.split(" ");
    const digits = (amount.split(".")[1] || "").length;
    const before = sums.get(currency) || [0n, digits];
    sums.set(currency, [before[0] + units(amount, digits), digits]);
  }
  const words = [...sums].sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([currency, [total, digits]]) => moneyOf(currency, digits)(decimal(total, digits)));
  form.querySelector("[data-chosen-count]").textContent = new Intl.NumberFormat(document.documentElement.lang).format(parts.length);
  form.querySelector("[data-chosen-sum]").textContent = words.join(" · ") || "–";
};
for (const form of document.querySelectorAll("form[data-chosen]")) {
  form.addEventListener("change", () => sumChosen(form));
  window.addEventListener("pageshow", () => sumChosen(form)); // a browser that goes back ticks boxes itself
}

const prepare = (root) => { prepareCopies(root); prepareSums(root); };
prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));

// Live: the newest block in the bar, and the states of an operation. One stream serves all tabs.
const bar = document.querySelector("[data-newest]");
const showBlock = (block) => {
  const badge = bar.querySelector("[data-newest-words]");
  if (badge.textContent !== block.words) badge.textContent = block.words;
  badge.className = `badge tone-${block.tone}`;
  const newer = block.number !== null && String(block.number) !== bar.dataset.number;
  bar.querySelector("[data-newer]").hidden = !newer;
};
const listen = (channel) => {
  const stream = new EventSource("/app/live");
  let last = null;
  stream.addEventListener("block", (event) => {
    last = JSON.parse(event.data);
    showBlock(last);
    if (channel) channel.postMessage(last);
  });
  if (channel) channel.onmessage = (event) => { if (event.data === "last?" && last) channel.postMessage(last); };
  window.addEventListener("pagehide", () => stream.close());
};
if (bar && bar.hasAttribute("data-stream")) {
  if (navigator.locks && window.BroadcastChannel) {
    const channel = new BroadcastChannel("cession-blocks");
    channel.onmessage = (event) => { if (event.data !== "last?") showBlock(event.data); };
    channel.postMessage("last?"); // a tab that opens later
    navigator.locks.request("cession-live", () => { listen(channel); return new Promise(() => {}); });
  } else {
    listen(null);
  }
}
const place = document.querySelector("[data-live]");
if (place) {
  const stream = new EventSource(place.dataset.live);
  stream.addEventListener("operation", (event) => {
    const { html, ended } = JSON.parse(event.data);
    place.innerHTML = html;
    prepareCopies(place);
    if (ended) { stream.close(); window.location.reload(); }
  });
  window.addEventListener("pagehide", () => stream.close());
}

// A file above the limit is refused before it travels.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.dataset || !input.dataset.maxBytes) return;
  const large = [...input.files].some((file) => file.size > Number(input.dataset.maxBytes));
  input.setCustomValidity(large ? input.dataset.wordsLarge : "");
  input.reportValidity();
});
