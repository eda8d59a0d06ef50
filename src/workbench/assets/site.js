// Search without a server: every word of the query must be in a section; a title counts more than its text.
(function () {
  "use strict";
  const box = document.getElementById("find"), list = document.getElementById("found");
  const index = window.SITE_INDEX || [], up = document.body.dataset.up || "", most = 12;
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const rows = index.map((row) => ({ row, title: plain(row.t + " " + row.w), text: plain(row.x) }));
  function score(one, words) {
    let sum = 0;
    for (const word of words) {
      const inTitle = one.title.includes(word), inText = one.text.includes(word);
      if (!inTitle && !inText) return 0;
      sum += (inTitle ? 5 : 0) + (inText ? 1 : 0);
    }
    return sum;
  }
  function around(text, word) {
    const at = Math.max(0, plain(text).indexOf(word) - 50);
    return (at ? "…" : "") + text.slice(at, at + 150) + (at + 150 < text.length ? "…" : "");
  }
  function show() {
    const words = plain(box.value).split(/\s+/).filter((word) => word.length > 1);
    list.replaceChildren();
    list.hidden = !words.length;
    if (!words.length) return;
    const hits = rows.map((one) => [score(one, words), one.row]).filter((pair) => pair[0]);
    hits.sort((one, other) => other[0] - one[0]);
    const told = document.createElement("p");
    told.textContent = hits.length ? hits.length + (hits.length === 1 ? " section" : " sections") : "Nothing was found";
    const items = document.createElement("ol");
    for (const [, row] of hits.slice(0, most)) {
      const item = document.createElement("li"), link = document.createElement("a"), text = document.createElement("div");
      link.href = up + row.u;
      link.textContent = row.t === row.w ? row.t : row.t + " · " + row.w;
      text.className = "soft";
      text.textContent = around(row.x, words[0]);
      item.append(link, text);
      items.append(item);
    }
    list.append(told, items);
  }
  box.addEventListener("input", show);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { box.value = ""; show(); }
  });
})();
