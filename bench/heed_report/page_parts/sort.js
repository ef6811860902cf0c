// Tables can be read as they are; here they learn to be sorted and filtered.
"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    const key = (row, i) => row.cells[i].dataset.value ?? row.cells[i].textContent.trim();
    const compare = (a, b) => a === "" || b === "" ? (a === "") - (b === "")
        : a - b || a.localeCompare(b);
    [...table.tHead.rows[0].cells].forEach((head, i) => {
        const button = document.createElement("button");
        button.append(...head.childNodes);
        head.append(button);
        button.onclick = () => {
            const down = head.getAttribute("aria-sort") === "ascending";
            for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
            head.setAttribute("aria-sort", down ? "descending" : "ascending");
            const rows = [...body.rows].map((row) => [key(row, i), row]);
            // What has no value stays last either way.
            rows.sort(([a], [b]) => down && a !== "" && b !== "" ? compare(b, a) : compare(a, b));
            body.append(...rows.map(([, row]) => row));
        };
    });
}
for (const table of document.querySelectorAll("table.filtered")) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    label.className = "filter";
    label.append("Show rows with all of these words", input);
    table.parentNode.before(label);
    input.type = "search";
    input.oninput = () => {
        const words = input.value.toLowerCase().split(/\s+/);
        for (const row of table.tBodies[0].rows) {
            const text = [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase();
            row.hidden = !words.every((word) => text.includes(word));
        }
    };
}
