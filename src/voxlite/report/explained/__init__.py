"""The picture of an `Explanation`: its page, its words, its panels; matplotlib, extra `plot`."""
