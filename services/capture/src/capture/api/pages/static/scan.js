// The scanner: every scan is kept on this device first, and sent when there is a network. A scan that is sent twice is one
// scan, by its `scan_id`; they are sent in the order in which they were made.

import { watch } from "./camera.js";
import { pair } from "./pair.js";
import { count, keep, keepEvents, keepSettings, latest, readEvents, readSettings, settle, waiting } from "./store.js";

const TOGETHER = 100;
const EVERY_MS = 15_000;
const BEGINS = /^BEGIN:VCARD/i;
const ENDS = /END:VCARD\s*$/i;

const at = (id) => document.getElementById(id);
const scanForm = at("scan");
const settingsForm = at("settings");
let settings = null;
let trouble = "";
let stopCamera = null;
let sending = false;
let again = false;

function say(text, kind = "") {
  at("said").textContent = text;
  at("said").className = `said ${kind}`;
}

async function show() {
  const states = ["waiting", "sent", "refused"];
  const counts = await Promise.all(states.map(count));
  states.forEach((state, place) => (at(state).textContent = counts[place]));
  const pill = at("network");
  pill.textContent = trouble || (navigator.onLine ? "Online" : "Offline");
  pill.className = `pill ${trouble ? "bad" : navigator.onLine ? "good" : "warm"}`;
  const lines = (await latest()).map((scan) => {
    const line = document.createElement("li");
    const what = document.createElement("span");
    what.textContent = scan.badge ? nameOn(scan.badge) : new Date(scan.occurred_at).toLocaleTimeString();
    const state = document.createElement("span");
    const kind = { sent: scan.code ? "warm" : "good", waiting: "warm", refused: "bad" }[scan.state];
    state.className = `pill ${kind}`;
    state.textContent = scan.code ? `${scan.state}: ${scan.code}` : scan.state;
    line.append(what, state);
    return line;
  });
  at("latest").replaceChildren(...lines);
}

// What a person would call this badge: the name in a vCard or MeCard, else the beginning of what was read.
function nameOn(badge) {
  const found = /(?:^|\n)FN[^:\n]*:([^\r\n]+)/i.exec(badge) || /^MECARD:.*?N:([^;]+)/i.exec(badge);
  return (found ? found[1] : badge).slice(0, 60);
}

async function save() {
  if (!settings?.scanned_by) {
    at("setup").open = true;
    say("Say first which event this is, who you are and the key of this scanner.", "bad");
    return;
  }
  const fields = new FormData(scanForm);
  const badge = fields.get("badge").trim();
  if (!badge) {
    say("There is no badge yet.", "bad");
    return;
  }
  const ticked = [...fields.keys()].filter((name) => name.startsWith("answer."));
  const agreed = [...fields.entries()]
    .filter(([name]) => name.startsWith("consent."))
    .map(([name, version]) => ({ purpose: name.slice("consent.".length), granted: true, wording_version: version }));
  const scan = {
    scan_id: crypto.randomUUID(),
    event: settings.event,
    scanned_by: settings.scanned_by,
    badge,
    occurred_at: new Date().toISOString(),
    rating: fields.has("rating") ? Number(fields.get("rating")) : null,
    notes: fields.get("notes").trim() || null,
    answers: Object.fromEntries(ticked.map((name) => [name.slice("answer.".length), true])),
    talk_to_sales: fields.has("talk_to_sales"),
    consent: agreed.length ? agreed : null,
  };
  // At once: a hand scanner may be typing the next badge already.
  scanForm.reset();
  at("badge").focus();
  try {
    await keep(scan);
  } catch {
    at("badge").value = badge;
    say("This device has no room to keep the scan. Send what waits, then save again.", "bad");
    return;
  }
  say(`Saved: ${nameOn(badge)}`, "good");
  await show();
  send();
}

function body(scans) {
  const sent_at = new Date().toISOString();
  return JSON.stringify(
    scans.map(({ number, state, code, ...scan }) =>
      Object.fromEntries(Object.entries({ ...scan, sent_at }).filter(([, value]) => value !== null)),
    ),
  );
}

async function sendSome(scans) {
  const answer = await fetch("/v1/scans", {
    method: "POST",
    headers: { Authorization: `Bearer ${settings.key}`, "Content-Type": "application/json" },
    body: body(scans),
    signal: AbortSignal.timeout(30_000),
  });
  if (answer.status === 401 || answer.status === 403) trouble = "Key refused";
  if (!answer.ok) return false;
  trouble = "";
  const { items } = await answer.json();
  if (items.some(({ no_address }) => no_address)) say("No e-mail on that badge: ask for it, and save it as a badge.", "bad");
  const verdicts = items.map(({ status, problem, no_address }) => {
    if (status !== "rejected") return { state: "sent", code: no_address ? "no e-mail" : undefined };
    if (problem.status >= 500) return { state: "waiting" };
    return { state: "refused", code: problem.errors[0]?.code };
  });
  await settle(scans, verdicts);
  return verdicts.every(({ state }) => state !== "waiting");
}

