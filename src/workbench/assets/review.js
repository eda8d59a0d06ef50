// The review page. What students wrote is only ever set as text. Marks are kept here until the server has them on disk.
"use strict";

const RETRY = 3000; // milliseconds until a mark that could not be saved is sent again
const PAUSE = 500; // milliseconds without a keystroke after which a comment is saved
const token = new URLSearchParams(location.search).get("token");
const $ = (id) => document.getElementById(id);

let questions = [];
let question = null; // the one shown
let papers = []; // its answers
let index = 0; // the answer shown
let last = 0; // the criterion touched last
const held = new Map(); // answers of all questions seen, by id, with what is not saved yet

async function ask(path, options = {}) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const reply = await fetch(path, { ...options, headers, cache: "no-store" });
  const isJson = (reply.headers.get("content-type") || "").includes("json");
  const body = isJson ? await reply.json() : { what: await reply.text() };
  if (!reply.ok) {
    const text = [body.what, body.remedy].filter(Boolean).join("; ") || `error ${reply.status}`;
    throw Object.assign(new Error(text), { status: reply.status });
  }
  return body;
}

// --- saving -------------------------------------------------------------------------------------------------------

function changed(paper, pause = 0) {
  paper.version += 1;
  paper.trouble = "";
  clearTimeout(paper.timer);
  paper.timer = setTimeout(() => save(paper), pause);
  show();
}

async function save(paper) {
  clearTimeout(paper.timer);
  if (paper.sending || paper.saved === paper.version) return;
  paper.sending = true;
  const version = paper.version;
  const marks = { points: paper.points, comment: paper.comment, digest: paper.digest, replace: paper.replace };
  try {
    const reply = await ask(`/api/papers/${paper.id}`, { method: "PUT", body: JSON.stringify(marks) });
    paper.saved = version;
    paper.reviewer = Object.keys(marks.points).length || marks.comment ? reply.reviewer : "";
    paper.changed = false;
    paper.trouble = "";
  } catch (error) {
    paper.trouble = error.message;
    paper.final = [404, 409, 422].includes(error.status);
  }
  paper.sending = false;
  if (paper.saved !== paper.version) {
    if (!paper.trouble) save(paper);
    else if (!paper.final) paper.timer = setTimeout(() => save(paper), RETRY);
  }
  show();
}

addEventListener("beforeunload", (event) => {
  if ([...held.values()].some((paper) => paper.saved !== paper.version)) event.preventDefault();
});

// --- marks --------------------------------------------------------------------------------------------------------

const isRead = (paper) => question.criteria.every((one) => one.text in paper.points);
const isOthers = (paper) => Boolean(paper.reviewer) && paper.reviewer !== question.reviewer && !paper.replace;

function steps(most) {
  const step = most <= 3 ? 0.5 : most <= 10 ? 1 : most / 10;
  const found = [];
  for (let points = 0; points < most - 1e-9; points += step) found.push(points);
  return [...found, most];
}

function give(number, points) {
  const paper = papers[index];
  const one = question.criteria[number];
  if (!paper || !one || isOthers(paper)) return;
  last = number;
  if (points === null) delete paper.points[one.text];
  else paper.points[one.text] = points;
  changed(paper);
}

function more(direction) {
  const one = question.criteria[last];
  const known = steps(one.points);
  const now = papers[index].points[one.text];
  const place = now === undefined ? (direction > 0 ? -1 : known.length) : known.findIndex((value) => value >= now);
  give(last, known[Math.min(Math.max(place + direction, 0), known.length - 1)]);
}

function toggle(number) {
  const one = question.criteria[number];
  if (one) give(number, papers[index].points[one.text] === one.points ? 0 : one.points);
}

// --- showing ------------------------------------------------------------------------------------------------------

const short = (points) => String(Math.round(points * 100) / 100).replace(/^0?\.5$/, "½").replace(/\.5$/, "½");

function rubric() {
  $("criteria").replaceChildren(
    ...question.criteria.map((one, number) => {
      const group = document.createElement("fieldset");
      const legend = document.createElement("legend");
      if (number < 9) {
        const key = document.createElement("kbd");
        key.textContent = String(number + 1);
        legend.append(key, " ");
      }
      legend.append(one.text);
      const row = document.createElement("div");
      row.className = "steps";
      for (const points of steps(one.points)) {
        const label = document.createElement("label");
        const input = document.createElement("input");
        input.type = "radio";
        input.name = `criterion-${number}`;
        input.value = String(points);
        input.addEventListener("change", () => give(number, points));
        label.append(input, short(points));
        row.append(label);
      }
      group.append(legend, row);
      return group;
    }),
  );
}

function standing(paper) {
  if (paper.changed) return "○ handed in again since it was read";
  if (!isRead(paper)) return "○ not read yet";
  return isOthers(paper) ? `✔ read by ${paper.reviewer}` : "✔ read";
}

function show() {
  const paper = papers[index];
  if (!question || !paper) return;
  const others = isOthers(paper);
  [...$("criteria").children].forEach((group, number) => {
    group.classList.toggle("last", number === last);
    group.disabled = others;
    const given = paper.points[question.criteria[number].text];
    for (const input of group.querySelectorAll("input")) input.checked = Number(input.value) === given;
  });
  if ($("comment").value !== paper.comment) $("comment").value = paper.comment;
  $("comment").disabled = others;
  $("other").hidden = !others;
  $("other").querySelector("span").textContent = `Marked by ${paper.reviewer}.`;
  const sum = Object.values(paper.points).reduce((total, points) => total + points, 0);
  const most = question.criteria.reduce((total, one) => total + one.points, 0);
  const left = question.criteria.filter((one) => !(one.text in paper.points)).length;
  $("total").textContent = `${short(sum)} of ${short(most)} points` + (left ? ` · ${left} undecided` : "");
  $("state").className = isRead(paper) ? "read" : "open";
  $("state").textContent = standing(paper);
  const read = papers.filter(isRead).length;
  $("count").textContent = `${read} of ${papers.length} read`;
  $("progress").max = papers.length;
  $("progress").value = read;
  $("question").selectedOptions[0].textContent = label({ ...question, read });
  status();
}

