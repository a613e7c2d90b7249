// Small conveniences; every page works without them.
"use strict";

// A menu that is folded on narrow screens.
const fold = document.querySelector(".menu-fold");
if (fold && window.matchMedia("(max-width: 48rem)").matches) fold.removeAttribute("open");

// The list of columns lies over the table: Escape closes it, and goes back to where it was opened.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const list of document.querySelectorAll("details.columns[open]")) {
    list.removeAttribute("open");
    list.querySelector("summary").focus();
  }
});

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

// What was typed stays when its page is loaded anew for a theme, a language or the newest state:
// of forms of commands, which have a key; what is typed to sign in is never stored.
const isTyped = (item) => {
  if (!item.name || (item.options && !item.options.length)) return false;
  if (item.type === "checkbox" || item.type === "radio") return item.checked !== item.defaultChecked;
  if (item.options) return item.selectedIndex !== Math.max(0, [...item.options].findIndex((option) => option.defaultSelected));
  return item.type !== "hidden" && item.defaultValue !== undefined && item.value !== item.defaultValue;
};
const typedForm = () => [...document.querySelectorAll('main form[method="post"]')]
  .find((form) => form.elements._key && (form.hasAttribute("data-typed") || [...form.elements].some(isTyped)));
const storeTyped = async (form, go) => {
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const answer = await fetch("/app/drafts", { method: "POST", body: new URLSearchParams(fields) }).catch(() => null);
  if (answer && answer.redirected) { window.location.assign(answer.url); return; } // the session has ended
  const place = answer && answer.ok ? (await answer.json()).place : null;
  if (place) go(place); else document.querySelector("[data-not-stored]").hidden = false;
};
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const typed = form.closest(".preferences") && !form.dataset.stored && typedForm();
  if (!typed) return;
  event.preventDefault();
  storeTyped(typed, (place) => {
    form.elements.next.value = place;
    form.dataset.stored = "1";
    form.requestSubmit(submitter);
  });
});
document.addEventListener("click", (event) => {
  const typed = event.target.closest("[data-newer]") && !event.ctrlKey && !event.metaKey && !event.shiftKey && typedForm();
  if (!typed) return;
  event.preventDefault();
  storeTyped(typed, (place) => window.location.assign(place));
});