// Sends all that waits. Whoever asks in the middle of it is served by one more round; of several pages one sends.
async function send() {
  if (sending) {
    again = true;
    return;
  }
  sending = true;
  do {
    again = false;
    if (settings && navigator.onLine) await navigator.locks.request("baton-send", { ifAvailable: true }, sendAll);
    await show();
  } while (again);
  sending = false;
}

async function sendAll(lock) {
  if (!lock) return;
  try {
    let scans = await waiting(TOGETHER);
    while (scans.length && (await sendSome(scans))) {
      await show();
      scans = await waiting(TOGETHER);
    }
  } catch {
    // no network after all: what waits goes with the next round
  }
}

// The events that may be scanned for: those that the server names, or named the last time.
async function listEvents() {
  try {
    const headers = { Authorization: `Bearer ${settings.key}` };
    const answer = await fetch("/v1/campaigns", { headers, signal: AbortSignal.timeout(30_000) });
    if (answer.ok) await keepEvents((await answer.json()).items);
  } catch {
    // no network, or no key yet: those of the last time
  }
  const options = ((await readEvents()) ?? []).map(({ campaign, name }) => new Option(name, campaign));
  at("events").replaceChildren(...options);
}

async function toggleCamera() {
  const view = at("view");
  if (stopCamera) {
    stopCamera();
    stopCamera = null;
  } else {
    try {
      stopCamera = await watch(view, (text) => {
        at("badge").value = text;
        navigator.vibrate?.(60);
        say(`Read: ${nameOn(text)}. Add what you know, then save.`, "good");
      });
    } catch {
      say("The camera cannot be used here. Type the badge, or use a hand scanner.", "bad");
    }
  }
  view.hidden = !stopCamera;
  at("camera").textContent = stopCamera ? "Stop the camera" : "Start the camera";
}

scanForm.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
// A hand scanner types what it reads and ends with Enter; a vCard has many lines and ends by its own word.
at("badge").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  const text = event.target.value;
  if (BEGINS.test(text) && !ENDS.test(text)) return;
  event.preventDefault();
  save();
});
settingsForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  settings = Object.fromEntries([...new FormData(settingsForm)].map(([name, value]) => [name, value.trim()]));
  await keepSettings(settings);
  at("setup").open = false;
  trouble = "";
  say("Kept.", "good");
  at("badge").focus();
  send();
  listEvents();
});
// The link that pairs this device: what stands behind # reaches no server by itself, and goes away once it was used.
async function readLink() {
  if (!location.hash) return;
  const link = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  if (link.pair) {
    const { why, again, event, label, key } = await pair(link.pair);
    at("paired").textContent = why ?? `Paired as ${label}. Say who you are, then scan.`;
    at("paired").className = `said ${why ? "bad" : "good"}`;
    at("paired").hidden = false;
    if (again) return;
    if (!why) Object.assign(link, { event, key });
  }
  if (link.event && link.key) {
    settings = { scanned_by: settings?.scanned_by ?? "", event: link.event, key: link.key };
    await keepSettings(settings);
    trouble = "";
    listEvents();
    send();
  }
  history.replaceState(null, "", location.pathname);
  showSettings();
}

function showSettings() {
  for (const [name, value] of Object.entries(settings ?? {})) settingsForm.elements[name].value = value;
  at("setup").open = !settings?.scanned_by;
}

at("camera").addEventListener("click", toggleCamera);
at("send").addEventListener("click", send);
for (const change of ["online", "offline"]) addEventListener(change, send);
document.addEventListener("visibilitychange", () => document.hidden || send());
setInterval(send, EVERY_MS);

if (!isSecureContext) {
  say("This page needs HTTPS: without it no scan can be kept here.", "bad");
  throw new Error("not a secure context");
}
settings = (await readSettings()) ?? null;
showSettings();
await readLink();
addEventListener("hashchange", readLink);
addEventListener("online", readLink);
navigator.storage?.persist?.();
await navigator.serviceWorker?.register("/scan/worker.js", { scope: "/scan" });
listEvents();
await send();
document.documentElement.dataset.ready = "yes";
