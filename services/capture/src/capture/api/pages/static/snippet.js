// Puts a form into a page elsewhere:
//   <script src="https://capture.example/f/contact/snippet.js" data-key="bk_..." async></script>
// The form lives in a shadow tree, so that neither page disturbs the other.
(function () {
  "use strict";
  const script = document.currentScript;
  const key = script.dataset.key || "";
  const base = script.src.replace(/\/snippet\.js.*$/, "");
  const host = document.createElement("div");
  script.after(host);
  const root = host.attachShadow({ mode: "open" });
  let words = {};
  let otherwise = "";

  function landing() {
    const parameters = new URLSearchParams({ key });
    for (const name of ["language", "campaign"]) if (script.dataset[name]) parameters.set(name, script.dataset[name]);
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (/^(utm_\w+|gclid|fbclid|msclkid|li_fat_id|form_link)$/.test(name)) parameters.set(name, value);
    }
    if (document.referrer) parameters.set("referrer", document.referrer.slice(0, 200));
    return parameters;
  }

  function show(html) {
    root.innerHTML = html;
    for (const field of root.querySelectorAll("input[name=zone]")) {
      field.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
    }
    for (const link of root.querySelectorAll("a[href^='/']")) link.href = new URL(link.getAttribute("href"), base);
    for (const form of root.querySelectorAll("form")) form.addEventListener("submit", send);
  }

  async function send(event) {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch(new URL(form.getAttribute("action"), base), {
        method: "POST",
        headers: { Accept: "application/json" },
        body: filled(form),
      });
      const found = await answer.json();
      if (answer.ok) await goOn(found.next);
      else tell(form, found.errors || []);
    } catch {
      tell(form, [{ field: "", code: "offline" }]);
    } finally {
      button.disabled = false;
    }
  }

  function filled(form) {
    const body = new URLSearchParams(new FormData(form));
    if (window.batonVisits) body.set("visits", window.batonVisits.text());
    return body;
  }

  async function goOn(next) {
    const there = new URL(next, base);
    if (there.origin !== new URL(base).origin) {
      location.assign(there);
      return;
    }
    const answer = await fetch(there, { headers: { Accept: "application/json" } });
    show((await answer.json()).html);
    const heading = root.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus();
  }

  function tell(form, errors) {
    for (const line of form.querySelectorAll(".wrong")) line.hidden = true;
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    let first = null;
    const rest = [];
    for (const { field, code } of errors) {
      const text = words[code] || otherwise;
      const input = field && form.elements[field];
      const line = field && form.querySelector(`#${CSS.escape(field)}-wrong`);
      if (input && line) {
        line.textContent = text;
        line.hidden = false;
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", line.id);
        first = first || input;
      } else rest.push(text);
    }
    let alert = form.querySelector("[role=alert]");
    if (!alert) {
      alert = document.createElement("p");
      alert.setAttribute("role", "alert");
      alert.className = "alert";
      form.querySelector("button").before(alert);
    }
    alert.textContent = rest.join(" ");
    alert.hidden = rest.length === 0;
    if (first) first.focus();
  }

  async function begin() {
    const answer = await fetch(`${base}/embed?${landing()}`);
    if (!answer.ok) throw new Error(`the form answered ${answer.status}`);
    const parts = await answer.json();
    words = parts.messages;
    otherwise = parts.otherwise;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(parts.css);
    root.adoptedStyleSheets = [sheet];
    show(parts.html);
  }

  begin().catch(() => {
    const link = document.createElement("a");
    link.href = base;
    link.textContent = "Open the form";
    host.replaceWith(link);
  });
})();
