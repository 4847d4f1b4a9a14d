"""The article's accelerations, a file for each row of the table: what it costs when off and when on."""
