// What the console adds to plain pages: they all work without it.
"use strict";

// "/" moves to the page's search field.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const field = document.querySelector("[data-search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// Buttons that copy the text of an element.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    const range = document.createRange();
    range.selectNodeContents(source);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }
});

// Forms that do what cannot be undone ask first.
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// A form that was refused shows the first field that has to change.
{
  const fault = document.querySelector("[data-refused]") && document.querySelector("main .fault");
  const field = fault?.parentElement.querySelector("input:not([type=hidden]), select, textarea");
  (field ?? fault)?.scrollIntoView({ block: "center" });
  field?.focus({ preventScroll: true });
}

// Selects that send their form, and fields that are left out when empty, so
// that links stay short.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
document.addEventListener("formdata", (event) => {
  if (event.target.method !== "get") return;
  for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
});

// A chosen file is read into the field that it is for, where it can be seen
// and changed before it is sent.
document.addEventListener("change", async (event) => {
  const into = event.target.dataset?.into, file = event.target.files?.[0];
  if (!into || !file) return;
  document.getElementById(into).value = await file.text();
  event.target.value = "";
});

// Bars of a histogram lead to their own range; dragging over it narrows to any.
function histogram(svg) {
  const from = Number(svg.dataset.from), to = Number(svg.dataset.to);
  const shade = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  shade.setAttribute("class", "drag");
  shade.setAttribute("y", "0");
  shade.setAttribute("height", svg.viewBox.baseVal.height);
  let start = null, moved = false;
  const place = (event) => {
    const box = svg.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !svg.dataset.from) return;
    start = place(event);
    moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const here = place(event), width = svg.viewBox.baseVal.width;
    if (!moved && Math.abs(here - start) < 0.01) return;
    moved = true;
    svg.append(shade);
    shade.setAttribute("x", Math.min(start, here) * width);
    shade.setAttribute("width", Math.abs(here - start) * width);
  });
  addEventListener("pointerup", (event) => {
    if (start === null) return;
    const end = place(event), begin = start;
    start = null;
    if (!moved) return;
    const time = (part) => new Date(from + part * (to - from)).toISOString().slice(0, 19);
    const url = new URL(location.href);
    url.searchParams.set("from", time(Math.min(begin, end)));
    url.searchParams.set("to", time(Math.max(begin, end)));
    url.searchParams.delete("cursor");
    location.assign(url);
  });
  // With the keyboard: arrows move from bar to bar, with Shift they select
  // several, and Enter narrows the range to those.
  const bars = [...svg.querySelectorAll("a")];
  let anchor = -1;
  svg.addEventListener("keydown", (event) => {
    const at = bars.indexOf(event.target.closest("a"));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: bars.length - 1 }[event.key];
    if (at < 0) return;
    if (event.key === "Enter" && anchor >= 0 && anchor !== at) {
      event.preventDefault();
      const first = new URL(bars[Math.min(anchor, at)].href.baseVal, location.href);
      const last = new URL(bars[Math.max(anchor, at)].href.baseVal, location.href);
      first.searchParams.set("to", last.searchParams.get("to"));
      return location.assign(first);
    }
    if (to === undefined || !bars[to]) return;
    event.preventDefault();
    if (!event.shiftKey) anchor = -1;
    else if (anchor < 0) anchor = at;
    bars[at].setAttribute("tabindex", "-1");
    bars[to].setAttribute("tabindex", "0");
    bars[to].focus();
    bars.forEach((bar, i) => bar.classList.toggle("chosen", anchor >= 0 && i >= Math.min(anchor, to) && i <= Math.max(anchor, to)));
  });
  if (!svg.dataset.from) return; // no dragging
  svg.addEventListener("click", (event) => { if (moved) event.preventDefault(); }, true);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
}