function status() {
  const waiting = [...held.values()].filter((paper) => paper.saved !== paper.version);
  const failed = waiting.find((paper) => paper.trouble);
  const trouble = failed && failed.trouble + (failed.final ? "" : " · trying again");
  $("saved").className = trouble ? "trouble" : "";
  $("saved").textContent = trouble ? `✘ Not saved: ${trouble}` : waiting.length ? "… saving" : "✔ all saved";
}

const label = (one) => `${one.read === one.count ? "✔" : "○"} ${one.title} (${one.read}/${one.count})`;

function go(place) {
  if (place < 0 || place >= papers.length) return;
  if (papers[index]) save(papers[index]);
  index = place;
  const paper = papers[index];
  $("place").textContent = `Answer ${index + 1} of ${papers.length} ·`;
  $("pseudonym").textContent = paper.pseudonym;
  $("words").textContent = paper.text;
  $("words").scrollTop = 0;
  if (document.activeElement === $("comment")) $("comment").blur();
  last = Math.max(question.criteria.findIndex((one) => !(one.text in paper.points)), 0);
  show();
  scrollTo(0, 0);
}

function unread() {
  for (let step = 1; step <= papers.length; step += 1) {
    const place = (index + step) % papers.length;
    if (!isRead(papers[place])) return go(place);
  }
  const other = questions.find((one) => one.name !== question.name && one.read < one.count);
  return other ? open(other.name) : undefined;
}

async function open(name) {
  if (question) {
    if (papers[index]) save(papers[index]);
    Object.assign(questions.find((one) => one.name === question.name), { read: papers.filter(isRead).length });
  }
  const found = await ask(`/api/papers?question=${encodeURIComponent(name)}`);
  question = questions.find((one) => one.name === name);
  papers = found.map((paper) => {
    const kept = held.get(paper.id);
    if (kept && kept.saved !== kept.version) return kept;
    const fresh = { ...paper, version: 0, saved: 0, trouble: "", replace: false };
    held.set(paper.id, fresh);
    return fresh;
  });
  $("question").value = name;
  $("prompt").textContent = question.prompt;
  $("asked").hidden = !question.prompt;
  $("model").textContent = question.model;
  $("author").hidden = !question.model;
  rubric();
  const first = papers.findIndex((paper) => !isRead(paper));
  index = 0;
  go(Math.max(first, 0));
}

function turn(direction) {
  const place = questions.findIndex((one) => one.name === question.name) + direction;
  if (questions[place]) guarded(() => open(questions[place].name));
}

// --- keys ---------------------------------------------------------------------------------------------------------

const KEYS = {
  j: () => go(index + 1),
  k: () => go(index - 1),
  n: () => unread(),
  a: () => question.criteria.forEach((one, number) => give(number, one.points)),
  0: () => question.criteria.forEach((_one, number) => give(number, 0)),
  x: () => give(last, null),
  c: () => $("comment").focus(),
  t: () => take(),
  m: () => ($("author").open = !$("author").open),
  "+": () => more(1),
  "=": () => more(1), // the same key without Shift on many keyboards
  "-": () => more(-1),
  h: () => turn(-1),
  l: () => turn(1),
};

function take() {
  const paper = papers[index];
  if (!isOthers(paper)) return;
  paper.replace = true;
  show();
}

addEventListener("keydown", (event) => {
  if (event.target === $("comment")) {
    if (event.key === "Escape") $("comment").blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target === $("question") || !papers.length) return;
  const act = /^[1-9]$/.test(event.key) ? () => toggle(Number(event.key) - 1) : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  guarded(act);
});

$("comment").addEventListener("input", () => {
  papers[index].comment = $("comment").value;
  changed(papers[index], PAUSE);
});
$("comment").addEventListener("blur", () => papers[index] && save(papers[index]));
$("question").addEventListener("change", () => {
  const name = $("question").value;
  $("question").blur();
  guarded(() => open(name));
});
$("previous").addEventListener("click", () => go(index - 1));
$("next").addEventListener("click", () => go(index + 1));
$("unread").addEventListener("click", () => guarded(unread));
$("take").addEventListener("click", take);
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());

function tell(text) {
  $("notice").textContent = text;
  $("notice").hidden = !text;
}

async function guarded(act) {
  try {
    await act();
    tell("");
  } catch (error) {
    tell(error.message);
  }
}

guarded(async () => {
  const desk = await ask("/api/questions");
  questions = desk.questions.filter((one) => one.count).map((one) => ({ ...one, reviewer: desk.reviewer }));
  if (!questions.length) throw new Error("There is no answer to be read yet.");
  document.title = `Answers to be read · ${desk.title}`;
  $("question").replaceChildren(
    ...questions.map((one) => {
      const option = document.createElement("option");
      option.value = one.name;
      option.textContent = label(one);
      return option;
    }),
  );
  document.querySelector("main").hidden = false;
  await open((questions.find((one) => one.read < one.count) || questions[0]).name);
});
