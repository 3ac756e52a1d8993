// What a page can do better with a script. Every page works without it: nothing here changes state by itself.
"use strict";

(() => {
  const all = (root, selector) => [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];

  // A message that a screen reader speaks and that goes away by itself.
  function toast(text, bad) {
    const place = document.getElementById("toasts");
    if (!place) return;
    const note = document.createElement("p");
    note.className = bad ? "toast bad" : "toast";
    note.textContent = text;
    place.append(note);
    setTimeout(() => note.remove(), bad ? 10000 : 4000);
  }

  // Copy buttons stand in the page hidden, for without a script they would do nothing.
  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    try {
      await navigator.clipboard.writeText(source.textContent);
      toast("Copied");
    } catch {
      // No clipboard on a plain http address: select the text, so that Ctrl+C does it.
      getSelection().selectAllChildren(source);
      toast("Selected: press Ctrl+C to copy");
    }
  }

  // The server writes times in UTC. The reader has them in their own zone: exact ones in place, all with the zone on hover.
  const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

  function show(time) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) return;
    time.title = whole.format(at);
    if (time.dataset.exact !== undefined) time.textContent = exact.format(at);
  }

  // A filter by time is typed in the reader's zone and sent in UTC, by a hidden field beside it. What nobody has changed is sent as
  // it came: where clocks are set back, one time of the day is two moments.
  function here(input) {
    if (input.dataset.sends) return;
    const sent = Object.assign(document.createElement("input"), { type: "hidden", name: input.name, value: input.dataset.moment });
    input.dataset.sends = input.name;
    input.removeAttribute("name");
    input.after(sent);
    const at = new Date(input.dataset.moment);
    if (!Number.isNaN(at.valueOf())) {
      const two = (number) => String(number).padStart(2, "0");
      const seconds = at.getSeconds() ? `:${two(at.getSeconds())}` : "";
      const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
      input.value = `${day}T${two(at.getHours())}:${two(at.getMinutes())}${seconds}`;
    }
    const zone = input.labels[0]?.querySelector(".optional");
    if (zone) {
      zone.textContent = "your time";
      zone.title = Intl.DateTimeFormat().resolvedOptions().timeZone;
    }
    input.addEventListener("input", () => {
      const typed = new Date(input.value);
      const iso = Number.isNaN(typed.valueOf()) ? "" : typed.toISOString();
      sent.value = iso && (input.value.length > 16 ? iso : `${iso.slice(0, 16)}Z`);
    });
  }

  function enhance(root) {
    for (const button of all(root, "button[data-copy]")) button.hidden = false;
    for (const button of all(root, "button[data-reveal]")) button.hidden = false;
    for (const time of all(root, "time[datetime]")) show(time);
    for (const input of all(root, "input[data-moment]")) here(input);
    for (const form of all(root, "form.acts")) counted(form);
    for (const shown of all(root, "[data-hide-after]")) {
      setTimeout(() => {
        const note = document.createElement("p");
        note.className = "muted";
        note.textContent = shown.dataset.hidden;
        shown.replaceChildren(note);
      }, Number(shown.dataset.hideAfter) * 1000);
    }
  }

  // How many rows of a list are ticked, and all of them at once.
  const boxes = (form) => [...form.elements].filter(({ type }) => type === "checkbox");

  function counted(form) {
    const all = boxes(form);
    const ticked = all.filter(({ checked }) => checked).length;
    form.querySelector("[data-selected]").textContent = ticked ? `${ticked} selected` : "";
    form.querySelector("[data-select-all]").textContent =
      all.length && ticked === all.length ? "Select none" : "Select all on this page";
  }

  document.addEventListener("change", ({ target }) => target.form?.matches(".acts") && counted(target.form));
  document.addEventListener("click", (event) => {
    const all = event.target.closest("[data-select-all]");
    if (!all) return;
    event.preventDefault();
    const form = all.closest("form");
    const tick = boxes(form).some(({ checked }) => !checked);
    for (const box of boxes(form)) box.checked = tick;
    counted(form);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.copy) copy(button);
    if (button?.dataset.reveal) {
      const input = document.getElementById(button.dataset.reveal);
      const show = input.type === "password";
      input.type = show ? "text" : "password";
      button.setAttribute("aria-pressed", String(show));
    }
    if (button?.dataset.close !== undefined && button.closest("dialog")) {
      event.preventDefault();
      button.closest("dialog").close();
    }
  });

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  // What was typed into a form of the frame and not sent is not left without a question. Cancel says that it may go.
  let typed = null;
  document.addEventListener("input", ({ target }) => {
    if (target.form?.method === "post" && target.closest(".frame")) typed = target.form;
  });
  const settled = () => (typed = null);
  document.addEventListener("submit", (event) => event.target.method === "post" && settled());
  document.addEventListener("reset", settled);
  document.addEventListener("click", (event) => event.target.closest("form a.button") && settled());
  addEventListener("beforeunload", (event) => typed?.isConnected && event.preventDefault());

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb === "get") return;
    const token = document.querySelector("meta[name=csrf]");
    if (token) event.detail.headers["X-CSRF-Token"] = token.content;
  });
  document.addEventListener("htmx:load", (event) => {
    enhance(event.detail.elt);
    const dialog = event.detail.elt.closest?.("dialog");
    if (dialog && !dialog.open) dialog.showModal();
  });
  // A page of a list that a script has put in its place is read from its start.
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target?.id === "results" && document.activeElement === document.body) {
      document.getElementById("results")?.focus({ preventScroll: true });
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    const text = page.querySelector("[data-message]")?.textContent.trim();
    toast(text || "The server could not do that. Try again.", true);
  });
  document.addEventListener("htmx:sendError", () => toast("The server cannot be reached.", true));

  // The menu scrolls by itself where it is longer than the window.
  document.querySelector(".entries [aria-current]")?.scrollIntoView({ block: "nearest" });

  enhance(document);
})();
