(function () {
  "use strict";
  var script = document.currentScript;
  var here = script && script.closest ? script.closest(".wbq") : null;
  var roots = here ? [here] : document.querySelectorAll(".wbq:not([data-ready])");
  Array.prototype.forEach.call(roots, start);

  function start(root) {
    if (root.hasAttribute("data-ready")) return;
    root.setAttribute("data-ready", "");
    var bytes = Uint8Array.from(atob(root.dataset.key), function (c) { return c.charCodeAt(0); });
    var key = JSON.parse(new TextDecoder().decode(bytes));
    var items = root.querySelectorAll(".wbq-item");
    var marks = key.map(function () { return 0; });
    var tried = key.map(function () { return false; });
    var total = key.reduce(function (sum, k) { return sum + (k.points ? k.points.length : 1); }, 0);
    var score = root.querySelector(".wbq-score");

    function show() {
      var got = marks.reduce(function (a, b) { return a + b; }, 0);
      var done = tried.filter(Boolean).length;
      score.textContent = "Score: " + got + " of " + total + (total === 1 ? " mark, " : " marks, ") + done + " of " + key.length +
        (key.length === 1 ? " question answered." : " questions answered.") + " Your first answer counts.";
    }
    // The first answer decides the mark; later ones are for learning.
    function answered(i, right) {
      if (!tried[i]) { tried[i] = true; marks[i] = right ? 1 : 0; }
      show();
    }
    key.forEach(function (k, i) {
      var parts = {
        options: items[i].querySelectorAll(".wbq-options > li"),
        work: items[i].querySelector(".wbq-work"),
        say: items[i].querySelector(".wbq-say"),
        text: items[i].querySelector(".wbq-text").textContent,
        unit: items[i].dataset.unit
      };
      if (k.kind === "choice") choice(k, parts, function (right) { answered(i, right); });
      else if (k.kind === "number") number(k, parts, function (right) { answered(i, right); });
      else short(k, parts, function (count) { tried[i] = true; marks[i] = count; show(); });
    });
    show();
  }

  function make(tag, text, parent) {
    var node = document.createElement(tag);
    if (text) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }
  function say(node, right, why) {
    node.innerHTML = "<strong>" + (right ? "✔ Right." : "✘ Not right.") + "</strong> " + why;
  }

  function choice(k, parts, answered) {
    Array.prototype.forEach.call(parts.options, function (option, n) {
      var button = make("button");
      button.type = "button";
      button.innerHTML = option.innerHTML;
      option.replaceChildren(button);
      button.addEventListener("click", function () {
        var right = k.options[n][0];
        button.className = right ? "wbq-right" : "wbq-wrong";
        button.setAttribute("aria-pressed", "true");
        say(parts.say, right, k.options[n][1]);
        answered(right);
      });
    });
  }

  // A unit after the number is the reader's own affair: what counts is the number.
  function read(text) {
    var plain = text.replace(/[\s_$€£%]/g, "").replace("−", "-").replace(/([\d.])[^\d.,e+-][^\d]*$/i, "$1");
    if (/^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain)) plain = plain.replace(/,/g, "");
    else if (/^[+-]?\d*,\d+$/.test(plain)) plain = plain.replace(",", ".");
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
  }

  function number(k, parts, answered) {
    var field = make("input", "", parts.work);
    field.type = "text";
    field.inputMode = "decimal";
    field.setAttribute("aria-label", parts.text);
    var button = make("button", "Check", parts.work);
    button.type = "button";
    function judge() {
      var value = read(field.value);
      if (isNaN(value)) { parts.say.textContent = "Write a number, such as 0.25 or 1,200."; return; }
      var right = Math.abs(value - k.answer) <= k.slack * (1 + 1e-9) + 1e-12;
      var miss = k.near.find(function (n) {
        return Math.abs(value - n[0]) <= k.share * (Math.abs(n[0]) || 1) * (1 + 1e-9) + 1e-12;
      });
      field.className = right ? "wbq-right" : "wbq-wrong";
      say(parts.say, right, right ? k.why : miss ? miss[1] : "Try again, or look at the explanation.");
      answered(right);
      if (!right && !parts.work.querySelector(".wbq-give")) {
        var give = make("button", "Show the explanation", parts.work);
        give.type = "button";
        give.className = "wbq-give";
        give.style.marginLeft = "6px";
        give.addEventListener("click", function () {
          parts.say.innerHTML = "<strong>The answer is " + k.answer + " " + parts.unit.replace(/[<&]/g, "") + ".</strong> " + k.why;
        });
      }
    }
    button.addEventListener("click", judge);
    field.addEventListener("keydown", function (event) {
      event.stopPropagation(); // the notebook would take the keys for its own commands
      if (event.key === "Enter") judge();
    });
  }

  function short(k, parts, marked) {
    var area = make("textarea", "", parts.work);
    area.setAttribute("aria-label", parts.text);
    area.addEventListener("keydown", function (event) { event.stopPropagation(); });
    var button = make("button", "Show the key points", parts.work);
    button.type = "button";
    button.addEventListener("click", function () {
      button.remove();
      make("div", "Tick each point that your answer makes:", parts.work);
      var boxes = k.points.map(function (point) {
        var label = make("label", "", parts.work);
        var box = make("input", "", label);
        box.type = "checkbox";
        make("span", "", label).innerHTML = " " + point;
        return box;
      });
      function count() {
        var got = boxes.filter(function (box) { return box.checked; }).length;
        parts.say.textContent = got + " of " + boxes.length + (boxes.length === 1 ? " mark" : " marks");
        marked(got);
      }
      boxes.forEach(function (box) { box.addEventListener("change", count); });
      count();
    });
  }
})();
