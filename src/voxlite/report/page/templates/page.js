"use strict";
/* What the page can do beyond showing itself: jump, follow the sound, zoom, save. Without it all findings are there. */
(() => {
  const byId = (id) => document.getElementById(id);
  const source = byId("data");
  const strip = byId("strip");
  if (!source || !strip) return;
  const data = JSON.parse(source.textContent);
  const duration_s = data.duration_s;
  const segments = data.segments || [];
  const turns = data.speakers || [];
  const [audio, scroller, scrub, playhead, now] = ["audio", "scroller", "scrub", "playhead", "now"].map(byId);
  const rows = [...document.querySelectorAll("#segments tbody tr")];
  const starts_s = rows.map((row) => Number(row.cells[1].dataset.t));
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const STEPS_S = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
  const MOST_ZOOM = 16;
  const TICK_PX = 90;
  const MUCH = 10;
  let at_s = 0;
  let zoom = 1;
  let marked = -1;

  /** A time as m:ss.cc, or h:mm:ss.cc. */
  function clock(seconds, decimals = 2) {
    const scale = 10 ** decimals;
    const ticks = Math.round(Math.max(0, seconds) * scale);
    const whole = Math.floor(ticks / scale);
    const tail = decimals ? "." + String(ticks % scale).padStart(decimals, "0") : "";
    const two = (n) => String(n).padStart(2, "0");
    const [hour, minute, second] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return (hour || duration_s >= 3600 ? `${hour}:${two(minute)}` : String(minute)) + `:${two(second)}${tail}`;
  }

  /** The index of the last span that begins at or before a moment; -1 before the first. */
  function lastBefore(begins_s, seconds) {
    let [low, high] = [0, begins_s.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (begins_s[middle] <= seconds + 1e-4) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  const segmentStarts_s = segments.map((segment) => segment.start_s);
  const turnStarts_s = turns.map((turn) => turn.start_s);

  /** What is heard at a moment, in words. */
  function wordsAt(seconds) {
    const segment = segments[lastBefore(segmentStarts_s, seconds)];
    const turn = turns[lastBefore(turnStarts_s, seconds)];
    const words = segment ? [segment.label] : [];
    if (turn && seconds < turn.end_s) words.push(turn.speaker);
    return words.join(", ");
  }

  function show() {
    const words = wordsAt(at_s);
    playhead.style.left = `${(100 * at_s) / duration_s}%`;
    now.textContent = `${clock(at_s)} of ${clock(duration_s)}${words ? ` · ${words}` : ""}`;
    scrub.setAttribute("aria-valuenow", at_s.toFixed(2));
    scrub.setAttribute("aria-valuetext", `${clock(at_s)}${words ? `, ${words}` : ""}`);
    const row = lastBefore(starts_s, at_s);
    if (row !== marked) {
      if (rows[marked]) rows[marked].classList.remove("is-now");
      if (rows[row]) rows[row].classList.add("is-now");
      marked = row;
    }
  }

  /** Bring the playhead back into view, by whole screens: a strip that creeps is hard to look at. */
  function follow() {
    const place = (at_s / duration_s) * strip.clientWidth;
    const view = scroller.clientWidth;
    if (place < scroller.scrollLeft || place > scroller.scrollLeft + view - 8) {
      scroller.scrollLeft = Math.max(0, place - view * 0.1);
    }
  }

  function jump(seconds) {
    at_s = Math.min(Math.max(seconds, 0), duration_s);
    if (audio) audio.currentTime = at_s;
    show();
    follow();
  }

  function toggle() {
    if (!audio) return;
    if (audio.paused) audio.play().catch(() => {});
    else audio.pause();
  }

  function frame() {
    at_s = Math.min(audio.currentTime, duration_s);
    show();
    follow();
    if (!audio.paused && !calm.matches) requestAnimationFrame(frame);
  }

  function drawRuler() {
    const ruler = byId("ruler");
    const most = Math.max(1, strip.clientWidth / TICK_PX);
    const step_s = STEPS_S.find((step) => duration_s / step <= most) || STEPS_S[STEPS_S.length - 1];
    const decimals = step_s >= 1 ? 0 : step_s >= 0.1 ? 1 : 2;
    const marks = [];
    for (let index = 0; index * step_s <= 0.97 * duration_s; index += 1) {
      const place = `${((100 * index * step_s) / duration_s).toFixed(4)}%`;
      marks.push(make("line", { x1: place, x2: place, y1: 0, y2: 6 }));
      const word = make("text", index ? { x: place, y: 19 } : { x: place, y: 19, class: "first" });
      word.textContent = clock(index * step_s, decimals);
      marks.push(word);
    }
    ruler.replaceChildren(...marks);
  }

  function make(name, attributes) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  function setZoom(wanted) {
    const place = (at_s / duration_s) * strip.clientWidth - scroller.scrollLeft;
    zoom = Math.min(Math.max(wanted, 1), MOST_ZOOM);
    strip.style.setProperty("--zoom", zoom);
    byId("narrower").disabled = zoom === MOST_ZOOM;
    byId("wider").disabled = zoom === 1;
    const kept = Math.min(Math.max(place, 0), scroller.clientWidth);
    scroller.scrollLeft = (at_s / duration_s) * strip.clientWidth - kept;
    drawRuler();
  }

  /** Go to the voice segment before or after this moment. */
  function toVoice(direction) {
    const voiced_s = segments.filter((segment) => segment.label === "voice").map((segment) => segment.start_s);
    const later_s = voiced_s.find((start_s) => start_s > at_s + 0.01);
    const earlier_s = voiced_s.filter((start_s) => start_s < at_s - 1).pop();
    const goal_s = direction > 0 ? later_s : earlier_s;
    if (goal_s !== undefined) jump(goal_s);
  }

  function onKey(event) {
    const step_s = event.shiftKey ? MUCH : Math.min(1, duration_s / 20);
    const moves = {
      ArrowLeft: at_s - step_s,
      ArrowDown: at_s - step_s,
      ArrowRight: at_s + step_s,
      ArrowUp: at_s + step_s,
      PageDown: at_s - duration_s / 10,
      PageUp: at_s + duration_s / 10,
      Home: 0,
      End: duration_s,
    };
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === " " || event.key === "Enter") toggle();
    else if (event.key in moves) jump(moves[event.key]);
    else return;
    event.preventDefault();
  }

  function fromPointer(event) {
    const box = scrub.getBoundingClientRect();
    jump(((event.clientX - box.left) / box.width) * duration_s);
  }

  function fromAddress() {
    const found = /^#t=([0-9.]+)$/.exec(location.hash);
    if (found && Number.isFinite(Number(found[1]))) jump(Number(found[1]));
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
    link.download = `${(data.source || "report").split(/[\\/]/).pop()}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function setUp() {
    const slider = { role: "slider", tabindex: 0, "aria-label": "Place in the recording", "aria-valuemin": 0 };
    for (const [key, value] of Object.entries(slider)) scrub.setAttribute(key, value);
    scrub.setAttribute("aria-valuemax", duration_s.toFixed(2));
    scrub.setAttribute("aria-describedby", "help");
    for (const part of [scrub, playhead, byId("tools"), byId("help"), byId("save")]) if (part) part.hidden = false;
    for (const cell of document.querySelectorAll("td[data-t]")) {
      const link = document.createElement("a");
      link.href = `#t=${cell.dataset.t}`;
      link.textContent = cell.textContent;
      cell.replaceChildren(link);
    }
    scrub.addEventListener("click", fromPointer);
    scrub.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" && event.buttons === 1) fromPointer(event);
    });
    scrub.addEventListener("keydown", onKey);
    byId("before").addEventListener("click", () => toVoice(-1));
    byId("after").addEventListener("click", () => toVoice(1));
    byId("narrower").addEventListener("click", () => setZoom(zoom * 2));
    byId("wider").addEventListener("click", () => setZoom(zoom / 2));
    if (byId("save")) byId("save").addEventListener("click", save);
    addEventListener("hashchange", fromAddress);
    addEventListener("resize", drawRuler);
  }

  function listen() {
    audio.addEventListener("play", frame);
    audio.addEventListener("timeupdate", () => {
      if (audio.paused || calm.matches) frame();
    });
    audio.addEventListener("seeked", frame);
    audio.addEventListener("error", () => {
      const trouble = byId("trouble");
      trouble.textContent = audio.src.startsWith("data:")
        ? "This browser cannot play the recording. The findings below are complete."
        : "The recording was not found beside this page, or this browser cannot play it. The findings below are complete.";
      trouble.hidden = false;
    });
  }

  setUp();
  if (audio) listen();
  setZoom(1);
  show();
  fromAddress();
})();
