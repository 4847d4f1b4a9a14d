"""The browser client's Python side: what it is served with, and the vectors that hold it to this client."""
