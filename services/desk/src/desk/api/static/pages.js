// Countdowns that turn, lists that renew themselves without spoiling what is being written, and a few keys.
"use strict";

// The page says what stands around a span, and how its units are called, in its own language.
const units = () => (document.body.dataset.units || "s min h d").split(" ");
const spoken = (name, text) => (document.body.dataset[name] || "{span}").replace("{span}", text);

const words = (seconds) => {
  const [s, min, h, d] = units();
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 60) return `${Math.floor(seconds)} ${s}`;
  if (minutes < 60) return `${minutes} ${min}`;
  if (hours < 10 && minutes % 60) return `${hours} ${h} ${minutes % 60} ${min}`;
  return hours < 48 ? `${hours} ${h}` : `${Math.floor(hours / 24)} ${d}`;
};

const tick = () => {
  for (const each of document.querySelectorAll("time.due")) {
    const left = (Date.parse(each.dateTime) - Date.now()) / 1000;
    const text = left < 0 ? spoken("late", words(-left)) : spoken("in", words(left));
    if (each.textContent !== text) each.textContent = text;
    each.className = `due ${left < 0 ? "late" : left < 3600 ? "soon" : "calm"}`;
  }
};

const list = () => document.getElementById("list");
const isWriting = () => Boolean(list()?.querySelector("details[open]"));
const known = () => new Set([...document.querySelectorAll("[data-lead]")].map((each) => each.id));
let before = known();

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === list() && isWriting()) {
    event.preventDefault();
    document.getElementById("fresh")?.removeAttribute("hidden");
  } else if (event.target === list()) {
    before = known();
  } else if ([...event.target.querySelectorAll("textarea")].some((each) => each.value)) {
    event.preventDefault();
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== list()) return;
  tickIfMoving();
  for (const each of list().querySelectorAll("[data-lead]")) if (!before.has(each.id)) each.classList.add("new");
});
document.addEventListener("htmx:sseOpen", () => document.getElementById("live")?.classList.remove("lost"));
document.addEventListener("htmx:sseError", () => document.getElementById("live")?.classList.add("lost"));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
  const leads = [...document.querySelectorAll("[data-lead]")];
  const at = leads.indexOf(document.activeElement.closest("[data-lead]"));
  if (event.key === "j" || event.key === "k") {
    const next = leads[Math.min(leads.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "o" && at >= 0) {
    leads[at].querySelector("a.name").click();
  }
});

const tickIfMoving = () => {
  if (document.body.hasAttribute("data-ticks")) tick();
};
tickIfMoving();
setInterval(tickIfMoving, 1000);

// On a phone the tabs are wider than the screen.
document.querySelector('nav [aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "center" });