// Numbers as people type them, by the rules of app/pages/typed.py: null is not a number.
const typedWide = (text) => text.replace(/[０-９．％－]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
const plainNumber = (text) => {
  const typed = text.trim();
  const grouped = /^-?\d{1,3}([,，'’_ \u00a0\u202f])\d{3}(?:\1\d{3})*(?:\.\d+)?$/.exec(typed);
  return grouped ? typed.replaceAll(grouped[1], "") : typed;
};
const currencySigns = (currency) => {
  if (!/^[A-Z]{3}$/.test(currency)) return [];
  const signs = ["en", "zh-Hans"].map((language) => new Intl.NumberFormat(language, { style: "currency", currency })
    .formatToParts(0).find((item) => item.type === "currency").value);
  return [...signs, ...signs.map((sign) => sign.replace("¥", "￥")), currency].sort((one, other) => other.length - one.length);
};
const digitsOf = (currency) => new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
const typedWhole = (text) => {
  const plain = plainNumber(typedWide(text));
  return /^-?\d{1,30}$/.test(plain) ? BigInt(plain) : null;
};
const typedShare = (text, maximum = 1000000) => {
  const match = /^(-?)(\d{1,9})(?:\.(\d{1,4}))?$/.exec(plainNumber(typedWide(text).trim().replace(/%$/, "")));
  const decimals = (match && match[3]) || "";
  if (!match || (decimals.length > 2 && decimals.endsWith("0"))) return null;
  const millionths = Number(match[1] + match[2] + decimals.padEnd(4, "0"));
  return millionths > maximum ? null : millionths;
};
// Whole units of the last of a currency's decimals.
const units = (text, digits, currency = "") => {
  const typed = text.trim();
  const sign = currencySigns(currency).find((item) => typed.startsWith(item)) || "";
  const match = /^(0|[1-9]\d{0,27})(?:\.(\d{1,12}))?$/.exec(plainNumber(typed.slice(sign.length)));
  if (!match || (match[2] || "").length > digits) return null;
  return BigInt(match[1] + (match[2] || "").padEnd(digits, "0"));
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
      let read = true;
      for (const input of box.querySelectorAll("[data-sum-part]")) {
        const part = units(input.value, digits, box.dataset.currency);
        total += part || 0n;
        if (part === null && input.value.trim()) read = false;
      }
      box.querySelector("[data-sum-total]").textContent = read ? money(decimal(total, digits)) : "?";
      box.querySelector("[data-sum-left]").textContent = read ? money(decimal(limit - total, digits)) : "?";
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

// What a field is read as, beside it, before it is sent.
const inWords = (input) => {
  const language = document.documentElement.lang;
  const exact = (text, options = {}) => new Intl.NumberFormat(language, { maximumFractionDigits: 12, ...options }).format(text);
  const currency = input.dataset.currency || (input.form && input.form.elements[`${input.name}.currency`] || {}).value || "";
  if (input.dataset.reads === "share") {
    const share = typedShare(input.value, Number(input.dataset.maximum));
    return share === null ? null : `= ${exact(share / 10000)} %`;
  }
  if (input.dataset.reads === "money") {
    const digits = /^[A-Z]{3}$/.test(currency) ? digitsOf(currency) : 2;
    const amount = units(input.value, digits, currency);
    return amount === null ? null : `= ${exact(decimal(amount, digits), { minimumFractionDigits: digits })} ${currency}`;
  }
  if (input.dataset.reads === "whole") {
    const whole = typedWhole(input.value);
    return whole === null ? null : `= ${exact(whole)}`;
  }
  const plain = plainNumber(input.value);
  return /^-?\d+(\.\d+)?$/.test(plain) ? `= ${exact(plain)}` : null;
};
const prepareReadings = (root) => {
  for (const input of root.querySelectorAll("[data-reads]")) {
    const shown = input.parentElement.querySelector("[data-read]");
    const read = () => {
      shown.hidden = !input.value.trim();
      shown.textContent = inWords(input) || shown.dataset.unread;
    };
    input.addEventListener("input", read);
    if (input.form) input.form.addEventListener("change", read);
    read();
  }
};

const prepare = (root) => { prepareCopies(root); prepareSums(root); prepareReadings(root); };
prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));

// Live: the newest block in the bar, and the states of an operation. One stream serves all tabs.
const LATE = 8000; // a connection that ends is opened again before, and nobody need know
const SILENT = 45000; // a stream says each 20 s that it lives
const AGAIN = 15000;
const showNews = (news) => {
  const bar = document.querySelector("[data-newest]"); // a list that is sorted or filtered brings its own
  const badge = bar.querySelector("[data-newest-words]");
  const words = { lost: bar.dataset.wordsLost, ended: bar.dataset.wordsEnded }[news.over] || news.words;
  if (badge.textContent !== words) badge.textContent = words;
  badge.className = `badge tone-${news.over ? "bad" : news.tone}`;
  bar.querySelector("[data-sign-in]").hidden = news.over !== "ended";
  if (news.over) return;
  const newer = news.number !== null && String(news.number) !== bar.dataset.number;
  bar.querySelector("[data-newer]").hidden = !newer;
  for (const notice of document.querySelectorAll("[data-silent]")) notice.hidden = !news.silent;
};
const listen = (channel) => {
  let stream = null; // none after the session's end
  let last = null;
  let broken = false;
  let timer = 0;
  const tell = (news) => {
    last = news;
    showNews(news);
    if (channel) channel.postMessage(news);
  };
  const lostAfter = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(() => { tell({ over: "lost" }); open(); lostAfter(AGAIN); }, wait);
  };
  const alive = () => { broken = false; lostAfter(SILENT); };
  const close = () => {
    clearTimeout(timer);
    if (stream) stream.close();
    stream = null;
  };
  const open = () => {
    close();
    stream = new EventSource("/app/live");
    stream.addEventListener("block", (event) => { alive(); tell(JSON.parse(event.data)); });
    stream.addEventListener("alive", alive);
    stream.addEventListener("ended", () => { close(); tell({ over: "ended" }); });
    stream.onerror = () => {
      if (broken) return;
      broken = true;
      lostAfter(LATE);
    };
    lostAfter(SILENT);
  };
  if (channel) {
    channel.onmessage = (event) => {
      if (event.data !== "last?") return;
      if (!stream) open(); // whoever opens a page has signed in again
      else if (last) channel.postMessage(last);
    };
  }
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", (event) => { if (event.persisted) open(); });
  open();
};
if (document.querySelector("[data-newest][data-stream]")) {
  if (navigator.locks && window.BroadcastChannel) {
    const channel = new BroadcastChannel("cession-blocks");
    channel.onmessage = (event) => { if (event.data !== "last?") showNews(event.data); };
    channel.postMessage("last?"); // a tab that opens later
    navigator.locks.request("cession-live", () => { listen(channel); return new Promise(() => {}); });
  } else {
    listen(null);
  }
}
const place = document.querySelector("[data-live]");
const follow = () => {
  const stream = new EventSource(place.dataset.live);
  const again = () => { stream.close(); setTimeout(follow, AGAIN); };
  stream.addEventListener("operation", (event) => {
    const { html, ended } = JSON.parse(event.data);
    place.innerHTML = html;
    prepareCopies(place);
    if (ended) { stream.close(); window.location.reload(); }
  });
  stream.addEventListener("ended", again); // of the session, which may begin anew in another tab
  stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) again(); };
  window.addEventListener("pagehide", () => stream.close());
};
if (place) follow();

// A file above the limit is refused before it travels.
document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.dataset || !input.dataset.maxBytes) return;
  const large = [...input.files].some((file) => file.size > Number(input.dataset.maxBytes));
  input.setCustomValidity(large ? input.dataset.wordsLarge : "");
  input.reportValidity();
});
