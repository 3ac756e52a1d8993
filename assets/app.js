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

  // The server writes times in UTC; the reader's own zone goes into the tooltip.
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

  function enhance(root) {
    for (const button of all(root, "button[data-copy]")) button.hidden = false;
    for (const button of all(root, "button[data-reveal]")) button.hidden = false;
    for (const time of all(root, "time[datetime]")) {
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.valueOf())) time.title = format.format(at);
    }
    for (const shown of all(root, "[data-hide-after]")) {
      setTimeout(() => {
        const note = document.createElement("p");
        note.className = "muted";
        note.textContent = shown.dataset.hidden;
        shown.replaceChildren(note);
      }, Number(shown.dataset.hideAfter) * 1000);
    }
  }

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
