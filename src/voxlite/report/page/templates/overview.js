"use strict";
/* Tables whose columns' names are buttons that sort; without it they keep the order of the archive. */
(() => {
  const collator = new Intl.Collator("en", { numeric: true });

  /** What a row is sorted by; nothing at all always comes last. */
  function keyOf(row, column) {
    const cell = row.cells[column];
    if (cell.dataset.n === undefined) return cell.textContent;
    return cell.dataset.n === "" ? null : Number(cell.dataset.n);
  }

  function sort(table, column, direction) {
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => ({ row, key: keyOf(row, column) }));
    keyed.sort((one, other) => {
      if (one.key === null || other.key === null) return (one.key === null) - (other.key === null);
      const order = typeof one.key === "number" ? one.key - other.key : collator.compare(one.key, other.key);
      return direction * order;
    });
    body.replaceChildren(...keyed.map(({ row }) => row));
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        sort(table, column, direction);
      });
    });
  }
})();
