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
    const text = left <= 0 ? spoken("late", words(-left)) : spoken("in", words(left));
    if (each.textContent !== text) each.textContent = text;
    each.className = `due ${left <= 0 ? "late" : left < 3600 ? "soon" : "calm"}`;
  }
};

const list = () => document.getElementById("list");
const isWriting = () => Boolean(list()?.querySelector("details[open]"));
const known = () => new Set([...document.querySelectorAll("[data-lead]")].map((each) => each.id));
let before = known();

// A tab that nobody looks at counts what came meanwhile in its title, and rings where its reader turned that on.
const ring = () => document.getElementById("ring");
const plain = document.title;
let unseen = 0;
let sound = null;
const awaken = () => {
  if (!ring()?.checked) return;
  sound ??= new AudioContext(); // a browser lets it sound only after somebody touched the page
  if (sound.state === "suspended") sound.resume();
};
const chime = () => {
  if (!ring()?.checked || sound?.state !== "running") return;
  for (const [nth, tone] of [660, 880].entries()) {
    const [pitch, volume] = [new OscillatorNode(sound, { frequency: tone }), new GainNode(sound, { gain: 0.2 })];
    pitch.connect(volume).connect(sound.destination);
    pitch.start(sound.currentTime + nth * 0.18);
    pitch.stop(sound.currentTime + nth * 0.18 + 0.15);
  }
};
const cameIn = (count) => {
  if (!count) return;
  if (document.hidden) unseen += count;
  if (unseen) document.title = `(${unseen}) ${plain}`;
  chime();
};
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unseen = 0;
  document.title = plain;
});
if (ring()) {
  ring().checked = localStorage.getItem("ring") === "on";
  ring().addEventListener("change", () => {
    localStorage.setItem("ring", ring().checked ? "on" : "off");
    awaken();
  });
  for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, awaken);
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target === list() && isWriting()) {
    event.preventDefault();
    document.getElementById("fresh")?.removeAttribute("hidden");
    if (document.hidden) document.title = `(!) ${plain}`;
  } else if (event.target === list()) {
    before = known();
  } else if ([...event.target.querySelectorAll("textarea")].some((each) => each.value)) {
    event.preventDefault();
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== list()) return;
  tickIfMoving();
  const fresh = [...list().querySelectorAll("[data-lead]")].filter((each) => !before.has(each.id));
  for (const each of fresh) each.classList.add("new");
  cameIn(fresh.length);
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

// What is to be copied stands in a text area, so that it can be copied without this too.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
      button.textContent = button.dataset.copied;
    } catch {
      // no leave to write there: it is selected
    }
  });
}