// The live tail puts new rows, rendered by the server, on top of the log. When
// the connection breaks it goes on behind the last event that came.
function tail(button) {
  const body = document.getElementById(button.dataset.tail);
  const state = document.getElementById("tail-state");
  const patience = 15000; // the server says every five seconds that it is there
  let source = null, timer = 0, skipped = 0, place = button.dataset.after;
  const tell = (text) => {
    state.textContent = skipped ? `${text}; ${skipped.toLocaleString("en")} more came than can be shown` : text;
  };
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const again = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(connect, wait);
  };
  const heard = (event) => {
    place = event.lastEventId || place;
    again(patience);
  };
  const stop = (why) => {
    close();
    button.setAttribute("aria-pressed", "false");
    button.textContent = "Live tail";
    state.classList.remove("on");
    skipped = 0;
    tell(why);
  };
  const add = (rows) => {
    const fragment = document.createElement("template");
    fragment.innerHTML = rows;
    for (const row of fragment.content.querySelectorAll("tr")) {
      if (row.id && document.getElementById(row.id)) row.remove();
    }
    body.prepend(fragment.content);
    while (body.rows.length > 500) body.lastElementChild.remove();
    document.getElementById("log-empty")?.setAttribute("hidden", "");
  };
  function connect() {
    close();
    source = new EventSource(`${button.dataset.stream}&after=${encodeURIComponent(place)}`);
    source.addEventListener("skipped", (event) => {
      skipped += Number(event.data);
      tell("watching");
    });
    source.addEventListener("rows", (event) => {
      heard(event);
      add(event.data);
    });
    source.addEventListener("alive", heard);
    source.addEventListener("ended", (event) => stop(event.data));
    source.onopen = (event) => {
      heard(event);
      tell("watching");
    };
    source.onerror = () => {
      tell("reconnecting");
      // It does not try again by itself after an answer that is no stream,
      // such as a proxy's while the server restarts.
      again(source.readyState === EventSource.CLOSED ? 3000 : patience);
    };
    again(patience);
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    if (source) return stop("");
    button.setAttribute("aria-pressed", "true");
    button.textContent = "Stop";
    state.classList.add("on");
    tell("watching");
    connect();
  });
}

// A choice that shows only the parts of a form that belong to it.
function depend(select) {
  const show = () => {
    for (const part of document.querySelectorAll(`[data-when="${select.name}"]`)) {
      part.hidden = !part.dataset.is.split(" ").includes(select.value);
    }
  };
  select.addEventListener("change", show);
  show();
}

// What refreshes itself keeps open what somebody opened, and the focus.
let opened = [], focused = null;
const foldable = (root) => [...root.querySelectorAll("details:not(.menu)")];
const reachable = (root) => [...root.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")];
const likeness = (part) => JSON.stringify([part.tagName, part.getAttribute("href"), part.name, part.tagName === "BUTTON" && part.value, !part.name && part.textContent]);
document.addEventListener("htmx:beforeSwap", (event) => {
  opened = foldable(event.target).map((part) => part.open);
  const parts = reachable(event.target), at = parts.indexOf(document.activeElement);
  const like = at < 0 ? "" : likeness(parts[at]);
  focused = at < 0 ? null : { at, like, nth: parts.slice(0, at).filter((part) => likeness(part) === like).length };
});
document.addEventListener("htmx:afterSettle", (event) => {
  const root = document.getElementById(event.target.id) ?? event.target, parts = foldable(root);
  if (parts.length >= opened.length) opened.forEach((open, i) => { if (open) parts[i].open = true; });
  opened = [];
  if (focused && document.activeElement === document.body) {
    const { at, like, nth } = focused, all = reachable(root);
    // What is gone was removed by its button: the focus goes to what is there now.
    (all.filter((part) => likeness(part) === like)[nth] ?? all[Math.min(at, all.length - 1)])?.focus({ preventScroll: true });
  }
  focused = null;
});

function enliven(root) {
  root.querySelectorAll("svg.bars").forEach(histogram);
  root.querySelectorAll("[data-tail]").forEach(tail);
  root.querySelectorAll("[data-depend]").forEach(depend);
}
enliven(document);
document.addEventListener("htmx:afterSwap", (event) => enliven(event.target));
