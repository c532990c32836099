// Makes this device a scanner by a link that works once. The device draws its own key and sends its hash alone, so
// neither the link nor the answer holds a key; sent again, because the answer was lost, it is the same device.

import { keepPairing, readPairing } from "./store.js";

const hex = (bytes) => [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
const random = (length) => crypto.getRandomValues(new Uint8Array(length));

function drawKey() {
  const key_id = hex(random(6));
  const secret = btoa(String.fromCharCode(...random(32)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
  return { key_id, key: `bk_${key_id}_${secret}` };
}

const hash = async (key) => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key))));

// Gives the event, the name of the device and its key, or why there are none; `again` where it may be tried once more.
export async function pair(code) {
  let drawn = await readPairing();
  if (drawn?.code !== code) {
    drawn = { code, ...drawKey() };
    await keepPairing(drawn);
  }
  let answer;
  try {
    answer = await fetch("/v1/scanner-pairings/redeem", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code, key_id: drawn.key_id, hash: await hash(drawn.key) }),
      signal: AbortSignal.timeout(30_000),
    });
  } catch {
    return { why: "Not paired yet: there is no network. The link goes on working for some minutes.", again: true };
  }
  if (answer.ok) return { ...(await answer.json()), key: drawn.key };
  if (answer.status === 429 || answer.status >= 500) {
    return { why: "Not paired yet: the server does not answer. Reload this page in a minute.", again: true };
  }
  return { why: "This link was used already, or is too old. Ask for a new one." };
}
