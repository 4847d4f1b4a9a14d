"""The parts of docs/numbers.md and of the README's table, as Markdown made from the benchmarks' JSON."""
